"""The project as a whole: it builds with all its tests, repeats itself exactly, survives failures, finds faults."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import MySQLdb
import pytest

from tests.dbt.project import DBT_PYTHON

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
        f"{schema}.{name}" for name, schema in project.relations.items() if schema in ("silver", "gold_next", "seeds")
    ]
    return {
        name: project.execute(f"checksum table {name}")[0][1]
        for name in kept
        if not name.startswith("silver.stg_")  # views
    }


def test_build_passes_all_its_tests_and_the_same_date_twice_gives_the_same_bytes(day: Any) -> None:
    day.dbt("build", "2026-03-02")
    first = checksums(day)
    outcome = day.dbt("build", "2026-03-02")
    assert checksums(day) == first
    assert all(status in ("pass", "success") for status, _ in outcome["nodes"].values())
    assert day.execute("select count(*) from gold_next.new_contracts")[0][0] > 0


def test_without_a_business_date_the_error_says_what_to_add(day: Any) -> None:
    outcome = day.dbt("run", None, "--select", "new_contracts", check=False)
    assert not outcome["success"]
    assert "--vars '{target_date: 2026-03-02}'" in outcome["nodes"]["new_contracts"][1]


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


VENDORS_COLLATIONS = (
    "utf8mb4_0900_ai_ci",  # MySQL 8's default, which tables have there unless told otherwise; MariaDB does not know it
    "utf8mb4_general_ci",
    "utf8mb3_general_ci",  # twelve of the vendor's tables
)


def test_i25_the_vendors_collations_mix_with_ours(day: Any) -> None:
    day.dbt("build", "2026-03-02")
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


FAULTS = {
    "tenant_room_snapshot_daily_one_primary_per_room": (
        "update silver.tenant_room_snapshot_daily set room_id = 1, is_room_primary = 1"
    ),
    "tenant_room_snapshot_daily_primary_is_present": (
        "update silver.tenant_room_snapshot_daily set is_room_primary = 1 where tenant_status_code = 5"
    ),
    "occupancy_identity": "update gold_next.occupancy_daily_metrics set period_start_rooms = 1, unexplained_delta = 0",
    "occupancy_rate_matches_rooms": "update gold_next.occupancy_daily_metrics set occupancy_rate = 0.5",
    "occupancy_delta_is_in_less_out": "update gold_next.occupancy_daily_metrics set new_moveins = new_moveins + 1",
    "new_contracts_age_plausible": "update gold_next.new_contracts set age = 17",
    "unique_combination_int_contracts_tenant_id__apartment_id__room_id": (
        "update silver.int_contracts set tenant_id = 1, room_id = 1"
    ),
    "relationships_int_contracts_tenant_status_code__code__ref_code_tenant_status_": (
        "update silver.int_contracts set tenant_status_code = 99"
    ),
}


def test_every_fault_fails_its_test(day: Any) -> None:
    day.dbt("run", "2026-03-02", "--exclude", "config.materialized:view")
    for fault in FAULTS.values():
        day.execute(fault)
    outcome = day.dbt("test", "2026-03-02", "--select", *FAULTS, check=False)
    assert {name: status for name, (status, _) in outcome["nodes"].items()} == dict.fromkeys(FAULTS, "fail")


def test_a_second_row_of_the_same_key_is_refused(day: Any) -> None:
    day.dbt("run", "2026-03-02", "--select", "tenant_room_snapshot_daily")
    with pytest.raises(MySQLdb.IntegrityError):
        day.execute("insert into silver.tenant_room_snapshot_daily select * from silver.tenant_room_snapshot_daily")
