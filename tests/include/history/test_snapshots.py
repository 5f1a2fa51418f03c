"""The tenants' state of every day is kept in S3 and can always be rebuilt from there."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import MySQLdb
import pytest

from include.history.retention import retire
from include.history.snapshot_load import MANY_DATES
from include.history.snapshots import SnapshotError, capture_snapshot, snapshot_key
from include.settings import Settings
from include.warehouse import ledger
from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import ensure_platform_tables
from infra.local.database import Database

TARGET = date(2026, 3, 2)
HEADER = "tenant_id,status,contract_type,full_name,snapshot_date\n"
NAMES = ["山田, 太郎", 'say "hi"', "two\nlines", "", None, "NULL", "\\N", "back\\slash 'quote' 🏠", "%s"]
FIRST = date(2025, 5, 11)


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


def test_a_file_that_is_no_snapshot_is_named_and_loads_nothing(s3: Any, settings: Settings, staged: Endpoint) -> None:
    put(s3, settings, TARGET - timedelta(days=1), "", header="<html>\n")
    with pytest.raises(SnapshotError, match=r"20260301\.csv does not begin with tenant_id,status,.* restore the right"):
        capture_snapshot(s3, settings, staged, TARGET)
    assert {row[4] for row in history(staged)} <= {TARGET}


def test_a_date_that_breaks_off_is_loaded_whole_next_time(s3: Any, settings: Settings, staged: Endpoint) -> None:
    put(s3, settings, TARGET - timedelta(days=1), f"1,9,1,a,2026-03-01\n2,9,1,{'x' * 200},2026-03-01\n")
    with pytest.raises(SnapshotError, match=r"20260301\.csv, line 3: full_name has more than 191 letters"):
        capture_snapshot(s3, settings, staged, TARGET)
    assert {row[4] for row in history(staged)} <= {TARGET}
    put(s3, settings, TARGET - timedelta(days=1), "1,9,1,a,2026-03-01\n")
    capture_snapshot(s3, settings, staged, TARGET)
    assert [row[0] for row in history(staged) if row[4] != TARGET] == [1]


def put_many(s3: Any, settings: Settings) -> int:
    """Put the files of so many dates that they are a whole history; return their rows."""
    for number in range(MANY_DATES):
        day = FIRST + timedelta(days=number)
        # quoted, and twice the same tenant: neither is plain
        put(s3, settings, day, f'1,9,1,a,{day}\n2,{number % 18},1,"b, c",{day}\n3,9,1,  ,{day}\n1,10,1,d,{day}\n')
    return 3 * MANY_DATES


def keys(endpoint: Endpoint) -> set[str]:
    with contextlib.closing(endpoint.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW KEYS FROM history.tenant_daily_snapshots")
        return {row[2] for row in cursor.fetchall()}


def test_a_first_history_ends_with_all_keys(s3: Any, settings: Settings, staged: Endpoint) -> None:
    before = keys(staged)
    rows = put_many(s3, settings)
    report = capture_snapshot(s3, settings, staged, TARGET)
    assert (report.loaded_dates, report.loaded_rows, report.skipped_rows) == (MANY_DATES + 1, rows + 9, MANY_DATES)
    assert keys(staged) == before == {"PRIMARY", "tenant_id"}
    first = [row for row in history(staged) if row[4] == FIRST]
    assert first == [(1, 9, 1, "a", FIRST), (2, 0, 1, "b, c", FIRST), (3, 9, 1, "  ", FIRST)]


def test_a_first_history_that_breaks_off_leaves_whole_dates_and_is_completed(
    s3: Any, settings: Settings, staged: Endpoint
) -> None:
    put_many(s3, settings)
    bad = FIRST + timedelta(days=MANY_DATES // 2)
    put(s3, settings, bad, f"1,9,1,a,{bad}\n2,9,1,{'x' * 192},{bad}\n")
    with pytest.raises(SnapshotError, match=f"{bad:%Y%m%d}.csv, line 3"):
        capture_snapshot(s3, settings, staged, TARGET)
    counts = Counter(row[4] for row in history(staged))
    assert set(counts.values()) <= {3, 9}
    assert bad not in counts
    put(s3, settings, bad, f"1,9,1,a,{bad}\n")
    report = capture_snapshot(s3, settings, staged, TARGET)
    assert report.loaded_dates == MANY_DATES + 1 - len(counts.keys() - {TARGET})
    assert keys(staged) == {"PRIMARY", "tenant_id"}
    assert len({row[4] for row in history(staged)}) == MANY_DATES + 1


def test_without_local_infile_the_same_rows_go_as_insert(
    s3: Any, settings: Settings, staged: Endpoint, database: Database
) -> None:
    put_many(s3, settings)
    first = capture_snapshot(s3, settings, staged, TARGET)
    before = history(staged)
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE history.tenant_daily_snapshots")
        cursor.execute("SET GLOBAL local_infile = 0")
        try:
            assert capture_snapshot(s3, settings, staged, TARGET) == first
        finally:
            cursor.execute("SET GLOBAL local_infile = 1")
    assert history(staged) == before


def test_what_the_server_refuses_is_named_with_the_file(s3: Any, settings: Settings, staged: Endpoint) -> None:
    with contextlib.closing(staged.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("ALTER TABLE history.tenant_daily_snapshots MODIFY full_name varchar(3)")
    put(s3, settings, TARGET - timedelta(days=1), "1,9,1,secret,2026-03-01\n")
    with pytest.raises(SnapshotError, match=r"2026030[12]\.csv: the server changed a row \(.*full_name") as error:
        capture_snapshot(s3, settings, staged, TARGET)
    assert "secret" not in str(error.value)
    assert history(staged) == []


def test_what_the_server_cannot_do_is_named_with_the_file(s3: Any, settings: Settings, staged: Endpoint) -> None:
    with contextlib.closing(staged.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("ALTER TABLE history.tenant_daily_snapshots RENAME COLUMN status TO state")
    with pytest.raises(SnapshotError, match=r"20260302\.csv: the server refused a statement \(error 1054"):
        capture_snapshot(s3, settings, staged, TARGET)


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
