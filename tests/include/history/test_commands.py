"""`python -m include history`: what each step prints and changes."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import MySQLdb
import pytest

from include.history import commands
from include.history.commands import HistoryContext
from include.lake.partitions import stored_dates
from include.lake.tables import TABLES, TENANTS
from include.settings import PROJECT_DIR, Settings
from include.warehouse.endpoint import Endpoint
from tests.include.lake.conftest import DAYS, TARGET, fill, of, some_rows, warehouse

__all__ = ["warehouse"]

LONG_AGO = TARGET - timedelta(days=100)
Run = Callable[..., int]


@pytest.fixture
def run(s3: Any, settings: Settings, warehouse: Endpoint) -> Run:
    fill(warehouse, TENANTS, LONG_AGO, some_rows(TENANTS, LONG_AGO))
    parser = argparse.ArgumentParser()
    commands.add(parser.add_subparsers(required=True))

    def run(*words: str, login: Endpoint = warehouse, **changed: Any) -> int:
        now = datetime(2026, 3, 2, 3, tzinfo=UTC)
        context = HistoryContext(replace(settings, **changed), login, s3, now)
        return commands.run(parser.parse_args(words), lambda: context)

    return run


def test_what_is_missing_is_described_before_it_is_written(
    s3: Any, settings: Settings, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("write") == 0
    assert capsys.readouterr().out.splitlines() == [
        "tenant_daily_snapshots: 5 dates, 2025-11-22 to 2026-03-02",
        "tenant_room_snapshot_daily: 4 dates, 2026-02-21 to 2026-03-02",
        "room_departures_daily: 3 dates, 2026-02-21 to 2026-03-01",
        "building_occupancy_daily: 4 dates, 2026-02-21 to 2026-03-02",
        "Nothing was written; --yes does it",
    ]
    assert s3.list_objects_v2(Bucket=settings.bucket)["KeyCount"] == 0
    assert run("write", "--last", str(DAYS[0]), "--yes") == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("Wrote 5 partitions, 60 rows, ")
    assert stored_dates(s3, settings.bucket, TENANTS) == {LONG_AGO, DAYS[0]}
    assert run("write", "--yes") == 0
    assert stored_dates(s3, settings.bucket, TENANTS) == {LONG_AGO, *DAYS}
    capsys.readouterr()
    assert run("write") == 0
    assert "5 dates" not in (none := capsys.readouterr().out)
    assert none.startswith("tenant_daily_snapshots: 0 dates\n")
    assert run("write", "--first", str(TARGET), "--again", "--yes") == 0
    assert "Wrote 3 partitions, 36 rows" in capsys.readouterr().out


def test_what_leaves_the_database_is_described_before_it_does(
    warehouse: Endpoint, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    on = {"history_parquet": True, "history_keep_days": 100}
    assert run("retire", **on) == 0
    assert capsys.readouterr().out == (
        "Beyond the 100 days up to 2026-03-02: 1 dates: 2025-11-22\nNothing was deleted; --yes does it\n"
    )
    rows = f"SELECT COUNT(*) FROM {TENANTS.source}"
    assert of(warehouse, rows) == [(60,)]
    assert run("retire", "--yes", **on) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 dates, 12 rows left the database"
    assert of(warehouse, rows) == [(48,)]
    assert run("retire", "--yes") == 0
    assert capsys.readouterr().out == "All days are kept\n0 dates, 0 rows left the database\n"


def test_a_failure_ends_as_one_sentence(
    s3: Any, warehouse: Endpoint, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(warehouse, TENANTS, TARGET, [])
    assert run("write", bucket="") == 1
    assert "history: AIRFLOW__GGHOUSE__BUCKET is empty" in capsys.readouterr().err
    assert run("write", login=replace(warehouse, password="wrong", user="nobody")) == 1
    assert capsys.readouterr().err.startswith("history: ")

    def fails(error: BaseException) -> None:
        def write(*_: Any) -> None:
            raise error

        monkeypatch.setattr(commands.writing, "write", write)
        assert run("write", "--yes") == 1

    fails(ModuleNotFoundError("No module named 'pyarrow'", name="pyarrow"))
    assert capsys.readouterr().err == "history: pyarrow is not installed; run make setup\n"
    fails(KeyboardInterrupt())
    assert capsys.readouterr().err == "history: interrupted; give the same command again\n"
    fails(MySQLdb.OperationalError(2013, "Lost connection"))
    assert capsys.readouterr().err.startswith("history: ")


def test_the_commands_start_without_pyarrow() -> None:
    script = "import sys, include.history.commands; print('pyarrow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT_DIR, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_every_table_is_in_the_plan(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("write", "--first", str(date(2030, 1, 1)))
    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()[:-1]] == [
        table.name for table in TABLES
    ]
