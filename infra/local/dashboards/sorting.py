"""In which order a visual shows the values of its dimensions, and how many of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.local.dashboards.definition import Field, Json, Visual, walk

# Where the sort of each well stands below SortConfiguration.
SORTS = {
    "Category": ("CategorySort",),
    "Colors": ("ColorSort", "ColorsSort"),
    "Rows": ("HeatMapRowSort",),
    "Columns": ("HeatMapColumnSort",),
    "TrendGroups": ("TrendGroupSort",),
    "GroupBy": ("RowSort",),
    "Values": ("RowSort",),
}
LIMITS = {
    "Category": ("CategoryItemsLimit", "CategoryItemsLimitConfiguration"),
    "Colors": ("ColorItemsLimit", "ColorItemsLimitConfiguration"),
    "Rows": ("HeatMapRowItemsLimitConfiguration",),
    "Columns": ("HeatMapColumnItemsLimitConfiguration",),
}


@dataclass(frozen=True)
class Order:
    """By what something is sorted.

    Attributes:
        field: FieldId of a field of the visual, or empty.
        column: column of the data set, when it is not a field.
        aggregate: how the column is aggregated for each value.
        descending: largest first.
    """

    field: str = ""
    column: str = ""
    aggregate: str = "MIN"
    descending: bool = False


def orders(visual: Visual, well: str) -> list[Order]:
    """Return how the values of a well are sorted, empty when the definition does not say."""
    configuration = visual.chart.get("SortConfiguration", {})
    if visual.kind == "PivotTableVisual":
        identifiers = {field.id for field in visual.well(well)}
        return [
            _order(option["SortBy"])
            for option in configuration.get("FieldSortOptions", ())
            if option["FieldId"] in identifiers
        ]
    return [_order(item) for key in SORTS.get(well, ()) for item in configuration.get(key, ())]


def limit(visual: Visual, well: str) -> tuple[int, bool] | None:
    """Return how many values of a well are shown, and whether one value `other` stands for the rest."""
    configuration = visual.chart.get("SortConfiguration", {})
    for key in LIMITS.get(well, ()):
        if "ItemsLimit" in configuration.get(key, {}):
            return configuration[key]["ItemsLimit"], configuration[key].get("OtherCategories") == "INCLUDE"
    return None


def sort_columns(visual: Visual) -> list[tuple[str, str]]:
    """Return column and aggregate of what the visual sorts by without showing it."""
    found = {(one.column, one.aggregate): None for well in visual.wells for one in orders(visual, well) if one.column}
    return list(found)


def companion(field: Field) -> str:
    """Return the column that holds the order of a coded dimension, as gold names it."""
    return f"{field.column.removesuffix('_label')}_order"


def _order(item: Json) -> Order:
    for one in walk(item):
        if "SortBy" in one and "ColumnName" in one["SortBy"]:
            aggregate = next((text for text in _texts(one.get("AggregationFunction"))), "MIN")
            return Order("", one["SortBy"]["ColumnName"], aggregate, one.get("Direction") == "DESC")
        if "FieldId" in one:
            return Order(one["FieldId"], descending=one.get("Direction") == "DESC")
    return Order()


def _texts(node: Any) -> list[str]:
    if isinstance(node, str):
        return [node]
    return [text for value in node.values() for text in _texts(value)] if isinstance(node, dict) else []
