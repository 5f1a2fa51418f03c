"""Data of a chart and how Vega-Lite groups them: filter, grain, group, order, other, values.

The names that charts use afterwards: `_x` category, `_o` its place, `_k` colour, `v0`… values, `f0`… as text.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from infra.local.dashboards.answers import Answer, Measure, Row, drills
from infra.local.dashboards.definition import Field, Format, Json, Visual, walk
from infra.local.dashboards.sorting import Order, limit, orders

OTHER = "その他 Other"
NOTHING = "–"
GRAIN = "grain"
# Beginnings of what says nothing about a value: shown last and grey.
UNKNOWN = ("不明", "未設定", "unknown", "(not set)", "その他 other", NOTHING)


def unknown(value: Any) -> bool:
    """Whether a value of a dimension stands for none or for the rest."""
    return str(value).lower().startswith(UNKNOWN)


def shown(value: Any) -> str:
    """Return a value of a dimension as text."""
    return NOTHING if value is None else str(value)


def domain(answer: Answer, field: Field, well: str) -> list[str]:
    """Return the values of a dimension in the order in which they are shown."""
    alias = answer.plan.dimensions[field.id]
    asked = orders(answer.plan.visual, well)
    order = asked[0] if asked else Order()
    keys: dict[str, Any] = {}
    for row in answer.rows:
        value = shown(row[alias])
        key = _key(answer, field, order, row)
        add = order.field in answer.plan.measures
        keys[value] = key if value not in keys else _merge(keys[value], key, add)
    return sorted(
        sorted(keys, key=lambda value: (unknown(value) and not order.column, value)),
        key=lambda value: (keys[value] is None, keys[value] or 0),
        reverse=order.descending,
    )


def _key(answer: Answer, field: Field, order: Order, row: Row) -> Any:
    if order.column:
        return row.get(answer.plan.sorts.get((order.column, order.aggregate), ""))
    if order.field in answer.plan.measures:
        return answer.plan.measures[order.field].value(row)
    if order.field == field.id:
        return row[answer.plan.dimensions[field.id]]
    return row.get(answer.plan.companions.get(field.id, ""))


def _merge(before: Any, key: Any, add: bool) -> Any:
    if before is None or key is None:
        return before if key is None else key
    return before + key if add else min(before, key)


def dates(first: str, last: str, grain: str) -> list[str]:
    """Return every date of a grain from one to the other."""
    day, found = date.fromisoformat(first), []
    while day.isoformat() <= last:
        found.append(day.isoformat())
        if grain == "MONTH":
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        else:
            day += timedelta(days=7 if grain == "WEEK" else 1)
    return found


def with_gaps(answer: Answer, category: Field, color: Field | None) -> list[Row]:
    """Return the rows with one more for each date that has none: a line must not run across it.

    With controls each date gets one, for what a filter leaves over may miss dates that the whole has.
    """
    treatment = next((one["TreatmentOption"] for one in walk(answer.plan.visual.chart) if "TreatmentOption" in one), "")
    alias = answer.plan.dimensions[category.id]
    known = sorted({_start(row[alias], category.grain) for row in answer.rows if row[alias]})
    if treatment not in ("SHOW_AS_BLANK", "SHOW_AS_ZERO") or not known:
        return answer.rows
    key = answer.plan.dimensions[color.id] if color else ""
    there = {(_start(row[alias], category.grain), row.get(key)) for row in answer.rows if row[alias]}
    value = 0 if treatment == "SHOW_AS_ZERO" else None
    parts = {part: value for measure in answer.plan.measures.values() for part in measure.parts}
    more = [
        {alias: day, **({key: one} if key else {}), **parts, "gap": True}
        for day in dates(known[0], known[-1], category.grain)
        for one in ({row[key] for row in answer.rows} if key else {None})
        if answer.plan.handles or (day, one) not in there
    ]
    return answer.rows + sorted(more, key=lambda row: (row[alias], str(row.get(key))))


def _start(day: str, grain: str) -> str:
    """Return the Monday of a date, or the first of its month."""
    when = date.fromisoformat(day)
    if grain == "WEEK":
        return (when - timedelta(days=when.weekday())).isoformat()
    return when.replace(day=1).isoformat() if grain == "MONTH" else day


def with_grains(rows: list[Row], alias: str) -> list[Row]:
    """Return the rows with the Monday and the first of the month of each date."""
    return [
        row | {f"{alias}w": _start(row[alias], "WEEK"), f"{alias}m": _start(row[alias], "MONTH")} if row[alias] else row
        for row in rows
    ]


def flow(answer: Answer, category: Field, color: Field | None, measures: list[Measure], palette: list[str]) -> Json:
    """Return data, parameters and transforms of a chart.

    Args:
        answer: its rows.
        category: what stands on the axis.
        color: what colours say, if a dimension does.
        measures: its values.
        palette: the colours' values that are shown by name; others are the rest.
    """
    visual = answer.plan.visual
    alias = answer.plan.dimensions[category.id]
    rows = with_gaps(answer, category, color) if category.grain else answer.rows
    params, transform = controls(answer)
    x = f"datum.{alias}"
    if drills(visual, category):
        rows = with_grains(rows, alias)
        params.append({"name": GRAIN, "value": category.grain})
        x = f"{GRAIN} === 'MONTH' ? datum.{alias}m : {GRAIN} === 'WEEK' ? datum.{alias}w : datum.{alias}"
    transform.append({"calculate": f"isValid({x}) ? toString({x}) : '{NOTHING}'", "as": "_x"})
    keys = ["_x"]
    if color:
        transform += _colors(visual, f"datum.{answer.plan.dimensions[color.id]}", palette)
        keys.append("_k")
    grouped = _grouping(answer)
    transform.append({"aggregate": grouped, "groupby": keys})
    if category.grain:
        transform.append({"calculate": "datum._x", "as": "_o"})
        if answer.plan.handles:
            transform += _trimmed(measures)
    else:
        transform += _ordered(answer, category, keys, grouped)
    return {"data": {"values": rows}, "params": params, "transform": transform + values(measures)}


def controls(answer: Answer) -> tuple[list[Json], list[Json]]:
    """Return the parameters that controls of the page set, and the filters that obey them."""
    params: list[Json] = []
    tests = []
    for handle, alias in answer.plan.handles:
        name = parameter(handle.control.source)
        if name not in {one["name"] for one in params}:
            params.append({"name": name, "value": handle.value})
        test = {
            "in": f"indexof({name}, toString(datum.{alias})) >= 0",
            "equals": f"toString(datum.{alias}) === toString({name})",
            "max": f"datum.{alias} <= toNumber({name})",
            "under": f"datum.{alias} < toNumber({name})",
            "min": f"datum.{alias} >= toNumber({name})",
            "over": f"datum.{alias} > toNumber({name})",
        }[handle.test]
        tests.append(f"({name} === null || ({test}))")
    return params, [{"filter": "datum.gap || (" + " && ".join(tests) + ")"}] if tests else []


def parameter(source: str) -> str:
    """Return the name of a control's parameter in Vega."""
    return "p_" + "".join(letter if letter.isalnum() else "_" for letter in source)


