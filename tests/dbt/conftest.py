"""A server with empty sources and a dbt process that works on it, once for each test process."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from infra.local.database import Database
from tests.dbt.project import DbtProject


@pytest.fixture(scope="session")
def database(make_dbt_server: Callable[[], Database]) -> Database:
    """A server of its own: the project's schemas stay from test to test."""
    return make_dbt_server()


@pytest.fixture(scope="session")
def project(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DbtProject]:
    """The dbt project with its seeds loaded and every relation built on empty sources."""
    project = DbtProject(database, tmp_path_factory.mktemp("dbt"), built=True)
    yield project
    project.close()
