"""What the charts show, read from the pictures that Vega-Lite draws of them."""

from __future__ import annotations

import re
from html import unescape

import pytest
import vl_convert

from infra.local.dashboards.charts import chart
from tests.infra.local.dashboards.conftest import (
    MISSING,
    PERCENT,
    ROOMS,
    column,
    definition,
    dimension,
    measure,
    visual,
    where,
)

BLANK = {"PrimaryYAxisDisplayOptions": {"MissingDataConfigurations": [{"TreatmentOption": "SHOW_AS_BLANK"}]}}


def bar(category, values, colors=(), **chart_options):
    wells = {"Category": [category], "Values": values, "Colors": list(colors)}
    return visual("BarChartVisual", wells, "BarChartAggregatedFieldWells", **chart_options)


def line(category, values, colors=(), **chart_options):
    wells = {"Category": [category], "Values": values, "Colors": list(colors)}
    return visual("LineChartVisual", wells, "LineChartAggregatedFieldWells", **chart_options)


def drawn(answer) -> str:
    return vl_convert.vegalite_to_svg(chart(answer, 700, 300))


def texts(svg: str) -> list[str]:
    return [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


def marks(svg: str) -> list[str]:
    return [unescape(text) for text in re.findall(r'aria-label="([^"]*)" role="graphics-symbol"', svg)]


def test_missing_days_are_nulls_and_break_the_line(preview):
    found = preview.answer(
        line(
            dimension("rooms", "day", "DAY"),
            [measure("rooms", "occupied", "MAX", ROOMS)],
            [dimension("rooms", "phase")],
            **BLANK,
        ),
        FilterGroups=[where("NumericEqualityFilter", "rooms", "phase_order", Value=1)],
    )
    values = chart(found)["data"]["values"]
    assert [row["d0"] for row in values if row["m0"] is None] == [day.isoformat() for day in MISSING]
    path = next(path for path in re.findall(r' d="([^"]*)"', drawn(found)) if path.count("L") > 20)
    assert path.count("M") == 3  # before, between and behind the two gaps


def test_a_gap_in_a_line_that_a_control_filters_is_a_gap_too(preview):
    body = {"FilterListConfiguration": {"MatchOperator": "CONTAINS", "SelectAllOptions": "FILTER_ALL_VALUES"}}
    found = preview.answer(
        line(dimension("rooms", "day", "DAY"), [measure("rooms", "occupied", "MAX")], **BLANK),
        FilterGroups=[where("CategoryFilter", "rooms", "phase", Configuration=body)],
        FilterControls=[{"Dropdown": {"FilterControlId": "c", "SourceFilterId": "phase-filter", "Title": "区分"}}],
    )
    spec = chart(found, 700, 300)
    (control,) = [one for one in spec["params"] if one["name"] == "p_phase_filter"]
    control["value"] = ["実績 Fact"]
    path = next(path for path in re.findall(r' d="([^"]*)"', vl_convert.vegalite_to_svg(spec)) if path.count("L") > 20)
    assert path.count("M") == 3
    assert len(re.findall("[ML]", path)) == 36  # facts only: neither the outlook nor dates without values


def test_the_outlook_is_dashed(preview):
    dashed = {"FieldId": "m.occupied.MAX", "FieldValue": "見込み Outlook"}
    series = [{"DataFieldSeriesItem": dashed | {"Settings": {"LineStyleSettings": {"LineStyle": "DASHED"}}}}]
    values = [measure("rooms", "occupied", "MAX")]
    svg = drawn(
        preview.answer(line(dimension("rooms", "day", "DAY"), values, [dimension("rooms", "phase")], Series=series))
    )
    assert 'stroke-dasharray="6,4"' in svg
    assert {"実績 Fact", "見込み Outlook"} <= set(texts(svg))


def test_the_rest_is_one_bar_and_stands_last(preview):
    sort = {
        "CategorySort": [{"FieldSort": {"FieldId": "m.id.COUNT", "Direction": "DESC"}}],
        "CategoryItemsLimit": {"ItemsLimit": 3, "OtherCategories": "INCLUDE"},
    }
    made = bar(
        dimension("contracts", "nation"),
        [measure("contracts", "id", "COUNT")],
        Orientation="HORIZONTAL",
        SortConfiguration=sort,
    )
    svg = drawn(preview.answer(made))
    names = [text for text in texts(svg) if not text.replace(",", "").isdigit()]
    assert names == ["日本", "中国", "韓国", "その他 Other"]
    assert any(text.endswith("m: 6") or ": 6" in text for text in marks(svg) if "Other" in text)
    sort["CategoryItemsLimit"]["OtherCategories"] = "EXCLUDE"
    assert "その他 Other" not in texts(drawn(preview.answer(made)))


def test_bars_stand_in_the_order_of_a_column_that_is_not_shown(preview):
    by_order = {"SortBy": column("contracts", "band_order"), "Direction": "ASC"}
    by_order["AggregationFunction"] = {"NumericalAggregationFunction": {"SimpleNumericalAggregation": "MIN"}}
    made = bar(
        dimension("contracts", "band"),
        [measure("contracts", "id", "COUNT")],
        SortConfiguration={"CategorySort": [{"ColumnSort": by_order}]},
    )
    names = [text for text in texts(drawn(preview.answer(made))) if not text.isdigit()]
    assert names == ["低 Low", "中 Middle", "高 High"]


@pytest.mark.parametrize("arrangement", ["CLUSTERED", "STACKED", "STACKED_PERCENT"])
def test_arrangements_of_bars(preview, arrangement):
    made = bar(
        dimension("contracts", "band"),
        [measure("contracts", "id", "COUNT")],
        [dimension("contracts", "kind")],
        BarsArrangement=arrangement,
    )
    svg = drawn(preview.answer(made))
    assert ("100%" in texts(svg)) == (arrangement == "STACKED_PERCENT")
    assert len(marks(svg)) == 4


def test_weeks_are_ordinal_so_that_bars_are_wide(preview):
    made = bar(
        dimension("rooms", "day", "WEEK"), [measure("rooms", "movein", "SUM"), measure("rooms", "moveout", "SUM")]
    )
    spec = chart(preview.answer(made), 700, 300)
    assert spec["encoding"]["x"]["type"] == "ordinal"
    widths = [float(width) for width in re.findall(r"M[\d.]+,[\d.]+h(\d+\.?\d*)", vl_convert.vegalite_to_svg(spec))]
    assert not widths or max(widths) > 10


def test_a_drill_down_groups_days_by_week_and_month(preview):
    made = bar(dimension("rooms", "day", "DAY", hierarchy="h"), [measure("rooms", "movein", "SUM")])
    found = preview.answer(made)
    spec = chart(found, 700, 300)
    (grain,) = [one for one in spec["params"] if one["name"] == "grain"]
    counts = {}
    for grain["value"] in ("DAY", "WEEK", "MONTH"):
        counts[grain["value"]] = len(marks(vl_convert.vegalite_to_svg(spec)))
    assert counts == {"DAY": 46, "WEEK": 8, "MONTH": 3}


def test_axes_write_thousands_and_no_exponents(preview):
    svg = drawn(preview.answer(bar(dimension("contracts", "nation"), [measure("contracts", "rent", "SUM")])))
    assert "600,000" in texts(svg)
    assert not [text for text in texts(svg) if "e+" in text]


def test_dates_are_utc_and_months_are_named_once(preview):
    spec = chart(
        preview.answer(line(dimension("rooms", "day", "DAY"), [measure("rooms", "rate", "MAX", PERCENT)])), 700, 300
    )
    assert spec["encoding"]["x"]["scale"] == {"type": "utc"}
    months = [text for text in texts(vl_convert.vegalite_to_svg(spec)) if re.match(r"20\d\d-", text)]
    assert months == sorted(set(months))


def test_tooltips_write_what_the_definition_says(preview):
    found = preview.answer(
        bar(
            dimension("rooms", "day", "WEEK"),
            [measure("rooms", "movein", "SUM", ROOMS)],
            ValueLabelOptions={
                "AxisLabelOptions": [{"CustomLabel": "入居 Move-ins", "ApplyTo": {"FieldId": "m.movein.SUM"}}]
            },
        )
    )
    spec = chart(found, 700, 300)
    assert [one["title"] for one in spec["encoding"]["tooltip"]] == ["day", "入居 Move-ins"]
    assert "format(datum.v0, ',.0f') + ' 室'" in str(spec["transform"])


def test_a_combo_draws_bars_and_a_line(preview):
    wells = {
        "Category": [dimension("rooms", "day", "WEEK")],
        "BarValues": [measure("rooms", "movein", "SUM"), measure("rooms", "moveout", "SUM")],
        "LineValues": [measure("rooms", "occupied", "MAX")],
    }
    svg = drawn(preview.answer(visual("ComboChartVisual", wells, "ComboChartAggregatedFieldWells")))
    assert {"movein", "moveout", "occupied"} <= set(texts(svg))
    assert "mark-rect" in svg
    assert "mark-line" in svg


def test_a_heat_map_has_a_cell_for_each_pair(preview):
    wells = {
        "Rows": [dimension("contracts", "band")],
        "Columns": [dimension("contracts", "signed", "MONTH")],
        "Values": [measure("contracts", "id", "COUNT")],
    }
    svg = drawn(preview.answer(visual("HeatMapVisual", wells, "HeatMapAggregatedFieldWells")))
    shown = texts(svg)
    assert shown.count("11") >= 3
    assert [one for one in shown if one in ("低 Low", "中 Middle", "高 High")] == ["低 Low", "中 Middle", "高 High"]


def test_a_scatter_plot_has_a_point_for_each_category(preview):
    wells = {
        "XAxis": [measure("contracts", "rent", "AVERAGE")],
        "YAxis": [measure("contracts", "id", "COUNT")],
        "Size": [measure("contracts", "rent", "SUM")],
        "Category": [dimension("contracts", "nation")],
    }
    svg = drawn(preview.answer(visual("ScatterPlotVisual", wells, "ScatterPlotCategoricallyAggregatedFieldWells")))
    assert len(marks(svg)) == 6


def building_map(**chart_options):
    wells = {
        "Geospatial": [dimension("buildings", "latitude"), dimension("buildings", "longitude")],
        "Values": [measure("buildings", "total", "SUM", ROOMS)],
        "Colors": [dimension("buildings", "rate_band")],
    }
    items = [
        {"ColumnTooltipItem": {"Column": column("buildings", "name"), "Label": "物件 Building"}},
        {"FieldTooltipItem": {"FieldId": "m.total.SUM", "Label": "室数 Rooms"}},
    ]
    tooltip = {"FieldBasedTooltip": {"TooltipFields": items}}
    return visual("GeospatialMapVisual", wells, "GeospatialMapAggregatedFieldWells", Tooltip=tooltip, **chart_options)


def test_a_map_shows_buildings_municipalities_and_outlines(preview):
    found = preview.answer(building_map())
    spec = chart(found, 700, 400)
    svg = vl_convert.vegalite_to_svg(spec)
    assert sum(text.startswith("東京β") or "Building" in text for text in marks(svg)) == 3  # one has no coordinates
    assert {"墨田区", "北区", "<85%", "85%+"} <= set(texts(svg))
    tooltip = spec["layer"][1]["encoding"]["tooltip"]
    assert [one["title"] for one in tooltip] == ["物件 Building", "室数 Rooms"]
    # The rest of the world would be drawn as one huge path around the box.
    assert not re.search(r"[ML]-?\d{5,}", svg)


def test_a_map_of_densities_has_squares(preview):
    svg = drawn(preview.answer(building_map(PointStyleOptions={"SelectedPointStyle": "HEATMAP"})))
    assert len([text for text in marks(svg) if "室数 Rooms" in text]) == 3


def test_a_chart_without_rows_says_so(preview):
    tile = preview.tiles(definition(bar(dimension("nothing", "label"), [measure("nothing", "n", "SUM")])))[0]
    assert tile.empty
    assert not tile.missing
    assert drawn(tile.answer)


def test_a_dimension_of_numbers_stands_in_the_order_of_numbers(preview):
    wells = {
        "Rows": [dimension("contracts", "nation")],
        "Columns": [dimension("contracts", "months_before")],
        "Values": [measure("contracts", "id", "COUNT")],
    }
    sort = {"HeatMapColumnSort": [{"FieldSort": {"FieldId": "d.months_before", "Direction": "ASC"}}]}
    made = visual("HeatMapVisual", wells, "HeatMapAggregatedFieldWells", SortConfiguration=sort)
    spec = chart(preview.answer(made))
    assert spec["encoding"]["x"]["sort"] == ["0", "1", "2"]


def test_a_picture_shows_what_a_control_is_set_to_at_first(preview):
    body = {"RangeMaximum": {"Parameter": "Months"}, "IncludeMaximum": False}
    months = {"Dropdown": {"ParameterControlId": "c", "SourceParameterName": "Months", "Title": "月数"}}
    months["Dropdown"] |= {"Type": "SINGLE_SELECT", "SelectableValues": {"Values": ["1", "3"]}}
    found = preview.answer(
        bar(dimension("contracts", "signed", "MONTH"), [measure("contracts", "id", "COUNT")]),
        FilterGroups=[where("NumericRangeFilter", "contracts", "months_before", **body)],
        ParameterControls=[months],
        ParameterDeclarations=[
            {"IntegerParameterDeclaration": {"Name": "Months", "DefaultValues": {"StaticValues": [1]}}}
        ],
    )
    assert len(found.rows) == 3
    assert len(marks(drawn(found))) == 1
