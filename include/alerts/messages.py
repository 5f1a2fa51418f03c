"""The mails of the platform, as plain text.

Each says what happened, for which business date, why, what readers see meanwhile, what to do, and where.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

SUBJECT_LIMIT = 100
"""SNS takes subjects of at most 100 ASCII characters: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html."""
REASON_LIMIT = 1500
"""A mail is read on a telephone; the whole trace is in the task's log."""

UNTOUCHED = "The dashboards keep showing the last day that succeeded."
NOT_YET = "The dashboards show the day before until the run ends."
COMPLETE = "Nothing: the figures are complete and the dashboards are refreshed."
BUILT_NOT_SHOWN = "The figures of the day are in the database; the dashboards still show their last successful refresh."


@dataclass(frozen=True)
class Message:
    """One mail: `subject` fits SNS, `body` is plain text."""

    subject: str
    body: str


@dataclass(frozen=True)
class Guidance:
    """What follows from a step's failure: what `readers` see meanwhile, and what the operator should `do`."""

    readers: str
    do: str


_STEPS = {
    "plan_day": Guidance(UNTOUCHED, "Trigger the day again with a date that can be run, as the reason says."),
    "wait_for_dump": Guidance(
        UNTOUCHED, "Ask the property-management side for the dump; once it lies in the bucket, clear wait_for_dump."
    ),
    "load_staging": Guidance(
        UNTOUCHED, "Follow the reason; when the dump itself is bad, have it delivered again and clear wait_for_dump."
    ),
    "capture_snapshot": Guidance(UNTOUCHED, "Follow the reason, then clear capture_snapshot with everything after it."),
    "check_sources": Guidance(
        UNTOUCHED,
        "The reason names the table, the test and the rows; have the property-management side say what is right, then "
        "clear check_sources with everything after it.",
    ),
    "publish_gold": Guidance(
        UNTOUCHED, "Follow the reason; then clear the group gold of this run with everything after it."
    ),
    "refresh_quicksight": Guidance(
        BUILT_NOT_SHOWN, "Follow the reason, then clear this one mapped task; the other data sets stay as they are."
    ),
    "dbt_docs": Guidance(
        COMPLETE, "No hurry; only the pages that explain tables and figures are those of an earlier day."
    ),
    "archive_dump": Guidance(
        COMPLETE,
        "No hurry; only the copy of the dump under processed/ is missing. Clear archive_dump when convenient.",
    ),
}
_DBT = Guidance(
    UNTOUCHED,
    "The reason names what failed, and the rows that a test found; after mending, clear the first task that reads what "
    "you mended, with everything after it.",
)


def guidance(task_id: str) -> Guidance:
    """Return what a failure of `task_id` means; every task that is not listed builds a dbt model."""
    return _STEPS.get(task_id, _DBT)


def task_failed(
    *, environment: str, dag_id: str, task_id: str, target: date | None, attempts: int, reason: str, url: str
) -> Message:
    """Return the mail for a task that gave up.

    Args:
        environment: for example `prod`.
        dag_id: the DAG.
        task_id: the task, with its groups.
        target: business date, or None when the run's date itself is at fault.
        attempts: how often it was tried.
        reason: the exception's sentence.
        url: page of the task in the Airflow UI.
    """
    return _message(environment, dag_id, f"{task_id} failed", task_id, target, attempts, reason, url)


def task_degraded(
    *, environment: str, dag_id: str, task_id: str, target: date, attempts: int, reason: str, url: str
) -> Message:
    """Return the warning for a step that gave up without harm to the run; arguments as for `task_failed`."""
    return _message(environment, dag_id, f"warning, {task_id}", task_id, target, attempts, reason, url)


def run_timed_out(*, environment: str, dag_id: str, target: date | None, url: str) -> Message:
    """Return the mail for a run that Airflow stopped because it took longer than the DAG allows."""
    return Message(
        _subject(environment, dag_id, "run timed out", target),
        "\n".join(
            [
                f"What: the run of {dag_id} for business date {target or 'unknown'} was stopped, for it took too long.",
                f"Readers meanwhile: {UNTOUCHED}",
                "What to do: look which task was running, see its log, then clear that task with everything after it.",
                f"Where: {url}",
            ]
        ),
    )


def late_template(environment: str, dag_id: str, url: str) -> Message:
    """Return the mail of a missed deadline, with `{{ target }}` and `{{ due }}` left for the one who sends it.

    Args:
        environment: for example `prod`.
        dag_id: the DAG.
        url: page of the run in the Airflow UI, as a template.
    """
    return Message(
        f"[{environment}] {dag_id} is late, {{{{ target }}}}",
        "\n".join(
            [
                f"What: {dag_id} for business date {{{{ target }}}} was not finished by {{{{ due }}}} JST.",
                f"Readers meanwhile: {NOT_YET}",
                "What to do: open the run; if wait_for_dump is still waiting, ask the property-management side for the "
                "dump; if a task is red, its own mail says what to do; if tasks are running, wait for them.",
                f"Where: {url}",
            ]
        ),
    )


def _message(
    environment: str, dag_id: str, what: str, task_id: str, target: date | None, attempts: int, reason: str, url: str
) -> Message:
    advice = guidance(task_id)
    why = reason.strip()[:REASON_LIMIT] or "no reason given; see the log"
    return Message(
        _subject(environment, dag_id, what, target),
        "\n".join(
            [
                f"What: {task_id} of {dag_id} for business date {target or 'unknown'} gave up after {attempts} "
                f"{'try' if attempts == 1 else 'tries'}.",
                f"Why: {why}",
                f"Readers meanwhile: {advice.readers}",
                f"What to do: {advice.do}",
                f"Where: {url}",
            ]
        ),
    )


def _subject(environment: str, dag_id: str, what: str, target: date | None) -> str:
    text = f"[{environment}] {dag_id}: {what}, {target or 'date unknown'}"
    return text.encode("ascii", "replace").decode()[:SUBJECT_LIMIT]
