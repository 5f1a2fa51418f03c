"""Every test of the dbt project can fail, and fails for its own fault (I-21).

The small simulated source is built once. Then, for every dbt test, one fault is put into the table that it is about:
made from the test's own definition where that says what would be wrong (a NULL, a second row of a key, an unknown code,
a false expression), written down in `BY_HAND` otherwise. Of several the one is taken that fails the fewest other tests.
The test must fail, and no test of a column that the fault does not touch. Tables are replaced by copies without keys
meanwhile, because most of them would refuse the fault.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import MySQLdb
import pytest

from infra.local.database import Database
from tests.dbt.project import DbtProject
from tests.dbt.test_synthetic_source import DATES, load_days

pytestmark = pytest.mark.full

TODAY = str(DATES[-1])

# Test: the table into which the fault is put, and the fault.
BY_HAND = {
    "activity_agrees_with_events": (
        "gold_next.daily_activity_summary",
        "update gold_next.daily_activity_summary set confirmed_moveouts_count = confirmed_moveouts_count + 1, "
        "net_occupancy_delta = net_occupancy_delta - 1 where not is_planned limit 1",
    ),
    "applications_agree": (
        "gold_next.daily_activity_summary",
        "update gold_next.daily_activity_summary set applications_count = applications_count + 1 "
        "where activity_date = as_of_date limit 1",
    ),
    "business_calendar_bridge_day_is_no_gap": (
        "silver.business_calendar",
        "update silver.business_calendar set is_gap = 1, reason = 'no dump', is_bridge_day = 1 limit 1",
    ),
    "daily_activity_adds_up": (
        "gold_next.daily_activity_summary",
        "update gold_next.daily_activity_summary set contracts_signed_count = contracts_signed_count + 1 limit 1",
    ),
    "flash_report_agrees_with_gold": (
        "silver.flash_report_rooms_daily",
        "update silver.flash_report_rooms_daily set is_in_gold = 1 - is_in_gold "
        "where metric = 'moveins_completed' and snapshot_date = date '2026-03-02' limit 1",
    ),
    "flash_report_rooms_daily_differences_are_explained": (
        "silver.flash_report_rooms_daily",
        "update silver.flash_report_rooms_daily set difference_class = 'unexplained' "
        "where snapshot_date = date '2026-03-02' limit 1",
    ),
    "funnel_conversion_bounds": (
        "gold_next.funnel_application_to_movein_daily",
        "update gold_next.funnel_application_to_movein_daily "
        "set inquiry_to_movein_rate = 1 - inquiry_to_movein_rate limit 1",
    ),
    "funnel_segment_dimensions": (
        "gold_next.funnel_application_to_movein_daily",
        "update gold_next.funnel_application_to_movein_daily set municipality = '　 ' limit 1",
    ),
    "occupancy_chain": (
        "gold_next.occupancy_daily_metrics",
        "update gold_next.occupancy_daily_metrics set period_end_rooms = period_end_rooms + 1 where not is_projection",
    ),
    "occupancy_dates_complete": (
        "gold_next.occupancy_daily_metrics",
        "delete from gold_next.occupancy_daily_metrics where is_projection limit 1",
    ),
    "property_rollup": (
        "gold_next.occupancy_property_daily",
        "update gold_next.occupancy_property_daily set occupied_rooms = occupied_rooms + 1 "
        "order by snapshot_date desc limit 1",
    ),
    "stg_apartments_municipality_is_on_the_list": (
        "silver.stg_apartments",
        "update silver.stg_apartments set municipality = '?' where municipality_data_source = 'address' limit 1",
    ),
    "stg_apartments_municipality_overrides_are_needed": (
        "silver.stg_apartments",
        "update silver.stg_apartments set municipality_data_source = 'override' "
        "where municipality = recorded_municipality limit 1",
    ),
    "stg_tenants_personal_identity_has_a_label": (
        "silver.stg_tenants",
        "update silver.stg_tenants set personal_identity_raw = '99', personal_identity_en = 'Unknown (99)' limit 1",
    ),
    "tenant_applications_count_on_no_gap": (
        "silver.business_calendar",
        "insert into silver.business_calendar (business_date, is_gap, is_bridge_day, dump_status, reason) "
        "select application_date, 1, 0, 'invalid_or_missing', 'no dump' from silver.tenant_applications limit 1",
    ),
    "same_day_policy": (
        "gold_next.kpi_month_end_metrics",
        "delete from gold_next.kpi_month_end_metrics limit 1",
    ),
}


ROWS = {
    "seeds.municipality_overrides": "apartment_id = 1, municipality = '墨田区', reason = 'drill'",
    "ops.nationality_predictions": "name_hash = 'x', source = 'llm', model_version = '1', nationality = 'ネパール', "
    "confidence = 0.95, first_business_date = '2025-12-31', predicted_at = '2025-12-31'",
    "ops.nationality_evaluation": "evaluated_on = '2025-12-31', source = 'llm', model_version = '1', part = 'all', "
    "value = '', asked = 200, answered = 150, correct = 145, is_used = 1",
    "ops.property_geo_latlon_backup": "apartment_id = 1, latitude = 35.5, longitude = 139.7",
    "ops.date_overrides": "business_date = '2025-12-31', is_gap = 1, reason = 'drill', declared_by = 'test', "
    "declared_at = '2026-03-01'",
    "ops.rent_roll_runs": "run_id = 'x', period = '202602', as_of = '2026-02-28', file_key = 'x', etag = 'x', "
    "sha256 = 'x', file_rows = 1, period_rows = 1, active_rooms = 1, pms_rooms = 1, matched_rooms = 1, "
    "unexplained_rooms = 0, verdict = 'fine', requested_by = 'test', made_at = '2026-03-01'",
}
"""What the platform itself would have written."""
VARIABLES = {"tenant_room_info_min_rows": 1}
A_MONTH_EARLIER = "2026-01-31"
"""Thirty days before the newest date, so that there is an old outlook to judge."""
PARTITIONS = ("tenant_room_snapshot_daily", "room_departures_daily", "building_occupancy_daily")
CODES = {"tinyint": "120", "smallint": "30000"}
OF_ONE_COLUMN = {"not_null", "unique", "accepted_values", "relationships"}


@dataclass(frozen=True)
class Rule:
    """One dbt test, as the manifest has it.

    Attributes:
        name: dbt's name.
        kind: name of the generic test, or `singular`.
        table: the table it is about, where it is built.
        arguments: of a generic test.
        where: its filter, with the business date filled in.
        severity: `error` or `warn`.
        judged_by: SQL expression over the rows that it finds.
        too_many: which values of it are a warning or a failure.
        sql: the query that finds the rows.
        compares: whether it looks at other tables, too.
    """

    name: str
    kind: str
    table: str
    arguments: dict[str, Any]
    where: str
    severity: str
    judged_by: str
    too_many: str
    sql: str
    compares: bool

    @property
    def column(self) -> str | None:
        return self.arguments.get("column_name")


class Platform:
    """The project, built on simulated days, and its tests."""

    def __init__(self, dbt: DbtProject, target: Path) -> None:
        self.dbt = dbt
        dbt.dbt("test", TODAY, variables=VARIABLES)
        manifest = json.loads((target / "manifest.json").read_text())
        sql = {
            entry["unique_id"]: entry["compiled_code"]
            for entry in json.loads((target / "run_results.json").read_text())["results"]
        }
        known = {**manifest["nodes"], **manifest["sources"]}
        tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
        self.tests = {node["name"]: self._tested(node, known, sql[node["unique_id"]]) for node in tests}
        assert len(self.tests) == len(tests), "two tests have one name"
        self.by_table: dict[str, list[Rule]] = defaultdict(list)
        for test in self.tests.values():
            self.by_table[test.table].append(test)

    def _tested(self, node: dict[str, Any], known: dict[str, Any], sql: str) -> Rule:
        metadata = node.get("test_metadata") or {"name": "singular", "kwargs": {}}
        source = re.search(r"source\('(\w+)', *'(\w+)'\)", metadata["kwargs"].get("model", ""))
        if source:
            table = f"{source[1]}.{source[2]}"
        else:
            about = known[node.get("attached_node") or node["depends_on"]["nodes"][0]]
            schema = "gold_next" if about["schema"] == "gold" else about["schema"]
            table = BY_HAND.get(node["name"], (f"{schema}.{about['name']}", ""))[0]
        config = node["config"]
        return Rule(
            name=node["name"],
            kind=metadata["name"],
            table=table,
            arguments=metadata["kwargs"],
            where=(config["where"] or "true").replace("__target_date__", f"date '{TODAY}'"),
            severity=config["severity"].lower(),
            judged_by=config["fail_calc"],
            too_many=config["error_if" if config["severity"].lower() == "error" else "warn_if"],
            sql=sql,
            compares=len([name for name in node["depends_on"]["nodes"] if not name.startswith("seed.")]) > 1,
        )

    def fails(self, test: Rule) -> bool:
        """Whether dbt would find this test failed, or a warning; dbt itself is asked later, once for each fault."""
        with suppress(MySQLdb.DataError):  # nonsense that an expression cannot be computed with is no fault
            ((value,),) = self.dbt.execute(f"select ({test.judged_by}) {test.too_many} from ({test.sql}) as found")
            return bool(value)
        return False

    def unguard(self, table: str) -> None:
        """Put a copy that takes any row in the place of a table or view: no key is unique, every column may be NULL."""
        schema, name = table.split(".")
        ((kind,),) = self.dbt.execute(
            "select table_type from information_schema.tables where table_schema = %s and table_name = %s",
            [schema, name],
        )
        copy = f"kept.`{table}`"
        self.dbt.execute(f"create table {copy} {f'as select * from {table}' if kind == 'VIEW' else f'like {table}'}")
        changes = [f"modify `{column}` {type_} null" for column, type_ in self.columns(f"kept.{table}").items()]
        for index, columns in self.dbt.execute(
            "select index_name, group_concat(column_name order by seq_in_index) from information_schema.statistics "
            "where table_schema = 'kept' and table_name = %s and not non_unique group by index_name",
            [table],
        ):
            changes += [f"drop key `{index}`", f"add key ({columns})"]
        self.dbt.execute(f"alter table {copy} {', '.join(changes)}")
        if kind != "VIEW":
            self.dbt.execute(f"insert into {copy} select * from {table}")
        self.dbt.execute(f"create table kept.faulty like {copy}")
        self.dbt.execute(f"insert into kept.faulty select * from {copy}")
        self.dbt.execute(f"drop {'view' if kind == 'VIEW' else 'table'} {table}")
        self.dbt.execute(f"rename table kept.faulty to {table}")

    def columns(self, table: str) -> dict[str, str]:
        """Return the columns of a table with their types."""
        schema, _, name = table.partition(".")
        return dict(
            self.dbt.execute(
                "select column_name, column_type from information_schema.columns "
                "where table_schema = %s and table_name = %s order by ordinal_position",
                [schema, name],
            )
        )

    def restore(self, table: str) -> None:
        """Take the fault out of an unguarded table."""
        self.dbt.execute(f"truncate table {table}")
        self.dbt.execute(f"insert into {table} select * from kept.`{table}`")

    def try_fault(self, test: Rule, fault: str) -> set[str] | None:
        """Put a fault in, look which tests of the table fail, take it out; None when it is none for this test."""
        self.dbt.execute("start transaction")
        try:
            with suppress(MySQLdb.DataError, MySQLdb.OperationalError):
                self.dbt.execute(fault)
                if self.fails(test):
                    return {other.name for other in self.by_table[test.table] if other != test and self.fails(other)}
            return None
        finally:
            self.dbt.execute("rollback")

    def may_fail_too(self, name: str, fault: str) -> bool:
        """Whether a test looks at something that a fault changes: one of its columns, or how many rows there are."""
        test = self.tests[name]
        changed = re.findall(r"(?:set|,) (\w+) = ", fault)
        if test.kind in OF_ONE_COLUMN:
            return test.column in changed
        return not changed or any(re.search(rf"\b{column}\b", test.sql) for column in changed)

    def find_fault(self, test: Rule) -> tuple[str, set[str]] | None:
        """Return the fault for a test that harms the fewest others, and which those are."""
        best: tuple[str, set[str]] | None = None
        ((rows,),) = self.dbt.execute(f"select count(*) from {test.table}")
        by_hand = BY_HAND.get(test.name)
        for fault in [by_hand[1]] if by_hand else faults(test, self.columns(test.table), rows):
            harmed = self.try_fault(test, fault)
            if harmed is not None and (best is None or len(harmed) < len(best[1])):
                best = (fault, harmed)
            if best and not best[1]:
                break
        return best


def foreign(kind: str) -> str:
    """Return a value that no list and no parent has."""
    if kind.startswith(("date", "time")):
        return "'2999-12-31'"
    if re.match(r"(var)?char|.*text|enum", kind):
        return "'99'"
    return CODES.get(kind.replace("(", " ").partition(" ")[0], "2000000000")


def strange(column: str, kind: str) -> list[str]:
    """Return expressions for a value of a column that differs from the right one, small steps first."""
    if kind.startswith(("date", "time")):
        return [f"{column} + interval 1 day", "'1999-12-31'", "'2999-12-31'"]
    if re.match(r"(var)?char|.*text|enum", kind):
        return ["'?'", "' '", "'Unknown'", "'9'", "null"]
    return [f"{column} + 1", f"{column} - 1", f"1 - {column}", "-1", "0", "17", f"{column} + 1000", "null"]


def same_key(test: Rule, columns: list[str]) -> list[str]:
    """Return faults that give two rows of a table the same key."""
    filled = " and ".join(f"{column} is not null" for column in columns)
    first = f"from kept.`{test.table}` where {filled} and {test.where} order by {', '.join(columns)} limit 1"
    changes = ", ".join(f"{column} = (select {column} {first})" for column in columns)
    same = " and ".join(f"{column} <=> (select {column} {first})" for column in columns)
    return [
        f"update {test.table} set {changes} where not ({same}) and {test.where} limit 1",
        f"insert into {test.table} select * from {test.table} where {test.where} limit 1",
    ]


def faults(test: Rule, columns: dict[str, str], rows: int) -> list[str]:
    """Return statements that might make a generic test fail, gentle ones first."""
    change = f"update {test.table} set {{}} = {{}} where {test.where} {{}}"
    limits = ["limit 1", f"limit {rows // 10 + 1}", ""]  # tests that tolerate some rows need more
    column = test.column or ""
    match test.kind:
        case "not_null":
            return [change.format(column, "null", limit) for limit in limits]
        case "accepted_values" | "relationships" | "is_a_known_contract":
            return [change.format(column, foreign(columns[column]), limit) for limit in limits]
        case "unique":
            return same_key(test, [column])
        case "unique_combination":
            return same_key(test, test.arguments["columns"])
        case "more_rows_than" | "row_count_between":
            return [f"delete from {test.table} where {test.where}"]
        case "rows_change_little":
            return [f"delete from {test.table} where snapshot_date = date '{TODAY}' limit {rows // 10 + 1}"]
        case "singular":
            return []
    # any other looks at the columns that it names
    text = json.dumps([test.arguments, test.sql])
    named = [name for name in columns if re.search(rf"\b{name}\b", text)]
    return [
        change.format(name, value, limit)
        for limit in limits
        for name in sorted(named, key=lambda name: name != column)
        for value in strange(name, columns[name])
    ] + [f"delete from {test.table} where {test.where} limit 1"]


@pytest.fixture(scope="module")
def platform(make_database: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Two simulated days and the rooms of a month earlier, all built, and every table unguarded."""
    server, target = make_database(), tmp_path_factory.mktemp("dbt")
    dbt = DbtProject(server, target, sources=False)
    dbt.dbt("seed")
    for day in load_days(server, DATES[-2:], tmp_path_factory.mktemp("source")):
        for table, row in ROWS.items() if day == DATES[-2] else ():
            dbt.execute(f"insert into {table} set {row}")
        dbt.dbt("run", str(day))
        if day == DATES[-2]:
            dbt.dbt("run", A_MONTH_EARLIER, "--select", *PARTITIONS)
    platform = Platform(dbt, target)
    dbt.execute("create database kept")
    dbt.execute("set session time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES,ALLOW_INVALID_DATES'")
    for table in platform.by_table:
        platform.unguard(table)
    yield platform
    dbt.close()


