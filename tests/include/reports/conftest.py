"""A server with the tables that reports read, made by hand, and what a report works with."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from include.reports.report import ReportContext
from include.reports.store import FolderStore
from include.schedule import JST
from include.settings import Settings
from include.warehouse.schema import ensure_platform_tables
from infra.local.database import Database

NOW = datetime(2026, 3, 2, 8, 5, tzinfo=JST)
TABLES = (
    *(f"CREATE DATABASE IF NOT EXISTS {schema}" for schema in ("silver", "seeds", "reports")),
    "CREATE TABLE silver.correction_entries_daily (snapshot_date DATE, kind VARCHAR(40), entry_key VARCHAR(100), "
    "apartment_id INT, room_id INT, tenant_id INT, moving_id INT, found VARCHAR(255), since_date DATE, "
    "listed_since DATE, first_listed_date DATE, corrected_before INT) CHARACTER SET utf8mb4",
    "CREATE TABLE reports.correction_counts (snapshot_date DATE, kind VARCHAR(40), kind_order INT, "
    "kind_label VARCHAR(100), open_count INT, new_count INT, returned_count INT, corrected_count INT, as_of_date DATE) "
    "CHARACTER SET utf8mb4",
    "CREATE TABLE seeds.code_correction_kind (kind VARCHAR(40), sort_order INT, label_ja VARCHAR(100), "
    "label_en VARCHAR(100), what_is_wrong VARCHAR(500), what_to_change VARCHAR(500)) CHARACTER SET utf8mb4",
)


@pytest.fixture(scope="module")
def database(make_database: Callable[[], Database]) -> Database:
    """A server of each file's own: schemas of silver and seeds stay."""
    return make_database()


@pytest.fixture
def warehouse(database: Database) -> Iterator[Any]:
    """A connection that may do anything, to a warehouse whose tables are empty."""
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        for schema in ("staging", "silver", "seeds", "reports", "ops"):
            cursor.execute(f"DROP DATABASE IF EXISTS {schema}")
        ensure_platform_tables(connection)
        for statement in TABLES:
            cursor.execute(statement)
        yield connection


@pytest.fixture
def context(database: Database, settings: Settings, tmp_path: Path) -> ReportContext:
    """A person asks, on the morning of 2 March 2026; files go into `tmp_path`."""
    return ReportContext(
        settings=settings,
        loader=database.admin,
        dbt=replace(database.admin),
        aws=lambda service: pytest.fail(f"{service} is not needed"),
        store=FolderStore(tmp_path),
        requested_by="somebody",
        now=NOW,
    )


def execute(connection: Any, statement: str, *rows: tuple[Any, ...]) -> None:
    """Run a statement, once for each of the rows if there are some."""
    with connection.cursor() as cursor:
        if rows:
            cursor.executemany(statement, rows)
        else:
            cursor.execute(statement)


def list_corrections(connection: Any, day: date, *entries: dict[str, Any]) -> None:
    """Put a date's list into the tables."""
    columns = (
        *("snapshot_date", "kind", "entry_key", "apartment_id", "room_id", "tenant_id", "moving_id", "found"),
        *("since_date", "listed_since", "first_listed_date", "corrected_before"),
    )
    known = {"snapshot_date": day, "listed_since": day, "first_listed_date": day, "corrected_before": 0}
    rows = [tuple((known | entry).get(column) for column in columns) for entry in entries]
    if rows:
        places = ", ".join(["%s"] * len(columns))
        execute(connection, f"INSERT INTO silver.correction_entries_daily VALUES ({places})", *rows)
    execute(
        connection,
        "INSERT INTO reports.correction_counts (snapshot_date, kind, open_count) "
        f"SELECT '{day}', kind, 0 FROM seeds.code_correction_kind",
    )
