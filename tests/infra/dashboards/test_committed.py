"""What is committed is what the YAML says, fits gold and AWS, and lets nothing leave that no visual shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from include.dbt.personal_data import stays_in_gold
from infra.dashboards import DASHBOARDS, DashboardError, data_sets, references
from infra.dashboards.committed import committed, faults
from infra.dashboards.spec import read
from infra.dashboards.tables import Tables, column_type

# Links of readers carry these ids; a changed one breaks them.
IDS = {
    "data_quality": ["quality", "corrections", "about"],
    "executive_summary": ["overview", "about"],
    "moveout_retention": ["moveouts", "retention", "about"],
    "new_contracts_analysis": ["contracts", "about"],
    "occupancy": ["trend", "outlook", "about"],
    "tokyo_map": ["map", "buildings", "rents", "density", "about"],
}


def test_committed_files_hold() -> None:
    assert faults() == []


def test_ids_are_pinned() -> None:
    assert {name: [sheet["SheetId"] for sheet in each["Sheets"]] for name, each in committed().items()} == IDS


def test_every_table_has_its_rows_below_the_charts() -> None:
    """QuickSight exports Excel from tables and pivots only, so each dashboard has one."""
    for name, definition in committed().items():
        kinds = {kind for sheet in definition["Sheets"] for visual in sheet["Visuals"] for kind in visual}
        visuals = [body["VisualId"] for sheet in definition["Sheets"] for v in sheet["Visuals"] for body in v.values()]
        assert kinds & {"TableVisual", "PivotTableVisual"}, name
        assert len(visuals) > len(IDS), name


def test_a_data_set_has_the_columns_that_a_visual_uses_and_no_other(tables: Tables) -> None:
    declared = json.loads(data_sets.DATA_SETS.read_text(encoding="utf-8"))
    used: dict[str, set[str]] = {}
    for definition in committed().values():
        for table, column in references.columns_used(definition):
            used.setdefault(table, set()).add(column)
    assert {table: {each["name"] for each in parts["columns"]} for table, parts in declared.items()} == used
    assert all(each["description"] for parts in declared.values() for each in parts["columns"])
    assert declared["occupancy_property_map_latest"]["geo"] == {"latitude": "LATITUDE", "longitude": "LONGITUDE"}


def test_nothing_that_points_at_a_person_leaves(tables: Tables) -> None:
    declared = json.loads(data_sets.DATA_SETS.read_text(encoding="utf-8"))
    names = [each["name"] for parts in declared.values() for each in parts["columns"]]
    assert not [name for name in names if stays_in_gold(name)]
    assert not {"room_number", "full_address", "occupation_company", "residence_status", "age"} & set(names)


@pytest.mark.parametrize("column", ["room_number", "full_address", "occupation_company", "residence_status"])
def test_a_visual_that_shows_a_denied_column_is_refused(
    column: str, definition: dict[str, Any], tables: Tables
) -> None:
    text = json.dumps(definition).replace('"monthly_rent"', f'"{column}"')
    changed = json.loads(text)
    with pytest.raises(DashboardError, match=f"new_contracts.{column}"):
        data_sets.from_definitions({"every_kind": changed}, tables)


def test_a_changed_yaml_is_found_until_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "tokyo_map.yml"
    source.write_text((DASHBOARDS / "tokyo_map.yml").read_text(encoding="utf-8").replace("物件別賃料", "家賃"))
    (tmp_path / "tokyo_map.json").write_bytes((DASHBOARDS / "tokyo_map.json").read_bytes())
    for module in ("committed", "compiler"):
        monkeypatch.setattr(f"infra.dashboards.{module}.DASHBOARDS", tmp_path)
    assert any("tokyo_map.json is not what tokyo_map.yml says" in fault for fault in faults())


def test_every_dashboard_of_the_folder_reads() -> None:
    assert {read(file).id for file in DASHBOARDS.glob("*.yml")} == IDS.keys()


@pytest.mark.parametrize(
    ("data_type", "quicksight"),
    [
        ("int", "INTEGER"),
        ("bigint unsigned", "INTEGER"),
        ("decimal(5,4)", "DECIMAL"),
        ("date", "DATETIME"),
        ("varchar(9)", "STRING"),
    ],
)
def test_types(data_type: str, quicksight: str) -> None:
    assert column_type(data_type) == quicksight


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(DashboardError, match="json"):
        column_type("json")
