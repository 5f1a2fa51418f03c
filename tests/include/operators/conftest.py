"""Stand-ins at the outermost edge: AWS by moto, the platform's own functions by small modules."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.include.mailbox import failure, inbox, s3

__all__ = ["failure", "inbox", "s3"]


@pytest.fixture(autouse=True)
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The platform's bucket."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AIRFLOW__GGHOUSE__BUCKET": "bucket",
        "AIRFLOW__GGHOUSE__MINIMUM_DUMP_BYTES": "100",
        "AIRFLOW_CONN_AURORA_LOADER": "mysql://loader:secret@db.example:3307/?ssl_ca=%2Fca.pem",
        "AIRFLOW_CONN_AURORA_DBT": "mysql://dbt:hidden@db.example:3307/?ssl_ca=%2Fca.pem",
        "AIRFLOW_CONN_AURORA_RESTORE": "mysql://restore:secret@db.example:3307/?ssl_ca=%2Fca.pem",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        bucket = boto3.resource("s3").Bucket("bucket")
        bucket.create()
        yield bucket


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Replace a module of the platform for one test: `stand_in("include.dump.archive", archive_dump=...)`."""

    def replace(module: str, **members: Any) -> None:
        fake = ModuleType(module)
        vars(fake).update(members)
        monkeypatch.setitem(sys.modules, module, fake)

    return replace


@pytest.fixture(autouse=True)
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The publications that tasks wrote down."""
    written: list[Any] = []
    login = SimpleNamespace(connect=lambda: SimpleNamespace(close=int))
    monkeypatch.setattr("include.operators.publishing.endpoint", lambda _conn_id: login)
    monkeypatch.setattr(
        "include.warehouse.publications.record_publication", lambda _connection, one: written.append(one)
    )
    return written


@pytest.fixture
def context() -> dict[str, Any]:
    """What Airflow hands to a task of the run that was due on 2 March 2026 at 07:00 in Tokyo."""
    due = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
    return {
        "ti": SimpleNamespace(
            dag_id="gghouse_daily", task_id="t", run_id="scheduled__1", try_number=1, log_url="http://ui/tasks/t"
        ),
        "dag_run": SimpleNamespace(dag_id="gghouse_daily", logical_date=due, run_after=due),
        "params": {"target_date": None},
    }
