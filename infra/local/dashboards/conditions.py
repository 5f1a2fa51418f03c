"""Conditional formatting of cards and cells."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

from infra.local.dashboards.definition import Json, Unsupported

FIGURE = r"(?:\w+\()?\{(\w+)\}\)?"
COMPARISON = re.compile(
    rf"^\(?\s*{FIGURE}(?:\s*-\s*{FIGURE})?\s*(<=|>=|<>|=|<|>)\s*('[^']*'|\"[^\"]*\"|-?\d+(?:\.\d+)?)\s*\)?$"
)
TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
}
Lookup = Callable[[str], Any]


def holds(expression: str, lookup: Lookup) -> bool:
    """Whether a condition holds: comparisons of a column, or a difference of two, joined by AND or OR.

    Args:
        expression: for example `MAX({days_old}) > 2`.
        lookup: returns the value of a column.

    Raises:
        Unsupported: the preview does not read this expression.
    """
    return any(
        all(_compare(part, lookup) for part in re.split(r"\s+AND\s+", either, flags=re.IGNORECASE))
        for either in re.split(r"\s+OR\s+", expression.strip(), flags=re.IGNORECASE)
    )


def color(setting: Json, lookup: Lookup, value: Any, values: list[Any]) -> str:
    """Return the colour that a setting gives a value, or nothing.

    Args:
        setting: `Solid` or `Gradient` of the definition.
        lookup: returns the value of a column.
        value: the value itself.
        values: all values of its field, between which a gradient runs.

    Raises:
        Unsupported: the preview does not read the expression.
    """
    if solid := setting.get("Solid"):
        return str(solid["Color"]) if holds(solid["Expression"], lookup) else ""
    stops = setting.get("Gradient", {}).get("Color", {}).get("Stops", [])
    known = [float(one) for one in values if isinstance(one, int | float)]
    if not stops or not known or not isinstance(value, int | float):
        return ""
    low, high = min(known), max(known)
    points = [(one.get("DataValue", low + (high - low) * one["GradientOffset"]), one["Color"]) for one in stops]
    return _between(sorted(points), float(value))


def contrast(background: str) -> str:
    """Return the colour of text that can be read on a background."""
    red, green, blue = _rgb(background)
    return "#FFFFFF" if 0.299 * red + 0.587 * green + 0.114 * blue < 140 else "#26323F"


def _between(points: list[tuple[float, str]], value: float) -> str:
    if value <= points[0][0]:
        return points[0][1]
    for (low, first), (high, second) in itertools.pairwise(points):
        if value <= high:
            share = (value - low) / (high - low) if high > low else 1.0
            mixed = (round(a + (b - a) * share) for a, b in zip(_rgb(first), _rgb(second), strict=True))
            return "#" + "".join(f"{one:02X}" for one in mixed)
    return points[-1][1]


def _rgb(text: str) -> tuple[int, int, int]:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _compare(text: str, lookup: Lookup) -> bool:
    found = COMPARISON.match(text.strip())
    if not found:
        raise Unsupported(f"condition {text}")
    name, less, operator, literal = found.groups()
    value = lookup(name)
    if less and value is not None:
        value = None if lookup(less) is None else value - lookup(less)
    expected: Any = literal[1:-1] if literal[0] in "'\"" else float(literal)
    if value is None or isinstance(value, str) != isinstance(expected, str):
        return False
    return TESTS[operator](value, expected)
