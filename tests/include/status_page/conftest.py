"""A server with the platform's logins and its own tables, which hold nothing yet."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import ensure_platform_tables
from infra.local.database import Database
from infra.local.warehouse import grant_logins

PASSWORDS = {"loader": "l", "restore": "r", "dbt": "d", "bi": "b"}


@pytest.fixture(scope="module")
def database(make_database: Callable[[], Database]) -> Database:
    """A server of this folder's own: its logins and schemas stay."""
    server = make_database()
    with contextlib.closing(server.admin.connect()) as connection:
        grant_logins(connection, PASSWORDS)
    return server


@pytest.fixture
def dbt(database: Database) -> Endpoint:
    """The login by which the page is made."""
    return Endpoint("127.0.0.1", database.port, "dbt", PASSWORDS["dbt"])


@pytest.fixture
def warehouse(database: Database) -> Iterator[Any]:
    """A connection that may do anything, to a warehouse without rows and without gold."""
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        for schema in ("gold", "reports"):
            cursor.execute(f"DROP DATABASE IF EXISTS {schema}")
        ensure_platform_tables(connection)
        for table in (
            *("load_ledger", "table_ledger", "rejected_rows", "dbt_results", "date_overrides", "publications"),
            *("reports", "nationality_predictions", "nationality_evaluation", "nationality_calls"),
        ):
            cursor.execute(f"DELETE FROM ops.{table}")
        yield connection
