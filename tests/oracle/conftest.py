"""A server and a dbt process that nobody else puts rows into: each window has its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from infra.local.database import Database
from tests.dbt.project import DbtProject


@pytest.fixture
def project(make_database: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory) -> Iterator[DbtProject]:
    project = DbtProject(make_database(), tmp_path_factory.mktemp("dbt"))
    yield project
    project.close()
