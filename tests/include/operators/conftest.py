"""AWS by moto, the server by a mock of the driver's connection, and the platform's functions by `stub`."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, get_type_hints
from unittest.mock import create_autospec

import boto3
import MySQLdb.connections
import pytest
from moto import mock_aws

from include.warehouse.endpoint import Endpoint
from tests.include.mailbox import failure, inbox, s3

__all__ = ["failure", "inbox", "s3"]

Calls = list[dict[str, Any]]
Stub = Callable[..., Calls]


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
def stub(monkeypatch: pytest.MonkeyPatch) -> Stub:
    """Replace a function of the platform and return its calls, each as its arguments by the function's own names.

    `stub("include.dump.archive.archive_dump", ("processed/a.sql",))`: the second argument is returned, or raised when
    it is an exception. The stub takes what the real function takes, and holds arguments and result to its annotations,
    so that a test fails when the function is renamed or changes its parameters.
    """
    originals: dict[str, Any] = {}

    def replace(path: str, result: Any = None) -> Calls:
        module, name = path.rsplit(".", 1)
        real = originals.setdefault(path, getattr(importlib.import_module(module), name))
        types, calls = _types(real), []

        def hold(argument: str, value: Any) -> None:
            if kind := types.get(argument):
                assert isinstance(value, kind), f"{name}: {argument} is a {kind.__name__}, not {value!r}"

        def answer(*arguments: Any, **options: Any) -> Any:
            given = inspect.signature(real).bind(*arguments, **options).arguments
            for argument, value in given.items():
                hold(argument, value)
            calls.append(given)
            if isinstance(result, BaseException):
                raise result
            hold("return", result)
            return result

        monkeypatch.setattr(path, create_autospec(real, side_effect=answer))
        return calls

    return replace


def _types(function: Any) -> dict[str, type]:
    """Return the classes in the annotations of a function, by parameter, and that of its result as `return`."""
    names: dict[str, Any] = {"MySQLdb": MySQLdb.connections}
    while True:
        try:
            hints = get_type_hints(function, localns=names)
        except NameError as error:
            # The types of AWS clients exist only for mypy, and boto3 makes the classes of its clients at run time.
            if not error.name.endswith("Client"):
                raise
            names[error.name] = Any
        else:
            return {name: hint for name, hint in hints.items() if isinstance(hint, type) and hint is not Any}


@pytest.fixture
def logins(monkeypatch: pytest.MonkeyPatch) -> list[Endpoint]:
    """The logins that connected; the server is a mock."""
    connected: list[Endpoint] = []

    def connect(self: Endpoint, *_arguments: Any, **_options: Any) -> Any:
        connected.append(self)
        return create_autospec(MySQLdb.connections.Connection, instance=True)

    monkeypatch.setattr(Endpoint, "connect", create_autospec(Endpoint.connect, side_effect=connect))
    return connected


@pytest.fixture
def recorded(stub: Stub, logins: list[Endpoint]) -> Calls:
    """The publications that tasks recorded, in the place of `ops.publications`."""
    return stub("include.warehouse.publications.record_publication")


@pytest.fixture
def warned(stub: Stub) -> Calls:
    """The warnings of steps that fail open."""
    return stub("include.operators.side_effects.task_degraded")


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
