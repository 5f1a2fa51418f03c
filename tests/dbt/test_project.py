"""The project as a whole: it builds with all its tests, repeats itself exactly, survives failures, finds faults."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import MySQLdb
import pytest
import yaml

from include.settings import Settings
from infra.local.database import Database
from tests.dbt.project import DBT_PYTHON, REPO, DbtProject

HERE = Path(__file__).resolve().parent
DAY_OF_LIFE = HERE / "occupancy_daily_metrics" / "a_day_of_life"


@pytest.fixture
def day(project: Any) -> Any:
    """The project with the sources of 2026-03-02, nothing built."""
    project.clear()
    for table in ("tenants", "movings"):
        project.fill(table, DAY_OF_LIFE / f"{table}.csv")
    project.execute("insert into staging.apartments (id) values (1)")
    project.execute("insert into staging.rooms (id) values (1), (2), (3), (4), (5), (6), (7)")
    return project


def checksums(project: Any) -> dict[str, Any]:
    kept = [
        f"{schema}.{name}"
        for name, schema in project.relations.items()
        if schema in ("silver", "gold_next", "reports", "seeds")
    ]
    return {
        name: project.execute(f"checksum table {name}")[0][1]
        for name in kept
        if not name.startswith("silver.stg_")  # views
    }


def test_build_passes_all_its_tests_and_the_same_date_twice_gives_the_same_bytes(day: Any) -> None:
    day.dbt("run", "2026-03-02")
    first = checksums(day)
    outcome = day.dbt("build", "2026-03-02")
    assert checksums(day) == first
    assert all(status in ("pass", "success") for status, _ in outcome["nodes"].values())
    assert day.execute("select count(*) from gold_next.new_contracts")[0][0] > 0


def test_gold_has_the_columns_and_types_of_its_contracts(project: Any) -> None:
    declared = {
        (node["name"], column["name"], column["data_type"].partition("(")[0].split()[0])
        for file in (REPO / "dbt" / "models" / "gold").rglob("*.yml")
        for node in yaml.safe_load(file.read_text())["models"]
        for column in node["columns"]
    }
    found = project.execute(
        "select table_name, column_name, data_type from information_schema.columns where table_schema = 'gold_next'"
    )
    assert {(table, column, kind.lower()) for table, column, kind in found} == declared


@pytest.mark.full
def test_a_query_with_other_columns_than_its_contract_is_refused(
    make_database: Callable[[], Database], tmp_path: Path
) -> None:
    folder = shutil.copytree(REPO / "dbt", tmp_path / "dbt", ignore=shutil.ignore_patterns("target", "logs"))
    model = folder / "models" / "gold" / "contracts" / "new_contracts.sql"
    model.write_text(model.read_text().replace("    room_number,\n", "    1 as profit,\n", 1))
    (tmp_path / "target").mkdir()
    with pytest.raises(AssertionError, match="has the columns profit that its YAML lacks, and lacks room_number"):
        DbtProject(make_database(), tmp_path / "target", folder)


def test_a_day_with_a_blank_in_every_key_column_is_green(day: Any) -> None:
    blank = "concat({0}, '　')"
    day.execute("update staging.apartments set full_address = concat('　', full_address)")
    day.execute(
        "insert into staging.apartments (id, unique_number, apartment_name, prefecture, municipality) "
        "values (2, 'Ｊ００００２　', 'TOKYO β 蒲田1　', '東京都　', '大田区　')"
    )
    day.execute("insert into staging.rooms (id, apartment_id, room_number) values (8, 2, '101　')")
    for column in ("nationality", "full_name", "affiliation", "personal_identity", "reason_moveout"):
        day.execute(f"update staging.tenants set {column} = {blank.format(column)} where id % 2 = 0")
    day.execute("update staging.movings set apartment_id = 2, room_id = 8 where id % 3 = 0")
    day.execute("insert into staging.inquiries (id, tenant_id) values (1, 1), (2, 2), (3, 3), (4, 4)")
    outcome = day.dbt("build", "2026-03-02", check=False)
    assert {node: verdict for node, verdict in outcome["nodes"].items() if verdict[0] not in ("pass", "success")} == {}
    named = "select distinct asset_id_hj, apartment_name, prefecture, municipality from gold_next.dim_property"
    assert sorted(day.execute(named)) == [
        (asset, "TOKYO β 蒲田1", "東京都", "大田区") for asset in ("J00001", "J00002")
    ]


def test_an_instant_on_an_impossible_day_does_not_stop_the_day(project: Any) -> None:
    # TIMESTAMP, the vendor's type today, holds no such day; DATETIME does
    tables = ("tenants", "movings", "inquiries", "rooms", "apartments")
    project.clear()
    with project.retyped({table: {"created_at": "datetime", "updated_at": "datetime"} for table in tables}):
        project.execute("set session sql_mode = 'ALLOW_INVALID_DATES'")
        for table in tables:
            project.execute(
                f"insert into staging.{table} (id, created_at, updated_at)"
                " values (1, '2026-02-31 10:00:00', '2026-02-31 10:00:00'), (2, '2026-03-01', '2026-03-01')"
            )
        readers = ["daily_activity_summary", "funnel_application_to_movein_segment_share", "new_contracts"]
        # nobody lives here, and the tables beside these are those of another test
        without = ["--exclude", "tenant_room_snapshot_daily", "--indirect-selection", "cautious"]
        select = ["--select", *(f"+{model}" for model in readers), *without]
        nodes = project.dbt("build", "2026-03-02", *select)["nodes"]
        assert nodes["not_null_stg_inquiries_inquiry_date"][0] == "warn"
        assert project.execute(
            "select registrations_count from gold_next.daily_activity_summary order by 1 desc limit 1"
        )


def test_without_a_business_date_the_error_says_what_to_add(day: Any) -> None:
    outcome = day.dbt("run", None, "--select", "new_contracts", check=False)
    assert not outcome["success"]
    assert "--vars '{target_date: 2026-03-02}'" in outcome["nodes"]["new_contracts"][1]


RATED = ["--select", "occupancy_daily_metrics", "kpi_month_end_metrics", "occupancy_kpi_meta"]
RATES = """
select
    daily.period_end_rooms / daily.occupancy_rate,
    kpi.occupancy_room_count_eod / kpi.occupancy_rate,
    kpi.total_physical_rooms,
    meta.total_physical_rooms
