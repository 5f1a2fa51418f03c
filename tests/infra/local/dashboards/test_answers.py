from __future__ import annotations

import MySQLdb
import pytest

from infra.local.dashboards import answers
from tests.infra.local.dashboards.conftest import definition, dimension, measure, visual, where

BARS = "BarChartAggregatedFieldWells"


def bar(category, *values, colors=(), **chart):
    wells = {"Category": [category], "Values": list(values), "Colors": list(colors)}
    return visual("BarChartVisual", wells, BARS, **chart)


def test_bi_reads_gold_and_nothing_else(bi):
    connection = bi.connect()
    with connection.cursor() as cursor:
        assert "rooms" in answers.sources(cursor)
        with pytest.raises(MySQLdb.Error):
            cursor.execute("DELETE FROM gold.rooms")
    connection.close()


def test_one_select_per_visual(preview):
    found = preview.answer(bar(dimension("rooms", "day", "WEEK"), measure("rooms", "movein", "SUM")))
    assert found.plan.statement() == (
        "SELECT date_sub(`day`, INTERVAL weekday(`day`) DAY) AS `d0`, sum(`movein`) AS `m0` FROM gold.`rooms` "
        "GROUP BY `d0` ORDER BY `d0`",
        [],
    )
    assert found.rows[-2] == {"d0": "2026-03-02", "m0": 2}  # a Monday, with six days of outlook
    assert sum(row["m0"] for row in found.rows) == 36 * 2


def test_months_start_on_the_first(preview):
    found = preview.answer(bar(dimension("contracts", "signed", "MONTH"), measure("contracts", "id", "COUNT")))
    assert found.rows == [{"d0": f"2026-0{month}-01", "m0": 11} for month in (1, 2, 3)]


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        ("SUM", 3 * 50000 + 3000),
        ("MAX", 52000),
        ("MIN", 50000),
        ("AVERAGE", 51000),
        ("COUNT", 3),
        ("DISTINCT_COUNT", 3),
    ],
)
def test_aggregates(preview, aggregate, expected):
    found = preview.answer(bar(dimension("contracts", "nation"), measure("contracts", "rent", aggregate)))
    (row,) = [row for row in found.rows if row["d0"] == "台湾"]
    (asked,) = found.plan.measures.values()
    assert asked.value(row) == expected


def test_a_ratio_is_a_ratio_of_sums(preview):
    ratio = {"DataSetIdentifier": "buildings", "Name": "share", "Expression": "sum({occupied}) / sum({total})"}
    made = bar(dimension("buildings", "municipality"), measure("buildings", "share"))
    found = preview.answer(made, CalculatedFields=[ratio])
    (asked,) = found.plan.measures.values()
    assert {row["d0"]: asked.value(row) for row in found.rows} == {"北区": 0.5, "墨田区": pytest.approx(26 / 30)}


def test_the_age_of_data_is_counted_against_the_day_in_tokyo(preview):
    age = {
        "DataSetIdentifier": "cards",
        "Name": "days_old",
        "Expression": "dateDiff(max({as_of_date}), addDateTime(9, 'HH', now()), 'DD')",
    }
    found = preview.answer(visual("KPIVisual", {"Values": [measure("cards", "days_old")]}), CalculatedFields=[age])
    assert found.rows == [{"m0": 2}]


