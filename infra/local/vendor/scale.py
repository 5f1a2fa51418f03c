"""How big the simulated company is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """A fraction of the real portfolio.

    Attributes:
        name: what the command line calls it.
        divisor: 1 is the real size; 50 has a fiftieth of the buildings, tenants and histories. Lookup
            tables are never divided.
    """

    name: str
    divisor: int

    def of(self, full: float) -> int:
        """Return the number of things at this scale when there are `full` of them in reality (at least one)."""
        return max(1, round(full / self.divisor))


SCALES = {scale.name: scale for scale in (Scale("small", 50), Scale("medium", 10), Scale("full", 1))}
