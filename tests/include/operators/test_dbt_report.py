"""What a dbt task makes of what dbt found: kept by date, told in a sentence each, raised when it must stop the day."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import MySQLdb
import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from include.dbt.results_ledger import TABLE, warnings_of
from include.dbt.run_results import RunResultsError
from include.operators.dbt_report import report, report_passed
from include.warehouse.schema import ensure_platform_tables
from infra.local.database import Database

TARGET = date(2026, 3, 2)
MODEL = {"unique_id": "model.p.rooms", "name": "rooms", "resource_type": "model", "schema": "gold", "config": {}}
FOUND = "select contract_id, age, full_name from (select 1 as contract_id, 17 as age, 'A. Person' as full_name) as r"


def node(name: str, severity: str = "ERROR") -> dict[str, Any]:
    config = {"severity": severity, "warn_if": "!= 0", "error_if": "!= 0", "fail_calc": "count(*)"}
    return {
        "unique_id": f"test.p.{name}",
        "name": name,
        "resource_type": "test",
        "schema": "test_results",
        "attached_node": "model.p.rooms",
        "depends_on": {"nodes": ["model.p.rooms"]},
        "config": config,
    }


class Run:
    """The folder in which dbt ran, with what it left there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "target").mkdir()

    def left(self, **statuses: str) -> None:
        nodes = {MODEL["unique_id"]: MODEL} | {f"test.p.{name}": node(name) for name in statuses if name != "rooms"}
        results = [
            {
                "unique_id": "model.p.rooms" if name == "rooms" else f"test.p.{name}",
                "status": status,
                "failures": None if name == "rooms" else 1,
                "message": "Lock wait timeout exceeded" if status == "error" else "",
                "execution_time": 0.25,
                "compiled_code": FOUND,
            }
            for name, status in statuses.items()
        ]
        written = {
            "metadata": {"generated_at": "2026-03-01T22:10:00Z", "env": {"TARGET_DATE": TARGET.isoformat()}},
            "args": {},
            "elapsed_time": 1.0,
            "results": results,
        }
        (self.folder / "target" / "run_results.json").write_text(json.dumps(written))
        (self.folder / "target" / "manifest.json").write_text(json.dumps({"nodes": nodes, "sources": {}}))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


@pytest.fixture
def connection(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[MySQLdb.Connection]:
    """A server with the platform's tables, on which both logins work."""
    monkeypatch.setattr("include.operators.dbt_report.endpoint", lambda _conn_id: database.admin)
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        ensure_platform_tables(connection)
        cursor.execute(f"TRUNCATE {TABLE}")
        yield connection


def kept(connection: MySQLdb.Connection) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name, status FROM {TABLE} WHERE business_date = %s", (TARGET,))
        return dict(cursor.fetchall())


def test_a_good_run_is_kept_by_its_business_date_and_a_second_one_takes_its_place(
    run: Run, connection: MySQLdb.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    run.left(rooms="success", age_plausible="warn")
    with caplog.at_level(logging.WARNING):
        report(str(run.folder), context={})
    assert kept(connection) == {"rooms": "success", "age_plausible": "warn"}
    assert warnings_of(connection, TARGET) == ["Test age_plausible of gold.rooms warns: 1 row"]
    assert "Test age_plausible of gold.rooms warns: 1 row" in caplog.text
    run.left(rooms="success", age_plausible="pass")
    report(str(run.folder))
    assert kept(connection) == {"rooms": "success", "age_plausible": "pass"}
    assert warnings_of(connection, TARGET) == []


def test_a_failed_test_stops_the_day_at_once_and_says_which_rows_without_naming_people(
    run: Run, connection: MySQLdb.Connection
) -> None:
    run.left(rooms="success", age_plausible="fail")
    with pytest.raises(AirflowFailException) as caught:
        report(str(run.folder))
    assert str(caught.value).splitlines() == [
        "Test age_plausible of gold.rooms failed: 1 row",
        "  contract_id 1, age 17",
    ]
    assert kept(connection)["age_plausible"] == "fail"


def test_a_model_that_the_server_refused_is_tried_again(run: Run, connection: MySQLdb.Connection) -> None:
    run.left(rooms="error")
    with pytest.raises(AirflowException, match=r"gold.rooms could not be built: Lock wait timeout") as caught:
        report(str(run.folder))
    assert not isinstance(caught.value, AirflowFailException)
    assert kept(connection) == {"rooms": "error"}


def test_i21_a_dbt_that_left_nothing_is_never_taken_for_success(run: Run, connection: MySQLdb.Connection) -> None:
    with pytest.raises(RunResultsError, match="ended before its first node"):
        report(str(run.folder))
    assert kept(connection) == {}


def test_a_command_whose_failures_other_tasks_report_keeps_what_passed(
    run: Run, connection: MySQLdb.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    run.left(rooms="success", age_plausible="warn", floor_known="fail", rent_known="skipped", room_unique="error")
    with caplog.at_level(logging.WARNING):
        report_passed(str(run.folder), context={})
    assert kept(connection) == {"rooms": "success", "age_plausible": "warn"}
    assert "Test age_plausible of gold.rooms warns: 1 row" in caplog.text
    assert "floor_known" not in caplog.text


def test_such_a_command_that_left_nothing_is_a_failure_too(run: Run, connection: MySQLdb.Connection) -> None:
    with pytest.raises(RunResultsError, match="ended before its first node"):
        report_passed(str(run.folder))
    assert kept(connection) == {}
