"""The correction list of one business date, as the warehouse keeps it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

import MySQLdb

from include.forms import Refused
from include.warehouse.server_errors import ABSENT, error_code

if TYPE_CHECKING:
    from include.warehouse.endpoint import Endpoint

ENTRIES = "silver.correction_entries_daily"
COUNTS = "reports.correction_counts"
KINDS = "seeds.code_correction_kind"
# Dates of the trend, the list's own included.
TREND_DATES = 14
# Entries by kind that a date does not list any more, and an earlier one does.
GONE = f"""
    SELECT earlier.kind, COUNT(*) FROM {ENTRIES} AS earlier
    LEFT JOIN {ENTRIES} AS later
      ON later.snapshot_date = %s AND later.kind = earlier.kind AND later.entry_key = earlier.entry_key
    WHERE earlier.snapshot_date = %s AND later.kind IS NULL GROUP BY earlier.kind
"""
NO_LIST = "no correction list was made yet; the next run of gghouse_daily that publishes gold makes one"


@dataclass(frozen=True)
class Kind:
    """A kind of entries, in words for the property manager."""

    kind: str
    label_ja: str
    label_en: str
    what_is_wrong: str
    what_to_change: str


@dataclass(frozen=True)
class Counts:
    """Entries of a kind on a date.

    Attributes:
        open: on the list.
        new: not on the list of the date before, nor ever.
        returned: on the list again, after they had disappeared from it.
        corrected: on the list of the date before and no longer.
    """

    open: int = 0
    new: int = 0
    returned: int = 0
    corrected: int = 0


@dataclass(frozen=True)
class Entry:
    """A record to correct.

    Attributes:
        kind: what is wrong with it.
        entry_key: identifies it within its kind.
        apartment_id, room_id, tenant_id, moving_id: what it is about; None where it does not apply.
        found: what the record says.
        since_date: since when, by the record itself; None when that is unknown.
        listed_since: date of the first list of the present stretch.
        first_listed_date: date of the first list ever.
        corrected_before: 1 when it had disappeared from the list before, else 0.
    """

    kind: str
    entry_key: str
    apartment_id: int | None
    room_id: int | None
    tenant_id: int | None
    moving_id: int | None
    found: str
    since_date: date | None
    listed_since: date
    first_listed_date: date
    corrected_before: int


@dataclass(frozen=True)
class CorrectionsOfDate:
    """The list of a business date.

    Attributes:
        day: the date.
        newest: whether no later date has a list.
        kinds: in their order.
        entries: by kind, the newest first.
        counts: by kind.
        trend: open entries by kind on up to 14 dates that have a list; the newest, `day`, is first.
    """

    day: date
    newest: bool
    kinds: tuple[Kind, ...]
    entries: dict[str, list[Entry]]
    counts: dict[str, Counts]
    trend: dict[date, dict[str, int]]

    @property
    def before(self) -> date | None:
        """The date of the list before, None for the first."""
        return next(iter([*self.trend][1:]), None)

    @property
    def total(self) -> Counts:
        """The counts of all kinds."""
        return Counts(*map(sum, zip(*map(astuple, self.counts.values()), strict=True)))

    def open_on(self, day: date, kind: Kind) -> int:
        """Return the open entries of a kind on a date of the trend."""
        return self.trend[day].get(kind.kind, 0)


def read_list(login: Endpoint, day: date | None) -> CorrectionsOfDate:
    """Read the list of a business date.

    Args:
        login: may read `silver`, `seeds` and `reports`.
        day: the date; None: the newest that has a list.

    Raises:
        Refused: the date has no list.
        MySQLdb.Error: the server cannot be reached or refuses.
    """
    with contextlib.closing(login.connect()) as connection:
        try:
            # A date on which nothing is wrong has counts alone.
            rows = _rows(connection, f"SELECT snapshot_date FROM {COUNTS} UNION SELECT snapshot_date FROM {ENTRIES}")
            dates = sorted((made for (made,) in rows), reverse=True)
            return _read(connection, _chosen(day, dates), dates)
        except MySQLdb.Error as error:
            if error_code(error) in ABSENT:
                raise Refused(NO_LIST) from error
            raise


def _chosen(day: date | None, dates: Sequence[date]) -> date:
    if not dates:
        raise Refused(NO_LIST)
    if day is None:
        return dates[0]
    if day not in dates:
        nearest = min(dates, key=lambda other: (abs(other - day), other))
        raise Refused(f"there is no correction list of {day}; the nearest is that of {nearest}")
    return day


def _read(connection: MySQLdb.Connection, day: date, dates: Sequence[date]) -> CorrectionsOfDate:
    kinds = _rows(
        connection, f"SELECT kind, label_ja, label_en, what_is_wrong, what_to_change FROM {KINDS} ORDER BY sort_order"
    )
    entries = _rows(
        connection,
        "SELECT kind, entry_key, apartment_id, room_id, tenant_id, moving_id, found, since_date, listed_since, "
        f"first_listed_date, corrected_before FROM {ENTRIES} WHERE snapshot_date = %s "
        "ORDER BY kind, listed_since DESC, since_date DESC, entry_key",
        (day,),
    )
    by_kind = {kind: [Entry(*row) for row in rows] for kind, rows in groupby(entries, lambda row: row[0])}
    shown = [other for other in dates if other <= day][:TREND_DATES]
    trend: dict[date, dict[str, int]] = {other: {} for other in shown}
    for other, kind, number in _rows(
        connection,
        f"SELECT snapshot_date, kind, COUNT(*) FROM {ENTRIES} WHERE snapshot_date IN %s GROUP BY snapshot_date, kind",
        (tuple(shown),),
    ):
        trend[other][kind] = number
    gone = dict(_rows(connection, GONE, (day, shown[1]))) if shown[1:] else {}
    return CorrectionsOfDate(
        day,
        newest=day == dates[0],
        kinds=tuple(Kind(*row) for row in kinds),
        entries=by_kind,
        counts={kind: _count(day, by_kind.get(kind, []), gone.get(kind, 0)) for kind, *_ in kinds},
        trend=trend,
    )


def _count(day: date, entries: Sequence[Entry], gone: int) -> Counts:
    since_today = [entry for entry in entries if entry.listed_since == day]
    new = sum(entry.first_listed_date == day for entry in since_today)
    return Counts(len(entries), new, len(since_today) - new, gone)


def _rows(connection: MySQLdb.Connection, statement: str, values: tuple[Any, ...] = ()) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return tuple(cursor.fetchall())
