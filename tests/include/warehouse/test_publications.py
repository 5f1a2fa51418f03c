"""The history of publishing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import MySQLdb
import pytest

from include.schedule import JST
from include.warehouse.endpoint import Endpoint
from include.warehouse.publications import (
    Publication,
    publications,
    quicksight_layer,
    record_publication,
)
from include.warehouse.schema import ensure_platform_tables

DAY = date(2026, 3, 2)
SEVEN_TWENTY = datetime(2026, 3, 2, 7, 20, tzinfo=JST)


@pytest.fixture
def connection(loader: Endpoint) -> Iterator[MySQLdb.Connection]:
    with contextlib.closing(loader.connect()) as connection:
        ensure_platform_tables(connection)
        yield connection


def test_publishes_are_kept_in_their_order_and_in_utc(connection: MySQLdb.Connection) -> None:
    assert publications(connection, DAY) == []
    refreshed = Publication(DAY, quicksight_layer("gghouse-dev-occupancy"), SEVEN_TWENTY + timedelta(minutes=2), 94, 61)
    gold = Publication(DAY, "gold", SEVEN_TWENTY, 1234, 0.25)
    before = Publication(DAY - timedelta(days=1), "dashboards", SEVEN_TWENTY - timedelta(days=1))
    for publication in (refreshed, gold, before):
        record_publication(connection, publication)
    assert publications(connection, DAY) == [gold, refreshed]
    assert publications(connection, DAY - timedelta(days=1)) == [before, gold, refreshed]
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(published_at AS CHAR) FROM ops.publications WHERE layer = 'gold'")
        assert cursor.fetchone() == ("2026-03-01 22:20:00.000",)


def test_a_day_that_is_run_again_keeps_both_times_and_one_that_is_recorded_twice_counts_once(
    connection: MySQLdb.Connection,
) -> None:
    again = Publication(DAY, "gold", SEVEN_TWENTY + timedelta(hours=5))
    for publication in (Publication(DAY, "gold", SEVEN_TWENTY), again, again):
        record_publication(connection, publication)
    assert [publication.published_at.hour for publication in publications(connection, DAY)] == [22, 3]
