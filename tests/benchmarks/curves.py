"""How a measured time or memory grows with a size: the exponent, and what follows from it. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

FLAT_BELOW = 0.15
"""An exponent up to which something counts as flat: ten times the size costs at most 1.4 times as much."""


@dataclass(frozen=True)
class Point:
    """One measurement.

    Attributes:
        axis: what grows: `rows`, `dates` or `tables`.
        size: how big it is: multiples of the company, dates of history, tables of the dump.
        phase: what was run.
        seconds: from its start to its end.
        processor: seconds of processor time of the program and the server together: nearly the same on a busy machine.
        peak: largest resident memory of the program and its children, in bytes.
        bytes: size of the dump.
        server: its version.
        busy: processes that waited for each processor meanwhile (load average); above 1 the seconds are too many.
    """

    axis: str
    size: float
    phase: str
    seconds: float
    processor: float
    peak: int
    bytes: int
    server: str
    busy: float


def exponent(pairs: Iterable[tuple[float, float]]) -> float | None:
    """Return the slope of log(value) over log(size) by least squares: 1 is proportional, 0 flat.

    Args:
        pairs: sizes and values, all above 0; others are left out.

    Returns:
        None when there are fewer than two different sizes.
    """
    logs = [(math.log(size), math.log(value)) for size, value in pairs if size > 0 and value > 0]
    if len({x for x, _ in logs}) < 2:
        return None
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in logs)
    return slope / sum((x - mean_x) ** 2 for x, _ in logs)


def fixed_and_each(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the line through sizes and values: what comes with every run, and what a unit of size adds; not below 0.

    A program's start is a fixed part, which makes the exponent of small sizes too small; a look ahead takes the line.
    The line is fitted to relative differences, so that small sizes count as much as big ones.
    """
    if len({size for size, _ in pairs}) < 2:
        raise ValueError("a line needs two different sizes")
    weights = [1 / value**2 for _, value in pairs]
    total = sum(weights)
    mean_x = sum(w * x for w, (x, _) in zip(weights, pairs, strict=True)) / total
    mean_y = sum(w * y for w, (_, y) in zip(weights, pairs, strict=True)) / total
    slope = sum(w * (x - mean_x) * (y - mean_y) for w, (x, y) in zip(weights, pairs, strict=True))
    each = max(0.0, slope / sum(w * (x - mean_x) ** 2 for w, (x, _) in zip(weights, pairs, strict=True)))
    return max(0.0, mean_y - each * mean_x), each


def merge(known: Sequence[Point], found: Sequence[Point]) -> list[Point]:
    """Return all measurements, of one axis, size and phase only the newest, in order."""
    newest = {(point.axis, point.phase, point.size): point for point in (*known, *found)}
    order = {phase: number for number, phase in enumerate(dict.fromkeys(point.phase for point in (*known, *found)))}
    return sorted(newest.values(), key=lambda point: (point.axis, order[point.phase], point.size))


def as_json(points: Iterable[Point]) -> list[dict[str, Any]]:
    """Return measurements as JSON takes them, rounded."""
    return [
        {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(point).items()}
        for point in points
    ]


def from_json(items: Iterable[Mapping[str, Any]]) -> list[Point]:
    """Return the measurements that `as_json` wrote.

    Raises:
        ValueError: they are something else.
    """
    names = [field.name for field in fields(Point)]
    try:
        return [Point(*(item[name] for name in names)) for item in items]
    except (KeyError, TypeError) as error:
        raise ValueError(f"not measurements of this benchmark: {error!r}") from None
