"""Policy: what every model promises its readers, checked on the manifest that the DAG is drawn from."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from include.dbt.personal_data import stays_in_silver
from include.dump.contract import EXPECTED_TABLES, SOURCE_COLUMNS
from infra.check import measures

REPO = Path(__file__).resolve().parents[2]
PARTITIONED = {
    "tenant_room_snapshot_daily",
    "room_departures_daily",
    "building_occupancy_daily",
    "correction_entries_daily",
    "flash_report_daily",
    "flash_report_rooms_daily",
    "tenant_daily_snapshots",
    "stg_tenant_daily_snapshots",
}
"""What grows by a partition each day, up to eleven million rows."""
CHEAP = {
    "not_null": "their columns are NOT NULL, so the server answers without reading",
    "rows_change_little": "reads two dates",
    "periods_have_no_gap_inside": "looks up the ends of periods by the key of the snapshots",
}
"""Kinds of tests that may look at all dates of those in the morning, and why that takes no time."""
CONSTANTS = {"total_physical_rooms": "16108", "cash_realization_rate": "0.952"}
KEY_TESTS = {"unique", "unique_combination"}
CLOCK = re.compile(r"\b(curdate|current_date|current_timestamp|now|sysdate|utc_timestamp|unix_timestamp)\b", re.I)
SCHEMA = re.compile(r"\b(staging|silver|gold|reports|seeds|history|ops)\.\w", re.I)
JAPANESE_NAME = re.compile(r"[^-]*[ぁ-んァ-ヶ一-龠][^-]* - \S")
OTHER_NAMES = {
    *("as_of_snapshot_date", "calendar_today", "check_date", "effective_date", "moveout_year_month"),
    *("renewal_flag", "status_changed", "application_count", "application_to_movein_rate"),
}
"""What columns for readers were called before each word had one meaning (dbt/renamed_columns.csv)."""
FROM_THE_SOURCE = re.compile(
    r"asset_id_hj|apartment_name(_en|_old)?|prefecture|(recorded_)?municipality|(full_)?address|zip_code|room_number|segment_value"
    r"|\w*nationality|(full|last|first|tenant)_name(_kana)?|personal_identity_raw|affiliation|property"
    r"|(email|phone)_\d|account_number|reason|declared_by"
)
"""Text columns of silver and gold that hold what somebody typed."""
EXACT = "utf8mb4_bin"
FLAG = re.compile(r"(\w+_)?(is|has)_\w+")
TEXT_TYPES = ("char", "varchar", "tinytext", "text", "mediumtext", "longtext")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The manifest, made as the deployment makes it: without a database and without a business date."""
    target = tmp_path_factory.mktemp("manifest")
    subprocess.run(
        [REPO / ".venv-dbt" / "bin" / "dbt", "--quiet", "parse", "--project-dir", "dbt", "--profiles-dir", "dbt"],
        cwd=REPO,
        check=True,
        env={**os.environ, "DBT_PORT": "1", "DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target)},
    )
    result: dict[str, Any] = json.loads((target / "manifest.json").read_text())
    return result


def nodes(manifest: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == kind]


def names_and_remedy(found: list[str], remedy: str) -> str:
    return f"{', '.join(found)}: {remedy}"


def test_every_model_and_seed_states_its_grain(manifest: dict[str, Any]) -> None:
    silent = [
        node["name"]
        for node in [*nodes(manifest, "model"), *nodes(manifest, "seed")]
        if not re.search(r"Grain - one row per .*key `|Grain - one row per .*primary key", node["description"], re.S)
    ]
    assert not silent, names_and_remedy(silent, "say in the description 'Grain - one row per …, key `…`'")


def lands_in_a_keyed_table(manifest: dict[str, Any], node: dict[str, Any]) -> bool:
    """Return whether all rows of a kind of corrections go into tables with a primary key that holds its key."""
    children = [manifest["nodes"].get(child, {}) for child in manifest["child_map"][node["unique_id"]]]
    keys = [child["config"].get("primary_key") or () for child in children if child.get("resource_type") == "model"]
    return "entry_key" in node["columns"] and bool(keys) and all("entry_key" in key for key in keys)


def test_every_model_has_a_tested_key(manifest: dict[str, Any]) -> None:
    tested = {
        test["attached_node"]
        for test in nodes(manifest, "test")
        # a test of dbt/tests is no generic one and has none
        if test.get("test_metadata", {}).get("name") in KEY_TESTS and test["config"]["severity"].lower() == "error"
    }
    unguarded = [
        node["name"]
        for node in [*nodes(manifest, "model"), *nodes(manifest, "seed")]
        if node["unique_id"] not in tested
        and not node["config"].get("primary_key")
        and not lands_in_a_keyed_table(manifest, node)
    ]
    assert not unguarded, names_and_remedy(unguarded, "add a test `unique` or `unique_combination` of severity error")


def test_every_column_is_described(manifest: dict[str, Any]) -> None:
    everything = [*manifest["nodes"].values(), *manifest["sources"].values()]
    empty = [
        f"{node['name']}.{column['name']}"
        for node in everything
        for column in node["columns"].values()
        if not column["description"].strip()
    ]
    assert not empty, names_and_remedy(empty, "describe the column in the YAML beside the model")


def for_readers(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the tables for readers: gold and those of the reports."""
    return [node for node in nodes(manifest, "model") if node["schema"] in ("gold", "reports")]


def readers_columns(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the columns of every table for readers as `table.column`."""
    return {
        f"{node['name']}.{name}": column for node in for_readers(manifest) for name, column in node["columns"].items()
    }


def test_every_column_for_readers_has_its_japanese_name(manifest: dict[str, Any]) -> None:
    nameless = [
        name for name, column in readers_columns(manifest).items() if not JAPANESE_NAME.match(column["description"])
    ]
    assert not nameless, names_and_remedy(
        nameless, "begin the description with the Japanese name: '申込件数 - tenants …'"
    )


def test_a_column_that_several_tables_have_is_called_the_same_in_japanese(manifest: dict[str, Any]) -> None:
    called: dict[str, set[str]] = {}
    for name, column in readers_columns(manifest).items():
        called.setdefault(name.split(".")[1], set()).add(column["description"].partition(" - ")[0])
    several = [f"{name} ({'、'.join(sorted(names))})" for name, names in called.items() if len(names) > 1]
    assert not several, names_and_remedy(several, "give the column one name, best in a block of docs.md")


def test_every_table_for_readers_says_what_it_knows(manifest: dict[str, Any]) -> None:
    silent = [node["name"] for node in for_readers(manifest) if "as_of_date" not in node["columns"]]
    assert not silent, names_and_remedy(silent, "add as_of_date, the newest date that its figures know")


def test_dates_and_flags_have_the_names_that_all_tables_give_them(manifest: dict[str, Any]) -> None:
    strange = [name for name in readers_columns(manifest) if name.split(".")[1] in OTHER_NAMES]
    assert not strange, names_and_remedy(strange, "use the words of dbt/README.md")


def test_columns_in_yaml_are_those_in_the_database(manifest: dict[str, Any], project: Any) -> None:
    for node in [*nodes(manifest, "model"), *nodes(manifest, "seed")]:
        found = project.execute(
            "select column_name from information_schema.columns where table_schema = %s and table_name = %s",
            [project.relations[node["name"]], node["name"]],
        )
        assert {name for (name,) in found} == set(node["columns"]), f"{node['name']}: YAML and table differ"


def test_declared_source_columns_exist(manifest: dict[str, Any], project: Any) -> None:
    for node in manifest["sources"].values():
        found = project.execute(
            "select column_name from information_schema.columns where table_schema = %s and table_name = %s",
            [node["schema"], node["name"]],
        )
        assert {name for (name,) in found} == set(node["columns"]), f"{node['name']}: YAML and schema.sql differ"


def test_declared_source_columns_are_those_that_the_load_insists_on(manifest: dict[str, Any]) -> None:
    declared = {
        node["name"]: set(node["columns"]) for node in manifest["sources"].values() if node["source_name"] == "staging"
    }
    assert declared == SOURCE_COLUMNS


def test_what_the_load_does_not_insist_on_is_read_by_warnings_alone(manifest: dict[str, Any]) -> None:
    lists = {node["unique_id"]: node["name"] for node in manifest["sources"].values() if node["source_name"] == "lists"}
    assert set(lists.values()) < EXPECTED_TABLES
    readers = [manifest["nodes"][child] for source in lists for child in manifest["child_map"][source]]
    assert readers
    # in a comment a table is only named: it need not be there
    reading = [node for node in readers if "source('lists'" in re.sub(r"(?m)^--.*$", "", node["raw_code"])]
    tests = [node for node in readers if node["resource_type"] == "test"]
    stopping = [node["name"] for node in (*reading, *tests) if node["config"].get("severity", "").lower() != "warn"]
    assert not stopping, names_and_remedy(stopping, "a list may be gone or empty any day; give the test severity warn")


def built_columns(project: Any, *fields: str) -> list[tuple[Any, ...]]:
    """Return table, column and further fields of every column of silver, gold and the reports."""
    return project.execute(  # type: ignore[no-any-return]
        f"select table_name, column_name, {', '.join(fields)} from information_schema.columns "
        "where table_schema in ('silver', 'gold_next', 'reports') order by 1, 2"
    )


def test_text_of_the_source_is_compared_exactly(project: Any) -> None:
    texts = [
        (table, column, collation)
        for table, column, kind, collation in built_columns(project, "data_type", "collation_name")
        if kind in TEXT_TYPES and FROM_THE_SOURCE.fullmatch(column)
    ]
    assert {"stg_apartments", "dim_property", "int_contracts"} <= {table for table, _, _ in texts}
    merging = [f"{table}.{column}" for table, column, collation in texts if collation != EXACT]
    assert not merging, names_and_remedy(merging, f"other names merge with it; clean_string() gives it {EXACT}")


def test_text_that_is_cleaned_is_known_as_text_of_the_source(project: Any) -> None:
    exact = {
        (table, column) for table, column, collation in built_columns(project, "collation_name") if collation == EXACT
    }
    assert exact
    strange = sorted(f"{table}.{column}" for table, column in exact if not FROM_THE_SOURCE.fullmatch(column))
    assert not strange, names_and_remedy(strange, "add the name to FROM_THE_SOURCE, so that every table is held to it")


def test_a_flag_has_one_type_in_every_table(project: Any) -> None:
    flags = [
        (table, column, kind)
        for table, column, kind in built_columns(project, "data_type")
        if FLAG.fullmatch(column) and not table.startswith("stg_")
    ]
    assert flags
    odd = [f"{table}.{column} is {kind}" for table, column, kind in flags if kind != "int"]
    assert not odd, names_and_remedy(odd, "write it with the macro boolean(), which gives INT 1 or 0")


def test_i27_no_model_reads_the_clock(manifest: dict[str, Any]) -> None:
    late = [node["name"] for node in nodes(manifest, "model") if CLOCK.search(node["raw_code"])]
    assert not late, names_and_remedy(late, "use target_date(), the business date of the run")


def test_i02_no_model_names_a_schema(manifest: dict[str, Any]) -> None:
    fixed = [node["name"] for node in nodes(manifest, "model") if SCHEMA.search(node["raw_code"])]
    assert not fixed, names_and_remedy(fixed, "use ref() or source()")
    schemas = {node["schema"] for node in [*nodes(manifest, "model"), *nodes(manifest, "seed")]}
    assert schemas == {"silver", "gold", "reports", "seeds"}


def test_only_staging_models_read_sources(manifest: dict[str, Any]) -> None:
    raw = [
        node["name"]
        for node in nodes(manifest, "model")
        if not node["name"].startswith("stg_")
        and any(parent.startswith("source.") for parent in node["depends_on"]["nodes"])
    ]
    assert not raw, names_and_remedy(raw, "read the stg_ model, which cleans what the source sends")


def test_every_table_for_readers_has_a_contract_a_group_and_lies_in_the_folder_of_its_group(
    manifest: dict[str, Any],
) -> None:
    shown = for_readers(manifest)
    loose = [node["name"] for node in shown if not node["config"]["contract"]["enforced"]]
    assert not loose, names_and_remedy(loose, "contract: {enforced: true} of dbt_project.yml must reach it")
    astray = [node["name"] for node in shown if node["config"]["group"] != node["fqn"][2]]
    assert not astray, names_and_remedy(astray, "move it into the folder of a group of models/groups.yml")
    assert all(group["owner"]["name"] for group in manifest["groups"].values())


def test_the_page_of_measures_is_up_to_date(manifest: dict[str, Any]) -> None:
    assert measures.MEASURES.read_text(encoding="utf-8") == measures.render(manifest), "python -m infra.check.measures"


def test_every_node_can_be_recorded_by_its_id(manifest: dict[str, Any]) -> None:
    too_long = [name for name in manifest["nodes"] if len(name) > 255]
    assert not too_long, names_and_remedy(too_long, "give the test a `name`: ops.dbt_results keeps 255 letters")


def test_no_table_for_readers_carries_personal_data(manifest: dict[str, Any]) -> None:
    told = [name for name in readers_columns(manifest) if stays_in_silver(name.split(".")[1])]
    assert not told, names_and_remedy(told, "names, birth dates, phones and mails stay in silver")


def test_i21_no_test_is_left_out_of_the_daily_run(manifest: dict[str, Any]) -> None:
    # a task builds one model and runs the tests that look at nothing but it and what it is made of
    def origins(node: str) -> set[str]:
        parents = set(manifest["parent_map"][node])
        return parents.union(*(origins(parent) for parent in parents))

    homeless = []
    for test in nodes(manifest, "test"):
        looked_at = {node for node in test["depends_on"]["nodes"] if not node.startswith("source.")}
        at_home = not looked_at or any(looked_at <= origins(node) | {node} for node in looked_at)
        if not at_home and not {"before_publish", "after_publish"} & set(test["tags"]):
            homeless.append(test["name"])
    assert not homeless, names_and_remedy(
        homeless,
        "no model is built after all that it compares, so no task would run it; split it or tag it before_publish",
    )


def test_no_fault_of_a_report_reaches_the_day(manifest: dict[str, Any]) -> None:
    reports = {node["unique_id"] for node in nodes(manifest, "model") if node["fqn"][1] == "reports"}
    assert reports
    daily = [
        node["name"]
        for node in nodes(manifest, "model")
        if node["unique_id"] not in reports and reports & set(node["depends_on"]["nodes"])
    ]
    assert not daily, names_and_remedy(daily, "gghouse_daily builds no report, so that it would read that of yesterday")
    # a task of the day runs the tests of what it builds; check_gold and gghouse_quality run theirs by tags
    pulled = [
        test["name"]
        for test in nodes(manifest, "test")
        if reports & set(test["depends_on"]["nodes"]) and {"before_publish", "after_publish"} & set(test["tags"])
    ]
    assert not pulled, names_and_remedy(pulled, "check_gold and gghouse_quality would run it; leave the tag out")


def test_i21_no_filter_makes_a_test_vacuous(manifest: dict[str, Any]) -> None:
    vacuous = [
        test["name"]
        for test in nodes(manifest, "test")
        if (test.get("test_metadata") or {}).get("name") == "not_null"
        and re.search(rf"\b{test['column_name']} *=", test["config"]["where"] or "")
    ]
    assert not vacuous, names_and_remedy(vacuous, "its filter lets no NULL through, so it cannot fail")


def test_i16_every_code_column_is_checked_against_its_labels(manifest: dict[str, Any]) -> None:
    checked = {
        (test["attached_node"], test["column_name"])
        for test in nodes(manifest, "test")
        if (test.get("test_metadata") or {}).get("name") == "relationships"
        and any(node.startswith("seed.") for node in test["depends_on"]["nodes"])
    }
    seeds = {node["name"] for node in nodes(manifest, "seed") if node["name"].startswith("code_")}
    unchecked = [
        f"{node['name']}.{column}"
        for node in nodes(manifest, "model")
        if node["name"] != "stg_tenant_daily_snapshots"  # ten million rows; their periods are checked instead
        for column in node["columns"]
        if re.sub(r"^(tenant_status|contract_type|gender|moveout_reason|affiliation_type)_code$", r"code_\1", column)
        in seeds
        and (node["unique_id"], column) not in checked
    ]
    assert not unchecked, names_and_remedy(unchecked, "add a test `relationships` to the seed with its labels")


def test_i05_i37_status_codes_are_listed_in_one_place() -> None:
    lists = re.compile(r"status\w*\s+(not\s+)?in\s*\(\s*\d", re.I)
    found = [file.name for file in (REPO / "dbt").glob("m*/**/*.sql") if lists.search(file.read_text())]
    assert not found, names_and_remedy(found, "use status_in('NAME', column) of macros/status_sets.sql")


def test_i37_constants_are_written_once() -> None:
    project = (REPO / "dbt" / "dbt_project.yml").read_text()
    files = [
        *(REPO / "dbt").glob("m*/**/*.sql"),
        *(REPO / "dbt" / "tests").glob("*.sql"),
        *(REPO / "include").rglob("*.py"),
    ]
    for name, value in CONSTANTS.items():
        assert re.search(rf"^  {name}: {value}\b", project, re.M)
        copies = [file.name for file in files if re.search(rf"(?<![\d.]){re.escape(value)}\b", file.read_text())]
        assert not copies, names_and_remedy(copies, f"use var('{name}') instead of {value}")


def test_i37_every_rate_is_of_the_rooms_of_the_setting() -> None:
    files = [file for file in (REPO / "dbt").glob("m*/**/*") if file.suffix in (".sql", ".yml")]
    files += (REPO / "dbt" / "tests").glob("*.sql")
    taken = [file.name for file in files if "var('total_physical_rooms')" in file.read_text()]
    assert taken == ["portfolio.sql"], "use portfolio_rooms() of macros/portfolio.sql, which knows the setting"


def test_i26_in_the_morning_no_test_reads_all_dates_of_what_grows_daily(manifest: dict[str, Any]) -> None:
    slow = [
        test["name"]
        for test in nodes(manifest, "test")
        if not {"before_publish", "after_publish"} & set(test["tags"])
        and {node.split(".")[-1] for node in test["depends_on"]["nodes"]} & PARTITIONED
        and "snapshot_date = __target_date__" not in (test["config"]["where"] or "")
        and (test.get("test_metadata") or {}).get("name") not in CHEAP
    ]
    assert not slow, names_and_remedy(slow, "add `where: snapshot_date = __target_date__`, or tag it after_publish")


def test_i38_the_project_needs_no_package_and_no_network(manifest: dict[str, Any]) -> None:
    wanted = [name for name in ("packages.yml", "dependencies.yml") if (REPO / "dbt" / name).exists()]
    assert not wanted, names_and_remedy(wanted, "`dbt deps` would download them at run time; write the macro here")
    used = {macro["package_name"] for macro in manifest["macros"].values()}
    assert used == {"tokyobeta", "dbt", "dbt_mysql"}, "only dbt's own packages come with its locked environment"
