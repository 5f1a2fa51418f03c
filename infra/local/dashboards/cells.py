"""KPI cards, tables and pivots as text: HTML and pictures write the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.local.dashboards.answers import TABLE_ROWS, Answer, Measure, Row
from infra.local.dashboards.conditions import color, contrast
from infra.local.dashboards.definition import Field, Json, Unsupported, Visual
from infra.local.dashboards.flow import dates, domain, parameter, shown
from infra.local.dashboards.sorting import Order, orders


@dataclass(frozen=True)
class Card:
    """A KPI.

    Attributes:
        value: the figure.
        color: of the figure, or nothing.
        difference: against the target or the date before, or nothing.
        difference_color: of the difference, or nothing.
        trend: values of the sparkline by date, None for a gap.
    """

    value: str
    color: str
    difference: str
    difference_color: str
    trend: tuple[float | None, ...]


@dataclass(frozen=True)
class Cell:
    """A cell with its colours, or nothing for the usual ones."""

    text: str
    number: bool = False
    background: str = ""
    ink: str = ""


@dataclass(frozen=True)
class Line:
    """A line of a table and the values by which controls hide it."""

    cells: tuple[Cell, ...]
    controls: tuple[tuple[str, str, Any], ...] = ()


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes:
        heads: names of the columns.
        numbers: which columns are figures.
        lines: what it shows.
        more: whether the data set has more lines.
    """

    heads: tuple[str, ...]
    numbers: tuple[bool, ...]
    lines: tuple[Line, ...]
    more: bool = False


def kpi(answer: Answer) -> Card:
    """Return a KPI with its comparison: in its own unit, that of a rate in points.

    Raises:
        Unsupported: the preview does not read its conditional formatting.
    """
    visual = answer.plan.visual
    if not visual.well("Values"):
        raise Unsupported(f"KPI {visual.id} without a value")
    field = visual.well("Values")[0]
    measure = answer.plan.measures[field.id]
    series = [measure.value(row) for row in answer.rows]
    known = [value for value in series if value is not None]
    last = known[-1] if known else None
    target = visual.well("TargetValues")
    before = known[-2] if visual.well("TrendGroups") and len(known) > 1 else None
    if target:
        before = answer.plan.measures[target[0].id].value(answer.rows[-1]) if answer.rows else None
    difference = ""
    if target or visual.well("TrendGroups"):
        difference = _difference(visual, field, last, before)
    trend = _trend(answer, measure) if visual.well("TrendGroups") and len(known) > 1 else ()
    latest = (
        {one.field.column: one.value(answer.rows[-1]) for one in answer.plan.measures.values()} if answer.rows else {}
    )
    return Card(
        field.format.write(last),
        _text_color(visual, "PrimaryValue", latest),
        difference,
        _text_color(visual, "ComparisonValue", latest),
        trend,
    )


def _trend(answer: Answer, measure: Measure) -> tuple[float | None, ...]:
    (field,) = answer.plan.visual.well("TrendGroups")
    alias = answer.plan.dimensions[field.id]
    found = {row[alias]: measure.value(row) for row in answer.rows if row[alias]}
    return tuple(found.get(day) for day in dates(min(found), max(found), field.grain))


def _text_color(visual: Visual, part: str, latest: dict[str, Any]) -> str:
    for option in visual.body.get("ConditionalFormatting", {}).get("ConditionalFormattingOptions", ()):
        setting = option.get(part, {}).get("TextColor")
        if setting and (chosen := color(setting, latest.get, None, [])):
            return chosen
    return ""


def _difference(visual: Visual, field: Field, value: Any, before: Any) -> str:
    if value is None or before is None:
        return field.format.write(None)
    options = visual.chart.get("KPIOptions", {}).get("Comparison", {})
    if options.get("ComparisonMethod", "DIFFERENCE") == "DIFFERENCE" or field.format.kind == "percent":
        return field.format.difference(value - before)
    return f"{(value - before) / before:+.1%}" if before else field.format.write(None)


def table(answer: Answer) -> Grid:
    """Return a table, aggregated or not.

    Raises:
        Unsupported: the preview does not read its conditional formatting.
    """
    visual = answer.plan.visual
    options = {
        one["FieldId"]: one
        for one in visual.chart.get("FieldOptions", {}).get("SelectedFieldOptions", ())
        if "FieldId" in one
    }
    fields = [one for one in visual.well("GroupBy", "Values") if options.get(one.id, {}).get("Visibility") != "HIDDEN"]
    order = visual.chart.get("FieldOptions", {}).get("Order", [])
    fields.sort(key=lambda one: order.index(one.id) if one.id in order else len(order))
    rows = _sorted(answer) if answer.plan.grouped else answer.rows
    painted = _Painter(answer, rows)
    lines = tuple(
        Line(tuple(painted.cell(one, row) for one in fields), _controls(answer, row)) for row in rows[:TABLE_ROWS]
    )
    numbers = tuple(_is_number(answer, one, rows) for one in fields)
    return Grid(tuple(one.label for one in fields), numbers, lines, len(rows) > TABLE_ROWS)


