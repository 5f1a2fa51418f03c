"""KPIs built anew and rooms made from history, by dbt itself on two days of the synthetic company (a minute or two)."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from include.dbt import AFTER_PUBLISH
from include.dbt.runner import dbt_runner
from include.history.snapshots import capture_snapshot
from include.recovery import recover_history
from include.settings import PROJECT_DIR
from include.warehouse.gold import model_names, publish_gold
from include.warehouse.readers import gold_date
from tests.include.recovery.conftest import Recoveries

pytestmark = pytest.mark.full
DAYS = (date(2026, 3, 1), date(2026, 3, 2))
COUNT = (
    "SELECT COUNT(*), SUM(is_room_primary) FROM silver.tenant_room_snapshot_daily WHERE snapshot_date = '2026-03-01'"
)


@pytest.fixture
def two_days(recoveries: Recoveries, tmp_path: Path) -> Recoveries:
    """Both days run, as gghouse_daily does it."""
    executable = os.environ.get("GGHOUSE_DBT") or str(PROJECT_DIR / ".venv-dbt" / "bin" / "gghouse-dbt")
    mended = recoveries.with_tools(settings=replace(recoveries.context.settings, dbt_executable=executable))
    context, platform = mended.context, mended.platform
    for target in DAYS:
        words = ["--scale", "small", "--date", target.isoformat(), "--snapshots", "20", "--out", str(tmp_path)]
        subprocess.run([sys.executable, "-m", "infra.local.vendor", *words], cwd=PROJECT_DIR, check=True)
        for file in (tmp_path / "snapshots").rglob("*.csv"):
            platform.s3.put_object(
                Bucket=context.settings.bucket, Key=str(file.relative_to(tmp_path)), Body=file.read_bytes()
            )
        dump = tmp_path / "dumps" / f"gghouse_{target:%Y%m%d}.sql"
        platform.put(dump.read_bytes(), target)
        platform.load(target)
        capture_snapshot(platform.s3, context.settings, context.loader, target)
        with dbt_runner(context.settings, context.dbt) as dbt:
            dbt.run(target, "build", "--exclude", AFTER_PUBLISH)
        with contextlib.closing(context.dbt.connect()) as connection:
            publish_gold(connection, model_names(context.settings.dbt_manifest), target)
    return mended


def checksums(recoveries: Recoveries) -> dict[str, int]:
    with contextlib.closing(recoveries.context.dbt.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT CONCAT('`', table_schema, '`.`', table_name, '`') FROM information_schema.tables "
            "WHERE table_schema IN ('silver', 'gold') AND table_type = 'BASE TABLE'"
        )
        cursor.execute("CHECKSUM TABLE " + ", ".join(name for (name,) in cursor.fetchall()))
        return dict(cursor.fetchall())


def run(recoveries: Recoveries, statement: str) -> tuple[int, ...]:
    with contextlib.closing(recoveries.context.dbt.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        row: tuple[int, ...] = cursor.fetchone() or ()
        return row


def test_kpis_are_built_anew_with_the_same_bytes_and_rooms_come_from_history(two_days: Recoveries) -> None:
    clean = checksums(two_days)
    run(two_days, "DELETE FROM silver.building_occupancy_daily WHERE snapshot_date = '2026-03-01'")
    run(two_days, "UPDATE silver.tenant_status_history SET valid_from = valid_from - INTERVAL 1 DAY LIMIT 1")
    plan = two_days.plan("kpi", first="2026-03-01")
    assert plan.lines[0] == "Staging holds 2026-03-02; readers of gold see 2026-03-02"
    assert plan.lines[1].startswith("1. building_occupancy_daily of 1 dates from 2026-03-01 to 2026-03-01")
    two_days.execute("kpi", first="2026-03-01")
    assert checksums(two_days) == clean
    two_days.execute("kpi", first="2026-03-01")
    assert checksums(two_days) == clean, "any number of times"

    rooms, primary = run(two_days, COUNT)
    bucket = two_days.context.settings.bucket
    two_days.platform.s3.delete_object(Bucket=bucket, Key="dumps/gghouse_20260301.sql")
    run(two_days, "DELETE FROM silver.tenant_room_snapshot_daily WHERE snapshot_date = '2026-03-01'")
    given = {"what": "rooms", "first": "2026-03-01", "last": "2026-03-02"}
    assert "  1 are made from the tenants' history: 2026-03-01" in two_days.plan("history", **given).lines
    two_days.execute("history", **given)
    again, again_primary = run(two_days, COUNT)
    assert abs(again - rooms) * 20 <= rooms
    assert abs(again_primary - primary) * 20 <= primary
    assert two_days.plan("history", **given).empty
    with contextlib.closing(two_days.context.dbt.connect()) as connection:
        assert gold_date(connection) == DAYS[1]


def test_many_dates_of_history_in_one_statement_are_the_same_as_one_by_one(
    two_days: Recoveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = two_days.context.settings.bucket
    two_days.platform.s3.delete_object(Bucket=bucket, Key="dumps/gghouse_20260301.sql")
    given = {"what": "rooms", "first": "2026-02-20", "last": "2026-03-01", "overwrite": "true"}
    assert two_days.execute("history", **given) == "Made 10 dates from history"
    together = [rows(two_days, model) for model in recover_history.ROOM_MODELS]
    monkeypatch.setattr(recover_history, "MOST_STATES", 1)
    two_days.execute("history", **given)
    assert [rows(two_days, model) for model in recover_history.ROOM_MODELS] == together
    assert all(together)


def rows(recoveries: Recoveries, model: str) -> list[tuple[object, ...]]:
    with contextlib.closing(recoveries.context.dbt.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM silver.{model} ORDER BY 1, 2, 3, 4")
        return list(cursor.fetchall())
