"""Failures become mails in a real (stand-in) SNS topic, and an alert that cannot be sent harms nothing."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from include.alerts import callbacks

DUE = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)


class Inbox:
    """An SQS queue that is subscribed to the alert topic."""

    def __init__(self) -> None:
        sns, self.sqs = boto3.client("sns"), boto3.client("sqs")
        self.topic = sns.create_topic(Name="alerts")["TopicArn"]
        self.queue = self.sqs.create_queue(QueueName="inbox")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)

    def read(self) -> list[dict[str, str]]:
        answer = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        return [json.loads(each["Body"]) for each in answer.get("Messages", [])]


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        inbox = Inbox()
        monkeypatch.setenv("AIRFLOW__GGHOUSE__ALERT_TOPIC_ARN", inbox.topic)
        monkeypatch.setenv("AIRFLOW__GGHOUSE__ENVIRONMENT", "test")
        yield inbox


def context(**more: Any) -> dict[str, Any]:
    return {
        "ti": SimpleNamespace(
            dag_id="gghouse_daily",
            task_id="load_staging",
            try_number=3,
            log_url="http://ui/dags/gghouse_daily/runs/r1/tasks/load_staging?try_number=3",
        ),
        "dag_run": SimpleNamespace(dag_id="gghouse_daily", logical_date=DUE, run_after=DUE),
        "params": {"target_date": None},
        **more,
    }


def test_i27_a_failed_task_is_mailed_with_the_tokyo_date(inbox: Inbox) -> None:
    callbacks.task_failed(context(exception=RuntimeError("the dump is cut off")))
    [mail] = inbox.read()
    assert mail["Subject"] == "[test] gghouse_daily: load_staging failed, 2026-03-02"
    assert "Why: the dump is cut off" in mail["Message"]
    assert "Where: http://ui/dags/gghouse_daily/runs/r1/tasks/load_staging?try_number=3" in mail["Message"]


def test_a_lost_process_and_a_date_that_cannot_be_run_are_mailed_too(inbox: Inbox) -> None:
    callbacks.task_failed(context(params={"target_date": "2026-02-30"}))
    [mail] = inbox.read()
    assert mail["Subject"].endswith("date unknown")
    assert "the task's process was lost" in mail["Message"]


def test_a_run_is_mailed_only_when_time_ran_out(inbox: Inbox) -> None:
    callbacks.run_failed(context(reason="task_failure"))
    assert inbox.read() == []
    callbacks.run_failed(context(reason="timed_out"))
    [mail] = inbox.read()
    assert mail["Message"].splitlines()[-1] == "Where: http://ui/dags/gghouse_daily/runs/r1"


def test_an_alert_that_cannot_be_sent_is_logged_and_raises_nothing(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW__GGHOUSE__ALERT_TOPIC_ARN", "arn:aws:sns:ap-northeast-1:123456789012:gone")
    with caplog.at_level(logging.WARNING):
        callbacks.task_failed(context(exception=RuntimeError("the dump is cut off")))
    assert "the dump is cut off" in caplog.text, "what could not be mailed is at least in the log"
    assert "the operators have not been told" in caplog.text
