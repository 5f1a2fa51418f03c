"""Fixtures shared by all tests: a real MySQL-protocol server, one for each test process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.local.database import Database, free_port

# Airflow writes its files somewhere as soon as it is imported; not into the home directory of whoever runs the tests.
os.environ.setdefault("AIRFLOW_HOME", str(Path(__file__).resolve().parents[1] / ".local" / "tests" / "airflow"))
os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")


LONGEST_FIRST = ("tests/e2e", "tests/oracle", "tests/dbt")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the folders that take longest: else one worker would wait for the other at the end."""

    def place(item: pytest.Item) -> int:
        folder = next((folder for folder in LONGEST_FIRST if item.nodeid.startswith(f"{folder}/")), "")
        return LONGEST_FIRST.index(folder) if folder else len(LONGEST_FIRST)

    items.sort(key=place)


@pytest.fixture(scope="session")
def make_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Database]]:
    """Start a server with each call, with the options given; all of them are stopped and thrown away at the end."""
    servers: list[Database] = []

    def make(*options: str) -> Database:
        directory = tmp_path_factory.mktemp("mysql")
        server = Database(directory=directory, port=free_port(), buffer_pool_mb=64, options=options)
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
