"""QuickSight's columns are those of gold, and carry no personal data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from include.dbt.personal_data import stays_in_gold
from infra.check import data_sets


def changed(tmp_path: Path, change: str, model: str = "new_contracts") -> Path:
    declared = json.loads(data_sets.DATA_SETS.read_text())
    columns = declared[model]["columns"]
    match change:
        case "unknown":
            columns.append({"name": "monthly_profit", "type": "DECIMAL"})
        case "missing":
            columns[:] = [column for column in columns if column["name"] != "monthly_rent"]
        case "type":
            next(column for column in columns if column["name"] == "age")["type"] = "STRING"
    file = tmp_path / "data_sets.json"
    file.write_text(json.dumps(declared))
    return file


def test_the_committed_file_is_what_gold_declares() -> None:
    assert data_sets.differences() == []
    assert data_sets.DATA_SETS.read_text() == data_sets.render(data_sets.from_models())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("unknown", "has column monthly_profit, which gold does not have"),
        ("missing", "lacks column monthly_rent of gold"),
        ("type", "has column age as STRING instead of INTEGER"),
    ],
)
def test_a_column_that_gold_does_not_have_is_named(tmp_path: Path, change: str, says: str) -> None:
    assert any(says in sentence for sentence in data_sets.differences(changed(tmp_path, change)))


@pytest.mark.parametrize(
    ("data_type", "quicksight"),
    [
        ("int", "INTEGER"),
        ("bigint", "INTEGER"),
        ("decimal(12, 2)", "DECIMAL"),
        ("date", "DATETIME"),
        ("datetime", "DATETIME"),
        ("varchar(191) collate utf8mb4_bin", "STRING"),
    ],
)
def test_a_type_of_gold_is_one_of_quicksight(data_type: str, quicksight: str) -> None:
    assert data_sets.column_type(data_type) == quicksight


def test_a_type_that_nobody_mapped_is_named() -> None:
    with pytest.raises(data_sets.DataSetError, match="'json' is not known; add json to TYPES"):
        data_sets.column_type("json")


def test_personal_data_never_becomes_a_data_set(tmp_path: Path) -> None:
    for model in data_sets.MODELS:
        columns = "columns: [{name: tenant_id}, {name: full_name}]"
        (tmp_path / f"{model}.yml").write_text(f"models: [{{name: {model}, {columns}}}]")
    with pytest.raises(data_sets.DataSetError, match="personal data"):
        data_sets.from_models(tmp_path)


def test_what_tells_who_a_tenant_is_stays_in_gold() -> None:
    declared = json.loads(data_sets.DATA_SETS.read_text())
    shown = {column["name"] for data_set in declared.values() for column in data_set["columns"]}
    assert shown
    assert [name for name in sorted(shown) if stays_in_gold(name)] == []


def test_every_column_is_described_and_coordinates_are_known_to_be_some() -> None:
    for model, data_set in json.loads(data_sets.DATA_SETS.read_text()).items():
        names = {column["name"] for column in data_set["columns"]}
        assert all(0 < len(column["description"]) <= 500 for column in data_set["columns"]), model
        roles = {"latitude": "LATITUDE", "longitude": "LONGITUDE"}
        assert data_set["geo"] == {name: role for name, role in roles.items() if name in names}, model


def test_every_data_set_says_who_is_affected_when_it_changes() -> None:
    exposures = yaml.safe_load((data_sets.PROJECT / "dbt" / "models" / "exposures.yml").read_text())["exposures"]
    shown = {model for one in exposures if one["name"].startswith("data_set_") for model in one["depends_on"]}
    assert shown == {f"ref('{model}')" for model in data_sets.MODELS}
    used = {model for one in exposures if one["type"] == "dashboard" for model in one["depends_on"]}
    assert used == shown, "each data set is on a dashboard, and a dashboard shows nothing else"
