"""A server that holds some dates of history, and DuckDB on the objects that were written from it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from include.lake.tables import PARTITION, TABLES, TENANTS, Table
from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import ensure_platform_tables

TARGET = date(2026, 3, 2)
DAYS = [TARGET - timedelta(days=number) for number in (9, 3, 1, 0)]
Query = Callable[[str], list[tuple[Any, ...]]]


def of(endpoint: Endpoint, statement: str, values: Any = None) -> list[tuple[Any, ...]]:
    """Run a statement and return its rows."""
    with contextlib.closing(endpoint.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def fill(endpoint: Endpoint, table: Table, day: date, rows: list[tuple[Any, ...]]) -> None:
    """Replace a date of a table in the database."""
    names = [*(column.name for column in table.columns), PARTITION]
    with contextlib.closing(endpoint.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table.source} WHERE {PARTITION} = %s", (day,))
        marks = ", ".join(["%s"] * len(names))
        cursor.executemany(
            f"INSERT INTO {table.source} ({', '.join(names)}) VALUES ({marks})", [(*row, day) for row in rows]
        )


def some_rows(table: Table, day: date, number: int = 12) -> list[tuple[Any, ...]]:
    """Rows whose every value depends on the date; what may be NULL is, in some."""

    def value(type_: str, name: str, row: int) -> Any:
        if name in table.key:
            return number - row + day.day * 100  # not in the order of the key
        if row % 4 == 3 and table is not TENANTS:
            return None
        if type_ == "int":
            return (row * 7 + day.toordinal()) % 18 - 2
        return day + timedelta(days=row) if type_ == "date" else f"{row * 1000 + day.day}.{row:02d}"

    return [tuple(value(column.type, column.name, row) for column in table.columns) for row in range(number)]


@pytest.fixture
def warehouse(loader: Endpoint, database: Any) -> Endpoint:
    """An administrator's login on a server with four dates of every table, the last of them without departures."""
    admin: Endpoint = database.admin
    with contextlib.closing(admin.connect()) as connection:
        ensure_platform_tables(connection)
    of(admin, "DROP DATABASE IF EXISTS silver")
    of(admin, "CREATE DATABASE silver")
    for table in TABLES:
        if table is not TENANTS:
            columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
            of(admin, f"CREATE TABLE {table.source} ({columns}, {PARTITION} date not null, KEY ({PARTITION}))")
        for day in DAYS:
            fill(admin, table, day, [] if table.may_be_empty and day == TARGET else some_rows(table, day))
    return admin


@pytest.fixture
def duck(s3: Any, settings: Any, tmp_path: Path) -> Query:
    """Answer a query by DuckDB on the objects that are in the bucket now; each table is a view of its name."""

    def query(statement: str) -> list[tuple[Any, ...]]:
        import duckdb

        for item in s3.list_objects_v2(Bucket=settings.bucket, Prefix="history/").get("Contents", ()):
            file = tmp_path / item["Key"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(s3.get_object(Bucket=settings.bucket, Key=item["Key"])["Body"].read())
        with duckdb.connect() as connection:
            for table in TABLES:
                files = tmp_path / "history" / table.name / "*" / "*.parquet"
                if list(files.parent.parent.glob("*/*.parquet")):
                    connection.execute(
                        f"CREATE VIEW {table.name} AS SELECT * FROM read_parquet('{files}', hive_partitioning = true)"
                    )
            return connection.execute(statement).fetchall()

    return query
