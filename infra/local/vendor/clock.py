"""Days and instants of the simulation.

A day is a proleptic ordinal (`date.toordinal()`), an instant the number of seconds since ordinal 0 in UTC. The office
works from 09:00 to 19:00 JST, which is 00:00 to 10:00 UTC of the same calendar day; the system's own night batch runs
at 00:30 JST, which is 15:30 UTC of the day before; the dump starts at 05:30 JST.
"""

from __future__ import annotations

from datetime import date
from functools import cache

DAY_SECONDS = 86_400
JST_SECONDS = 9 * 3600
# Length of an office day.
OFFICE_SECONDS = 10 * 3600
# 00:30 JST as seconds of the UTC day before.
NIGHT_BATCH = 15 * 3600 + 30 * 60

# The first day with contracts (`min_valid_date` in dbt_project.yml).
START = date(2018, 1, 1).toordinal()
# When the system was set up: the entry of its buildings and lookups.
OPENED = START - 400
# The day of the real dump whose row counts `schema/volumes.py` holds.
REFERENCE = date(2026, 2, 5).toordinal()


@cache
def day_text(day: int) -> str:
    """Return `2026-02-05`."""
    return date.fromordinal(day).isoformat()


def instant_text(instant: int, shift: int = 0) -> str:
    """Return `2026-02-05 01:02:03` in UTC, or in another zone `shift` seconds east of it."""
    day, seconds = divmod(instant + shift, DAY_SECONDS)
    return f"{day_text(day)} {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
