"""Airflow callbacks that turn a failure into one mail.

An alert that cannot be sent is logged and never makes matters worse: no exception leaves this module.
"""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

from include.alerts import messages
from include.business_date import BusinessDateError
from include.operators.run_date import run_date
from include.settings import Settings

log = logging.getLogger(__name__)

SECONDS_TO_CONNECT = 5
ATTEMPTS = 3


def task_failed(context: Any) -> None:
    """Mail that a task gave up; Airflow calls this after the last retry."""
    _send(lambda: messages.task_failed(**_facts(context, context.get("exception"))))


def task_degraded(context: Any, error: BaseException) -> None:
    """Mail a warning about a step that failed without harm to the run."""
    _send(lambda: messages.task_degraded(**_facts(context, error)))


def run_failed(context: Any) -> None:
    """Mail that the run was stopped for taking too long; a run that failed by a task has had that task's mail."""
    if "timed_out" not in str(context.get("reason")):
        return
    _send(
        lambda: messages.run_timed_out(
            environment=Settings.from_environment().environment,
            dag_id=context["dag_run"].dag_id,
            target=_target(context),
            url=context["ti"].log_url.split("/tasks/")[0],
        )
    )


def publish(message: messages.Message) -> None:
    """Send a mail through the alert topic.

    Raises:
        include.settings.SettingsError: no topic is configured.
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: SNS cannot be reached or refuses.
    """
    import boto3
    from botocore.config import Config

    topic = Settings.from_environment().require("alert_topic_arn")
    config = Config(connect_timeout=SECONDS_TO_CONNECT, read_timeout=10, retries={"total_max_attempts": ATTEMPTS})
    client = boto3.client("sns", region_name=topic.split(":")[3], config=config)
    client.publish(TopicArn=topic, Subject=message.subject, Message=message.body)


def _send(build: Any) -> None:
    try:
        message = build()
        log.warning("%s\n%s", message.subject, message.body)
        publish(message)
    except Exception:
        log.exception("The alert could not be sent; the operators have not been told")


def _facts(context: Any, error: Any) -> dict[str, Any]:
    ti = context["ti"]
    return {
        "environment": Settings.from_environment().environment,
        "dag_id": ti.dag_id,
        "task_id": ti.task_id,
        "target": _target(context),
        "attempts": ti.try_number,
        "reason": str(error or "the task's process was lost, for example killed for memory"),
        "url": ti.log_url,
    }


def _target(context: Any) -> date | None:
    try:
        return run_date(context["dag_run"], context["params"])
    except BusinessDateError:
        return None
