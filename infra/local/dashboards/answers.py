"""One SELECT for each visual, and its rows.

A measure is asked in parts that can be added up again (an average as sum and number, a ratio as two sums), so that the
page can group anew what a reader's control leaves over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from infra.dashboards.tables import SCHEMAS
from infra.local.dashboards import filters
from infra.local.dashboards.definition import Dashboard, Field, Sheet, Unsupported, Visual, walk
from infra.local.dashboards.filters import Condition, Handle
from infra.local.dashboards.sorting import companion, orders, sort_columns

if TYPE_CHECKING:
    from MySQLdb.cursors import Cursor

Row = dict[str, Any]

# An answer with more rows than this leaves out the columns of its controls, those with most values first.
MOST_ROWS = 3000
# Beginning of the names of columns that are there for a control only.
CONTROL = "c_"
# Lines of a table that the page shows.
TABLE_ROWS = 200
RATIO = re.compile(r"^\s*sum\(\{(\w+)\}\)\s*/\s*sum\(\{(\w+)\}\)\s*$", re.IGNORECASE)
DAYS_OLD = re.compile(
    r"^\s*dateDiff\(max\(\{(\w+)\}\),\s*addDateTime\(9,\s*'HH',\s*now\(\)\),\s*'DD'\)\s*$", re.IGNORECASE
)
# Grains that can be made coarser.
COARSENED = ("DAY", "WEEK")
# SQL of an aggregate, and how its values are grouped further.
AGGREGATES = {
    "SUM": ("sum({})", "sum"),
    "MAX": ("max({})", "max"),
    "MIN": ("min({})", "min"),
    "COUNT": ("count({})", "sum"),
    "DISTINCT_COUNT": ("count(DISTINCT {})", ""),
}


@dataclass(frozen=True)
class Column:
    """A column of an answer.

    Attributes:
        alias: its name.
        sql: its expression.
        operation: how to group it further: `sum`, `min`, `max`; empty for what the answer is grouped by.
        values: what the expression binds.
    """

    alias: str
    sql: str
    operation: str = ""
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Measure:
    """A measure in the columns of the answer: itself, or the quotient of two."""

    field: Field
    parts: tuple[str, ...]
    additive: bool = True

    def value(self, row: Row) -> Any:
        """Return its value in a row."""
        first, *rest = (row[part] for part in self.parts)
        if not rest:
            return first
        return first / rest[0] if rest[0] and first is not None else None


@dataclass(frozen=True)
class Source:
    """A table that readers may see: its schema and the names of its columns."""

    schema: str
    columns: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Plan:
    """What is asked for a visual.

    Attributes:
        visual: the visual.
        schema: of the table that it shows.
        columns: what the answer holds.
        where: conditions.
        dimensions: alias of each dimension by FieldId.
        measures: each measure by FieldId.
        sorts: alias by column and aggregate of what is sorted by without being shown.
        companions: alias of the order of coded dimensions by FieldId.
        handles: what the controls do, with the alias of the column that each looks at.
        tooltips: alias by column of what only tooltips show.
        deaf: whether a control that holds for it works in QuickSight only.
    """

    visual: Visual
    schema: str
    columns: tuple[Column, ...]
    where: tuple[Condition, ...]
    dimensions: dict[str, str]
    measures: dict[str, Measure]
    sorts: dict[tuple[str, str], str] = field(default_factory=dict)
    companions: dict[str, str] = field(default_factory=dict)
    handles: tuple[tuple[Handle, str], ...] = ()
    tooltips: dict[str, str] = field(default_factory=dict)
    deaf: bool = False

    @property
    def grouped(self) -> bool:
        """Whether it has measures, so that rows are groups."""
        return bool(self.measures)

    def statement(self) -> tuple[str, list[Any]]:
        """Return the SELECT and what it binds."""
        shown = ", ".join(f"{one.sql} AS `{one.alias}`" for one in self.columns)
        text = f"SELECT {shown} FROM {self.schema}.`{self.visual.data_set}`"
        if self.where:
            text += " WHERE " + " AND ".join(one.sql for one in self.where)
        keys = [one.alias for one in self.columns if not one.operation]
        if self.grouped and keys:
            text += " GROUP BY " + ", ".join(f"`{alias}`" for alias in keys)
        if not self.grouped:
            text += self._order()
            text += f" LIMIT {TABLE_ROWS + 1}"
        elif keys:
            text += " ORDER BY " + ", ".join(f"`{alias}`" for alias in keys)
        bound = [*(one.values for one in self.columns), *(one.values for one in self.where)]
        return text, [value for values in bound for value in values]

    def _order(self) -> str:
        terms = [
            f"`{one.column or self.dimensions[one.field]}`{' DESC' if one.descending else ''}"
            for one in orders(self.visual, "Values")
        ]
        return " ORDER BY " + ", ".join(terms) if terms else ""


@dataclass(frozen=True)
class Answer:
    """The rows of a visual."""

    plan: Plan
    rows: list[Row]


def sources(cursor: Cursor) -> dict[str, Source]:
    """Return the tables of gold and of the reports that this login may read, by name."""
    columns = "SELECT table_schema, table_name, column_name FROM information_schema.columns"
    cursor.execute(f"{columns} WHERE table_schema IN %s", [SCHEMAS])
    found: dict[str, Source] = {}
    for schema, table, column in cursor.fetchall():
        found.setdefault(table, Source(schema)).columns.add(column)
    return found


def ask(
    cursor: Cursor, dashboard: Dashboard, sheet: Sheet, visual: Visual, known: Mapping[str, Source], today: date
) -> Answer:
    """Return the answer of a visual, with the columns of its controls as long as that stays small.

    Args:
        cursor: of a login that may read what readers see.
        dashboard: the definition.
        sheet: the visual's sheet.
        visual: the visual.
        known: tables by name, as `sources` returns them.
        today: the day in Tokyo, against which the age of data counts.

    Raises:
        Unsupported: the preview cannot ask what the visual shows.
    """
    if visual.data_set not in known:
        raise Unsupported(f"there is no table {visual.data_set} yet")
    left: frozenset[str] = frozenset()
    while True:
        asked = plan(dashboard, sheet, visual, known[visual.data_set], today, left)
        rows = _fetch(cursor, asked)
        free = [alias for _, alias in asked.handles if alias.startswith(CONTROL)]
        if len(rows) <= MOST_ROWS or not free or not asked.grouped:
            return Answer(asked, rows)
        left |= {max(free, key=lambda alias: len({row[alias] for row in rows})).removeprefix(CONTROL)}


def plan(
    dashboard: Dashboard,
    sheet: Sheet,
    visual: Visual,
    source: Source,
    today: date,
    left: frozenset[str] = frozenset(),
) -> Plan:
    """Return what to ask for a visual; see `ask`.

    Args:
        dashboard: the definition.
        sheet: the visual's sheet.
        visual: the visual.
        source: its table.
        today: the day in Tokyo.
        left: columns whose controls work in QuickSight only.

    Raises:
        Unsupported: the preview cannot ask what the visual shows.
    """
    maker = _Maker(dashboard, visual, source, today)
    for one in visual.fields():
        maker.add(one)
    if visual.kind == "GeospatialMapVisual":
        maker.add_tooltips()
    sorts = maker.add_sorts()
    companions = maker.add_companions()
    where: list[Condition] = []
    handles: list[tuple[Handle, str]] = []
    deaf = False
    for each in filters.applied(dashboard, sheet, visual, source.columns):
        found = filters.handle(dashboard, each)
        embedded = maker.embed(found.column) if found and found.column not in left else ""
        deaf = deaf or bool(found and not embedded)
        if found and embedded:
            handles.append((found, embedded))
        where += filters.condition(dashboard, each, free=found.control if found and embedded else None)
    return Plan(
        visual,
        source.schema,
        tuple(maker.columns),
        tuple(where),
        maker.dimensions,
        maker.measures,
        sorts,
        companions,
        tuple(handles),
        maker.tooltips,
        deaf,
    )


def drills(visual: Visual, one: Field) -> bool:
    """Whether the page lets readers make the grain of a date coarser: asked by day, grouped in the page."""
    drawn = visual.kind in ("LineChartVisual", "BarChartVisual", "ComboChartVisual")
    additive = all(each.aggregate != "DISTINCT_COUNT" for each in visual.fields())
    return bool(one.hierarchy) and one.grain in COARSENED and drawn and additive


class _Maker:
    """Collects the columns of a plan."""

    def __init__(self, dashboard: Dashboard, visual: Visual, source: Source, today: date) -> None:
        self._dashboard = dashboard
        self._visual = visual
        self._source = source
        self._today = today
        self.columns: list[Column] = []
        self.dimensions: dict[str, str] = {}
        self.measures: dict[str, Measure] = {}
        self.tooltips: dict[str, str] = {}

    def add(self, one: Field) -> None:
        if one.measure:
            alias = f"m{len(self.measures)}"
            self.measures[one.id] = self._measure(one, alias)
            return
        alias = f"d{len(self.dimensions)}"
        grain = "DAY" if drills(self._visual, one) else one.grain
        self.columns.append(Column(alias, _grained(self._column(one.column), grain)))
        self.dimensions[one.id] = alias

    def add_tooltips(self) -> None:
        items = [one["ColumnTooltipItem"] for one in walk(self._visual.chart) if "ColumnTooltipItem" in one]
        shown = [item["Column"]["ColumnName"] for item in items]
        for name in dict.fromkeys([*shown, *({"municipality"} & self._source.columns)]):
            self.tooltips[name] = f"t{len(self.tooltips)}"
            self.columns.append(Column(self.tooltips[name], self._column(name)))

    def add_sorts(self) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        if not self.measures:
            return found
        for number, (name, aggregate) in enumerate(sort_columns(self._visual)):
            sql, operation = AGGREGATES.get(aggregate, ("avg({})", "mean"))
            self.columns.append(Column(f"s{number}", sql.format(self._column(name)), operation or "max"))
            found[name, aggregate] = f"s{number}"
        return found

    def add_companions(self) -> dict[str, str]:
        found = {}
        for one in self._visual.fields():
            if one.id in self.dimensions and self.measures and companion(one) in self._source.columns:
                found[one.id] = f"o{self.dimensions[one.id]}"
                self.columns.append(Column(found[one.id], f"min(`{companion(one)}`)", "min"))
        return found

    def embed(self, name: str) -> str:
        """Return the alias of a control's column, or nothing when the page could not group without it."""
        # A pivot hides rows, not columns.
        fields = self._visual.well("Rows") if self._visual.kind == "PivotTableVisual" else self._visual.fields()
        shown = {one.column: self.dimensions[one.id] for one in fields if one.id in self.dimensions and not one.grain}
        if name in shown:
            return shown[name]
        if not self.measures or self._regroups():
            alias = f"{CONTROL}{name}"
            if alias not in {one.alias for one in self.columns}:
                self.columns.append(Column(alias, self._column(name)))
            return alias
        return ""

    def _regroups(self) -> bool:
        drawn = self._visual.kind not in ("KPIVisual", "TableVisual", "PivotTableVisual")
        return drawn and all(one.additive for one in self.measures.values())

    def _measure(self, one: Field, alias: str) -> Measure:
        expression = one.expression or self._dashboard.calculated.get((self._visual.data_set, one.column), "")
        if expression:
            return self._calculated(one, expression, alias)
        name = self._column(one.column)
        if one.aggregate == "AVERAGE":
            return self._quotient(one, alias, f"sum({name})", f"count({name})")
        if one.aggregate not in AGGREGATES:
            raise Unsupported(f"aggregate {one.aggregate or 'none'} of {one.id}")
        sql, operation = AGGREGATES[one.aggregate]
        self.columns.append(Column(alias, sql.format(name), operation or "max"))
        return Measure(one, (alias,), additive=bool(operation))

    def _calculated(self, one: Field, expression: str, alias: str) -> Measure:
        if ratio := RATIO.match(expression):
            above, below = (f"sum({self._column(name)})" for name in ratio.groups())
            return self._quotient(one, alias, above, below)
        if old := DAYS_OLD.match(expression):
            sql = f"datediff(%s, max({self._column(old[1])}))"
            self.columns.append(Column(alias, sql, "min", (self._today.isoformat(),)))
            return Measure(one, (alias,))
        raise Unsupported(f"calculation {expression}")

    def _quotient(self, one: Field, alias: str, above: str, below: str) -> Measure:
        self.columns += [Column(alias, above, "sum"), Column(f"{alias}n", below, "sum")]
        return Measure(one, (alias, f"{alias}n"))

    def _column(self, name: str) -> str:
        if (self._visual.data_set, name) in self._dashboard.calculated:
            raise Unsupported(f"calculated field {name} in place of a column")
        if name not in self._source.columns:
            raise Unsupported(f"{self._source.schema}.{self._visual.data_set} has no column {name}")
        return f"`{name}`"


def _grained(name: str, grain: str) -> str:
    if grain == "WEEK":
        return f"date_sub({name}, INTERVAL weekday({name}) DAY)"
    if grain == "MONTH":
        return f"date_format({name}, '%%Y-%%m-01')"
    if grain not in ("", "DAY"):
        raise Unsupported(f"dates by {grain}")
    return name


def _fetch(cursor: Cursor, asked: Plan) -> list[Row]:
    text, values = asked.statement()
    cursor.execute(text, values)
    names = [one.alias for one in asked.columns]
    return [dict(zip(names, map(plain, row), strict=True)) for row in cursor.fetchall()]


def plain(value: Any) -> Any:
    """Return a value of the database as JSON knows it: dates as text, decimals as numbers."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()[:10]
    return value
