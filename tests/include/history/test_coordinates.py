"""A building that once had good coordinates keeps them, whatever later dumps say."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import MySQLdb
import pytest

from include.history.coordinates import (
    LATITUDES,
    LONGITUDES,
    CoordinatesError,
    export_coordinates,
    remember_coordinates,
)
from include.settings import Settings
from include.warehouse import ledger
from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import ensure_platform_tables

TARGET = date(2026, 3, 2)
YESTERDAY = TARGET - timedelta(days=1)
KAMATA = (Decimal("35.56250000"), Decimal("139.71600000"))
AKABANE = (Decimal("35.77800000"), Decimal("139.72000000"))


@pytest.fixture
def staged(loader: Endpoint) -> Iterator[MySQLdb.Connection]:
    """Staging with an empty table of buildings."""
    with contextlib.closing(loader.connect()) as connection, connection.cursor() as cursor:
        ensure_platform_tables(connection)
        cursor.execute(
            "CREATE TABLE staging.apartments (id int PRIMARY KEY, unique_number varchar(191), apartment_name "
            "varchar(191), full_address varchar(191), prefecture varchar(191), municipality varchar(191), "
            "latitude decimal(8,6), longitude decimal(9,6), updated_at datetime)"
        )
        yield connection


def stage(connection: MySQLdb.Connection, day: date, buildings: dict[int, tuple[Any, Any, str | None]]) -> None:
    """Publish a dump of these buildings: latitude, longitude and last change."""
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION sql_mode = 'ALLOW_INVALID_DATES'")  # as the loader does
        cursor.execute("DELETE FROM staging.apartments")
        for number, (latitude, longitude, changed) in buildings.items():
            cursor.execute(
                "INSERT INTO staging.apartments VALUES (%s, %s, 'TOKYO β', '東京都大田区1', '東京都', '大田区', %s, "
                "%s, %s)",
                (number, f"J{number:05d}", latitude, longitude, changed),
            )
        cursor.execute("COMMIT")
        cursor.execute("SET SESSION sql_mode = DEFAULT")
    load_id = ledger.start(connection, day, dump="s3://b/k", etag="e", version=None, size=1)
    ledger.set_state(connection, load_id, "published")


def kept(connection: MySQLdb.Connection, columns: str = "apartment_id, latitude, longitude") -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM ops.property_geo_latlon_backup ORDER BY apartment_id")
        return cursor.fetchall()


def test_i35_coordinates_that_a_dump_lost_stay(staged: MySQLdb.Connection) -> None:
    stage(staged, YESTERDAY, {1: (*KAMATA, "2026-02-01 00:00:00"), 2: (*KAMATA, "2026-02-01 00:00:00")})
    assert remember_coordinates(staged, YESTERDAY) == 2
    later = "2026-03-01 12:00:00"
    stage(staged, TARGET, {1: (None, None, later), 3: (*AKABANE, later)})  # 2 is gone from the dump
    assert remember_coordinates(staged, TARGET) == 3
    assert kept(staged) == ((1, *KAMATA), (2, *KAMATA), (3, *AKABANE))


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(0, 0), (None, 139.716), (35.5625, None), (35.5625, 141.2), (34.999999, 139.716), (99.0, 35.5625)],
)
def test_only_pairs_within_greater_kanto_are_kept(staged: MySQLdb.Connection, latitude: Any, longitude: Any) -> None:
    stage(staged, TARGET, {1: (latitude, longitude, None), 2: (35.0, 140.5, None), 3: (36.0, 139.0, None)})
    assert remember_coordinates(staged, TARGET) == 2
    assert [row[0] for row in kept(staged)] == [2, 3]


def test_the_box_is_that_of_the_models() -> None:
    macros = (Path(__file__).parents[3] / "dbt" / "macros" / "cleaning.sql").read_text()
    box = [float(number) for number in re.findall(r"between ([\d.]+) and ([\d.]+)", macros)[-2:] for number in number]
    assert box == [*LATITUDES, *LONGITUDES]


def test_an_older_dump_does_not_bring_older_coordinates_back(staged: MySQLdb.Connection) -> None:
    stage(staged, TARGET, {1: (*AKABANE, "2026-03-01 12:00:00")})
    remember_coordinates(staged, TARGET)
    stage(staged, YESTERDAY, {1: (*KAMATA, "2026-02-01 00:00:00")})
    remember_coordinates(staged, YESTERDAY)
    assert kept(staged) == ((1, *AKABANE),)
    stage(staged, TARGET, {1: (*KAMATA, "2026-03-01 18:00:00")})
    remember_coordinates(staged, TARGET)
    assert kept(staged) == ((1, *KAMATA),)


@pytest.mark.parametrize("absurd", ["2100-01-01 00:00:00", "0000-00-00 00:00:00", None])
def test_an_absurd_change_date_blocks_nothing(staged: MySQLdb.Connection, absurd: str | None) -> None:
    stage(staged, YESTERDAY, {1: (*KAMATA, absurd)})
    remember_coordinates(staged, YESTERDAY)
    stage(staged, TARGET, {1: (*AKABANE, absurd)})
    remember_coordinates(staged, TARGET)
    assert kept(staged) == ((1, *AKABANE),)


def test_the_same_day_again_changes_nothing(s3: Any, settings: Settings, staged: MySQLdb.Connection) -> None:
    stage(staged, TARGET, {1: (*KAMATA, "2026-02-01 00:00:00")})
    remember_coordinates(staged, TARGET)
    before = kept(staged, "*")
    (dated, latest) = export_coordinates(s3, settings, staged, TARGET)
    body = s3.get_object(Bucket=settings.bucket, Key=dated)["Body"].read()
    remember_coordinates(staged, TARGET)
    assert kept(staged, "*") == before
    assert export_coordinates(s3, settings, staged, TARGET) == [dated, latest]
    assert (dated, latest) == (
        "reference/property_geo_latlon/dt=20260302/property_geo_latlon.csv",
        "reference/property_geo_latlon/latest/property_geo_latlon.csv",
    )
    for key in (dated, latest):
        assert s3.get_object(Bucket=settings.bucket, Key=key)["Body"].read() == body
    assert body.decode().splitlines()[1] == (
        "1,J00001,TOKYO β,東京都大田区1,東京都,大田区,35.56250000,139.71600000,2026-02-01 00:00:00"
    )


def test_another_date_in_staging_is_refused(staged: MySQLdb.Connection) -> None:
    stage(staged, YESTERDAY, {1: (*KAMATA, None)})
    with pytest.raises(CoordinatesError, match="staging holds 2026-03-01, not 2026-03-02"):
        remember_coordinates(staged, TARGET)
    assert kept(staged) == ()
