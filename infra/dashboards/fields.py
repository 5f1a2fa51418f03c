"""Columns of a table as the fields of a visual: dimensions, measures, formats, sorting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.dashboards import DashboardError
from infra.dashboards.spec import Aggregate, Dimension, Format, Measure
from infra.dashboards.tables import Column, Tables

Json = dict[str, Any]

_THOUSANDS = {"ThousandsSeparator": {"Symbol": "COMMA"}}
_NUMBERS: dict[str, tuple[int, str]] = {
    "rooms": (0, " 室"),
    "count": (0, ""),
    "age": (0, " 日"),
    "decimal": (1, ""),
    "months": (1, " か月"),
    "days": (1, " 日"),
}
DATE_FORMAT = "YYYY-MM-DD"


@dataclass(frozen=True)
class Fields:
    """The fields of one visual.

    Attributes:
        visual: id of the visual, with which the ids of its fields begin.
        data_set: name of the table.
        tables: every table that readers see.
        calculated: names of the calculated fields of this data set.
    """

    visual: str
    data_set: str
    tables: Tables
    calculated: frozenset[str] = frozenset()

    def column(self, name: str) -> Json:
        """Return a column identifier.

        Raises:
            DashboardError: there is no such table or column.
        """
        if name not in self.calculated:
            self.known(name)
        return {"DataSetIdentifier": self.data_set, "ColumnName": name}

    def known(self, name: str) -> Column:
        """Return a column of the table.

        Raises:
            DashboardError: there is no such table or column.
        """
        if self.data_set not in self.tables:
            raise DashboardError(f"{self.visual}: readers see no table {self.data_set}")
        table = self.tables[self.data_set]
        if name not in table.columns:
            raise DashboardError(f"{self.visual}: {table.schema}.{self.data_set} has no column {name}")
        return table.columns[name]

    def id(self, column: str) -> str:
        """Return the id of a field; a visual shows a column once."""
        return f"{self.visual}.{column}"

    def dimension(self, dimension: Dimension, drill: bool = False) -> Json:
        """Return a field to group by; with `drill` it is the top of the visual's hierarchy."""
        field: Json = {"FieldId": self.id(dimension.column), "Column": self.column(dimension.column)}
        if drill and (dimension.by or dimension.drill):
            field["HierarchyId"] = self.hierarchy
        kind = self.known(dimension.column).type
        if dimension.by:
            if kind != "DATETIME":
                raise DashboardError(f"{self.visual}: {dimension.column} is not a date; leave `by: {dimension.by}` out")
            field["DateGranularity"] = dimension.by.upper()
            return {"DateDimensionField": field}
        if kind == "DATETIME":
            raise DashboardError(f"{self.visual}: say whether {dimension.column} is taken by day, week or month")
        return {"CategoricalDimensionField" if kind == "STRING" else "NumericalDimensionField": field}

    @property
    def hierarchy(self) -> str:
        """Id of the visual's hierarchy."""
        return f"{self.visual}-hierarchy"

    def hierarchies(self, dimension: Dimension) -> list[Json]:
        """Return the steps by which a reader goes down from a dimension."""
        if dimension.by:
            return [{"DateTimeHierarchy": {"HierarchyId": self.hierarchy}}]
        if dimension.drill:
            columns = [self.column(name) for name in (dimension.column, *dimension.drill)]
            return [{"ExplicitHierarchy": {"HierarchyId": self.hierarchy, "Columns": columns}}]
        return []

    def measure(self, measure: Measure) -> Json:
        """Return a figure.

        Raises:
            DashboardError: the aggregate does not fit the column.
        """
        field: Json = {"FieldId": self.id(measure.column), "Column": self.column(measure.column)}
        if measure.column in self.calculated:
            if measure.aggregate:
                raise DashboardError(f"{self.visual}: {measure.column} is calculated and has no aggregate")
            return {"NumericalMeasureField": field}
        if not measure.aggregate:
            raise DashboardError(f"{self.visual}: say how {measure.column} is aggregated")
        kind = self.known(measure.column).type
        name = measure.aggregate.upper()
        if kind == "STRING" or (kind == "DATETIME" and measure.format != "date"):
            if measure.aggregate not in ("count", "distinct_count"):
                raise DashboardError(f"{self.visual}: {measure.column} can only be counted")
            field["AggregationFunction"] = name
            return {"CategoricalMeasureField" if kind == "STRING" else "DateMeasureField": field}
        if kind == "DATETIME":
            return {"DateMeasureField": field | {"AggregationFunction": name}}
        field["AggregationFunction"] = {"SimpleNumericalAggregation": name}
        return {"NumericalMeasureField": field}

    def label(self, column: str, title: str) -> Json:
        """Return the title of a field, without which charts show the name of its column."""
        return {
            "CustomLabel": title,
            "ApplyTo": {"FieldId": self.id(column), "Column": self.column(column)},
        }

    def order(self, column: str) -> str | None:
        """Return the column that orders the values of a label or code, `age_group_order` for `age_group_label`."""
        name = f"{column.removesuffix('_label')}_order"
        return name if self.data_set in self.tables and name in self.tables[self.data_set].columns else None

    def by_order(self, column: str) -> Json:
        """Return the sorting of a category: by its order where the table has one, else by its own values."""
        if ordered := self.order(column):
            return {"ColumnSort": self.column_sort(ordered, "min")}
        return {"FieldSort": {"FieldId": self.id(column), "Direction": "ASC"}}

    def column_sort(self, column: str, aggregate: Aggregate, direction: str = "ASC") -> Json:
        """Return the sorting by a column that the visual does not show."""
        return {
            "SortBy": self.column(column),
            "Direction": direction,
            "AggregationFunction": {"NumericalAggregationFunction": {"SimpleNumericalAggregation": aggregate.upper()}},
        }


def column_format(format: Format) -> Json:
    """Return how a column is shown throughout a dashboard."""
    if format == "date":
        return {"DateTimeFormatConfiguration": {"DateTimeFormat": DATE_FORMAT}}
    return {"NumberFormatConfiguration": {"FormatConfiguration": number(format)}}


def number(format: Format, difference: bool = False) -> Json:
    """Return how a number is shown; a difference of rates is shown in points, never in percent of percent."""
    if format in ("percent", "points"):
        shown: Json = {"DecimalPlacesConfiguration": {"DecimalPlaces": 1}}
        if difference or format == "points":
            shown["Suffix"] = "pt"
        return {"PercentageDisplayFormatConfiguration": shown}
    if format == "yen" and not difference:
        return {
            "CurrencyDisplayFormatConfiguration": {
                "Symbol": "JPY",
                "SeparatorConfiguration": _THOUSANDS,
                "DecimalPlacesConfiguration": {"DecimalPlaces": 0},
            }
        }
    decimals, suffix = (0, " 円") if format == "yen" else _NUMBERS[format]
    shown = {"SeparatorConfiguration": _THOUSANDS, "DecimalPlacesConfiguration": {"DecimalPlaces": decimals}}
    return {"NumberDisplayFormatConfiguration": {"Suffix": suffix, **shown} if suffix else shown}
