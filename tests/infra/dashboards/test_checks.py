"""Every kind of fault in a definition turns the check red that is there for it, and nothing else does."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from infra.dashboards import references, schemas
from infra.dashboards.tables import Tables
from tests.infra.dashboards.conftest import body

Json = dict[str, Any]


def found(definition: Json, tables: Tables) -> tuple[list[str], list[str]]:
    used = sorted({table for table, _ in references.columns_used(definition)})
    return references.faults(definition, tables), schemas.faults(schemas.with_declarations(definition, used))


def test_every_kind_of_visual_holds(definition: Json, tables: Tables) -> None:
    assert found(definition, tables) == ([], [])


def _layout(definition: Json, sheet: int = 0) -> list[Json]:
    elements: list[Json] = definition["Sheets"][sheet]["Layouts"][0]["Configuration"]["GridLayout"]["Elements"]
    return elements


def unknown_key(definition: Json) -> None:
    body(definition, "card")["Tittle"] = {}


def wrong_type(definition: Json) -> None:
    _layout(definition)[0]["ColumnIndex"] = "0"


def missing_required(definition: Json) -> None:
    del definition["Sheets"][0]["SheetId"]


def wrong_enum(definition: Json) -> None:
    body(definition, "ages")["ChartConfiguration"]["BarsArrangement"] = "SIDEWAYS"


def id_with_a_blank(definition: Json) -> None:
    definition["Sheets"][0]["SheetId"] = "one two"


def too_many_sheets(definition: Json) -> None:
    definition["Sheets"] += [{"SheetId": f"more{number}"} for number in range(20)]


def too_many_visuals(definition: Json) -> None:
    for number in range(51):
        another = copy.deepcopy(definition["Sheets"][0]["Visuals"][0])
        next(iter(another.values()))["VisualId"] = f"more{number}"
        definition["Sheets"][0]["Visuals"].append(another)


def outside_the_api(definition: Json) -> None:
    _layout(definition)[0]["ColumnIndex"] = 36


@pytest.mark.parametrize(
    ("plant", "says"),
    [
        (unknown_key, "Tittle"),
        (wrong_type, "ColumnIndex"),
        (missing_required, "SheetId"),
        (wrong_enum, "SIDEWAYS"),
        (id_with_a_blank, "one two"),
        (too_many_sheets, "Sheets"),
        (too_many_visuals, "Visuals"),
        (outside_the_api, "36"),
    ],
)
def test_aws_models_refuse(plant: Callable[[Json], None], says: str, definition: Json, tables: Tables) -> None:
    plant(definition)
    tables = sorted({table for table, _ in references.columns_used(definition)})
    assert any(says in fault for fault in schemas.faults(schemas.with_declarations(definition, tables)))


def two_kinds(definition: Json) -> None:
    first, second = definition["Sheets"][0]["Visuals"][:2]
    first.update(second)


def unknown_table(definition: Json) -> None:
    body(definition, "rows")["ChartConfiguration"]["FieldWells"]["TableUnaggregatedFieldWells"]["Values"][0]["Column"][
        "DataSetIdentifier"
    ] = "old_contracts"


def unknown_column(definition: Json) -> None:
    body(definition, "rows")["ChartConfiguration"]["FieldWells"]["TableUnaggregatedFieldWells"]["Values"][0]["Column"][
        "ColumnName"
    ] = "signed_on"


def two_data_sets(definition: Json) -> None:
    body(definition, "rows")["ChartConfiguration"]["FieldWells"]["TableUnaggregatedFieldWells"]["Values"][0][
        "Column"
    ] = {
        "DataSetIdentifier": "movein_analysis",
        "ColumnName": "movein_date",
    }


def unknown_sort_field(definition: Json) -> None:
    body(definition, "nations")["ChartConfiguration"]["SortConfiguration"]["CategorySort"][0]["FieldSort"][
        "FieldId"
    ] = "x"


def unknown_series_field(definition: Json) -> None:
    body(definition, "course")["ChartConfiguration"]["Series"][0]["DataFieldSeriesItem"]["FieldId"] = "x"


def unknown_label_field(definition: Json) -> None:
    labels = body(definition, "ages")["ChartConfiguration"]["ValueLabelOptions"]["AxisLabelOptions"]
    labels[0]["ApplyTo"]["FieldId"] = "x"


def unknown_tooltip_field(definition: Json) -> None:
    tooltip = body(definition, "buildings")["ChartConfiguration"]["Tooltip"]["FieldBasedTooltip"]
    tooltip["TooltipFields"][-1]["FieldTooltipItem"]["FieldId"] = "x"


def unknown_hierarchy(definition: Json) -> None:
    del body(definition, "rates")["ColumnHierarchies"]


def placed_twice(definition: Json) -> None:
    _layout(definition)[0]["ElementId"] = "nobody"


def overlap(definition: Json) -> None:
    _layout(definition, 1)[0]["ColumnIndex"] = 1


def leaves_the_grid(definition: Json) -> None:
    _layout(definition)[-1]["ColumnSpan"] = 30


def calculated_clock(definition: Json) -> None:
    definition["CalculatedFields"][1]["Expression"] = "dateDiff(max({as_of_date}), now(), 'DD')"


def calculated_unknown_column(definition: Json) -> None:
    definition["CalculatedFields"][1]["Expression"] = "sum({rooms}) / sum({total_rooms})"


def calculated_figure(definition: Json) -> None:
    definition["CalculatedFields"][1]["Expression"] = "ifelse({total_rooms} > 3, {total_rooms}, NULL)"


def relative_dates(definition: Json) -> None:
    definition["FilterGroups"][0]["Filters"] = [
        {
            "RelativeDatesFilter": {
                "FilterId": "last-30-days",
                "Column": {"DataSetIdentifier": "new_contracts", "ColumnName": "contract_date"},
                "AnchorDateConfiguration": {"AnchorOption": "NOW"},
                "TimeGranularity": "DAY",
                "RelativeDateType": "LAST",
                "RelativeDateValue": 30,
                "NullOption": "NON_NULLS_ONLY",
            }
        }
    ]


def condition_reads_the_clock(definition: Json) -> None:
    options = body(definition, "card")["ConditionalFormatting"]["ConditionalFormattingOptions"]
    options[0]["ComparisonValue"]["TextColor"]["Solid"]["Expression"] = "{as_of_date} < now()"


def unknown_parameter(definition: Json) -> None:
    definition["ParameterDeclarations"] = []


def filter_of_nobody(definition: Json) -> None:
    scopes = definition["FilterGroups"][0]["ScopeConfiguration"]["SelectedSheets"]["SheetVisualScopingConfigurations"]
    scopes[0]["VisualIds"] = ["nobody"]


def thirteen_bars(definition: Json) -> None:
    body(definition, "nations")["ChartConfiguration"]["SortConfiguration"]["CategoryItemsLimit"]["ItemsLimit"] = 13


def two_values_in_colors(definition: Json) -> None:
    wells = body(definition, "ages")["ChartConfiguration"]["FieldWells"]["BarChartAggregatedFieldWells"]
    another = copy.deepcopy(wells["Values"][0])
    another["NumericalMeasureField"]["FieldId"] = "ages.another"
    wells["Values"].append(another)


def too_large(definition: Json) -> None:
    definition["Sheets"][-1]["TextBoxes"][0]["Content"] = "<" * 10_000


def long_title(definition: Json) -> None:
    body(definition, "card")["Title"]["FormatText"]["PlainText"] = "長" * 513


@pytest.mark.parametrize(
    ("plant", "says"),
    [
        (two_kinds, "it can have one"),
        (unknown_table, "readers see no table old_contracts"),
        (unknown_column, "gold.new_contracts has no column signed_on"),
        (two_data_sets, "rows reads the data sets movein_analysis, new_contracts"),
        (unknown_sort_field, "nations refers to the field x"),
        (unknown_series_field, "course refers to the field x"),
        (unknown_label_field, "ages refers to the field x"),
        (unknown_tooltip_field, "buildings refers to the field x"),
        (unknown_hierarchy, "rates refers to the hierarchy"),
        (placed_twice, "the layout places nobody"),
        (overlap, "overlap"),
        (leaves_the_grid, "leaves the grid"),
        (calculated_clock, "calculated field rate reads the clock"),
        (calculated_unknown_column, "reads rooms, which"),
        (calculated_figure, "no ratio of sums"),
        (relative_dates, "reads the clock"),
        (condition_reads_the_clock, "card reads the clock"),
        (unknown_parameter, "parameter Months is not declared"),
        (filter_of_nobody, "for nobody, which is no visual"),
        (thirteen_bars, "13 bars"),
        (two_values_in_colors, "one figure or no colours"),
        (too_large, "bytes"),
        (long_title, "513 letters"),
    ],
)
def test_references_refuse(plant: Callable[[Json], None], says: str, definition: Json, tables: Tables) -> None:
    plant(definition)
    assert any(says in fault for fault in references.faults(definition, tables)), references.faults(definition, tables)


def test_a_column_that_gold_renamed_is_found(definition: Json, tables: Tables) -> None:
    columns = dict(tables["new_contracts"].columns)
    columns["age_band"] = columns.pop("age_group_label")
    renamed = tables | {"new_contracts": replace(tables["new_contracts"], columns=columns)}
    assert references.faults(definition, renamed) == ["gold.new_contracts has no column age_group_label"]


def test_the_columns_of_expressions_are_columns_used(definition: Json) -> None:
    used = references.columns_used(definition)
    assert {("occupancy_property_map_latest", "counted_rooms"), ("kpi_reference_trace", "as_of_date")} <= used
    assert not {column for _, column in used} & {"rate", "days_old"}
