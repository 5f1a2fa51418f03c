"""The result of one check of the watch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from include.alerts.causes import Cause, Fault


class Verdict(StrEnum):
    """How bad it is. `dead` is shown and never alarms: no new rows are expected (I-31)."""

    OK = "ok"
    WARN = "warn"
    CRITICAL = "critical"
    DEAD = "dead"


STALE = Fault(Cause.STALE_DATA)


@dataclass(frozen=True)
class Finding:
    """One subject that was checked.

    Attributes:
        subject: what, for example `staging.movings` or `dump of 2026-03-02`.
        verdict: how bad it is.
        as_of: the Tokyo day that it shows, None when it shows none.
        age_days: time since its newest row, in days; None when it has none.
        rows: rows that it holds, of a table by date those of its newest date.
        sentence: what was found and, unless it is well, what to do.
        fault: the class and subject of the alert, unless it is well.
    """

    subject: str
    verdict: Verdict
    as_of: date | None
    age_days: float | None
    rows: int | None
    sentence: str
    fault: Fault = STALE

    @property
    def is_well(self) -> bool:
        """Whether no action is needed."""
        return self.verdict in (Verdict.OK, Verdict.DEAD)
