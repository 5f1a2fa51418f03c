"""Occupancy as a small SVG: facts solid, outlook dashed, gaps open, both axes labelled with their units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise
from math import ceil, floor, log10

from include.status_page.sources import DAYS_AHEAD, DAYS_BACK, Occupancy, OccupancyDay

TICKS = 4
# Horizontal lines that lie closer together, as a share of all rooms, need a second decimal to differ.
RUNG_OF_ONE_DIGIT = 0.001
# Room around the plot for the labels of the axes, in units of the drawing.
LEFT, RIGHT, TOP, BOTTOM = 58, 56, 30, 34


@dataclass(frozen=True)
class Line:
    """A stretch without a gap, as the points of a polyline; `projected` ones are dashed."""

    points: str
    projected: bool


@dataclass(frozen=True)
class Mark:
    """A label at a place."""

    x: float
    y: float
    text: str
    second: str = ""


@dataclass(frozen=True)
class Band:
    """Dates without facts."""

    x: float
    width: float
    title: str


@dataclass(frozen=True)
class Chart:
    """Everything that the template draws, in units of the drawing.

    Attributes:
        width, height: size of the drawing.
        left, right, top, bottom: edges of the plot.
        lines: the curve.
        rungs: horizontal lines; `text` are rooms, `second` is the rate.
        months: first days of months.
        bands: gaps.
        as_of: the newest fact.
    """

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    lines: tuple[Line, ...]
    rungs: tuple[Mark, ...]
    months: tuple[Mark, ...]
    bands: tuple[Band, ...]
    as_of: Mark


def draw(occupancy: Occupancy, width: int, height: int) -> Chart:
    """Lay the chart out for a width, so that letters keep their size on a telephone."""
    days = occupancy.days
    left, right, top, bottom = LEFT, width - RIGHT, TOP, height - BOTTOM
    first, last = occupancy.as_of - timedelta(days=DAYS_BACK), occupancy.as_of + timedelta(days=DAYS_AHEAD)
    rungs = _ticks(min(day.rooms for day in days), max(day.rooms for day in days))
    low, high = rungs[0], rungs[-1]

    def x(day: date) -> float:
        return round(left + (right - left) * (day - first).days / (last - first).days, 1)

    def y(rooms: float) -> float:
        return round(bottom - (bottom - top) * (rooms - low) / (high - low), 1)

    newest = [day for day in days if not day.projected][-1]
    of_all = newest.rooms / newest.rate if newest.rate else 0
    digits = 1 if of_all and (rungs[1] - low) / of_all >= RUNG_OF_ONE_DIGIT else 2
    return Chart(
        width,
        height,
        left,
        right,
        top,
        bottom,
        lines=tuple(
            Line(" ".join(f"{x(day.business_date)},{y(day.rooms)}" for day in part), part[-1].projected)
            for part in _stretches(days)
        ),
        rungs=tuple(Mark(left, y(rooms), f"{rooms:,}", _rate(rooms, of_all, digits)) for rooms in rungs),
        months=tuple(
            Mark(x(day), bottom, f"{day:%b %Y}" if day.month == 1 else f"{day:%b}") for day in _months(first, last)
        ),
        bands=tuple(
            Band(x(begin), round(x(end) - x(begin), 1), f"gap {begin + timedelta(days=1)} to {end - timedelta(days=1)}")
            for begin, end in _gaps(days)
        ),
        as_of=Mark(x(newest.business_date), y(newest.rooms), f"{newest.rooms:,}", f"{newest.business_date}"),
    )


def _stretches(days: Sequence[OccupancyDay]) -> Iterator[list[OccupancyDay]]:
    """Yield facts without a gap between them, then the outlook, which begins at the newest fact."""
    facts = [day for day in days if not day.projected]
    ahead = [day for day in days if day.projected]
    for _, part in groupby(enumerate(facts), lambda place: place[1].business_date - timedelta(days=place[0])):
        yield [day for _, day in part]
    if facts and ahead:
        yield [facts[-1], *ahead]


def _gaps(days: Sequence[OccupancyDay]) -> Iterator[tuple[date, date]]:
    """Yield the facts on both sides of each gap."""
    facts = [day.business_date for day in days if not day.projected]
    for before, after in pairwise(facts):
        if after - before > timedelta(days=1):
            yield before, after


def _ticks(low: int, high: int) -> list[int]:
    """Return round numbers that enclose the figures."""
    spread = max(high - low, 4)
    step = 10 ** floor(log10(spread / TICKS))
    step = next(step * factor for factor in (1, 2, 5, 10) if step * factor >= spread / TICKS)
    size = max(1, ceil(step))
    begin = max(0, floor(low / size) * size)
    end = ceil(high / size) * size
    if end == begin:
        end += size
    return list(range(begin, end + 1, size))


def _months(first: date, last: date) -> Iterator[date]:
    day = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    while day <= last:
        yield day
        day = (day + timedelta(days=32)).replace(day=1)


def _rate(rooms: int, of_all: float, digits: int) -> str:
    return f"{100 * rooms / of_all:.{digits}f} %" if of_all else ""
