"""Compare the figures of a flash report with the warehouse's own, room by room, and with what others counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from include.reports.flash.figures import Benchmark, Figures
from include.reports.flash.words import CLASSES, METRICS, OCCUPIED, TOTAL, WITHOUT_REASON, month_end
from include.reports.report import Finding
from include.reports.workbook import both

AGREES = {
    True: both("許容差内", "Within the tolerance"),
    False: both("許容差を超過。出所に数え方を確認", "Out of tolerance; ask who told it by which rule it counts"),
    None: both("許容差の指定なし", "Nobody said by how much it may differ"),
}
OPEN = both("理由の不明な部屋数。0 が正常", "Rooms that no class explains; 0 is right")
NOT_COMPARED = both("欠測のため比較しない", "Not compared, for one of both is a gap")


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
        """What the class means, in Japanese and in English."""
        return both(*CLASSES.get(self.name, WITHOUT_REASON))

    @property
    def difference(self) -> int:
        """Rooms by which the report exceeds the figure beside it, for this reason."""
        return self.report_alone - self.beside_alone


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
        """Rooms by which the report exceeds the figure beside it."""
        return None if self.report is None or self.beside is None else self.report - self.beside

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


@dataclass(frozen=True)
class Line:
    """One line of the reconciliation; `difference` is the report less its reference.

    Attributes:
        metric: name of the figure.
        tenant_type: of the figure.
        kind: `figure`, `class` of its difference, `not explained`, or `benchmark`.
        name: of the class; who told the benchmark.
        report: rooms of the report; of a class those that only the report counts.
        reference: rooms beside it; of a class those that only the reference counts.
        difference: rooms.
        tolerance: of a benchmark.
        note: a sentence for people.
    """

    metric: str
    tenant_type: str
    kind: str
    name: str
    report: int | None
    reference: int | None
    difference: int | None
    tolerance: int | None
    note: str


def lines(figures: Figures) -> list[Line]:
    """Return the reconciliation: each figure, why it differs, what nothing explains; then the benchmarks."""
    made = []
    for each in compare(figures):
        made.append(
            Line(
                *(each.metric, TOTAL, "figure", "", each.report, each.beside, each.difference, None),
                METRICS[each.metric].beside,
            )
        )
        made += [
            Line(
                *(each.metric, TOTAL, "class", part.name, part.report_alone, part.beside_alone, part.difference, None),
                part.sentence,
            )
            for part in each.parts
        ]
        made.append(
            Line(
                *(each.metric, TOTAL, "not explained", "", None, None, each.open_rooms, None),
                OPEN if each.difference is not None else NOT_COMPARED,
            )
        )
    return made + [
        Line(
            *(told.metric, told.tenant_type, "benchmark", told.told_by, each.rooms, told.value, each.difference),
            told.tolerance,
            AGREES[each.agrees],
        )
        for each in check(figures)
        for told in (each.benchmark,)
    ]


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
                "rooms without a reason",
                f"the flash report as of {figures.as_of} differs from gold by rooms that no class explains "
                f"({', '.join(without)}); run recover_range for the date if another of its month was repaired since, "
                "else look the rooms up in rooms.csv and tell the developers",
            )
        )
    out = [each for each in check(figures) if each.agrees is False]
    if out:
        said = ", ".join(f"{each.benchmark.metric} {each.rooms:,} beside {each.benchmark.value:,}" for each in out)
        made.append(
            Finding(
                "benchmark",
                f"the flash report as of {figures.as_of} is out of tolerance with what others counted ({said}); "
                "ask who told the benchmark (reconciliation.csv) by which rule it counts",
            )
        )
    return tuple(made)
