"""The page about growth and its picture, from measurements: pure functions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.benchmarks.curves import FLAT_BELOW, Point, exponent, fixed_and_each

MUST_BE_FLAT = {
    ("rows", "scan"): "memory",
    ("rows", "load"): "memory",
    ("rows", "next day"): "memory",
    ("tables", "scan"): "memory",
    ("tables", "load"): "memory",
    ("dates", "capture"): "time",
    ("dates", "append"): "time",
    ("dates", "silver"): "time",
    ("dates", "gold"): "time",
}
TITLES = {
    "rows": "Rows: a company so many times as large",
    "dates": "Dates of history",
    "tables": "Tables in the dump",
}
ORDER = ("scan", "load", "next day", "capture", "append", "silver", "gold")
UNITS = {"rows": "times today's company", "dates": "dates", "tables": "tables"}
COLORS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b")
# The real company: its dump, how much it grows in a day, and what its mornings leave for everything up to gold.
DUMP_MB = 945
GROWS_MB = (1, 2)
YEARS = 10
DAYS = 365
DATES_TODAY = 280
MORNING_MINUTES = 45
CORES = 2
NOISE_SECONDS = 0.5
OF_A_DAY = ("load", "capture", "silver", "gold")


def phases_of(points: Sequence[Point], axis: str) -> dict[str, list[Point]]:
    """Return the measurements of an axis by phase, by size."""
    found: dict[str, list[Point]] = {}
    for point in sorted(points, key=lambda each: each.size):
        if point.axis == axis:
            found.setdefault(point.phase, []).append(point)
    return {phase: found[phase] for phase in sorted(found, key=ORDER.index)}


def exponents(axis: str, points: Sequence[Point]) -> tuple[float | None, float | None, float | None]:
    """Return the exponents of seconds, processor seconds and memory; rows are measured in bytes of the dump."""
    sizes = [float(point.bytes) if axis == "rows" else point.size for point in points]
    values = ([each.seconds for each in points], [each.processor for each in points], [float(p.peak) for p in points])
    time, processor, memory = (exponent(zip(sizes, each, strict=True)) for each in values)
    return time, processor, memory


def mark(axis: str, points: Sequence[Point]) -> str:
    """Return whether what must stay flat is flat, or nothing where nothing must.

    Time is that of the processor, which other work on the machine changes least. Where all sizes lie so close together
    that starting a program makes the difference, nothing grows either.
    """
    kind = MUST_BE_FLAT.get((axis, points[0].phase))
    _, processor, memory = exponents(axis, points)
    grows = memory if kind == "memory" else processor
    if kind is None or grows is None:
        return ""
    seconds = [point.processor for point in points]
    close = kind == "time" and max(seconds) - min(seconds) < NOISE_SECONDS
    return f"{kind} flat" if close or grows <= FLAT_BELOW else f"**{kind} not flat**"


def lines_of(points: Sequence[Point]) -> Iterator[str]:
    """Yield the tables as text for a terminal."""
    for axis in TITLES:
        for phase, found in phases_of(points, axis).items():
            time, processor, memory = map(_power, exponents(axis, found))
            verdict = mark(axis, found).strip("*")
            yield f"{axis}: {phase:9} exponent of time {time}, of processor {processor}, of memory {memory}  {verdict}"
            for each in found:
                yield (
                    f"  {each.size:8g} {each.bytes / 1e6:8.0f} MB {each.seconds:8.1f} s {each.processor:8.1f} s "
                    f"processor {each.peak / 1e6:6.0f} MB"
                )


def _power(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def page(points: Sequence[Point], facts: Mapping[str, Any], picture_name: str) -> str:
    """Return the page as Markdown."""
    busy = sorted(point.busy for point in points)
    servers = ", ".join(sorted({point.server for point in points}))
    lines = [
        "# How the day grows",
        "",
        "Written by `python -m tests.benchmarks.growth page` from [growth.json](growth.json); every figure comes from "
        f"a run. Servers: {servers}; buffer pool {facts.get('buffer_pool_mb', '?')} MB; client and server on the same "
        f"{CORES} cores, which other work kept busy: from {busy[0]:.1f} to {busy[-1]:.1f} processes wanted each core. "
        "So the seconds of the clock are too many wherever that is above 1; the processor seconds, of program and "
        "server together, hardly are, and exponents and forecasts rest on them. Memory is the program's, its "
        "children's included; the server has its pool.",
        "",
        f"An exponent of 1 means proportional, 0 means flat. Up to {FLAT_BELOW} counts as flat: ten times the size "
        "costs at most 1.4 times as much.",
        "",
        f"![]({picture_name})",
    ]
    for axis, title in TITLES.items():
        if found := phases_of(points, axis):
            company = facts.get(f"{axis}_company")
            of = f", in a company {company:g} times as large as the real one" if company else ""
            lines += ["", f"### {title}{of}", "", *_table(axis, found)]
    lines += ["", "## What that means", "", *_meaning(points, facts)]
    return "\n".join(lines)


def _table(axis: str, phases: Mapping[str, Sequence[Point]]) -> Iterator[str]:
    sizes = sorted({point.size for found in phases.values() for point in found})
    heads = " | ".join(f"{size:g}" for size in sizes)
    yield f"Seconds / processor seconds / MB of memory, by {UNITS[axis]}:"
    yield ""
    yield f"| phase | {heads} | exponent of time | of processor | of memory | must stay flat |"
    yield "|---" * (len(sizes) + 5) + "|"
    for phase, found in phases.items():
        by_size = {point.size: point for point in found}
        cells = [
            f"{by_size[size].seconds:.1f} / {by_size[size].processor:.1f} / {by_size[size].peak / 1e6:.0f}"
            if size in by_size
            else ""
            for size in sizes
        ]
        powers = " | ".join(map(_power, exponents(axis, found)))
        yield f"| {phase} | {' | '.join(cells)} | {powers} | {mark(axis, found)} |"


def _meaning(points: Sequence[Point], facts: Mapping[str, Any]) -> Iterator[str]:
    rows = phases_of(points, "rows")
    lines = {phase: _line(found) for phase, found in rows.items() if len({point.size for point in found}) > 1}
    low, high = ((DUMP_MB + grows * DAYS * YEARS) / DUMP_MB for grows in GROWS_MB)
    yield (
        f"The dump is {DUMP_MB} MB and grows {GROWS_MB[0]} to {GROWS_MB[1]} MB a day: in {YEARS} years "
        f"{low * DUMP_MB / 1000:.1f} to {high * DUMP_MB / 1000:.1f} GB, {low:.1f} to {high:.1f} times as much. A "
        f"company ten times as large has {10 * DUMP_MB / 1000:.1f} GB today. Processor seconds, from the straight line "
        f"through what was measured (the start of a program, and so much for each part of the company); {CORES} cores "
        f"give up to {CORES} of them a second. As if all tables grew alike, which is more than will be:"
    )
    yield ""
    yield f"| phase | today | in {YEARS} years | ten times the company |"
    yield "|---|---|---|---|"
    for phase, (fixed, each) in lines.items():
        years = f"{fixed + each * low:.0f} to {fixed + each * high:.0f}"
        yield f"| {phase} | {fixed + each:.0f} | {years} | {fixed + each * 10:.0f} |"
    yield ""
    yield from _history(points, facts, lines)
    yield from _end(lines)


def _line(found: Sequence[Point]) -> tuple[float, float]:
    return fixed_and_each([(point.size, point.processor) for point in found])


def _history(
    points: Sequence[Point], facts: Mapping[str, Any], lines: Mapping[str, tuple[float, float]]
) -> Iterator[str]:
    width, tenants = facts.get("history_bytes_per_row"), facts.get("tenants")
    if not width or not tenants:
        return
    rows = tenants / facts.get("dates_company", 1.0)
    dates = DATES_TODAY + YEARS * DAYS
    yield (
        f"History grows by {DAYS} dates a year, each with about {rows:,.0f} tenants at {width:.0f} bytes of table and "
        f"keys: {rows * DATES_TODAY * width / 1e9:.1f} GB for {DATES_TODAY} dates, {rows * dates * width / 1e9:.0f} GB "
        f"for the {dates:,} dates of {YEARS} more years, {10 * rows * dates * width / 1e9:.0f} GB for a company ten "
        "times as large."
    )
    yield ""
    if verdicts := {phase: mark("dates", found) for phase, found in phases_of(points, "dates").items()}:
        said = ", ".join(f"{phase}: {verdict.strip('*')}" for phase, verdict in verdicts.items() if verdict)
        yield f"What a day costs however many dates are there already: {said or 'not measured'}."
        starts = [(phase, lines[phase][0]) for phase in verdicts if phase in lines]
        if starts:
            told = ", ".join(f"{phase} {fixed:.1f} s" for phase, fixed in starts)
            yield (
                f"Some of it is the start of a program, which comes with every run ({told}) and hides what grows in a "
                "small company: measure a larger one (`dates --company 1`) where that matters."
            )
        yield ""
    if "append" in lines:
        each = lines["append"][1]
        years, larger = (minutes(each * size * dates) for size in (1, 10))
        yield (
            f"Making the whole history anew after a loss, at {each:.2f} processor seconds a date: "
            f"{minutes(each * DATES_TODAY)} today, {years} in {YEARS} years, {larger} then for a company ten times as "
            "large, with the key of tenants kept up to date row by row; the loader makes it afterwards, in less time."
        )
        yield ""


def minutes(seconds: float) -> str:
    """Return how long that is on all cores, in words."""
    return f"{seconds / CORES / 60:.1f} minutes" if seconds < 7200 * CORES else f"{seconds / CORES / 3600:.1f} hours"


def _end(lines: Mapping[str, tuple[float, float]]) -> Iterator[str]:
    """Say how large a company one writer can serve, where all phases of a day were measured."""
    if not all(phase in lines for phase in OF_A_DAY):
        return
    fixed = sum(lines[phase][0] for phase in OF_A_DAY)
    each = sum(lines[phase][1] for phase in OF_A_DAY)
    size = (MORNING_MINUTES * 60 * CORES - fixed) / each
    yield (
        f"**Where one Aurora writer ends.** Between the dump and 08:00 lie {MORNING_MINUTES} minutes for everything up "
        f"to gold. {' + '.join(OF_A_DAY)}, with all tables loaded anew, take {fixed:.0f} processor seconds and "
        f"{each:.0f} for each size of today's company: {minutes(fixed + 10 * each)} on {CORES} processors for a "
        f"company ten times as large. By the processor alone they would fill the {MORNING_MINUTES} minutes at "
        f"{size:.0f} times today's company, a dump of {size * DUMP_MB / 1000:.0f} GB; that line is drawn far beyond "
        "what was measured, and ends earlier where the tables that models join outgrow the buffer pool. "
        "A bigger writer moves that end. "
        "What does not fit one writer for good is history: it only grows, nobody reads most of it, and making it anew "
        "takes as long as it is large. The way on is not a bigger writer but engines that exist: history as Parquet in "
        "S3 under the Glue catalog, one partition a date, read by Athena, and a limited number of dates in Aurora."
    )


# --- the picture ----------------------------------------------------------------------------------------------------

PANEL, HEIGHT, LEFT, TOP, LABELS = 330, 300, 52, 40, 78
LABEL_STEP = 13


def picture(points: Sequence[Point]) -> str:
    """Return an SVG: processor seconds over size, one panel for each axis, both scales logarithmic."""
    shown = [axis for axis in TITLES if phases_of(points, axis)]
    width, height = len(shown) * (LEFT + PANEL + LABELS) + 10, TOP + HEIGHT + 48
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for number, axis in enumerate(shown):
        parts += _panel(axis, phases_of(points, axis), LEFT + number * (LEFT + PANEL + LABELS))
    return "\n".join([*parts, "</svg>", ""])


def _panel(axis: str, phases: Mapping[str, Sequence[Point]], left: float) -> Iterator[str]:
    everything = [point for found in phases.values() for point in found]
    low_x, high_x = min(p.size for p in everything), max(p.size for p in everything)
    low_y = 10.0 ** math.floor(math.log10(min(p.processor for p in everything)))
    high_y = 10.0 ** math.ceil(math.log10(max(p.processor for p in everything) * 1.01))

    def x(value: float) -> float:
        span = math.log(high_x / low_x) or 1.0
        return left + 10 + (PANEL - 20) * math.log(value / low_x) / span

    def y(value: float) -> float:
        return TOP + HEIGHT * (1 - math.log(value / low_y) / math.log(high_y / low_y))

    yield f'<text x="{left}" y="{TOP - 18}" font-size="13" font-weight="bold">{TITLES[axis]}</text>'
    yield f'<text x="{left}" y="{TOP - 5}" fill="#555">processor seconds; scales are logarithmic</text>'
    yield f'<rect x="{left}" y="{TOP}" width="{PANEL}" height="{HEIGHT}" fill="none" stroke="#999"/>'
    for power in range(round(math.log10(low_y)), round(math.log10(high_y)) + 1):
        at = y(10.0**power)
        yield f'<path d="M{left} {at:.1f}h{PANEL}" stroke="#ddd"/>'
        yield f'<text x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g}</text>'
    for size in sorted({p.size for p in everything}):
        yield f'<path d="M{x(size):.1f} {TOP + HEIGHT}v5" stroke="#999"/>'
        yield f'<text x="{x(size):.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{size:g}</text>'
    yield f'<text x="{left + PANEL / 2}" y="{TOP + HEIGHT + 36}" text-anchor="middle">{UNITS[axis]}</text>'
    placed: list[float] = []
    curves = sorted(phases.items(), key=lambda item: y(item[1][-1].processor))
    for phase, found in curves:
        color = COLORS[ORDER.index(phase)]
        places = [(x(p.size), y(p.processor)) for p in found]
        yield (
            f'<polyline points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in places)}" fill="none" stroke="{color}" '
            'stroke-width="2"/>'
        )
        for a, b in places:
            yield f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{color}"/>'
        at = max(places[-1][1] + 4, placed[-1] + LABEL_STEP if placed else 0)
        placed.append(at)
        label = f"{phase} {_power(exponents(axis, found)[1])}"
        yield f'<text x="{left + PANEL + 5}" y="{at:.1f}" fill="{color}">{label}</text>'
