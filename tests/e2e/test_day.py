"""Whole days through the real scheduler, triggerer and API server, from the vendor's dump to the figures."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from include.schedule import DAILY
from include.warehouse.publications import quicksight_layer
from infra.local import airflow_home
from infra.local.airflow_api import AirflowApi
from infra.local.airflow_home import ui_url
from infra.local.aws import account, bedrock
from infra.local.aws.inbox import read_inbox
from infra.local.aws.quicksight import GOLD_TABLES
from infra.local.day import Follower
from infra.local.state import State
from tests.e2e.platform import Platform
from tests.personal_names import Search, names, of_bucket, of_files, of_mails, of_tables

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform(State(tmp_path_factory.mktemp("e2e") / "local", {}))
    yield platform
    platform.command("down")


@pytest.fixture(scope="module")
def page(platform: Platform) -> str:
    """What `make run` printed about the first day."""
    return platform.run("--date", "2026-03-02")


def test_a_day(platform, page):
    assert "Business date 2026-03-02: success" in page
    first = platform.checksums()
    assert len([name for name in first if name.startswith("staging.")]) == 81
    for data_set, table in GOLD_TABLES.items():
        rows = int(first[f"gold.{table}"].split()[0])
        assert rows > 0
        assert re.search(rf"{data_set} +{rows:,}  COMPLETED", page)
    assert "期末稼働室数" in page
    assert re.search(r"稼働率 +occupancy_rate +0\.[67]", page)
    assert platform.command("inbox").stdout.startswith("0 mails")
    for report in ("corrections", "flash", "rent_roll"):
        assert f"report_{report} success" in page
    s3 = account.client(account.endpoint_url(platform.state), "s3")
    assert s3.head_object(Bucket=account.BUCKET, Key="processed/gghouse_20260302.sql")["ContentLength"] > 10_000_000
    corrections = s3.get_object(Bucket=account.BUCKET, Key="reports/corrections/2026-03-02/corrections.csv")["Body"]
    assert len(corrections.read().splitlines()) - 1 == int(first["silver.correction_entries_daily"].split()[0]) > 0
    events = AirflowApi(ui_url(platform.state))._call("GET", "/assets/events")["asset_events"]
    assert sorted((event["name"], event["extra"]["business_date"]) for event in events) == sorted(
        (name, "2026-03-02")
        for name in (f"s3://{account.BUCKET}/dumps", "staging", "gold", *map(quicksight_layer, GOLD_TABLES))
    )


def names_found(platform: Platform) -> dict[str, set[str]]:
    """Names of tenants whose nationality is guessed, by where they are that should not be."""
    url = account.endpoint_url(platform.state)
    logs = ((name, text) for name, text in of_files(platform.state.logs))
    with (
        platform.database() as connection,
        contextlib.closing(sqlite3.connect(airflow_home.home(platform.state) / "airflow.db")) as airflow,
    ):
        wanted = names(connection)
        assert len(wanted) > 40
        # every row that Airflow keeps: XCom, rendered templates, the log of events
        kept = (("Airflow's database", line) for line in airflow.iterdump())
        ops = of_tables(connection, "ops", but=frozenset({"rejected_rows"}))  # it keeps rows as the dump writes them
        bucket = of_bucket(account.client(url, "s3"), account.BUCKET)
        return Search(wanted).among([*logs, *kept, *ops, *bucket, *of_mails(read_inbox(url))])


@pytest.mark.usefixtures("page")
def test_nationalities_are_guessed_and_no_name_is_repeated(platform):
    api = AirflowApi(ui_url(platform.state))
    states = {task.task_id: task for task in api.task_instances(DAILY, api.last_run(DAILY))}
    assert states["enrich"].state == states["enrich_ended"].state == "success"
    guessed = dict(platform.query("SELECT source, COUNT(*) FROM ops.nationality_predictions GROUP BY source"))
    assert guessed["name_model"] > 0
    assert "llm" not in guessed
    assert names_found(platform) == {}


@pytest.mark.usefixtures("page")
def test_the_flash_report_of_any_date_by_command_and_no_tenant_list_without_a_reason(platform):
    assert platform.command("report", "flash", "--as-of", "2026-03-02").returncode == 0
    assert platform.command("report", "tenants").returncode == 2
    asked = platform.command("report", "tenants", "--reason", "a test")
    assert "reports/tenants/2026-03-02/tenants.xlsx" in asked.stdout
    assert ("tenants", "a test") in [
        (name, json.loads(requested).get("reason"))
        for name, requested in platform.query("SELECT name, requested FROM ops.reports WHERE finished_at IS NOT NULL")
    ]


TAMPERED = "snapshot_date = '2026-03-02' ORDER BY apartment_id LIMIT 1"
"""A row of a table that the run of the next day reads and does not make anew."""


@pytest.mark.full
@pytest.mark.usefixtures("page")
def test_the_next_day_shows_readers_nothing_until_it_is_mended(platform):
    first = platform.checksums()

    # The next day, without being told which. A row of silver is wrong, so a test of gold fails.
    ((apartment, rooms),) = platform.query(
        f"SELECT apartment_id, primary_rooms FROM silver.building_occupancy_daily WHERE {TAMPERED}"
    )
    change = (
        "UPDATE silver.building_occupancy_daily SET primary_rooms = {}, "
        "late_status_rooms = primary_rooms - rooms_at_0000 - same_day_moveins + new_moveouts "
        f"WHERE snapshot_date = '2026-03-02' AND apartment_id = {apartment}"
    )
    platform.query(change.format(99_999))
    assert platform.command("run").returncode == 1

    # Gold is what it was, QuickSight was not called, and one mail says what is wrong, with the row.
    second = platform.checksums()
    gold = {name: rows for name, rows in first.items() if name.startswith("gold.")}
    assert {name: second[name] for name in gold} == gold
    assert {name for name in first if first[name] != second[name]} >= {"staging.tenants", "silver.int_contracts"}
    api = AirflowApi(ui_url(platform.state))
    run_id = api.last_run(DAILY)
    states = {task.task_id: task.state for task in api.task_instances(DAILY, run_id)}
    assert states["gold.occupancy_daily_metrics"] == "failed"
    assert states["publish_gold"] == states["refresh_quicksight"] == "upstream_failed"
    inbox = platform.command("inbox").stdout
    assert "Test occupancy_rate_in_range of gold.occupancy_daily_metrics failed: 1 row" in inbox
    assert "snapshot_date 2026-03-02" in inbox
    assert "2026-03-03 dbt failed: occupancy_rate_in_range" in inbox

    # The operator mends that row and clears what failed with all that comes after.
    platform.query(change.format(rooms))
    failed = [name for name, state in states.items() if state == "failed"]
    clear = {"dry_run": False, "dag_run_id": run_id, "task_ids": failed, "include_downstream": True}
    api._call("POST", f"/dags/{DAILY}/clearTaskInstances", clear | {"only_failed": False, "reset_dag_runs": True})
    assert Follower(platform.state, api, run_id, print).follow() == "success"
    dates = {day.isoformat() for (day,) in platform.query("SELECT snapshot_date FROM gold.occupancy_daily_metrics")}
    assert dates >= {"2026-03-02", "2026-03-03"}
    assert (
        platform.query("SELECT MAX(snapshot_date) FROM history.tenant_daily_snapshots")[0][0].isoformat()
        == "2026-03-03"
    )

    # Both dumps are archived, and people know that it is over.
    s3 = account.client(account.endpoint_url(platform.state), "s3")
    keys = {item["Key"] for item in s3.list_objects_v2(Bucket=account.BUCKET, MaxKeys=1000)["Contents"]}
    assert {"processed/gghouse_20260302.sql", "processed/gghouse_20260303.sql"} <= keys
    assert "resolved" in platform.command("inbox").stdout


@pytest.mark.full
def test_a_second_start_finds_its_data_and_a_failed_run_changes_none_of_it(platform):
    assert "Running already" in platform.command("up").stdout
    before = platform.checksums()
    platform.command("down")
    done = platform.command("run", "--date", "2026-03-03", MINIMUM_DUMP_BYTES="999999999")
    assert done.returncode == 1
    assert "wait_for_dump failed" in done.stdout
    assert "gghouse_20260303.sql has" in done.stdout
    assert re.search(r"log: \S+attempt=1\.log", done.stdout)
    assert "2026-03-03 dump rejected" in platform.command("inbox").stdout
    assert platform.checksums() == before
    s3 = account.client(account.endpoint_url(platform.state), "s3")
    assert s3.head_object(Bucket=account.BUCKET, Key="processed/gghouse_20260302.sql")["ContentLength"] > 10_000_000


@pytest.mark.full
def test_a_day_whose_language_model_is_retired_is_green_with_one_warning(platform):
    platform.command("down")
    before = platform.command("inbox").stdout.count("nationality not guessed")
    (platform.state.directory / bedrock.FAULT_FILE).write_text("retired")
    assert "2026-03-04: success" in platform.run("--date", "2026-03-04", NATIONALITY_MODEL=sorted(bedrock.MODELS)[0])
    mails = platform.command("inbox").stdout
    assert mails.count("2026-03-04 warning: nationality not guessed: language model") == before + 1
    assert platform.query("SELECT 1 FROM ops.nationality_predictions WHERE source = 'llm'") == []
    assert names_found(platform) == {}


def test_down_leaves_nothing_running(platform):
    assert platform.command("down").stdout.startswith("Stopped")
    mark = str(platform.state.directory)
    left = []
    for process in psutil.process_iter(["cmdline"]):
        with contextlib.suppress(psutil.Error, OSError):
            variables = Path(f"/proc/{process.pid}/environ").read_text(errors="replace")
            if process.pid != os.getpid() and (mark in variables or mark in " ".join(process.info["cmdline"] or [])):
                left.append(process.info["cmdline"])
    assert left == []
