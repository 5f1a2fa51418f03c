"""What the watch says about one thing it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is. `dead` is shown and never alarms: nobody expects news from it any more (I-31)."""

    OK = "ok"
    WARN = "warn"
    CRITICAL = "critical"
    DEAD = "dead"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: what, for example `staging.movings` or `dump of 2026-03-02`.
        verdict: how bad it is.
        as_of: the Tokyo day that it shows, None when it shows none.
        age_days: time since its newest row, in days; None when it has none.
        rows: rows that it holds, of a table by date those of its newest date.
        sentence: what was found, and what to do when it is not well.
        kind: what it is about; alerts choose their class by it.
    """

    subject: str
    verdict: Verdict
    as_of: date | None
    age_days: float | None
    rows: int | None
    sentence: str
    kind: Kind


class Kind(StrEnum):
    """What a finding is about."""

    DATABASE = "database"
    DUMP_MISSING = "dump-missing"
    DUMP_REJECTED = "dump-rejected"
    PUBLISHED = "published"
    DATA = "data"
