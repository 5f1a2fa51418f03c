"""A state directory and an AWS stand-in of the test's own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.local.aws.quicksight import Ingestions, SourceError
from infra.local.database import Database
from infra.local.state import State


@pytest.fixture(scope="session")
def database(make_database: Callable[[], Database]) -> Database:
    """A server of its own, for the logins that these tests make."""
    return make_database()


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(directory=tmp_path / "local", environment={})


class Bench:
    """What the tests of the AWS stand-in turn: the clock, the tables, the data sets that fail."""

    def __init__(self) -> None:
        self.url = ""
        self.reset()

    def reset(self) -> None:
        self.now = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
        self.rows = {"moveout_analysis": 684}
        self.failing: set[str] = set()
        self.dropping: dict[str, int] = {}
        self.ingestions = Ingestions(self.count, lambda: self.failing, lambda: self.now, lambda: self.dropping)

    def count(self, schema: str, table: str) -> int:
        if table not in self.rows:
            raise SourceError("SQL_TABLE_NOT_FOUND", f"Table '{schema}.{table}' doesn't exist")
        return self.rows[table]

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class _Current:
    """Hands the calls of the one installed QuickSight to the ingestions of the running test."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def __getattr__(self, name: str):
        return getattr(self.bench.ingestions, name)


@pytest.fixture(scope="session")
def _served() -> Iterator[Bench]:
    from werkzeug.serving import make_server

    from infra.local.aws.moto_server import application
    from infra.local.aws.quicksight import install

    bench = Bench()
    install(_Current(bench))  # type: ignore[arg-type]
    server = make_server("127.0.0.1", 0, application(), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    bench.url = f"http://127.0.0.1:{server.server_port}"
    yield bench
    server.shutdown()


@pytest.fixture
def bench(_served: Bench) -> Bench:
    """The AWS stand-in, empty."""
    import httpx

    httpx.post(f"{_served.url}/moto-api/reset", trust_env=False)
    _served.reset()
    return _served