def values(measures: list[Measure]) -> list[Json]:
    """Return the transforms that make values of parts and write them as text."""
    made = []
    for number, measure in enumerate(measures):
        first, *rest = (f"datum.{part}" for part in measure.parts)
        value = f"isValid({first}) ? {first} : null"
        if rest:
            value = f"isValid({first}) && {rest[0]} ? {first} / {rest[0]} : null"
        made.append({"calculate": value, "as": f"v{number}"})
        made.append({"calculate": written(f"datum.v{number}", measure.field.format), "as": f"f{number}"})
    return made


def written(value: str, form: Format) -> str:
    """Return the expression that writes a value."""
    pattern = f",.{form.decimals}%" if form.kind == "percent" else f",.{form.decimals}f"
    text = f"format({value}, '{pattern}')"
    if form.kind != "percent":
        text = f"'{form.prefix}' + {text} + '{form.suffix}'"
    return f"isValid({value}) ? {text} : '{NOTHING}'"


def _trimmed(measures: list[Measure]) -> list[Json]:
    """Return the transforms that cut dates without values before the first and behind the last that controls leave."""
    known = " || ".join(f"isValid(datum.{measure.parts[0]})" for measure in measures)
    ends = [{"op": operation, "field": "_at", "as": f"_{operation}"} for operation in ("min", "max")]
    return [
        {"calculate": "time(toDate(datum._x))", "as": "_day"},
        {"calculate": f"{known} ? datum._day : null", "as": "_at"},
        {"joinaggregate": ends},
        {"filter": "datum._day >= datum._min && datum._day <= datum._max"},
    ]


def _colors(visual: Visual, key: str, palette: list[str]) -> list[Json]:
    cut = limit(visual, "Colors")
    name = f"isValid({key}) ? toString({key}) : '{NOTHING}'"
    if not cut:
        return [{"calculate": name, "as": "_k"}]
    known = f"indexof({[one for one in palette if one != OTHER]!r}, {name}) >= 0"
    if not cut[1]:
        return [{"calculate": name, "as": "_k"}, {"filter": known}]
    return [{"calculate": f"{known} ? ({name}) : '{OTHER}'", "as": "_k"}]


def _grouping(answer: Answer) -> list[Json]:
    operations = {one.alias: one.operation for one in answer.plan.columns if one.operation}
    return [{"op": operation, "field": alias, "as": alias} for alias, operation in operations.items()]


def _ordered(answer: Answer, category: Field, keys: list[str], grouped: list[Json]) -> list[Json]:
    """Return the transforms that give each category its place and, beyond the limit, the name of the rest."""
    plan = answer.plan
    asked = orders(plan.visual, "Category")
    order = asked[0] if asked else Order()
    if order.column:
        parts: tuple[str, ...] = (plan.sorts[order.column, order.aggregate],)
    elif order.field in plan.measures:
        parts = plan.measures[order.field].parts
    else:
        parts = (plan.companions[category.id],) if category.id in plan.companions and not order.field else ()
    made: list[Json] = []
    if parts:
        operations = {one["field"]: one["op"] for one in grouped}
        sums = [{"op": operations[part], "field": part, "as": f"_s{number}"} for number, part in enumerate(parts)]
        made.append({"joinaggregate": sums, "groupby": ["_x"]})
    by = "datum._s0 / datum._s1" if len(parts) > 1 else "datum._s0" if parts else "datum._x"
    # A value stands in one place, even beside another with the same figure.
    terms = [{"field": "_s", "order": "descending" if order.descending else "ascending"}, {"field": "_x"}]
    made += [
        {"calculate": by, "as": "_s"},
        {"window": [{"op": "dense_rank", "as": "_o"}], "sort": terms},
    ]
    cut = limit(plan.visual, "Category")
    if cut and cut[1]:
        made += [
            {"calculate": f"datum._o <= {cut[0]} ? datum._x : '{OTHER}'", "as": "_x"},
            {"calculate": f"min(datum._o, {cut[0] + 1})", "as": "_o"},
            {"aggregate": grouped, "groupby": [*keys, "_o"]},
        ]
    elif cut:
        made.append({"filter": f"datum._o <= {cut[0]}"})
    return made
