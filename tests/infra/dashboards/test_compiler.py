from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.dashboards import DashboardError, colors
from infra.dashboards.compiler import compile_dashboard
from infra.dashboards.spec import read
from infra.dashboards.tables import Tables
from tests.infra.dashboards.conftest import EVERY_KIND, body, parsed

Json = dict[str, Any]


def test_the_first_sheet_begins_with_notices_as_of_and_age(definition: Json) -> None:
    first, second, about = definition["Sheets"]
    names = [next(iter(visual.values()))["VisualId"] for visual in first["Visuals"]]
    assert names[:3] == ["notices", "as_of", "age"]
    elements = first["Layouts"][0]["Configuration"]["GridLayout"]["Elements"]
    assert [each["RowIndex"] for each in elements[:4]] == [0, 0, 0, 4]
    assert second["Visuals"][0]["GeospatialMapVisual"]["VisualId"] == "buildings"
    assert about["Name"] == "この画面について About"


def test_about_says_how_new_each_data_set_is_and_what_the_figures_mean(definition: Json, tables: Tables) -> None:
    about = definition["Sheets"][-1]
    cards = {next(iter(visual.values()))["Title"]["FormatText"]["PlainText"] for visual in about["Visuals"]}
    assert cards == {
        "executive_kpis",
        "moveout_analysis",
        "municipality_churn_weekly",
        "new_contracts",
        "occupancy_daily_metrics",
        "occupancy_property_map_latest",
        "reader_notice",
    }
    definitions = about["TextBoxes"][1]["Content"]
    assert tables["occupancy_daily_metrics"].columns["new_moveins"].meaning in definitions
    assert "sum({counted_rooms}) / sum({total_rooms})" in definitions


def test_about_says_what_the_day_does_not_refresh(tmp_path: Path, tables: Tables) -> None:
    of_a_report = tables | {"new_contracts": replace(tables["new_contracts"], schema="reports")}
    for known, says in ((tables, False), (of_a_report, True)):
        made = compile_dashboard(parsed(tmp_path, EVERY_KIND), known)
        text = made["Sheets"][-1]["TextBoxes"][1]["Content"]
        assert ("new_contracts: レポートの作成時に更新される。" in text) is says


def test_the_age_is_the_only_clock(definition: Json) -> None:
    clocks = [field["Name"] for field in definition["CalculatedFields"] if "now()" in field["Expression"]]
    assert clocks == ["days_old"]


def test_the_outlook_is_dashed_and_a_gap_is_blank(definition: Json) -> None:
    chart = body(definition, "course")["ChartConfiguration"]
    assert chart["Series"][0]["DataFieldSeriesItem"]["FieldValue"] == "見込み Outlook"
    assert chart["Series"][0]["DataFieldSeriesItem"]["Settings"]["LineStyleSettings"]["LineStyle"] == "DASHED"
    assert chart["PrimaryYAxisDisplayOptions"]["MissingDataConfigurations"] == [{"TreatmentOption": "SHOW_AS_BLANK"}]


def test_buckets_stand_in_their_order(definition: Json) -> None:
    sort = body(definition, "ages")["ChartConfiguration"]["SortConfiguration"]
    assert sort["CategorySort"][0]["ColumnSort"]["SortBy"]["ColumnName"] == "age_group_order"
    assert sort["ColorSort"][0]["ColumnSort"]["SortBy"]["ColumnName"] == "tenant_type_order"
    heat = body(definition, "heat")["ChartConfiguration"]["SortConfiguration"]
    assert heat["HeatMapRowSort"][0]["ColumnSort"]["SortBy"]["ColumnName"] == "rent_range_order"


def test_the_largest_come_first_and_the_rest_together(definition: Json) -> None:
    sort = body(definition, "nations")["ChartConfiguration"]["SortConfiguration"]
    assert sort["CategorySort"] == [{"FieldSort": {"FieldId": "nations.contract_id", "Direction": "DESC"}}]
    assert sort["CategoryItemsLimit"] == {"ItemsLimit": 10, "OtherCategories": "INCLUDE"}
    smallest = body(definition, "rates")["ChartConfiguration"]["SortConfiguration"]
    assert smallest["CategorySort"][0]["FieldSort"]["Direction"] == "ASC"
    assert smallest["CategoryItemsLimit"] == {"ItemsLimit": 5, "OtherCategories": "EXCLUDE"}


def test_a_change_of_a_rate_is_in_points(definition: Json) -> None:
    shown = body(definition, "card")["ChartConfiguration"]["KPIOptions"]["Comparison"]["ComparisonFormat"]
    assert shown["PercentageDisplayFormatConfiguration"]["Suffix"] == "pt"


