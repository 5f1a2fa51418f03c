"""The schedule: the business date, the hours of the day in Tokyo, the deadlines, and the ids of the DAGs.

The schedule fires at START JST, which is still the day before in UTC, so Airflow's `ds` names the wrong day (incident
I-27). Here is the only place where an instant becomes a business date, and the only one that names an hour:
tests/include/test_schedule.py holds the documents, runbooks and Terraform comments that repeat one to it.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

JST = ZoneInfo("Asia/Tokyo")
# First day of the dump history; nothing earlier can be run.
FIRST_DATE = date(2025, 5, 11)

DAILY = "gghouse_daily"
QUALITY = "gghouse_quality"
WATCH = "gghouse_watch"
HOUSEKEEPING = "gghouse_housekeeping"

# The hours of a day, in Tokyo. A dump holds the state of its business date at DUMP_TAKEN.
DUMP_TAKEN = time(5, 30)
DUMP_DUE = time(6, 0)
START = time(7, 0)
# Due before the dashboards, so that there is time to act.
GOLD_DUE = time(7, 30)
# Before this hour, the figures of the day before are the newest that readers can expect.
DASHBOARDS_DUE = time(8, 0)
# An earlier day is judged as at this hour.
LAST_LOOK = time(9, 0)
QUALITY_START = time(9, 0)
# Once a month, when nobody waits for figures.
HOUSEKEEPING_DAY = 2
HOUSEKEEPING_START = time(14, 0)
# A run that takes longer is stopped.
RUN_LIMIT = timedelta(hours=6)


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


def date_of_run(requested: str | None, logical_date: datetime | None, run_after: datetime, now: datetime) -> date:
    """Return the date that a run of Airflow is about.

    Args:
        requested: text of the trigger form, `YYYY-MM-DD`, or None or blank for the run's own business date.
        logical_date: of the run; manual and asset runs may have none.
        run_after: when the run was due, which counts when it has no logical date.
        now: the present, aware; its JST date is the upper bound.

    Raises:
        BusinessDateError: not a calendar date, before the first dump, or in the future.
    """
    return resolve_target_date(requested, logical_date or run_after, business_date(now))


def resolve_target_date(requested: str | None, instant: datetime, today: date) -> date:
    """Return the date that work is about.

    Args:
        requested: `YYYY-MM-DD`, or None or blank for the business date of `instant`.
        instant: when the work was due, aware.
        today: today's JST date, the upper bound.

    Raises:
        BusinessDateError: not a calendar date, before the first dump, or in the future.
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


def moment(day: date, at: time) -> datetime:
    """Return a time of a Tokyo day as an aware instant."""
    return datetime.combine(day, at, tzinfo=JST)


def as_stored(instant: datetime) -> datetime:
    """Return an aware instant as a DATETIME column of `ops` holds it: in UTC, without zone."""
    return instant.astimezone(UTC).replace(tzinfo=None)


def format_jst(instant: datetime, form: str = "%Y-%m-%d %H:%M JST") -> str:
    """Return an aware instant as text in Tokyo time; `form` is that of `strftime`."""
    return instant.astimezone(JST).strftime(form)


def clock(at: time) -> str:
    """Return a time of day as text, for example `07:30`."""
    return f"{at:%H:%M}"


def cron(at: time, day: int | None = None) -> str:
    """Return the cron expression of a time of every day, or of one day of every month."""
    return f"{at.minute} {at.hour} {day or '*'} * *"


def after(at: time, delay: timedelta) -> time:
    """Return a time of the same day that is `delay` later."""
    return (datetime.combine(FIRST_DATE, at) + delay).time()


def _after_start(at: time) -> timedelta:
    return datetime.combine(FIRST_DATE, at) - datetime.combine(FIRST_DATE, START)


# The watch looks when the dump is due, just after the dashboards are due, and once more.
WATCH_LOOKS = (DUMP_DUE, after(DASHBOARDS_DUE, timedelta(minutes=5)), LAST_LOOK)
# Layers and how long after the start of gghouse_daily each has to be published.
DEADLINES = {"gold": _after_start(GOLD_DUE), "dashboards": _after_start(DASHBOARDS_DUE)}
