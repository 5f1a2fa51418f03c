"""Fixtures for the watch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from include.local.database import Database
from tests.include.quality.warehouse import Warehouse


@pytest.fixture(scope="session")
def database(make_database: Callable[[], Database]) -> Database:
    """A server of these tests' own: they make schemas that others look at."""
    return make_database()


@pytest.fixture
def warehouse(database: Database) -> Iterator[Warehouse]:
    """A warehouse whose tables are there and empty."""
    warehouse = Warehouse(database.admin)
    warehouse.create()
    yield warehouse
    warehouse.empty()
    warehouse.close()
