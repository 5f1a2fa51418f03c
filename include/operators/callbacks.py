"""Airflow callbacks that report a failure in one message.

An alert that cannot be sent is logged: the callbacks raise nothing.
"""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from typing import Any

from include.alerts import routes
from include.alerts.causes import WARNINGS, Cause, Fault, classify
from include.alerts.incident import Incident
from include.alerts.messages import Message
from include.alerts.notify import report_problem, report_resolved
from include.forms import Refused
from include.operators.run_date import event_dates, run_date
from include.recovery.forms import PLANNING
from include.reports.forms import DAGS as REPORTS
from include.schedule import BusinessDateError, business_date
from include.settings import Settings
from include.warehouse.masking import mask_error

log = logging.getLogger(__name__)

# Optional connection that holds the address of a Slack webhook as its password.
SLACK = "slack_alerts"
PROCESS_LOST = "the task's process was lost, for example killed for memory"
# Steps whose failure, whatever its cause, takes nothing from the day but their own work.
OPTIONAL = {"enrich": Fault(Cause.ENRICHMENT, "the task failed")}


def task_failed(context: Any) -> None:
    """Report a task that failed; Airflow calls this after the last retry.

    A plan of a recovery, or a report by form, that is refused is no incident: its requester reads why in the log. A
    recovery that fails while it is executed is one: it may have run for hours, unattended.
    """
    error = context.get("exception")
    if isinstance(getattr(error, "__cause__", None), Refused) and _was_asked_for(context):
        log.info("No mail is sent: this was refused, and its requester reads the reason here")
        return
    _report(context, error)


def task_degraded(context: Any, error: BaseException) -> None:
    """Send a warning that a step failed without harm to the run, once for each date and step."""
    _report(context, error, warning=True)


def warn_people(context: Any, fault: Fault, sentence: str) -> None:
    """Send a warning of something that people have to look at, once for each date and fault; the run continues.

    Args:
        context: as Airflow hands it to the task.
        fault: one of the classes `WARNINGS`, and what it is about.
        sentence: what was found, without personal data.
    """
    _report(context, sentence, fault, warning=True)


def run_failed(context: Any) -> None:
    """Report a run that was stopped for taking too long; a task that failed reports itself."""
    if "timed_out" not in str(context.get("reason")):
        return
    _report(
        context,
        "the run was stopped because it took too long; see which task was running, and its log",
        Fault(Cause.PLATFORM, f"timed-out-{getattr(context.get('dag_run'), 'dag_id', '')}"),
        step="",
    )


def run_succeeded(context: Any) -> None:
    """Resolve the incidents of this DAG; for all DAGs but gghouse_daily, where the task all_clear does it."""
    try:
        now = datetime.now(UTC)
        dag_id, target = context["dag_run"].dag_id, _target(context) or business_date(now)
        settings, s3 = Settings.from_environment(), routes.s3_client()
        report_resolved(s3, settings, target, now, notify, where=lambda incident: incident.origin == dag_id)
    except Exception:
        log.exception("The message that the incidents are resolved could not be sent")


def notify(message: Message) -> None:
    """Send a message on every route that is configured.

    Raises:
        Exception: the mail could not be sent.
    """
    routes.send(Settings.from_environment(), message, slack_webhook)


def slack_webhook() -> str:
    """Return the address that the optional connection `slack_alerts` holds as its password, or an empty text."""
    from airflow.sdk import BaseHook

    try:
        return BaseHook.get_connection(SLACK).password or ""
    except Exception as error:
        # The connection does not exist, or the secrets backend is out of reach; the mail was sent before.
        log.info("No message to Slack: connection %s cannot be read (%s)", SLACK, type(error).__name__)
        return ""


def _report(
    context: Any,
    error: BaseException | str | None,
    fault: Fault | None = None,
    *,
    step: str | None = None,
    warning: bool = False,
) -> None:
    try:
        now = datetime.now(UTC)
        ti = context["ti"]
        step = ti.task_id if step is None else step
        kind = fault or OPTIONAL.get(step) or _kind(ti.dag_id, step, error)
        warning = warning or kind.cause in WARNINGS
        target = _target(context)
        incident = Incident(
            business_date=target or business_date(now),
            cause=kind.cause,
            subject=step if warning and kind.cause not in WARNINGS else kind.subject,
            reason=mask_error(error) if isinstance(error, BaseException) else str(error or PROCESS_LOST),
            since=now,
            origin=ti.dag_id,
            step=step,
            tries=ti.try_number if step else 0,
            url=ti.log_url if step else ti.log_url.split("/tasks/")[0],
            # a date that cannot be run is a mistake in a form: no figure depends on it
            warning=warning or target is None,
        )
        report_problem(routes.s3_client(), Settings.from_environment(), incident, now, notify)
    except Exception:
        log.exception("The alert could not be made and was not sent")


def _was_asked_for(context: Any) -> bool:
    """Whether a person waits for the task: for the plan of a recovery, or for a report by form."""
    ti = context["ti"]
    return ti.task_id == PLANNING or (ti.dag_id.startswith(REPORTS) and not event_dates(context["dag_run"]))


def _kind(dag_id: str, step: str, error: BaseException | str | None) -> Fault:
    """Return the class of a failure; in a report's DAG it is that of the report, for the figures are complete."""
    return Fault(Cause.REPORT, dag_id) if dag_id.startswith(REPORTS) else classify(step, error)


def _target(context: Any) -> date | None:
    try:
        return run_date(context["dag_run"], context["params"])
    except BusinessDateError:
        return None