from gold_next.occupancy_daily_metrics as daily
inner join gold_next.kpi_month_end_metrics as kpi
cross join gold_next.occupancy_kpi_meta as meta
where not daily.is_projection and daily.snapshot_date = '2026-03-02'
"""


def test_rates_are_of_the_rooms_that_the_environment_sets_and_dbt_parses_once(day: Any, tmp_path: Path) -> None:
    day.dbt("run", "2026-03-02")
    environment = day.environment | {"DBT_TARGET_PATH": str(tmp_path), "DBT_LOG_PATH": str(tmp_path)}
    environment["DBT_LOG_LEVEL"] = "debug"
    for rooms, unchanged in (("5", False), ("10", True)):
        settings = replace(Settings.from_environment({}), portfolio_rooms=int(rooms))
        done = subprocess.run(
            [DBT_PYTHON.with_name("dbt"), "build", "--indirect-selection", "cautious", *RATED],
            env=environment | settings.dbt_environment("2026-03-02"),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert ("0 files deleted, 0 files added, 0 files changed" in done.stdout) is unchanged
        assert [[int(value) for value in row] for row in day.execute(RATES)] == [[int(rooms)] * 4]


@pytest.mark.parametrize("rooms", [0, -1, 322.5, "many", "3 or 1"])
def test_a_portfolio_without_a_number_of_rooms_is_refused(day: Any, rooms: Any) -> None:
    select = ["--select", "occupancy_kpi_meta"]
    outcome = day.dbt("run", "2026-03-02", *select, variables={"portfolio_rooms": rooms}, check=False)
    assert not outcome["success"]
    told = (
        f"The rooms of the portfolio must be a whole number from 1, not '{rooms}'; correct AIRFLOW__GGHOUSE__PORTFOLIO"
    )
    assert told in outcome["nodes"]["occupancy_kpi_meta"][1]


def test_without_a_setting_the_rooms_are_the_constant_of_the_project(day: Any) -> None:
    constant = yaml.safe_load((REPO / "dbt" / "dbt_project.yml").read_text())["vars"]["total_physical_rooms"]
    for given in ({}, {"portfolio_rooms": ""}):
        day.dbt("run", "2026-03-02", "--select", "occupancy_kpi_meta", variables=given)
        assert day.execute("select total_physical_rooms from gold_next.occupancy_kpi_meta") == [(constant,)]


def test_a_word_among_the_dates_of_history_is_refused(day: Any) -> None:
    select = ["--select", "room_departures_daily"]
    outcome = day.dbt("run", "2026-03-02", *select, variables={"rooms_from_history": ["today"]}, check=False)
    assert "rooms_from_history holds 'today', which is no date" in outcome["nodes"]["room_departures_daily"][1]


def test_a_partition_that_cannot_be_written_stays_as_it_was(day: Any) -> None:
    snapshot = "silver.tenant_room_snapshot_daily"
    select = ["--select", "tenant_room_snapshot_daily"]
    day.dbt("run", "2026-03-02", *select)
    before = day.execute(f"select * from {snapshot}")
    day.execute("update staging.tenants set status = 14")
    day.execute(f"alter table {snapshot} add constraint nobody_leaves check (tenant_status_code <> 14)")
    try:
        outcome = day.dbt("run", "2026-03-02", *select, check=False)
        assert outcome["nodes"]["tenant_room_snapshot_daily"][0] == "error"
        assert day.execute(f"select * from {snapshot}") == before
    finally:
        day.execute(f"alter table {snapshot} drop constraint nobody_leaves")
    day.dbt("run", "2026-03-02", *select)
    assert {row[0] for row in day.execute(f"select distinct tenant_status_code from {snapshot}")} == {14}


def test_full_refresh_keeps_the_dates_that_cannot_be_made_again(day: Any) -> None:
    select = ["--select", "tenant_room_snapshot_daily"]
    day.dbt("run", "2026-03-01", *select)
    day.dbt("run", "2026-03-02", "--full-refresh", *select)
    found = day.execute("select distinct cast(snapshot_date as char) from silver.tenant_room_snapshot_daily order by 1")
    assert found == [("2026-03-01",), ("2026-03-02",)]


def test_a_column_that_the_table_lacks_is_added(day: Any) -> None:
    day.execute("alter table silver.tenant_room_snapshot_daily drop column monthly_rent")
    day.dbt("run", "2026-03-02", "--select", "tenant_room_snapshot_daily")
    assert day.execute("select distinct monthly_rent from silver.tenant_room_snapshot_daily where tenant_id = 1")


def test_an_added_column_is_unknown_on_the_dates_before(day: Any) -> None:
    snapshot, select = "silver.tenant_room_snapshot_daily", ["--select", "tenant_room_snapshot_daily"]
    day.dbt("run", "2026-03-01", *select)
    day.execute(f"alter table {snapshot} drop column is_renewal")  # NOT NULL in the project
    try:
        day.dbt("run", "2026-03-02", *select)
        found = day.execute(f"select day(snapshot_date), max(is_renewal) from {snapshot} group by 1 order by 1")
        assert found == [(1, None), (2, 1)]
    finally:
        day.execute(f"truncate table {snapshot}")
        day.execute(f"alter table {snapshot} modify column is_renewal int not null")


def test_a_column_that_the_project_lacks_takes_no_value(day: Any) -> None:
    snapshot, select = "silver.tenant_room_snapshot_daily", ["--select", "tenant_room_snapshot_daily"]
    day.dbt("run", "2026-03-01", *select)
    day.execute(f"alter table {snapshot} add column rooms_of_old int not null")
    try:
        day.execute(f"update {snapshot} set rooms_of_old = 7")
        for date in ("2026-03-02", "2026-03-03"):  # also once the column takes no value
            day.dbt("run", date, *select)
        found = day.execute(f"select day(snapshot_date), max(rooms_of_old) from {snapshot} group by 1 order by 1")
        assert found == [(1, 7), (2, None), (3, None)]
    finally:
        day.execute(f"alter table {snapshot} drop column rooms_of_old")


def test_a_table_made_from_partitions_is_made_again_on_all_dates_when_it_gains_a_column(day: Any) -> None:
    counted = "select * from silver.building_occupancy_daily order by snapshot_date, apartment_id"
    select = ["--select", "tenant_room_snapshot_daily", "room_departures_daily", "building_occupancy_daily"]
    day.dbt("run", "2026-03-01", *select)
    day.dbt("run", "2026-03-02", *select)
    before = day.execute(counted)
    assert len({row[0] for row in before}) == 2
    # as an earlier release left it: one figure by another name, and without the newest
    day.execute(
        "alter table silver.building_occupancy_daily drop column late_status_rooms, "
        "change column rooms_at_0000 primary_rooms_at_0000 int not null"
    )
    try:
        day.dbt("run", "2026-03-02", *select)
        names = "snapshot_date, apartment_id, rooms_at_0000, late_status_rooms"
        again = day.execute(f"select {names} from silver.building_occupancy_daily order by 1, 2")
        assert again == [(row[0], row[1], row[3], row[-1]) for row in before]
    finally:
        day.execute("drop table silver.building_occupancy_daily")
        day.dbt("run", "2026-03-02", *select)
    day.execute("update silver.building_occupancy_daily set primary_rooms = 99")
    day.dbt("run", "2026-03-02", "--full-refresh", "--select", "building_occupancy_daily")
    assert day.execute(counted) == before


VENDORS_COLLATIONS = (
    "utf8mb4_0900_ai_ci",  # MySQL 8's default, which tables have there unless told otherwise; MariaDB does not know it
    "utf8mb4_general_ci",
    "utf8mb3_general_ci",  # twelve of the vendor's tables
)


def test_i25_the_vendors_collations_mix_with_ours(day: Any) -> None:
    day.dbt("run", "2026-03-02")
    before = checksums(day)
    known = {name for (name,) in day.execute("select collation_name from information_schema.collations")}
    collations = [name for name in VENDORS_COLLATIONS if name in known]
    tables = sorted(name for name, schema in day.relations.items() if schema == "staging")
    try:
        for number, table in enumerate(tables):
            collation = collations[number % len(collations)]
            charset = collation.partition("_")[0]
            day.execute(f"alter table staging.{table} convert to character set {charset} collate {collation}")
        day.dbt("build", "2026-03-02")
        assert checksums(day) == before
    finally:
        for table in tables:
            day.execute(f"alter table staging.{table} convert to character set utf8mb4 collate utf8mb4_unicode_ci")


def test_dbt_logs_in_with_a_password_that_the_server_sees_for_the_first_time(day: Any) -> None:
    # MySQL's caching_sha2_password takes the long way at the first login of a user, and only then
    day.execute("create user newcomer@localhost identified by %s", ["it's a \\ #1 wörd"])
    try:
        done = subprocess.run(
            [DBT_PYTHON.with_name("dbt"), "debug", "--connection"],
            env=day.environment | {"DBT_USER": "newcomer", "DBT_ENV_SECRET_PASSWORD": "it's a \\ #1 wörd"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
    finally:
        day.execute("drop user newcomer@localhost")


def test_i10_leftover_of_a_killed_run_does_not_block_the_next(day: Any) -> None:
    day.execute("create table gold_next.new_contracts__dbt_tmp (id int)")
    day.execute("create table gold_next.new_contracts__dbt_backup (id int)")
    day.dbt("run", "2026-03-02", "--select", "new_contracts")
    assert not day.execute("show tables in gold_next like 'new_contracts\\_\\_dbt%%'")


FRESH = {  # newest change in UTC, and what is said at 09:00 JST of 2 March, which is midnight there
    "2026-03-01 20:30:00": "pass",  # the night's dump
    "2026-03-01 00:00:00": "pass",
    "2026-02-28 23:59:59": "warn",
    "2026-02-28 00:00:00": "warn",
    "2026-02-27 23:59:59": "error",
}


@pytest.mark.parametrize("changed", FRESH)
def test_a_source_is_late_after_one_day_and_too_late_after_two(day: Any, changed: str) -> None:
    day.execute("update staging.movings set updated_at = %s", [changed])
    # the vendor's clock may be wrong
    day.execute("update staging.movings set updated_at = '2037-01-01' order by id desc limit 1")
    nodes = day.dbt("source freshness", "2026-03-02", "--select", "source:staging.movings", check=False)["nodes"]
    assert nodes["movings"][0] == FRESH[changed]


def test_freshness_is_the_same_on_a_server_with_another_clock(day: Any) -> None:
    changed = "2026-02-28 23:59:59"
    day.execute("set session time_zone = '+00:00'")
    day.execute("update staging.movings set updated_at = %s", [changed])
    day.execute("set global time_zone = '+09:00'")
    try:
        nodes = day.dbt("source freshness", "2026-03-02", "--select", "source:staging.movings", check=False)["nodes"]
        assert nodes["movings"][0] == FRESH[changed]
    finally:
        day.execute("set global time_zone = '+00:00'")


@pytest.mark.parametrize(
    ("newest", "verdict"), [("2026-03-02", "pass"), ("2026-03-01", "warn"), ("2026-02-28", "error")]
)
def test_a_date_is_a_day_in_tokyo(day: Any, newest: str, verdict: str) -> None:
    day.execute(
        "insert into history.tenant_daily_snapshots (tenant_id, status, snapshot_date) values (1, 9, %s)", [newest]
    )
    nodes = day.dbt("source freshness", "2026-03-02", "--select", "source:history", check=False)["nodes"]
    assert nodes["tenant_daily_snapshots"][0] == verdict


def test_i31_dead_feeds_are_never_late(day: Any) -> None:
    nodes = day.dbt("source freshness", "2026-03-02", check=False)["nodes"]
    assert set(nodes) == {"movings", "tenants", "apartments", "rooms", "tenant_daily_snapshots"}


def test_shares_of_bad_rents_are_a_warning_and_then_a_failure(day: Any) -> None:
    day.dbt("run", "2026-03-02", "--select", "+new_contracts")
    ((contracts,),) = day.execute("select count(*) from gold_next.new_contracts")
    tests = ["new_contracts_rent_mostly_positive", "new_contracts_rent_not_lost"]
    assert contracts >= 5
    verdicts = []
    for bad in (0, 1, contracts // 4 + 1):
        day.execute(f"update gold_next.new_contracts set monthly_rent = 0 limit {bad}")
        nodes = day.dbt("test", "2026-03-02", "--select", *tests, check=False)["nodes"]
        verdicts.append([nodes[name][0] for name in tests])
    assert verdicts == [["pass", "pass"], ["warn", "pass"], ["warn", "fail"]]


def test_a_second_row_of_the_same_key_is_refused(day: Any) -> None:
    day.dbt("run", "2026-03-02", "--select", "tenant_room_snapshot_daily")
    with pytest.raises(MySQLdb.IntegrityError):
        day.execute("insert into silver.tenant_room_snapshot_daily select * from silver.tenant_room_snapshot_daily")


def test_a_column_that_the_table_of_a_seed_lacks_is_added(project: Any) -> None:
    project.execute("alter table seeds.code_tenant_status drop column label_ui")
    project.dbt("seed")
    assert project.execute("select label_ui from seeds.code_tenant_status where code = 9") == [("入居中",)]
    assert project.execute("show keys from seeds.code_tenant_status where key_name = 'PRIMARY'")
