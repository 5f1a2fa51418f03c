"""dbt's exposures name what the definitions really read, down to the columns of each visual."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.dashboards import exposures
from infra.dashboards.spec import Dashboard, Text


def visual(name: str, title: str, *columns: tuple[str, str]) -> dict[str, Any]:
    fields = [{"Column": {"DataSetIdentifier": table, "ColumnName": column}} for table, column in columns]
    text = {"Title": {"FormatText": {"PlainText": title}}} if title else {}
    return {"KPIVisual": {"VisualId": name, **text, "ChartConfiguration": {"FieldWells": {"Values": fields}}}}


DEFINITION = {
    "Sheets": [
        {
            "SheetId": "one",
            "Name": "概況 Overview",
            "Visuals": [
                visual("rate", "稼働率  Occupancy", ("metrics", "occupancy_rate"), ("metrics", "ratio")),
                visual("untitled", "", ("contracts", "contract_id")),
            ],
        },
        {"SheetId": "about", "Name": "About", "TextBoxes": []},
    ],
    "CalculatedFields": [
        {"DataSetIdentifier": "metrics", "Name": "ratio", "Expression": "sum({occupied}) / sum({total})"}
    ],
    "ColumnConfigurations": [{"Column": {"DataSetIdentifier": "metrics", "ColumnName": "occupancy_rate"}}],
    "FilterGroups": [
        {"Filters": [{"CategoryFilter": {"Column": {"DataSetIdentifier": "filtered", "ColumnName": "phase"}}}]}
    ],
}
DATA_SETS = {
    table: {"schema": schema, "columns": [{"name": "a", "type": "STRING", "description": ""}], "geo": {}}
    for table, schema in (("metrics", "gold"), ("contracts", "gold"), ("filtered", "reports"))
}


@pytest.fixture
def made() -> dict[str, Any]:
    """The exposures of one small dashboard, by name."""
    source = Dashboard.model_construct(
        id="small",
        title=Text(ja="小さい", en="Small"),
        description=Text(ja="説明: 一行。", en="What it shows: one line."),
    )
    text = exposures.render([source], {"small": DEFINITION}, DATA_SETS)
    return {each["name"]: each for each in yaml.safe_load(text)["exposures"]}


def test_a_dashboard_depends_on_every_table_that_its_definition_reads(made: dict[str, Any]) -> None:
    dashboard = made["dashboard_small"]
    assert dashboard["depends_on"] == ["ref('contracts')", "ref('filtered')", "ref('metrics')"], "a filter reads, too"
    assert (dashboard["label"], dashboard["type"], dashboard["owner"]) == (
        "Small",
        "dashboard",
        {"name": "Asset manager"},
    )


def test_the_page_of_a_dashboard_leads_from_each_visual_to_its_columns(made: dict[str, Any]) -> None:
    assert made["dashboard_small"]["description"] == (
        "説明: 一行。\n\nWhat it shows: one line.\n\n**概況 Overview**\n\n"
        "- 稼働率 Occupancy — `metrics`: `occupancy_rate`, `occupied`, `total`\n"
        "- untitled — `contracts`: `contract_id`\n"
    )


def test_every_data_set_is_an_exposure_with_its_columns(made: dict[str, Any]) -> None:
    assert {name for name in made if name.startswith("data_set_")} == {f"data_set_{table}" for table in DATA_SETS}
    assert made["data_set_metrics"]["depends_on"] == ["ref('metrics')"]
    assert made["data_set_metrics"]["description"] == "SPICE data set, refreshed after each publish: `a`."
    assert made["data_set_filtered"]["description"] == "SPICE data set, refreshed after each report: `a`."


def test_the_status_page_stays(made: dict[str, Any]) -> None:
    assert made["status_page"]["depends_on"] == ["ref('occupancy_daily_metrics')", "ref('data_quality_calendar')"]


def test_the_committed_file_is_what_the_definitions_say() -> None:
    assert exposures.faults() == []


def test_a_file_that_was_not_written_again_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(exposures, "EXPOSURES", tmp_path / "exposures.yml")
    exposures.EXPOSURES.write_text("version: 2\n")
    assert exposures.faults() == [
        "exposures.yml is not what the dashboards read; write it with `python -m infra dashboards write`"
    ]
    exposures.write()
    assert exposures.faults() == []
