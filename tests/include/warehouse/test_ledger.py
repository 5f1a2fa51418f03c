"""What the ledger answers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date
from typing import Any

import MySQLdb
import pytest

from include.warehouse import ledger, readers
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import exclusive, prepare_next, publish
from include.warehouse.ledger import TableCount
from include.warehouse.schema import ensure_platform_tables

DUMP: dict[str, Any] = {
    "dump": "s3://bucket/dumps/gghouse_20260302.sql",
    "etag": '"e"',
    "version": "v1",
    "size": 5,
}


@pytest.fixture
def connection(loader: Endpoint) -> Iterator[MySQLdb.Connection]:
    with contextlib.closing(loader.connect()) as connection:
        ensure_platform_tables(connection)
        with exclusive(connection):
            yield connection


def load(connection: MySQLdb.Connection, target: date, rows: int) -> int:
    load_id = ledger.start(connection, target, **DUMP)
    prepare_next(connection)
    count = TableCount("movings", rows, 1, 10, "c" * 64, False, 0.5, None)
    ledger.record(connection, load_id, [count], sha256="s" * 64, skipped={"view": 1}, notes=["n"])
    publish(connection)
    ledger.set_state(connection, load_id, "published")
    return load_id


def test_i08_the_measure_is_the_nearest_earlier_date_not_the_last_load(connection: MySQLdb.Connection) -> None:
    assert ledger.previous_rows(connection, date(2026, 3, 2)) == {}
    load(connection, date(2026, 3, 1), 10)
    load(connection, date(2026, 3, 1), 11)
    load(connection, date(2026, 2, 1), 5)
    load(connection, date(2026, 3, 2), 99)
    assert ledger.previous_rows(connection, date(2026, 3, 2)) == {"movings": 11}
    assert ledger.previous_rows(connection, date(2026, 3, 1)) == {"movings": 5}
    assert ledger.previous_rows(connection, date(2026, 2, 1)) == {}


def test_the_published_date_is_that_of_the_last_load_not_the_greatest(connection: MySQLdb.Connection) -> None:
    assert readers.staging_date(connection) is None
    load(connection, date(2026, 3, 2), 1)
    load(connection, date(2026, 2, 1), 1)
    assert readers.staging_date(connection) == date(2026, 2, 1)
    ledger.start(connection, date(2026, 3, 3), **DUMP)
    ledger.close_unfinished(connection, reason="broken")
    assert readers.staging_date(connection) == date(2026, 2, 1)


def test_when_the_ledger_lost_the_load_that_readers_see_the_date_is_not_certain(
    connection: MySQLdb.Connection,
) -> None:
    load(connection, date(2026, 3, 1), 1)
    newest = load(connection, date(2026, 3, 2), 1)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ops.load_ledger WHERE load_id = %s", (newest,))
    assert readers.staging_date(connection) is None


def test_while_publishing_the_date_is_not_certain(connection: MySQLdb.Connection) -> None:
    load(connection, date(2026, 3, 1), 1)
    prepare_next(connection)
    ledger.record(connection, ledger.start(connection, date(2026, 3, 2), **DUMP), [], sha256="", skipped={}, notes=[])
    assert readers.staging_date(connection) is None
    publish(connection)
    assert readers.staging_date(connection) is None
    ledger.close_unfinished(connection)
    assert readers.staging_date(connection) == date(2026, 3, 2)


def test_i12_rejects_of_the_dates_before_are_those_of_their_last_shown_load(connection: MySQLdb.Connection) -> None:
    def rejected(day: int, state: str = "published", **rejects: int) -> None:
        load_id = ledger.start(connection, date(2026, 3, day), **DUMP)
        counts = [TableCount(table, 9, rows, 10, "c" * 64, False, 0.5, None) for table, rows in rejects.items()]
        prepare_next(connection)
        ledger.record(connection, load_id, counts, sha256="s" * 64, skipped={}, notes=[])
        ledger.set_state(connection, load_id, state)

    rejected(1, tenants=7)
    rejected(1, tenants=3, rooms=0)
    rejected(2, rooms=0)
    rejected(3, "superseded", Deposits=4, tenants=3)
    rejected(3, "rolled_back", tenants=99)
    rejected(4, "failed", tenants=99)
    rejected(5, tenants=99)
    assert ledger.rejects_before(connection, date(2026, 3, 5)) == [
        (date(2026, 3, 3), {"Deposits": 4, "tenants": 3}),
        (date(2026, 3, 2), {}),
        (date(2026, 3, 1), {"tenants": 3}),
    ]
    assert ledger.rejects_before(connection, date(2026, 3, 1)) == []
