"""Compare the figures of a flash report with the warehouse's own, room by room, and with what others counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from include.reports.flash.figures import Benchmark, Figures
from include.reports.flash.words import CLASSES, METRICS, OCCUPIED, TOTAL, WITHOUT_REASON, month_end
from include.reports.report import Finding


@dataclass(frozen=True)
class Part:
    """Rooms that differ for one reason.

    Attributes:
        name: class of the difference.
        rooms: all rooms of the class; one that has a second type of tenant counts on neither side.
        report_alone: rooms that only the report counts.
        beside_alone: rooms that only the figure beside it counts.
    """

    name: str
    rooms: int
    report_alone: int
    beside_alone: int

    @property
    def is_explained(self) -> bool:
        """Whether the class is a reason."""
        return self.name in CLASSES

    @property
    def sentence(self) -> str:
        """What the class means."""
        return CLASSES.get(self.name, WITHOUT_REASON)

    @property
    def difference(self) -> int:
        """Rooms by which the figure beside exceeds the report, for this reason."""
        return self.beside_alone - self.report_alone


@dataclass(frozen=True)
class Comparison:
    """One metric beside the warehouse's own figure.

    Attributes:
        metric: its name.
        report: rooms of the report, None when it has none.
        beside: rooms of the figure beside it, None when there is none.
        parts: the rooms that differ, by reason.
    """

    metric: str
    report: int | None
    beside: int | None
    parts: Sequence[Part]

    @property
    def difference(self) -> int | None:
        """Rooms by which the figure beside exceeds the report."""
        return None if self.report is None or self.beside is None else self.beside - self.report

    @property
    def remainder(self) -> int:
        """Rooms of the difference that no row of the rooms makes up: the two tables contradict each other."""
        return 0 if self.difference is None else self.difference - sum(part.difference for part in self.parts)

    @property
    def open_rooms(self) -> int:
        """Rooms that nothing explains."""
        return sum(part.rooms for part in self.parts if not part.is_explained) + abs(self.remainder)


@dataclass(frozen=True)
class Check:
    """A figure beside what somebody else counted."""

    benchmark: Benchmark
    rooms: int

    @property
    def difference(self) -> int:
        """Rooms by which the report exceeds the benchmark."""
        return self.rooms - self.benchmark.value

    @property
    def agrees(self) -> bool | None:
        """Whether it is within the tolerance; None when there is none."""
        return None if self.benchmark.tolerance is None else abs(self.difference) <= self.benchmark.tolerance


def compare(figures: Figures) -> list[Comparison]:
    """Return each metric beside the warehouse's own figure."""
    alone: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for room in figures.rooms:
        if room.difference_class is not None:
            rooms = alone[room.metric, room.difference_class]
            rooms[0] += 1
            rooms[1] += room.is_in_report > room.is_in_gold
            rooms[2] += room.is_in_gold > room.is_in_report
    return [
        Comparison(
            metric,
            figures.rooms_of(metric, TOTAL),
            figures.beside[metric],
            [Part(name, *rooms) for (of, name), rooms in sorted(alone.items()) if of == metric],
        )
        for metric in METRICS
    ]


def check(figures: Figures) -> list[Check]:
    """Return each benchmark beside its figure; movements only at month end, for others counted whole months."""
    complete = figures.as_of == month_end(figures.as_of)
    found = []
    for benchmark in figures.benchmarks:
        rooms = figures.rooms_of(benchmark.metric, benchmark.tenant_type)
        if rooms is not None and (complete or benchmark.metric == OCCUPIED):
            found.append(Check(benchmark, rooms))
    return found


def findings(figures: Figures) -> tuple[Finding, ...]:
    """Return what people have to look at: rooms without a reason, and benchmarks out of tolerance."""
    made = []
    without = [f"{each.metric} {each.open_rooms}" for each in compare(figures) if each.open_rooms]
    if without:
        made.append(
            Finding(
                "flash report: rooms without a reason",
                f"the flash report as of {figures.as_of} differs from gold by rooms that no class explains "
                f"({', '.join(without)}); look them up in rooms.csv and reconciliation.csv, and tell the developers",
            )
        )
    out = [each for each in check(figures) if each.agrees is False]
    if out:
        said = ", ".join(f"{each.benchmark.metric} {each.rooms:,} beside {each.benchmark.value:,}" for each in out)
        made.append(
            Finding(
                "flash report: benchmark",
                f"the flash report as of {figures.as_of} is out of tolerance with what others counted ({said}); "
                "ask who told the benchmark (reconciliation.csv) by which rule it counts",
            )
        )
    return tuple(made)
