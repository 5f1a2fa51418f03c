"""Airflow callbacks that turn a failure into one message.

An alert that cannot be sent is logged and never makes matters worse: no exception leaves this module.
"""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from typing import Any

from include.alerts import routes
from include.alerts.causes import Cause, Fault, classify
from include.alerts.incident import Incident
from include.alerts.messages import Message
from include.alerts.notify import report_problem, report_resolved
from include.operators.run_date import run_date
from include.recovery.forms import PLANNING, RecoveryRefused
from include.schedule import BusinessDateError, business_date
from include.settings import Settings
from include.warehouse.masking import mask_error

log = logging.getLogger(__name__)

SLACK = "slack_alerts"
"""Connection that may hold the address of a Slack webhook, as its password."""
PROCESS_LOST = "the task's process was lost, for example killed for memory"


def task_failed(context: Any) -> None:
    """Tell people that a task gave up; Airflow calls this after the last retry.

    A recovery that cannot be planned as it was asked for is no incident: who asked reads why. One that ends in the
    midst of its work is: hours may have passed, and nobody may be looking.
    """
    error = context.get("exception")
    refused = isinstance(getattr(error, "__cause__", None), RecoveryRefused)
    if refused and context["ti"].task_id == PLANNING:
        log.info("No mail: this is the answer to whoever filled in the form")
        return
    _report(context, error)


def task_degraded(context: Any, error: BaseException) -> None:
    """Warn people of a step that failed without harm to the run, once for each date and step."""
    _report(context, error, warning=True)


def rows_missing(context: Any, fault: Fault, sentence: str) -> None:
    """Warn people of rows that readers do not see though the run goes on, once for each date and fault.

    Args:
        context: as Airflow hands it to the task.
        fault: one of the classes `WARNINGS`, and what is short of rows.
        sentence: the counts, without personal data.
    """
    _report(context, sentence, fault, warning=True)


def run_failed(context: Any) -> None:
    """Tell people that the run was stopped for taking too long; of a run that failed by a task, that task has told."""
    if "timed_out" not in str(context.get("reason")):
        return
    _report(
        context,
        "the run was stopped, for it took too long; see which task was running, and its log",
        Fault(Cause.PLATFORM, f"timed-out-{getattr(context.get('dag_run'), 'dag_id', '')}"),
        step="",
    )


def run_succeeded(context: Any) -> None:
    """Tell people that what they heard of this DAG is over; for DAGs other than the business day, which ends itself."""
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
        # not there, or the secrets backend is out of reach: the mail is sent already
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
        kind = fault or classify(step, error)
        target = _target(context)
        incident = Incident(
            business_date=target or business_date(now),
            cause=kind.cause,
            subject=step if warning and fault is None else kind.subject,
            reason=mask_error(error) if isinstance(error, BaseException) else str(error or PROCESS_LOST),
            since=now,
            origin=ti.dag_id,
            step=step,
            tries=ti.try_number if step else 0,
            url=ti.log_url if step else ti.log_url.split("/tasks/")[0],
            # a date that nobody can run is a slip in a form: no figure waits for it
            warning=warning or target is None,
        )
        report_problem(routes.s3_client(), Settings.from_environment(), incident, now, notify)
    except Exception:
        log.exception("The alert could not be made and was not sent")


def _target(context: Any) -> date | None:
    try:
        return run_date(context["dag_run"], context["params"])
    except BusinessDateError:
        return None