def pivot(answer: Answer) -> Grid:
    """Return a pivot: a line for each value of its rows, a column for each value of its columns.

    Raises:
        Unsupported: the preview does not read its conditional formatting.
    """
    visual = answer.plan.visual
    rows, columns, values = visual.well("Rows"), visual.well("Columns"), visual.well("Values")
    places = {
        one.id: {name: n for n, name in enumerate(domain(answer, one, well))}
        for well, fields in (("Rows", rows), ("Columns", columns))
        for one in fields
    }

    def key(row: Row, fields: tuple[Field, ...]) -> tuple[str, ...]:
        return tuple(shown(row[answer.plan.dimensions[one.id]]) for one in fields)

    def place(names: tuple[str, ...], fields: tuple[Field, ...]) -> tuple[int, ...]:
        return tuple(places[one.id][name] for one, name in zip(fields, names, strict=True))

    found = {(key(row, rows), key(row, columns)): row for row in answer.rows}
    across = sorted({one for _, one in found}, key=lambda names: place(names, columns))
    down = sorted({one for one, _ in found}, key=lambda names: place(names, rows))
    painted = _Painter(answer, answer.rows)
    lines = []
    for names in down:
        head = tuple(Cell(_short(text, one)) for text, one in zip(names, rows, strict=True))
        body = [
            painted.cell(one, found[names, group]) if (names, group) in found else Cell("", number=True)
            for group in across
            for one in values
        ]
        first = next(found[names, group] for group in across if (names, group) in found)
        lines.append(Line((*head, *body), _controls(answer, first)))
    heads = [" ".join(_short(text, one) for text, one in zip(group, columns, strict=True)) for group in across]
    if len(values) > 1 or not columns:
        heads = [f"{head} {one.label}".strip() for head in heads for one in values]
    numbers = (False,) * len(rows) + (True,) * len(heads)
    return Grid((*(one.label for one in rows), *heads), numbers, tuple(lines))


class _Painter:
    """Writes cells in the colours of the definition."""

    def __init__(self, answer: Answer, rows: list[Row]) -> None:
        self._plan = answer.plan
        self._values = {one.id: [self._value(one, row) for row in rows] for one in answer.plan.visual.fields()}
        self._settings: dict[str, list[Json]] = {}
        options = answer.plan.visual.body.get("ConditionalFormatting", {}).get("ConditionalFormattingOptions", ())
        for option in options:
            cell = option.get("Cell") or option.get("Row") or {}
            self._settings.setdefault(cell.get("FieldId", ""), []).append(cell.get("TextFormat", cell))

    def cell(self, field: Field, row: Row) -> Cell:
        value = self._value(field, row)
        background = ink = ""
        for setting in (*self._settings.get(field.id, ()), *self._settings.get("", ())):
            background = background or self._color(setting, "BackgroundColor", field, row)
            ink = ink or self._color(setting, "TextColor", field, row)
        text = _short(field.format.write(value), field)
        return Cell(
            text, isinstance(value, int | float), background, ink or (contrast(background) if background else "")
        )

    def _color(self, setting: Json, key: str, field: Field, row: Row) -> str:
        if key not in setting:
            return ""

        def lookup(name: str) -> Any:
            for one in self._plan.visual.fields():
                if one.column == name:
                    return self._value(one, row)
            return None

        return color(setting[key], lookup, self._value(field, row), self._values[field.id])

    def _value(self, field: Field, row: Row) -> Any:
        if field.id in self._plan.measures:
            return self._plan.measures[field.id].value(row)
        return row[self._plan.dimensions[field.id]]


def _short(text: str, field: Field) -> str:
    return text[:7] if field.grain == "MONTH" else text


def _is_number(answer: Answer, field: Field, rows: list[Row]) -> bool:
    if field.id in answer.plan.measures:
        return True
    alias = answer.plan.dimensions[field.id]
    known = [row[alias] for row in rows if row[alias] is not None]
    return bool(known) and all(isinstance(value, int | float) for value in known)


def _sorted(answer: Answer) -> list[Row]:
    rows = list(answer.rows)
    for order in reversed(orders(answer.plan.visual, "GroupBy")):
        rows.sort(key=lambda row, order=order: _known(_sort_value(answer, order, row)), reverse=order.descending)  # type: ignore[misc]
    return rows


def _sort_value(answer: Answer, order: Order, row: Row) -> Any:
    if order.column:
        return row[answer.plan.sorts[order.column, order.aggregate]]
    if order.field in answer.plan.measures:
        return answer.plan.measures[order.field].value(row)
    return row[answer.plan.dimensions[order.field]]


def _known(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else 0)


def _controls(answer: Answer, row: Row) -> tuple[tuple[str, str, Any], ...]:
    return tuple((parameter(one.control.source), one.test, row[alias]) for one, alias in answer.plan.handles)
