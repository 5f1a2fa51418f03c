"""The database forgets only dates whose Parquet was read back and holds exactly their rows."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from include.history import retention
from include.history.retention import RetentionError, closed_dates, plan, retire, retired_dates
from include.lake import writing
from include.lake.partitions import fetch, partition_key, stored_dates
from include.lake.tables import TENANTS
from include.settings import Settings
from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import ensure_platform_tables
from tests.include.lake.conftest import fill, of, some_rows

TARGET = date(2026, 3, 2)
KEPT = 100
OLDEST = date(2025, 11, 23)
DAYS = [OLDEST - timedelta(days=number) for number in (30, 29, 2, 1)] + [OLDEST, TARGET]


@pytest.fixture
def keeping(settings: Settings) -> Settings:
    return replace(settings, history_parquet=True, history_keep_days=KEPT)


@pytest.fixture
def history(loader: Endpoint) -> Endpoint:
    """Tenants of six dates, of which four are too old to be kept."""
    with contextlib.closing(loader.connect()) as connection:
        ensure_platform_tables(connection)
    for day in DAYS:
        fill(loader, TENANTS, day, some_rows(TENANTS, day))
    return loader


def dates(endpoint: Endpoint, table: str = TENANTS.source) -> list[date]:
    return [day for (day,) in of(endpoint, f"SELECT DISTINCT snapshot_date FROM {table} ORDER BY 1")]


def write(s3: Any, settings: Settings, login: Endpoint, *days: date) -> None:
    writing.write(s3, settings, login, [(TENANTS, day) for day in days], lambda line: None)


def test_dates_beyond_the_setting_go_once_they_are_in_parquet(s3: Any, keeping: Settings, history: Endpoint) -> None:
    write(s3, keeping, history, *DAYS[:2])
    rows = {day: of(history, f"SELECT * FROM {TENANTS.source} WHERE snapshot_date = %s", (day,)) for day in DAYS}
    lines: list[str] = []
    done = retire(s3, keeping, history, TARGET, lines.append)
    assert (done.dates, done.rows) == (4, 48)
    assert dates(history) == DAYS[4:]
    assert lines[-1] == "2025-11-22: 12 rows are in Parquet and left the database, 4 of 4 dates"
    # those without Parquet got it first
    assert stored_dates(s3, keeping.bucket, TENANTS) == set(DAYS[:4])
    noted = of(history, f"SELECT snapshot_date, row_count, checksum FROM {retention.TABLE} ORDER BY 1")
    contents = [fetch(s3, keeping.bucket, TENANTS, day) or b"" for day in DAYS[:4]]
    expected = [hashlib.sha256(content).hexdigest() for content in contents]
    assert noted == [(day, len(rows[day]), sha) for day, sha in zip(DAYS[:4], expected, strict=True)]
    assert retire(s3, keeping, history, TARGET) == retention.Retired(), "the second time there is nothing to do"


@pytest.mark.parametrize("target", [TARGET, DAYS[0]])
def test_by_default_everything_stays(s3: Any, settings: Settings, history: Endpoint, target: date) -> None:
    keep = replace(settings, history_keep_days=KEPT if target != TARGET else 0)  # an old date that is run again
    assert retire(s3, keep, history, target) == retention.Retired()
    assert dates(history) == DAYS
    assert of(history, "SHOW TABLES FROM history") == [("tenant_daily_snapshots",)]
    assert s3.list_objects_v2(Bucket=settings.bucket)["KeyCount"] == 0


def test_a_plan_changes_nothing(s3: Any, keeping: Settings, history: Endpoint) -> None:
    with contextlib.closing(history.connect()) as connection:
        assert plan(connection, keeping, TARGET) == DAYS[:4]
        assert plan(connection, keeping, OLDEST) == []
        assert retired_dates(connection) == set()
    assert dates(history) == DAYS


def test_a_day_lets_go_of_a_few_dates_the_oldest_first(s3: Any, keeping: Settings, history: Endpoint) -> None:
    assert retire(s3, keeping, history, TARGET, most=3).dates == 3
    assert dates(history) == DAYS[3:]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("DELETE FROM {} WHERE snapshot_date = %s LIMIT 1", "it holds 12 rows and not the 11 of the database"),
        ("UPDATE {} SET status = status + 1 WHERE snapshot_date = %s LIMIT 1", "12 rows and not the 12 of the data"),
        ("INSERT INTO {} VALUES (1, 1, 1, NULL, %s)", "it holds 12 rows and not the 13 of the database"),
    ],
)
def test_a_date_whose_parquet_is_not_its_rows_stays_and_so_do_later_ones(
    s3: Any, keeping: Settings, history: Endpoint, damage: str, reason: str
) -> None:
    write(s3, keeping, history, *DAYS)
    of(history, damage.format(TENANTS.source), (DAYS[1],))
    with pytest.raises(RetentionError, match=f"is not the {DAYS[1]} of history.tenant_daily_snapshots: .*{reason}"):
        retire(s3, keeping, history, TARGET)
    assert dates(history) == DAYS[1:]
    write(s3, keeping, history, DAYS[1])
    assert retire(s3, keeping, history, TARGET).dates == 3


@pytest.mark.parametrize("content", [b"", b"PAR1", None])
def test_a_broken_object_keeps_its_date_in_the_database(
    s3: Any, keeping: Settings, history: Endpoint, content: bytes | None
) -> None:
    write(s3, keeping, history, *DAYS)
    whole = fetch(s3, keeping.bucket, TENANTS, DAYS[0])
    assert whole
    broken = whole[:-20] if content is None else content
    s3.put_object(Bucket=keeping.bucket, Key=partition_key(TENANTS, DAYS[0]), Body=broken)
    with pytest.raises(RetentionError, match="cannot be read as Parquet"):
        retire(s3, keeping, history, TARGET)
    assert dates(history) == DAYS
    assert fetch(s3, keeping.bucket, TENANTS, DAYS[0]) == broken, "a person decides which of the two is right"


@pytest.mark.parametrize("step", ["read_source", "fetch", "decode", "_delete"])
def test_who_is_killed_leaves_each_date_in_one_place_at_least(
    s3: Any, keeping: Settings, history: Endpoint, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    calls, real = list[int](), getattr(retention, step)

    def killed(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(retention, step, killed)
        with pytest.raises(KeyboardInterrupt):
            retire(s3, keeping, history, TARGET)
    left = dates(history)
    assert sorted({*left, *dates(history, retention.TABLE)}) == DAYS
    assert set(dates(history, retention.TABLE)) <= stored_dates(s3, keeping.bucket, TENANTS)
    assert len(left) + len(dates(history, retention.TABLE)) == len(DAYS)
    retire(s3, keeping, history, TARGET)
    assert (dates(history), dates(history, retention.TABLE)) == (DAYS[4:], DAYS[:4])


def test_rows_that_change_while_they_are_compared_stay(
    s3: Any, keeping: Settings, history: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = retention.decode

    def changed(content: bytes) -> Any:
        of(history, f"INSERT INTO {TENANTS.source} VALUES (1, 1, 1, NULL, %s)", (DAYS[0],))
        return real(content)

    monkeypatch.setattr(retention, "decode", changed)
    with pytest.raises(RetentionError, match="changed while its 2025-10-24 was compared; the date stays"):
        retire(s3, keeping, history, TARGET)
    assert dates(history) == DAYS
    assert dates(history, retention.TABLE) == []


def test_only_dates_that_are_still_too_old_are_closed(s3: Any, keeping: Settings, history: Endpoint) -> None:
    retire(s3, keeping, history, TARGET)
    with contextlib.closing(history.connect()) as connection:
        assert closed_dates(connection, keeping, TARGET) == set(DAYS[:4])
        assert closed_dates(connection, replace(keeping, history_keep_days=102), TARGET) == set(DAYS[:2])
        assert closed_dates(connection, replace(keeping, history_keep_days=0), TARGET) == set()
