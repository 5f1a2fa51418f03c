"""A dashboard of every kind of visual, small enough to change one thing in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.dashboards.compiler import compile_dashboard
from infra.dashboards.spec import Dashboard, read
from infra.dashboards.tables import Tables, read_tables

TITLE = {"ja": "題", "en": "Title"}
COUNT = {"column": "contract_id", "aggregate": "count", "title": TITLE}
EVERY_KIND: dict[str, Any] = {
    "id": "every_kind",
    "title": TITLE,
    "description": TITLE,
    "fields": [
        {
            "name": "rate",
            "data_set": "occupancy_property_map_latest",
            "expression": "sum({counted_rooms}) / sum({total_rooms})",
        }
    ],
    "sheets": [
        {
            "id": "one",
            "title": TITLE,
            "controls": [{"column": "tenant_type_label", "data_set": "new_contracts", "title": TITLE}],
            "periods": [{"parameter": "Months", "title": TITLE, "choices": [12, 24], "default": 24}],
            "visuals": [
                {
                    "id": "card",
                    "type": "kpi",
                    "data_set": "executive_kpis",
                    "title": TITLE,
                    "value": {"column": "occupancy_rate", "aggregate": "max", "format": "percent", "title": TITLE},
                    "target": {
                        "column": "occupancy_rate_prev_month",
                        "aggregate": "max",
                        "format": "percent",
                        "title": TITLE,
                    },
                    "signed": True,
                    "at": [0, 0, 9, 4],
                },
                {
                    "id": "course",
                    "type": "line",
                    "data_set": "occupancy_daily_metrics",
                    "title": TITLE,
                    "x": {"column": "snapshot_date", "by": "day"},
                    "values": [{"column": "period_end_rooms", "aggregate": "max", "format": "rooms", "title": TITLE}],
                    "color": "phase_label",
                    "top_colors": 5,
                    "dashed": ["見込み Outlook"],
                    "only": {"days_before_as_of": {"max": 180}},
                    "at": [9, 0, 27, 4],
                },
                {
                    "id": "ages",
                    "type": "bar",
                    "data_set": "new_contracts",
                    "title": TITLE,
                    "x": {"column": "age_group_label", "title": TITLE},
                    "values": [COUNT],
                    "color": "tenant_type_label",
                    "only": {"months_before_as_of": {"min": 0, "below_parameter": "Months"}},
                    "at": [0, 4, 12, 8],
                },
                {
                    "id": "nations",
                    "type": "bar",
                    "data_set": "new_contracts",
                    "title": TITLE,
                    "x": {"column": "nationality"},
                    "values": [COUNT],
                    "horizontal": True,
                    "top": 10,
                    "at": [12, 4, 12, 8],
                },
                {
                    "id": "in_out",
                    "type": "combo",
                    "data_set": "occupancy_daily_metrics",
                    "title": TITLE,
                    "x": {"column": "snapshot_date", "by": "week"},
                    "bars": [{"column": "new_moveins", "aggregate": "sum", "title": TITLE}],
                    "lines": [{"column": "occupancy_delta", "aggregate": "sum", "title": TITLE}],
                    "only": {"is_projection": 0},
                    "at": [24, 4, 12, 8],
                },
                {
                    "id": "weeks",
                    "type": "pivot",
                    "data_set": "municipality_churn_weekly",
                    "title": TITLE,
                    "rows": [{"column": "municipality"}],
                    "columns": [{"column": "week_start", "by": "week"}],
                    "values": [{"column": "net_change", "aggregate": "sum", "title": TITLE}],
                    "shade": "change",
                    "at": [0, 12, 18, 8],
                },
                {
                    "id": "heat",
                    "type": "heat",
                    "data_set": "new_contracts",
                    "title": TITLE,
                    "rows": {"column": "rent_range_label"},
                    "columns": {"column": "contract_date", "by": "month"},
                    "value": COUNT,
                    "at": [18, 12, 18, 8],
                },
            ],
        },
        {
            "id": "two",
            "title": TITLE,
            "visuals": [
                {
                    "id": "buildings",
                    "type": "map",
                    "data_set": "occupancy_property_map_latest",
                    "title": TITLE,
                    "latitude": "latitude",
                    "longitude": "longitude",
                    "size": {"column": "total_rooms", "aggregate": "sum", "format": "rooms", "title": TITLE},
                    "color": "rate_band_label",
                    "tooltip": [{"column": "apartment_name", "title": TITLE}],
                    "filters_others": True,
                    "at": [0, 0, 18, 8],
                },
                {
                    "id": "dots",
                    "type": "scatter",
                    "data_set": "moveout_analysis",
                    "title": TITLE,
                    "x": {"column": "monthly_rent", "aggregate": "average", "format": "yen", "title": TITLE},
                    "y": {"column": "total_stay_months", "aggregate": "average", "format": "months", "title": TITLE},
                    "size": COUNT,
                    "detail": {"column": "municipality"},
                    "only": {"tenant_type": ["individual", "corporate"], "moveout_reason_ja": "転職"},
                    "at": [18, 0, 18, 8],
                },
                {
                    "id": "rows",
                    "type": "table",
                    "data_set": "new_contracts",
                    "title": TITLE,
                    "columns": [
                        {"column": "contract_date", "format": "date", "title": TITLE},
                        {"column": "monthly_rent", "format": "yen", "title": TITLE, "shade": "change"},
                    ],
                    "sort": {"contract_date": "desc"},
                    "at": [0, 8, 18, 8],
                },
                {
                    "id": "rates",
                    "type": "bar",
                    "data_set": "occupancy_property_map_latest",
                    "title": TITLE,
                    "x": {"column": "prefecture", "drill": ["municipality"]},
                    "values": [{"column": "rate", "format": "percent", "title": TITLE}],
                    "arrangement": "stacked_100",
                    "top": 5,
                    "bottom": True,
                    "other": False,
                    "at": [18, 8, 18, 8],
                },
            ],
        },
    ],
}


@pytest.fixture(scope="session")
def tables() -> Tables:
    return read_tables()


def parsed(directory: Path, content: dict[str, Any]) -> Dashboard:
    """Read a dashboard as its file would be read."""
    file = directory / f"{content['id']}.yml"
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return read(file)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory, tables: Tables) -> str:
    return json.dumps(compile_dashboard(parsed(tmp_path_factory.mktemp("yaml"), EVERY_KIND), tables))


@pytest.fixture
def definition(compiled: str) -> dict[str, Any]:
    """The definition of a dashboard with every kind of visual."""
    loaded: dict[str, Any] = json.loads(compiled)
    return loaded


def body(definition: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a visual's body."""
    for sheet in definition["Sheets"]:
        for visual in sheet["Visuals"]:
            for each in visual.values():
                if each["VisualId"] == name:
                    found: dict[str, Any] = each
                    return found
    raise KeyError(name)