CONTAINS = {"FilterListConfiguration": {"MatchOperator": "CONTAINS", "CategoryValues": ["日本", "韓国"]}}
WITHOUT = {"FilterListConfiguration": {"MatchOperator": "DOES_NOT_CONTAIN", "CategoryValues": ["日本"]}}
EQUALS = {
    "CustomFilterConfiguration": {"MatchOperator": "EQUALS", "CategoryValue": "韓国", "NullOption": "NON_NULLS_ONLY"}
}
STATIC = {"RangeMinimum": {"StaticValue": 1}, "RangeMaximum": {"StaticValue": 2}}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (where("CategoryFilter", "contracts", "nation", Configuration=CONTAINS), 18),
        (where("CategoryFilter", "contracts", "nation", Configuration=WITHOUT), 21),
        (where("CategoryFilter", "contracts", "nation", Configuration=EQUALS), 6),
        (where("NumericEqualityFilter", "contracts", "band_order", Value=1, MatchOperator="EQUALS"), 11),
        (where("NumericRangeFilter", "contracts", "months_before", IncludeMinimum=True, **STATIC), 11),
        (
            where(
                "NumericRangeFilter", "contracts", "months_before", IncludeMinimum=True, IncludeMaximum=True, **STATIC
            ),
            22,
        ),
        (where("NumericRangeFilter", "contracts", "months_before", RangeMaximum={"Parameter": "Months"}), 22),
        (where("NumericEqualityFilter", "contracts", "band_order", ["another"], Value=1), 33),
        (where("NumericEqualityFilter", "rooms", "phase_order", Value=1), 33),
    ],
)
def test_filters_hold_for_the_visuals_of_their_scope(preview, condition, expected):
    parameter = {"IntegerParameterDeclaration": {"Name": "Months", "DefaultValues": {"StaticValues": [2]}}}
    made = bar(dimension("contracts", "nation"), measure("contracts", "id", "COUNT"))
    found = preview.answer(made, FilterGroups=[condition], ParameterDeclarations=[parameter])
    assert sum(row["m0"] for row in found.rows) == expected


def test_a_table_lists_lines_in_its_order_and_says_that_there_are_more(preview, monkeypatch):
    monkeypatch.setattr(answers, "TABLE_ROWS", 3)
    from infra.local.dashboards import cells

    monkeypatch.setattr(cells, "TABLE_ROWS", 3)
    fields = [{"FieldId": "r", "Column": {"DataSetIdentifier": "contracts", "ColumnName": "rent"}}]
    sort = {"RowSort": [{"FieldSort": {"FieldId": "r", "Direction": "DESC"}}]}
    tile = preview.tile(
        visual("TableVisual", {"Values": fields}, "TableUnaggregatedFieldWells", SortConfiguration=sort)
    )
    assert [line.cells[0].text for line in tile.grid.lines] == ["61000", "60000", "59000"]
    assert tile.grid.more


def controlled(scope=None):
    body = {"FilterListConfiguration": {"MatchOperator": "CONTAINS", "SelectAllOptions": "FILTER_ALL_VALUES"}}
    return {
        "FilterGroups": [where("CategoryFilter", "contracts", "city", Configuration=body)],
        "FilterControls": [{"Dropdown": {"FilterControlId": "c", "SourceFilterId": "city-filter", "Title": "市"}}],
    }


def test_a_control_adds_its_column_while_the_answer_stays_small(preview, monkeypatch):
    made = bar(dimension("contracts", "nation"), measure("contracts", "id", "COUNT"))
    found = preview.answer(made, **controlled())
    assert {row["c_city"] for row in found.rows} == {"墨田区", "北区"}
    assert not found.plan.deaf
    monkeypatch.setattr(answers, "MOST_ROWS", 6)
    found = preview.answer(made, **controlled())
    assert "c_city" not in found.rows[0]
    assert found.plan.deaf
    assert sum(row["m0"] for row in found.rows) == 33


def test_a_table_of_the_reports_is_asked_for_in_its_schema(preview):
    found = preview.answer(bar(dimension("verdicts", "verdict"), measure("verdicts", "rooms", "SUM")))
    assert " FROM reports.`verdicts` " in found.plan.statement()[0]
    assert found.rows == [{"d0": "fine", "m0": 7}]


def test_what_gold_does_not_have_is_a_box_and_not_a_failure(preview):
    made = definition(
        bar(dimension("contracts", "absent"), measure("contracts", "id", "COUNT"), name="a"),
        bar(dimension("gone", "x"), measure("gone", "y", "SUM"), name="b"),
        visual(
            "HistogramVisual", {"Values": [measure("contracts", "rent", "SUM")]}, "HistogramAggregatedFieldWells", "c"
        ),
        bar(dimension("contracts", "nation"), measure("contracts", "odd"), name="d"),
        CalculatedFields=[{"DataSetIdentifier": "contracts", "Name": "odd", "Expression": "ifelse({rent} > 1, 1, 0)"}],
    )
    assert [tile.missing for tile in preview.tiles(made)] == [
        "gold.contracts has no column absent",
        "there is no table gone yet",
        "HistogramVisual is not drawn",
        "calculation ifelse({rent} > 1, 1, 0)",
    ]
