"""The tenants' state of every day is kept in S3 and can always be rebuilt from there."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import MySQLdb
import pytest

from include.history.retention import retire
from include.history.snapshots import SnapshotError, capture_snapshot, snapshot_key
from include.settings import Settings
from include.warehouse import ledger
from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import ensure_platform_tables

TARGET = date(2026, 3, 2)
HEADER = "tenant_id,status,contract_type,full_name,snapshot_date\n"
NAMES = ["山田, 太郎", 'say "hi"', "two\nlines", "", None, "NULL", "*", "back\\slash 'quote' 🏠", "%s"]


def publish(connection: MySQLdb.Connection, target: date) -> None:
    load_id = ledger.start(connection, target, dump="s3://b/k", etag="e", version=None, size=1)
    ledger.set_state(connection, load_id, "published")


@pytest.fixture
def staged(loader: Endpoint) -> Endpoint:
    """Staging of the target with a few tenants."""
    with contextlib.closing(loader.connect()) as connection, connection.cursor() as cursor:
        ensure_platform_tables(connection)
        cursor.execute(
            "CREATE TABLE staging.tenants (id int PRIMARY KEY, status int, contract_type int, full_name varchar(191))"
        )
        rows = [(100 - number, 9, 1, name) for number, name in enumerate(NAMES)]
        cursor.executemany("INSERT INTO staging.tenants VALUES (%s, %s, %s, %s)", rows)
        publish(connection, TARGET)
    return loader


def put(s3: Any, settings: Settings, day: date, rows: str, header: str = HEADER) -> None:
    s3.put_object(Bucket=settings.bucket, Key=snapshot_key(day), Body=(header + rows).encode())


def history(endpoint: Endpoint) -> list[tuple[Any, ...]]:
    with contextlib.closing(endpoint.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT tenant_id, status, contract_type, full_name, snapshot_date FROM history.tenant_daily_snapshots "
            "ORDER BY snapshot_date, tenant_id"
        )
        return list(cursor.fetchall())


def test_the_days_tenants_are_kept(s3: Any, settings: Settings, staged: Endpoint) -> None:
    report = capture_snapshot(s3, settings, staged, TARGET)
    assert (report.key, report.captured, report.loaded_dates) == ("snapshots/tenant_status/20260302.csv", 9, 1)
    assert (report.loaded_rows, report.skipped_rows) == (9, 0)
    expected = [(100 - number, 9, 1, name or None, TARGET) for number, name in enumerate(NAMES)]
    assert history(staged) == expected[::-1]
    body = s3.get_object(Bucket=settings.bucket, Key=report.key)["Body"].read().decode()
    assert body.startswith(HEADER + "92,9,1,%s,2026-03-02\n93,9,1,")
    assert '100,9,1,"山田, 太郎",2026-03-02\n' in body


def test_the_same_day_again_replaces_it_and_gives_the_same_bytes(s3: Any, settings: Settings, staged: Endpoint) -> None:
    first = capture_snapshot(s3, settings, staged, TARGET)
    body = s3.get_object(Bucket=settings.bucket, Key=first.key)["Body"].read()
    rows = history(staged)
    assert capture_snapshot(s3, settings, staged, TARGET) == first
    assert s3.get_object(Bucket=settings.bucket, Key=first.key)["Body"].read() == body
    assert history(staged) == rows
    with contextlib.closing(staged.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM staging.tenants WHERE id < 100")
    assert capture_snapshot(s3, settings, staged, TARGET).loaded_rows == 1
    assert [row[0] for row in history(staged)] == [100]


def test_only_dates_that_the_table_lacks_are_loaded(s3: Any, settings: Settings, staged: Endpoint) -> None:
    put(s3, settings, TARGET - timedelta(days=2), "1,9,1,a,2026-02-28\n")
    assert capture_snapshot(s3, settings, staged, TARGET).loaded_dates == 2
    put(s3, settings, TARGET - timedelta(days=2), "1,9,1,changed,2026-02-28\n")
    put(s3, settings, TARGET - timedelta(days=1), "1,10,1,a,2026-03-01\n")
    assert capture_snapshot(s3, settings, staged, TARGET).loaded_dates == 2
    assert history(staged)[:2] == [(1, 9, 1, "a", date(2026, 2, 28)), (1, 10, 1, "a", date(2026, 3, 1))]


def test_i04_a_lost_history_is_rebuilt_from_the_files(s3: Any, settings: Settings, staged: Endpoint) -> None:
    for number in range(1000):  # so that the snapshots are on the second page of a listing
        s3.put_object(Bucket=settings.bucket, Key=f"snapshots/tenant_status/0000{number:04d}.csv", Body=b"no date")
    for number in range(30):
        day = date(2025, 5, 11) + timedelta(days=number)
        put(s3, settings, day, f"1,9,1,a,{day}\n2,{number % 18},1,b,{day}\n")
    s3.put_object(Bucket=settings.bucket, Key="snapshots/tenant_status/20269999.csv", Body=b"no date")
    s3.put_object(Bucket=settings.bucket, Key="snapshots/tenant_status/readme.txt", Body=b"no snapshot")
    lines: list[str] = []
    report = capture_snapshot(s3, settings, staged, TARGET, lines.append)
    assert (report.loaded_dates, report.loaded_rows) == (31, 69)
    before = history(staged)
    with contextlib.closing(staged.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE history.tenant_daily_snapshots")
    capture_snapshot(s3, settings, staged, TARGET)
    assert history(staged) == before
    assert lines[-1].startswith("Kept 9 tenants of 2026-03-02 in s3://")


def test_rows_that_cannot_be_read_are_skipped_and_counted(s3: Any, settings: Settings, staged: Endpoint) -> None:
    day = TARGET - timedelta(days=1)
    rows = [
        "1,9,1,good,2026-03-01",
        "x,9,1,no id,2026-03-01",
        "2,,1,no status,2026-03-01",
        "3,9,1.5,no type,2026-03-01",
        "4,9,1,other day,2026-03-02",
        "5,9,1,bad day,2026-13-01",
        "6,9,1",
        "1,10,1,twice,2026-03-01",
        "7,9,1,'); DROP TABLE x; -- ,2026-03-01",
        "8,2147483648,1,status too great,2026-03-01",
        "9,9,-2147483649,type too small,2026-03-01",
    ]
    put(s3, settings, day, "\n".join(rows) + "\n", header="\ufeff" + HEADER)
    report = capture_snapshot(s3, settings, staged, TARGET)
    assert report.skipped_rows == 9
    assert [(row[0], row[3]) for row in history(staged) if row[4] == day] == [(1, "good"), (7, "'); DROP TABLE x; -- ")]


def test_tenants_without_a_status_are_in_the_file_but_not_in_the_table(
    s3: Any, settings: Settings, staged: Endpoint
) -> None:
    with contextlib.closing(staged.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE staging.tenants SET status = NULL WHERE id = 99")
    report = capture_snapshot(s3, settings, staged, TARGET)
    assert (report.captured, report.loaded_rows, report.skipped_rows) == (9, 8, 1)


def test_a_tenant_without_a_type_of_contract_keeps_the_status(s3: Any, settings: Settings, staged: Endpoint) -> None:
    with contextlib.closing(staged.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE staging.tenants SET status = 5, contract_type = NULL WHERE id = 99")
    assert capture_snapshot(s3, settings, staged, TARGET).skipped_rows == 0
    assert [row[1:3] for row in history(staged) if row[0] == 99 and row[4] == TARGET] == [(5, 0)]


def test_codes_that_nobody_knows_are_kept_as_they_are(s3: Any, settings: Settings, staged: Endpoint) -> None:
    codes = {100: (99, 77), 99: (-1, -1), 98: (2**31 - 1, -(2**31))}
    with contextlib.closing(staged.connect()) as connection, connection.cursor() as cursor:
        for tenant, state in codes.items():
            cursor.execute("UPDATE staging.tenants SET status = %s, contract_type = %s WHERE id = %s", (*state, tenant))
    assert capture_snapshot(s3, settings, staged, TARGET).skipped_rows == 0
    assert {row[0]: row[1:3] for row in history(staged) if row[0] in codes} == codes


@pytest.mark.parametrize("held", [None, date(2026, 3, 1), date(2026, 3, 3)])
def test_i27_only_the_tenants_of_the_target_are_kept(
    s3: Any, settings: Settings, loader: Endpoint, held: date | None
) -> None:
    with contextlib.closing(loader.connect()) as connection:
        ensure_platform_tables(connection)
        if held:
            publish(connection, held)
    with pytest.raises(SnapshotError, match=f"staging holds {held or 'no finished load'}, not 2026-03-02, .*; run"):
        capture_snapshot(s3, settings, loader, TARGET)
    assert "Contents" not in s3.list_objects_v2(Bucket=settings.bucket)


def test_a_file_that_is_no_snapshot_is_named_and_leaves_the_table_alone(
    s3: Any, settings: Settings, staged: Endpoint
) -> None:
    put(s3, settings, TARGET - timedelta(days=1), "", header="<html>\n")
    with pytest.raises(SnapshotError, match=r"20260301\.csv does not begin with tenant_id,status,.* restore the right"):
        capture_snapshot(s3, settings, staged, TARGET)
    assert history(staged) == []


def test_a_date_that_breaks_off_is_loaded_whole_next_time(s3: Any, settings: Settings, staged: Endpoint) -> None:
    put(s3, settings, TARGET - timedelta(days=1), f"1,9,1,a,2026-03-01\n2,9,1,{'x' * 200},2026-03-01\n")
    with pytest.raises(MySQLdb.DataError, match="full_name"):
        capture_snapshot(s3, settings, staged, TARGET)
    assert history(staged) == []
    put(s3, settings, TARGET - timedelta(days=1), "1,9,1,a,2026-03-01\n")
    assert capture_snapshot(s3, settings, staged, TARGET).loaded_dates == 2


def test_a_date_that_the_database_let_go_of_stays_away_until_the_setting_is_off(
    s3: Any, settings: Settings, staged: Endpoint
) -> None:
    keeping = replace(settings, history_parquet=True, history_keep_days=100)
    old = [TARGET - timedelta(days=number) for number in (101, 100)]
    for day in old:
        put(s3, settings, day, f"1,9,1,a,{day}\n")
    capture_snapshot(s3, keeping, staged, TARGET)
    assert {row[4] for row in history(staged)} == {*old, TARGET}, "nothing was let go of yet"
    before = history(staged)
    assert retire(s3, keeping, staged, TARGET).dates == 2
    put(s3, settings, TARGET - timedelta(days=200), f"1,9,1,a,{TARGET - timedelta(days=200)}\n")
    assert capture_snapshot(s3, keeping, staged, TARGET).loaded_dates == 2
    assert {row[4] for row in history(staged)} == {TARGET - timedelta(days=200), TARGET}, "a new one comes in"
    assert capture_snapshot(s3, settings, staged, TARGET).loaded_dates == 3
    assert [row for row in history(staged) if row[4] >= old[0]] == before
