"""Filters of a definition as conditions of a SELECT, and those that a reader's control changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infra.local.dashboards.definition import Control, Dashboard, Filter, Json, Sheet, Unsupported, Visual, walk


@dataclass(frozen=True)
class Condition:
    """A condition of a SELECT with the values that it binds."""

    sql: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Handle:
    """What a control does to a visual.

    Attributes:
        control: the control.
        column: the column that it looks at.
        test: `in` a list, `equals`, at most (`max`) or at least (`min`) the value; `under` and `over` without it.
        value: what it is set to at first, None for all.
    """

    control: Control
    column: str
    test: str
    value: Any = None


def applied(dashboard: Dashboard, sheet: Sheet, visual: Visual, columns: set[str]) -> Iterator[Filter]:
    """Yield the filters that hold for a visual whose data set has these columns.

    Raises:
        Unsupported: a filter is of this data set and names a column that it does not have.
    """
    for one in dashboard.filters:
        if one.holds_for(sheet.id, visual):
            if one.column in columns:
                yield one
            elif one.data_set == visual.data_set:
                raise Unsupported(f"{one.data_set} has no column {one.column}")


def handle(dashboard: Dashboard, one: Filter) -> Handle | None:
    """Return the control by which readers set a filter, or None."""
    parameters = {
        value for node in walk(one.body) for key, value in node.items() if key in ("Parameter", "ParameterName")
    }
    for sheet in dashboard.sheets:
        for control in sheet.controls:
            if control.of_parameter and control.source in parameters:
                return Handle(control, one.column, _test(one), dashboard.parameters.get(control.source))
            if not control.of_parameter and control.source == one.id and one.kind == "CategoryFilter":
                return Handle(control, one.column, "in")
    return None


def condition(dashboard: Dashboard, one: Filter, free: Control | None = None) -> list[Condition]:
    """Return what a filter demands, with the defaults of its parameters.

    Args:
        dashboard: whose parameters it may name.
        one: the filter.
        free: the control that is applied in the page instead; what it sets is left as wide as readers can set it.

    Raises:
        Unsupported: the preview does not know this kind of filter.
    """
    known = {
        "CategoryFilter": _category,
        "NumericEqualityFilter": _equality,
        "NumericRangeFilter": _range,
    }
    if one.kind not in known:
        raise Unsupported(f"{one.kind} {one.id}")
    return known[one.kind](dashboard, one, free)


def _test(one: Filter) -> str:
    if one.kind == "NumericRangeFilter":
        if "Parameter" in one.body.get("RangeMaximum", {}):
            return "max" if one.body.get("IncludeMaximum") else "under"
        return "min" if one.body.get("IncludeMinimum") else "over"
    return "equals"


def _value(dashboard: Dashboard, name: str) -> Any:
    if name not in dashboard.parameters:
        raise Unsupported(f"parameter {name} is not declared")
    return dashboard.parameters[name]


def _category(dashboard: Dashboard, one: Filter, free: Control | None) -> list[Condition]:
    ((kind, body),) = one.body["Configuration"].items()
    column = f"`{one.column}`"
    if free:
        return []
    if kind == "CustomFilterConfiguration" and body["MatchOperator"] == "EQUALS":
        value = _value(dashboard, body["ParameterName"]) if "ParameterName" in body else body["CategoryValue"]
        return [Condition(f"{column} = %s", (value,))] if value is not None else []
    if kind != "FilterListConfiguration" or body["MatchOperator"] not in ("CONTAINS", "DOES_NOT_CONTAIN"):
        raise Unsupported(f"{kind} {body['MatchOperator']} of filter {one.id}")
    nulls = body.get("NullOption") == "ALL_VALUES"
    values = tuple(body.get("CategoryValues", ()))
    if not values:
        return [] if nulls or "NullOption" not in body else [Condition(f"{column} IS NOT NULL")]
    operator = "IN" if body["MatchOperator"] == "CONTAINS" else "NOT IN"
    listed = f"{column} {operator} ({', '.join(['%s'] * len(values))})"
    return [Condition(f"({listed} OR {column} IS NULL)" if nulls else listed, values)]


def _equality(dashboard: Dashboard, one: Filter, free: Control | None) -> list[Condition]:
    if free:
        return []
    value = _value(dashboard, one.body["ParameterName"]) if "ParameterName" in one.body else one.body.get("Value")
    if value is None:
        return []
    operator = "=" if one.body.get("MatchOperator", "EQUALS") == "EQUALS" else "<>"
    return [Condition(f"`{one.column}` {operator} %s", (value,))]


def _range(dashboard: Dashboard, one: Filter, free: Control | None) -> list[Condition]:
    found = []
    for key, include, operator, widest in (
        ("RangeMinimum", "IncludeMinimum", ">", min),
        ("RangeMaximum", "IncludeMaximum", "<", max),
    ):
        bound: Json = one.body.get(key, {})
        value = bound.get("StaticValue")
        if "Parameter" in bound:
            value = _value(dashboard, bound["Parameter"])
            if free and bound["Parameter"] == free.source:
                value = widest([float(text) for text in free.values], default=None)
        if value is not None:
            found.append(Condition(f"`{one.column}` {operator}{'=' if one.body.get(include) else ''} %s", (value,)))
    if found and one.body.get("NullOption") == "ALL_VALUES":
        both = " AND ".join(each.sql for each in found)
        return [Condition(f"({both} OR `{one.column}` IS NULL)", tuple(v for each in found for v in each.values))]
    return found
