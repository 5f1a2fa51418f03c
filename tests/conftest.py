"""Fixtures shared by all tests: a real MySQL-protocol server, one for each test process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from include.local.database import Database, free_port

# Airflow writes its files somewhere as soon as it is imported; not into the home directory of whoever runs the tests.
os.environ.setdefault("AIRFLOW_HOME", str(Path(__file__).resolve().parents[1] / ".local" / "tests" / "airflow"))
os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the whole days, which take longest: else one worker would wait for the other at the end."""
    items.sort(key=lambda item: item.get_closest_marker("e2e") is None)


@pytest.fixture(scope="session")
def make_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Database]]:
    """Start a server with each call; all of them are stopped and thrown away at the end."""
    servers: list[Database] = []

    def make() -> Database:
        server = Database(directory=tmp_path_factory.mktemp("mysql"), port=free_port(), buffer_pool_mb=64)
        server.start()
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def database(make_database: Callable[[], Database]) -> Database:
    """A running server of this test process's own.

    Schemas and users have fixed names: folders whose tests make some that stay override this with a server of theirs.
    """
    return make_database()