def test_dates_and_explicit_hierarchies_can_be_drilled(definition: Json) -> None:
    assert body(definition, "in_out")["ColumnHierarchies"] == [
        {"DateTimeHierarchy": {"HierarchyId": "in_out-hierarchy"}}
    ]
    steps = body(definition, "rates")["ColumnHierarchies"][0]["ExplicitHierarchy"]["Columns"]
    assert [each["ColumnName"] for each in steps] == ["prefecture", "municipality"]


def test_a_map_filters_the_other_visuals_of_its_sheet(definition: Json) -> None:
    (action,) = body(definition, "buildings")["Actions"]
    target = action["ActionOperations"][0]["FilterOperation"]["TargetVisualsConfiguration"]
    assert target["SameSheetTargetVisualConfiguration"] == {"TargetVisualOptions": "ALL_VISUALS"}


def test_a_filter_of_several_visuals_stands_once(tmp_path: Path, tables: Tables) -> None:
    content = copy.deepcopy(EVERY_KIND)
    visuals = content["sheets"][0]["visuals"]
    visuals[3]["only"] = visuals[2]["only"]
    groups = compile_dashboard(parsed(tmp_path, content), tables)["FilterGroups"]
    (shared,) = [group for group in groups if group["FilterGroupId"] == "ages-months_before_as_of"]
    scopes = shared["ScopeConfiguration"]["SelectedSheets"]["SheetVisualScopingConfigurations"]
    assert scopes == [{"SheetId": "one", "Scope": "SELECTED_VISUALS", "VisualIds": ["ages", "nations"]}]
    limits = shared["Filters"][0]["NumericRangeFilter"]
    assert limits["RangeMaximum"] == {"Parameter": "Months"}
    assert not limits["IncludeMaximum"]


def change_format(content: Json) -> None:
    content["sheets"][0]["visuals"][4]["lines"][0] = {
        "column": "period_end_rooms",
        "aggregate": "max",
        "format": "decimal",
        "title": {"ja": "題", "en": "Title"},
    }


def no_such_column(content: Json) -> None:
    content["sheets"][0]["visuals"][2]["x"]["column"] = "age_band"


def no_such_table(content: Json) -> None:
    content["sheets"][0]["visuals"][2]["data_set"] = "contracts"


def text_is_summed(content: Json) -> None:
    content["sheets"][0]["visuals"][2]["values"] = [
        {"column": "gender_label", "aggregate": "sum", "title": {"ja": "題", "en": "Title"}}
    ]


def no_aggregate(content: Json) -> None:
    del content["sheets"][0]["visuals"][0]["value"]["aggregate"]


def date_without_step(content: Json) -> None:
    del content["sheets"][0]["visuals"][1]["x"]["by"]


def off_the_grid(content: Json) -> None:
    content["sheets"][0]["visuals"][1]["at"] = [20, 0, 17, 4]


@pytest.mark.parametrize(
    ("plant", "says"),
    [
        (change_format, "period_end_rooms as decimal"),
        (no_such_column, "gold.new_contracts has no column age_band"),
        (no_such_table, "readers see no table contracts"),
        (text_is_summed, "gender_label can only be counted"),
        (no_aggregate, "say how occupancy_rate is aggregated"),
        (date_without_step, "say whether snapshot_date is taken by day, week or month"),
        (off_the_grid, "course leaves the 36 columns"),
    ],
)
def test_a_dashboard_that_does_not_fit_gold_is_refused(plant: Any, says: str, tmp_path: Path, tables: Tables) -> None:
    content = copy.deepcopy(EVERY_KIND)
    plant(content)
    with pytest.raises(DashboardError, match=says):
        compile_dashboard(parsed(tmp_path, content), tables)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id: other\n", "title: Field required"),
        ("id: wrong\nid: wrong\n", "stands twice"),
        ("id: [", "is no YAML"),
        (
            "id: wrong\ntitle: {ja: 稼働, en: Occupied rooms, fact and outlook}\n",
            "title.fact and outlook: Extra inputs",
        ),
    ],
)
def test_a_faulty_yaml_is_refused_with_its_place(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DashboardError) as refused:
        read(file)
    assert says in str(refused.value)


def test_ids_are_unique_and_the_file_is_named_after_its_dashboard(tmp_path: Path) -> None:
    content = copy.deepcopy(EVERY_KIND)
    content["sheets"][1]["visuals"][0]["id"] = "card"
    with pytest.raises(DashboardError, match="card is used twice"):
        parsed(tmp_path, content)
    (tmp_path / "every_kind.yml").rename(tmp_path / "other.yml")
    with pytest.raises(DashboardError):
        read(tmp_path / "other.yml")


def test_colours_follow_the_order_of_the_seed_and_unknown_is_grey() -> None:
    tenants = colors.labels("tenant_type")
    assert list(tenants) == ["個人 Individual", "法人 Corporate", "不明 Unknown"]
    assert tenants["不明 Unknown"] == colors.GREY
    assert list(colors.labels("rate_band").values()) == list(colors.BANDS)
    assert colors.labels("nationality") == {}
