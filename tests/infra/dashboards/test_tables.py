"""What readers see is gold and the tables of the reports, each with its schema; helpers of the reports are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.dashboards import DashboardError, data_sets
from infra.dashboards.tables import Column, Table, read_tables

MODEL = """
models:
  - name: {name}{config}
    columns: [{{name: rooms, data_type: int, description: "室数 - rooms."}}]
"""
VISUAL = {"KPIVisual": {"VisualId": "v", "Value": {"DataSetIdentifier": "verdicts", "ColumnName": "rooms"}}}


@pytest.fixture
def models(tmp_path: Path) -> Path:
    def model(folder: str, name: str, sql: str = "select 1", config: str = "") -> None:
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / f"{name}.yml").write_text(MODEL.format(name=name, config=config), encoding="utf-8")
        (tmp_path / folder / f"{name}.sql").write_text(sql, encoding="utf-8")

    (tmp_path / "docs.md").write_text("", encoding="utf-8")
    model("gold/occupancy", "metrics")
    model("reports/rent_roll", "verdicts")
    model("reports/rent_roll", "by_sql", sql="{{ config(materialized='view', schema='silver') }} select 1")
    model("reports/rent_roll", "by_yaml", config="\n    config: {schema: silver}")
    model("silver", "rooms")
    return tmp_path


def test_a_table_has_the_schema_of_its_folder_and_a_helper_is_none(models: Path) -> None:
    assert {name: table.schema for name, table in read_tables(models).items()} == {
        "metrics": "gold",
        "verdicts": "reports",
    }


def test_a_data_set_says_which_schema_it_shows(models: Path) -> None:
    tables = read_tables(models)
    made = data_sets.from_definitions({"one": {"Sheets": [{"Visuals": [VISUAL]}]}}, tables)
    assert made["verdicts"]["schema"] == "reports"
    assert '"verdicts": {\n    "schema": "reports",\n' in data_sets.render(made)


def test_no_report_brings_a_person_to_quicksight() -> None:
    visual = {"KPIVisual": {"VisualId": "v", "Value": {"DataSetIdentifier": "tenants", "ColumnName": "full_name"}}}
    tables = {"tenants": Table("reports", {"full_name": Column("full_name", "STRING", "氏名 - the name.")})}
    with pytest.raises(DashboardError, match=r"tenants\.full_name; personal data must not reach QuickSight"):
        data_sets.from_definitions({"one": {"Sheets": [{"Visuals": [visual]}]}}, tables)
