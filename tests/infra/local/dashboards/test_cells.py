from __future__ import annotations

import pytest

from infra.local.dashboards.conditions import color, contrast, holds
from infra.local.dashboards.definition import Format, Unsupported
from infra.local.dashboards.page import sparkline
from tests.infra.local.dashboards.conftest import PERCENT, ROOMS, YEN, dimension, measure, visual


def kpi(value, target=None, trend=None, formatting=(), **options):
    wells = {"Values": [value], "TargetValues": [target] if target else [], "TrendGroups": [trend] if trend else []}
    made = visual("KPIVisual", wells, KPIOptions=options)
    made["KPIVisual"]["ConditionalFormatting"] = {"ConditionalFormattingOptions": list(formatting)}
    return made


@pytest.mark.parametrize(
    ("value", "target", "form", "shown", "difference"),
    [
        ("rate", "rate_before", PERCENT, "70.2%", "+0.3 pt"),
        ("yen", "yen_before", YEN, "¥56,158", "+¥46"),
        ("rooms", "rooms_before", ROOMS, "225 室", "–"),
        ("yen_before", "yen", YEN, "¥56,112", "-¥46"),
    ],
)
def test_a_card_compares_in_its_own_unit_and_a_rate_in_points(preview, value, target, form, shown, difference):
    made = kpi(measure("cards", value, "MAX", form), measure("cards", target, "MAX", form))
    card = preview.tile(made).card
    assert (card.value, card.difference) == (shown, difference)


def test_a_rate_is_never_compared_in_percent_of_percent(preview):
    made = kpi(
        measure("cards", "rate", "MAX", PERCENT),
        measure("cards", "rate_before", "MAX", PERCENT),
        Comparison={"ComparisonMethod": "PERCENT_DIFFERENCE"},
    )
    assert preview.tile(made).card.difference == "+0.3 pt"


def test_a_trend_shows_the_last_value_against_the_one_before(preview):
    card = preview.tile(
        kpi(measure("month_ends", "rate", "MAX", PERCENT), trend=dimension("month_ends", "day", "MONTH"))
    ).card
    assert (card.value, card.difference, card.trend) == ("71.2%", "+2.2 pt", (0.68, 0.69, None, 0.712))


def test_a_sparkline_is_interrupted_at_a_gap():
    assert sparkline((1, 2, None, 3), 30, 10).count("M") == 2


def test_a_card_takes_the_first_colour_whose_condition_holds(preview):
    formatting = [
        {"PrimaryValue": {"TextColor": {"Solid": {"Expression": "MAX({rooms}) > 200", "Color": "#D55E00"}}}},
        {"PrimaryValue": {"TextColor": {"Solid": {"Expression": "MAX({rooms}) > 100", "Color": "#E69F00"}}}},
    ]
    assert preview.tile(kpi(measure("cards", "rooms", "MAX", ROOMS), formatting=formatting)).card.color == "#D55E00"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("{days_old} > 2", True),
        ("MAX({days_old}) <= 2", False),
        ("{label} = '重大 Critical'", True),
        ("SUM({a}) - SUM({b}) < 0", True),
        ("{days_old} > 1 AND {days_old} < 3", False),
        ("{none} > 1", False),
    ],
)
def test_conditions(expression, expected):
    values = {"days_old": 3, "label": "重大 Critical", "a": 1, "b": 2, "none": None}
    assert holds(expression, values.get) is expected


def test_a_condition_that_cannot_be_read_is_not_ignored():
    with pytest.raises(Unsupported):
        holds("ifelse({a} > 1, 1, 0)", {}.get)


def test_a_gradient_runs_between_its_stops():
    stops = [
        {"GradientOffset": 0.0, "DataValue": 0.0, "Color": "#FFFFFF"},
        {"GradientOffset": 1.0, "DataValue": 1.0, "Color": "#000000"},
    ]
    gradient = {"Gradient": {"Expression": "{x}", "Color": {"Stops": stops}}}
    assert color(gradient, {}.get, 0.5, [0.2, 0.5]) == "#808080"
    assert contrast("#000000") == "#FFFFFF"


@pytest.mark.parametrize(
    ("form", "value", "shown"),
    [
        (Format("number", suffix=" 室"), 11234, "11,234 室"),
        (Format("number", suffix=" 室"), -3, "-3 室"),
        (Format("yen", prefix="¥"), 56158.4, "¥56,158"),
        (Format("percent", 1), 0.7021, "70.2%"),
        (Format("percent", 1), None, "–"),
    ],
)
def test_formats(form, value, shown):
    assert form.write(value) == shown


def test_a_pivot_has_a_line_a_row_and_a_column_a_column(preview):
    wells = {
        "Rows": [dimension("contracts", "band")],
        "Columns": [dimension("contracts", "signed", "MONTH")],
        "Values": [measure("contracts", "id", "COUNT")],
    }
    grid = preview.tile(visual("PivotTableVisual", wells, "PivotTableAggregatedFieldWells")).grid
    assert grid.heads == ("band", "2026-01", "2026-02", "2026-03")
    assert [[cell.text for cell in line.cells] for line in grid.lines] == [
        ["低 Low", "11", "", ""],
        ["中 Middle", "", "11", ""],
        ["高 High", "", "", "11"],
    ]


def test_an_aggregated_table_is_sorted_and_its_cells_coloured(preview):
    wells = {"GroupBy": [dimension("contracts", "nation")], "Values": [measure("contracts", "id", "COUNT")]}
    made = visual(
        "TableVisual",
        wells,
        "TableAggregatedFieldWells",
        SortConfiguration={"RowSort": [{"FieldSort": {"FieldId": "m.id.COUNT", "Direction": "DESC"}}]},
    )
    solid = {"Solid": {"Expression": "COUNT({id}) > 10", "Color": "#CFE3F4"}}
    cell = {"Cell": {"FieldId": "m.id.COUNT", "TextFormat": {"BackgroundColor": solid}}}
    made["TableVisual"]["ConditionalFormatting"] = {"ConditionalFormattingOptions": [cell]}
    grid = preview.tile(made).grid
    assert [line.cells[0].text for line in grid.lines][:2] == ["日本", "中国"]
    assert [line.cells[1].background for line in grid.lines][:2] == ["#CFE3F4", ""]
