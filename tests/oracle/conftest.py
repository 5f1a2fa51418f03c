"""A server and a dbt process that nobody else puts rows into: each window has its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from infra.local.database import Database
from tests.dbt.project import DbtProject


@pytest.fixture
def project(make_dbt_server: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory) -> Iterator[DbtProject]:
    project = DbtProject(make_dbt_server(), tmp_path_factory.mktemp("dbt"), built=True)
    yield project
    project.close()
