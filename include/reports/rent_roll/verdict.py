"""How well a rent roll and the system agree: the figures of the portfolio or of a building, and the verdict."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from include.reports.rent_roll.compare import UNEXPLAINED, Difference, Result, RoomClass

# Shares of rooms that nobody can explain: below the first one all is well, above the second one something is wrong.
FINE_BELOW = Fraction(5, 100)
CRITICAL_ABOVE = Fraction(15, 100)


class Verdict(StrEnum):
    """What to make of a comparison."""

    FINE = "fine"
    INVESTIGATE = "investigate"
    CRITICAL = "critical"


@dataclass(frozen=True)
class Figures:
    """Counts of rooms.

    Attributes:
        active: rooms that the rent roll counts as occupied.
        pms: rooms that the system counts as occupied.
        classes: rooms of each class; of `duplicate` the rows that are too many.
        differences: matched rooms of each difference; a room may have several.
    """

    active: int
    pms: int
    classes: Counter[RoomClass]
    differences: Counter[Difference]

    @property
    def matched(self) -> int:
        """Rooms that are occupied on both sides."""
        return self.classes[RoomClass.MATCHED]

    @property
    def unexplained(self) -> int:
        """Rooms that differ without a reason that explains it."""
        return sum(self.classes[room_class] for room_class in UNEXPLAINED)

    @property
    def share(self) -> Fraction | None:
        """Unexplained rooms by those that the rent roll counts, None when it counts none."""
        return Fraction(self.unexplained, self.active) if self.active else None

    @property
    def raw_variance(self) -> Fraction | None:
        """By how much the system counts more rooms than the rent roll, None when that counts none."""
        return Fraction(self.pms - self.active, self.active) if self.active else None

    @property
    def verdict(self) -> Verdict:
        """What to make of it."""
        if self.share is None:
            return Verdict.CRITICAL if self.unexplained else Verdict.FINE
        if self.share < FINE_BELOW:
            return Verdict.FINE
        return Verdict.CRITICAL if self.share > CRITICAL_ABOVE else Verdict.INVESTIGATE


def figures(results: Iterable[Result]) -> Figures:
    """Return the figures of some rooms."""
    results = list(results)
    return Figures(
        sum(result.is_active for result in results),
        sum(result.is_occupied for result in results),
        Counter(result.room_class for result in results),
        Counter(difference for result in results for difference in result.differences),
    )


def by_asset(results: Iterable[Result]) -> dict[str, Figures]:
    """Return the figures of each building, the one with most unexplained rooms first."""
    grouped = defaultdict(list)
    for result in results:
        grouped[result.asset].append(result)
    found = {asset: figures(group) for asset, group in grouped.items()}
    return dict(sorted(found.items(), key=lambda item: (-item[1].unexplained, -(item[1].share or 0), item[0])))