@pytest.fixture(scope="module")
def found(platform: Platform) -> dict[str, tuple[str, set[str]] | None]:
    """The fault for each test."""
    return {name: platform.find_fault(test) for name, test in platform.tests.items()}


def test_every_dbt_test_has_a_fault(found: dict[str, tuple[str, set[str]] | None]) -> None:
    missing = sorted(name for name, fault in found.items() if fault is None)
    assert not missing, f"{', '.join(missing)}: write the fault that each must find into BY_HAND"
    assert set(BY_HAND) <= set(found), "BY_HAND names tests that are gone"


def test_a_fault_fails_no_test_of_another_column(
    platform: Platform, found: dict[str, tuple[str, set[str]] | None]
) -> None:
    too_many = {
        name: also
        for name, fault in found.items()
        if fault and (also := {other for other in fault[1] if not platform.may_fail_too(other, fault[0])})
    }
    assert not too_many


def test_dbt_itself_finds_every_fault(platform: Platform, found: dict[str, tuple[str, set[str]] | None]) -> None:
    # one fault in each table at a time; what compares tables might not see its own among those of the others
    faulted = [[test for test in tests if found[test.name]] for tests in platform.by_table.values()]
    rounds = [[test] for tests in faulted for test in tests if test.compares]
    rounds += zip_longest(*([test for test in tests if not test.compares] for tests in faulted))
    verdicts, expected = {}, {}
    for tests in rounds:
        round_ = {test.table: test for test in tests if test}
        for test in round_.values():
            fault = found[test.name]
            assert fault
            platform.dbt.execute(fault[0])
            expected[test.name] = "fail" if test.severity == "error" else "warn"
        platform.dbt.execute("commit")
        outcome = platform.dbt.dbt(
            "test", TODAY, "--select", *(test.name for test in round_.values()), check=False, variables=VARIABLES
        )
        verdicts |= {test.name: outcome["nodes"][test.name][0] for test in round_.values()}
        for table in round_:
            platform.restore(table)
    wrong = {name: (found[name], verdict) for name, verdict in verdicts.items() if verdict != expected[name]}
    assert not wrong, wrong
