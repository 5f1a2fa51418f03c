"""The business date: one JST calendar day, the argument that every step of a run receives.

The schedule fires at 07:00 JST = 22:00 UTC of the day before, so Airflow's `ds` names the wrong day (incident I-27).
These functions are the only place where an instant becomes a business date.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

JST = ZoneInfo("Asia/Tokyo")
FIRST_DATE = date(2025, 5, 11)
"""First day of the dump history (domain 9-C18); nothing earlier can be run."""


class BusinessDateError(ValueError):
    """A requested date is not one that can be run; the message says why and what would be accepted."""


def business_date(instant: datetime) -> date:
    """Return the JST calendar day of an aware instant.

    Raises:
        BusinessDateError: `instant` carries no time zone.
    """
    if instant.tzinfo is None:
        raise BusinessDateError(f"{instant.isoformat()} has no time zone, so its JST day is unknown")
    return instant.astimezone(JST).date()


def resolve_target_date(requested: str | None, instant: datetime, today: date) -> date:
    """Return the date that a run is about.

    Args:
        requested: text of the trigger form, `YYYY-MM-DD`, or None or blank for the run's own business date.
        instant: the run's logical date, or the time it was due when it has none (manual and asset runs).
        today: today's JST date, the upper bound.

    Raises:
        BusinessDateError: not a calendar date, before the first dump, or in the future (domain 6.2).
    """
    text = (requested or "").strip()
    if not text:
        return business_date(instant)
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise ValueError
        target = date.fromisoformat(text)
    except ValueError:
        raise BusinessDateError(f"target_date {text!r} is not a calendar date; write it as YYYY-MM-DD") from None
    if not FIRST_DATE <= target <= today:
        raise BusinessDateError(
            f"target_date {target} cannot be run: choose one from {FIRST_DATE} (first dump) to {today} (Tokyo)"
        )
    return target
