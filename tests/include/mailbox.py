"""A stand-in for the AWS account that alerts need: a topic with a mailbox, and a bucket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from include.settings import Settings
from infra.local.aws.s3 import install

TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"
DUE = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)


class Inbox:
    """An SQS queue that is subscribed to the alert topic."""

    def __init__(self) -> None:
        sns, self.sqs = boto3.client("sns"), boto3.client("sqs")
        sns.create_topic(Name="alerts")
        self.queue = self.sqs.create_queue(QueueName="inbox")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=arn)

    def read(self) -> list[dict[str, str]]:
        """Take out all mails."""
        mails: list[dict[str, str]] = []
        while found := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            mails += [json.loads(each["Body"]) for each in found]
            for each in found:
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=each["ReceiptHandle"])
        return mails


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of the account, with the bucket; topic and bucket are configured."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AIRFLOW__GGHOUSE__BUCKET", "bucket")
    monkeypatch.setenv("AIRFLOW__GGHOUSE__ALERT_TOPIC_ARN", TOPIC)
    monkeypatch.setenv("AIRFLOW__GGHOUSE__ENVIRONMENT", "test")
    install()
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="bucket")
        yield client


@pytest.fixture
def inbox(s3: Any) -> Inbox:
    """The mailbox of the operators."""
    return Inbox()


@pytest.fixture
def settings(s3: Any) -> Settings:
    """What the environment says about topic and bucket."""
    return Settings.from_environment()


@pytest.fixture
def failure() -> Any:
    """Return what Airflow hands to a callback of the run that was due on 2 March 2026 at 07:00 in Tokyo."""

    def context(task_id: str = "load_staging", **more: Any) -> dict[str, Any]:
        return {
            "ti": SimpleNamespace(
                dag_id="gghouse_daily",
                task_id=task_id,
                try_number=3,
                log_url=f"http://ui/dags/gghouse_daily/runs/r1/tasks/{task_id}?try_number=3",
            ),
            "dag_run": SimpleNamespace(dag_id="gghouse_daily", logical_date=DUE, run_after=DUE),
            "params": {"target_date": None},
            **more,
        }

    return context
