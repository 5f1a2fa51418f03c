"""What is written as Parquet is what the database says, date by date, whole, and the same whenever it is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from include.lake import partitions, writing
from include.lake.partitions import LakeError, partition_key, stored_dates
from include.lake.tables import BUILDINGS, DEPARTURES, PARTITION, ROOMS, TABLES, TENANTS, Table
from include.lake.writing import plan, write, write_day
from include.settings import Settings
from include.warehouse.endpoint import Endpoint
from tests.include.lake.conftest import DAYS, TARGET, Query, fill, of, some_rows


def objects(s3: Any, settings: Settings) -> dict[str, bytes]:
    return {
        item["Key"]: s3.get_object(Bucket=settings.bucket, Key=item["Key"])["Body"].read()
        for item in s3.list_objects_v2(Bucket=settings.bucket).get("Contents", ())
    }


def names(table: Table) -> str:
    return ", ".join([*(column.name for column in table.columns), PARTITION])


def test_duckdb_reads_what_the_database_says(s3: Any, settings: Settings, warehouse: Endpoint, duck: Query) -> None:
    done = write_day(s3, settings, warehouse, TARGET, lambda line: None)
    assert (done.partitions, done.rows) == (16, 12 * 15)
    for table in TABLES:
        order = f"ORDER BY {PARTITION}, {', '.join(table.key)}"
        rows = of(warehouse, f"SELECT {names(table)} FROM {table.source} {order}")
        assert duck(f"SELECT {names(table)} FROM {table.name} {order}") == rows
        assert len(rows) == (36 if table.may_be_empty else 48)


@pytest.mark.parametrize(
    "figures",
    [
        "SELECT snapshot_date, status, COUNT(*) FROM {tenant_daily_snapshots} GROUP BY snapshot_date, status",
        "SELECT snapshot_date, SUM(primary_rooms), SUM(rent_sum_at_0000) / SUM(rent_rooms_at_0000) FROM "
        "{building_occupancy_daily} GROUP BY snapshot_date",
        "SELECT rooms.snapshot_date, COUNT(*), MIN(rooms.movein_date), SUM(rooms.monthly_rent), MAX(left_ones.room_id) "
        "FROM {tenant_room_snapshot_daily} rooms LEFT JOIN {room_departures_daily} left_ones ON rooms.room_id = "
        "left_ones.room_id AND rooms.snapshot_date = left_ones.snapshot_date WHERE rooms.snapshot_date >= "
        "date '2026-02-25' GROUP BY rooms.snapshot_date",
    ],
)
def test_figures_of_dates_are_the_same(
    s3: Any, settings: Settings, warehouse: Endpoint, duck: Query, figures: str
) -> None:
    write_day(s3, settings, warehouse, TARGET, lambda line: None)
    asked = figures.format(**{table.name: table.source for table in TABLES}) + " ORDER BY 1, 2"
    here = duck(figures.format(**{table.name: table.name for table in TABLES}) + " ORDER BY 1, 2")

    def plain(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
        return [
            [value if isinstance(value, date) or value is None else round(float(value), 4) for value in row]
            for row in rows
        ]

    assert plain(here) == plain(of(warehouse, asked))
    assert len(here) >= 3


def test_the_same_date_again_gives_the_same_bytes(s3: Any, settings: Settings, warehouse: Endpoint) -> None:
    write_day(s3, settings, warehouse, TARGET, lambda line: None)
    before = objects(s3, settings)
    for table in TABLES:  # as a run again would leave them: other places on the disk
        fill(warehouse, table, TARGET, [] if table.may_be_empty else some_rows(table, TARGET)[::-1])
    write_day(s3, settings, warehouse, TARGET, lambda line: None)
    assert objects(s3, settings) == before


def test_a_date_is_replaced_as_a_whole_and_no_other(
    s3: Any, settings: Settings, warehouse: Endpoint, duck: Query
) -> None:
    write_day(s3, settings, warehouse, TARGET, lambda line: None)
    before = objects(s3, settings)
    fill(warehouse, TENANTS, TARGET, [(7, 9, 1)])
    fill(warehouse, TENANTS, DAYS[0], [(7, 9, 1)])  # nobody asked for this one
    write_day(s3, settings, warehouse, TARGET, lambda line: None)
    after = objects(s3, settings)
    assert {key for key in after if after[key] != before[key]} == {partition_key(TENANTS, TARGET)}
    assert after.keys() == before.keys()
    assert duck("SELECT COUNT(*) FROM tenant_daily_snapshots") == [(37,)]


def test_a_date_that_became_empty_is_replaced_by_nothing(
    s3: Any, settings: Settings, warehouse: Endpoint, duck: Query
) -> None:
    fill(warehouse, DEPARTURES, TARGET, some_rows(DEPARTURES, TARGET))
    write_day(s3, settings, warehouse, TARGET, lambda line: None)
    fill(warehouse, DEPARTURES, TARGET, [])
    write_day(s3, settings, warehouse, TARGET, lambda line: None)
    assert TARGET in stored_dates(s3, settings.bucket, DEPARTURES)
    assert duck("SELECT MAX(snapshot_date) FROM room_departures_daily") == [(DAYS[2],)]


@pytest.mark.parametrize("table", [TENANTS, ROOMS, BUILDINGS], ids=lambda table: table.name)
def test_a_date_that_is_gone_from_the_database_keeps_its_partition(
    s3: Any, settings: Settings, warehouse: Endpoint, table: Table
) -> None:
    write_day(s3, settings, warehouse, TARGET, lambda line: None)
    before = objects(s3, settings)
    fill(warehouse, table, TARGET, [])
    with pytest.raises(LakeError, match=f"^{table.source} has no rows of 2026-03-02, so its Parquet is left as it is"):
        write_day(s3, settings, warehouse, TARGET, lambda line: None)
    assert objects(s3, settings) == before


def test_a_day_makes_up_for_dates_of_the_last_month_that_have_no_partition(
    s3: Any, settings: Settings, warehouse: Endpoint
) -> None:
    long_ago = TARGET - timedelta(days=31)
    fill(warehouse, TENANTS, long_ago, some_rows(TENANTS, long_ago))
    tomorrow = TARGET + timedelta(days=1)  # the date is run again after a later one
    fill(warehouse, TENANTS, tomorrow, some_rows(TENANTS, tomorrow))
    write_day(s3, settings, warehouse, TARGET, lambda line: None)
    assert stored_dates(s3, settings.bucket, TENANTS) == set(DAYS)
    assert {day for _, day in plan(s3, settings, warehouse, date.min, tomorrow)} == {long_ago, tomorrow}


def test_a_plan_names_what_is_missing_oldest_first_or_all(s3: Any, settings: Settings, warehouse: Endpoint) -> None:
    write(s3, settings, warehouse, [(TENANTS, DAYS[1]), (ROOMS, DAYS[0])], lambda line: None)
    assert plan(s3, settings, warehouse, DAYS[0], DAYS[1]) == [
        (TENANTS, DAYS[0]),
        (DEPARTURES, DAYS[0]),
        (BUILDINGS, DAYS[0]),
        (ROOMS, DAYS[1]),
        (DEPARTURES, DAYS[1]),
        (BUILDINGS, DAYS[1]),
    ]
    assert len(plan(s3, settings, warehouse, DAYS[0], DAYS[1], again=True)) == 8


@pytest.mark.parametrize("kept", [0, 3, 15])
@pytest.mark.parametrize("step", ["read_source", "encode", "put"])
def test_who_is_killed_leaves_whole_partitions_and_the_next_run_ends_where_a_clean_one_ends(
    s3: Any, settings: Settings, warehouse: Endpoint, monkeypatch: pytest.MonkeyPatch, step: str, kept: int
) -> None:
    write_day(s3, settings, warehouse, TARGET, lambda line: None)
    clean = objects(s3, settings)
    for key in clean:
        s3.delete_object(Bucket=settings.bucket, Key=key)
    calls, real = list[int](), getattr(partitions, step)

    def killed(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) > kept:
            raise KeyboardInterrupt
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(writing, step, killed)
        with pytest.raises(KeyboardInterrupt):
            write_day(s3, settings, warehouse, TARGET, lambda line: None)
    left = objects(s3, settings)
    assert len(left) == kept
    assert left.items() <= clean.items()
    write_day(s3, settings, warehouse, TARGET, lambda line: None)
    assert objects(s3, settings) == clean


def test_other_objects_are_no_partitions(s3: Any, settings: Settings) -> None:
    for name in ("snapshot_date=2026-03-02/other.parquet", "snapshot_date=today/rows.parquet", "rows.parquet"):
        s3.put_object(Bucket=settings.bucket, Key=f"history/tenant_daily_snapshots/{name}", Body=b"")
    assert stored_dates(s3, settings.bucket, TENANTS) == set()


def test_a_broken_file_is_noticed(s3: Any, settings: Settings, warehouse: Endpoint) -> None:
    write_day(s3, settings, warehouse, TARGET, lambda line: None)
    content = partitions.fetch(s3, settings.bucket, TENANTS, TARGET)
    assert content
    assert partitions.decode(content).num_rows == 12
    for broken in (content[:-9], content[:60] + bytes([content[60] ^ 1]) + content[61:], b""):
        with pytest.raises(LakeError, match="cannot be read as Parquet"):
            partitions.decode(broken)
    assert partitions.fetch(s3, settings.bucket, TENANTS, date(2020, 1, 1)) is None


def test_progress_is_said(s3: Any, settings: Settings, warehouse: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "PROGRESS_SECONDS", -1.0)
    lines: list[str] = []
    write_day(s3, settings, warehouse, TARGET, lines.append)
    assert len(lines) == 16
    assert lines[-1] == "16 of 16 partitions, up to 2026-03-01, 180 rows"


def test_without_a_bucket_nothing_is_written(s3: Any, settings: Settings, warehouse: Endpoint) -> None:
    with pytest.raises(ValueError, match="BUCKET is empty"):
        write_day(s3, replace(settings, bucket=""), warehouse, TARGET, lambda line: None)
