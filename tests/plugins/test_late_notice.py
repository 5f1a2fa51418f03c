"""What the triggerer does with a missed deadline, from Airflow's context to the mail."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from airflow.providers.amazon.aws.hooks.sns import SnsHook
from moto import mock_aws

from include.operators.callbacks import task_failed
from include.operators.deadline import PLAIN
from include.settings import PROJECT_DIR, Settings
from include.warehouse.readers import note_published
from late_notice import LateNotice

TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"
DUE = {"gold": "2026-03-01T22:30:00+00:00", "dashboards": "2026-03-01T23:00:00+00:00"}


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, str]]]]:
    """Read the operators' mails; topic and bucket are there."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AIRFLOW__GGHOUSE__BUCKET": "bucket",
        "AIRFLOW__GGHOUSE__ALERT_TOPIC_ARN": TOPIC,
        "AIRFLOW__GGHOUSE__ENVIRONMENT": "test",
        "AIRFLOW__API__BASE_URL": "https://ui",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="bucket")
        sns, sqs = boto3.client("sns"), boto3.client("sqs")
        sns.create_topic(Name="alerts")
        queue = sqs.create_queue(QueueName="inbox")["QueueUrl"]
        sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:inbox")

        def read() -> list[dict[str, str]]:
            found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
            return [json.loads(each["Body"]) for each in found]

        yield read


def miss(layer: str = "gold", due: str = "", **run: Any) -> None:
    """Let a deadline pass; the context is what Airflow hands over: JSON, nothing else."""
    context = {
        "dag_run": {
            "dag_id": "gghouse_daily",
            "dag_run_id": "r1",
            "run_type": "scheduled",
            "state": "running",
            "logical_date": "2026-03-01T22:00:00Z",
            "run_after": "2026-03-01T22:00:00Z",
            "queued_at": "2026-03-01T22:00:01Z",
            "conf": {},
            **run,
        },
        "deadline": {"id": "1", "deadline_time": due or DUE[layer]},
    }

    async def triggerer() -> None:
        await LateNotice(
            layer=layer,
            fingerprint="f",
            aws_conn_id=None,
            region_name="us-east-1",
            target_arn=TOPIC,
            subject="[test] {{ day }} late: gold not ready at {{ due }}",
            message=PLAIN.format(dag_id="gghouse_daily", layer=layer),
            context=context,
        )

    asyncio.run(triggerer())


def publish(layer: Any, day: date = date(2026, 3, 2)) -> None:
    note_published(
        boto3.client("s3"), Settings.from_environment(), layer, day, datetime(2026, 3, 1, 22, 20, tzinfo=UTC)
    )


def test_i27_the_mail_names_the_tokyo_date_and_time_and_why(mails: Callable[[], Any]) -> None:
    publish("dashboards", date(2026, 3, 1))
    miss()
    [mail] = mails()
    assert mail["Subject"] == "[test] 2026-03-02 late: figures not ready at 07:30"
    assert "Since: 2026-03-02 07:30 JST" in mail["Message"]
    assert "s3://bucket/dumps/gghouse_20260302.sql" in mail["Message"], "the dump is not there"
    assert "as of 2026-03-01" in mail["Message"]
    assert "https://ui/dags/gghouse_daily/runs/r1" in mail["Message"]


def test_two_schedulers_that_miss_a_deadline_send_one_alert(mails: Callable[[], Any]) -> None:
    miss()
    miss()
    miss("dashboards")
    assert [mail["Subject"] for mail in mails()] == [
        "[test] 2026-03-02 late: figures not ready at 07:30",
        "[test] 2026-03-02 late: dashboards not ready at 08:00",
    ]


def test_a_layer_that_was_published_is_not_late(mails: Callable[[], Any]) -> None:
    publish("gold")
    publish("dashboards", date(2026, 3, 1))
    miss()
    assert mails() == []
    miss("dashboards")
    [mail] = mails()
    assert "The database (gold) already has those of 2026-03-02" in mail["Message"]


def test_a_late_mail_names_the_open_incidents(mails: Callable[[], Any], failure: Any) -> None:
    task_failed(failure(exception=RuntimeError("(2013, 'Lost connection to server during query')")))
    miss()
    detail = mails()[-1]["Message"].split("Detail")[1]
    assert "open incidents of this date, each with a mail of its own: database since " in detail


@pytest.fixture
def failure() -> Any:
    from types import SimpleNamespace

    due = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
    run = SimpleNamespace(dag_id="gghouse_daily", logical_date=due, run_after=due)
    ti = SimpleNamespace(dag_id="gghouse_daily", task_id="load_staging", try_number=3, log_url="https://ui/dags/x")
    return lambda **more: {"ti": ti, "dag_run": run, "params": {}, **more}


def test_todays_date_typed_into_the_trigger_form_can_be_late(mails: Callable[[], Any]) -> None:
    miss(run_type="manual", conf={"target_date": "2026-03-02"})
    assert mails()[0]["Subject"].startswith("[test] 2026-03-02 late")


def test_a_run_of_an_old_date_is_not_late(mails: Callable[[], Any]) -> None:
    for run_type in ("manual", "backfill"):
        miss(run_type=run_type, queued_at="2026-03-20T01:00:00Z")
    # Airflow counts from the time of the trigger, but the date is that of the form
    miss(run_type="manual", conf={"target_date": "2026-02-05"})
    assert mails() == []


def test_a_scheduled_run_that_started_after_its_deadline_is_late(mails: Callable[[], Any]) -> None:
    miss(queued_at="2026-03-02T02:00:00Z")
    assert len(mails()) == 1


def test_without_the_platforms_code_a_plain_mail_is_sent(monkeypatch: pytest.MonkeyPatch, mails: Any) -> None:
    plain: list[dict[str, Any]] = []

    async def keep(self: SnsHook, **mail: Any) -> None:
        plain.append(mail)

    monkeypatch.setattr(SnsHook, "apublish_to_target", keep)
    monkeypatch.setitem(sys.modules, "include.alerts.late", None)
    miss(run_type="manual", conf={"target_date": "2026-02-05"})
    assert plain == [], "it may be of an earlier date"
    miss()
    assert plain[0]["subject"] == "[test] 2026-03-02 late: gold not ready at 07:30"
    assert "gold of 2026-03-02 was not published by its deadline, 07:30 JST (gghouse_daily)" in plain[0]["message"]
    assert "https://ui/dags/gghouse_daily/runs/r1" in plain[0]["message"]


def test_the_platforms_code_is_found_beside_the_dag_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mails: Callable[[], Any]
) -> None:
    """As on MWAA, where the bundle puts `include/` under `dags/`."""
    (tmp_path / "include").symlink_to(PROJECT_DIR / "include")
    monkeypatch.setenv("AIRFLOW__CORE__DAGS_FOLDER", str(tmp_path))
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry not in ("", str(PROJECT_DIR))])
    monkeypatch.chdir(tmp_path.parent)
    for name in [name for name in sys.modules if name == "include" or name.startswith("include.")]:
        monkeypatch.delitem(sys.modules, name)
    miss()
    assert mails()[0]["Subject"] == "[test] 2026-03-02 late: figures not ready at 07:30"
    assert sys.modules["include"].__file__ == str(tmp_path / "include" / "__init__.py")
