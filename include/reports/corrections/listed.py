"""The correction list of one business date, as the warehouse keeps it."""

from __future__ import annotations

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

    @classmethod
    def total(cls, counts: Sequence[Counts]) -> Counts:
        """Return the sums."""
        return cls(*map(sum, zip(*map(astuple, counts), strict=True))) if counts else cls()


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
        trend: counts by kind of up to 14 dates that have a list, the newest, `day`, first.
        entries: by kind, the newest first.
    """

    day: date
    newest: bool
    kinds: tuple[Kind, ...]
    trend: dict[date, dict[str, Counts]]
    entries: dict[str, list[Entry]]

    @property
    def before(self) -> date | None:
        """The date of the list before, None for the first."""
        return next(iter([*self.trend][1:]), None)

    def counts(self, kind: str, day: date | None = None) -> Counts:
        """Return the counts of a kind, on the list's own date unless another is named."""
        return self.trend[day or self.day].get(kind, Counts())

    @property
    def total(self) -> Counts:
        """The counts of all kinds."""
        return Counts.total([*self.trend[self.day].values()])


def read_list(login: Endpoint, day: date | None) -> CorrectionsOfDate:
    """Read the list of a business date.

    Args:
        login: may read `silver`, `seeds` and `reports`.
        day: the date; None: the newest that has a list.

    Raises:
        Refused: the date has no list, or it is being made right now.
        MySQLdb.Error: the server cannot be reached or refuses.
    """
    connection = login.connect()
    try:
        dates = [made for (made,) in _rows(connection, f"SELECT DISTINCT snapshot_date FROM {COUNTS} ORDER BY 1 DESC")]
        return _read(connection, _chosen(day, dates), dates)
    except MySQLdb.Error as error:
        if error_code(error) in ABSENT:
            raise Refused(NO_LIST) from error
        raise
    finally:
        connection.close()


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
    shown = [other for other in dates if other <= day][:TREND_DATES]
    trend: dict[date, dict[str, Counts]] = {other: {} for other in shown}
    for other, kind, *counts in _rows(
        connection,
        "SELECT snapshot_date, kind, open_count, new_count, returned_count, corrected_count "
        f"FROM {COUNTS} WHERE snapshot_date IN %s ORDER BY kind_order",
        (tuple(shown),),
    ):
        trend[other][kind] = Counts(*map(int, counts))
    entries = [
        Entry(*row)
        for row in _rows(
            connection,
            "SELECT kind, entry_key, apartment_id, room_id, tenant_id, moving_id, found, since_date, listed_since, "
            f"first_listed_date, corrected_before FROM {ENTRIES} WHERE snapshot_date = %s "
            "ORDER BY kind, listed_since DESC, since_date DESC, entry_key",
            (day,),
        )
    ]
    kinds = _rows(
        connection, f"SELECT kind, label_ja, label_en, what_is_wrong, what_to_change FROM {KINDS} ORDER BY sort_order"
    )
    made = CorrectionsOfDate(
        day,
        newest=day == dates[0],
        kinds=tuple(Kind(*row) for row in kinds),
        trend=trend,
        entries={kind: list(found) for kind, found in groupby(entries, lambda entry: entry.kind)},
    )
    if made.total.open != len(entries):
        raise Refused(
            f"the list of {day} is being made right now: {len(entries)} entries, {made.total.open} of them counted; "
            "ask again when report_corrections is through"
        )
    return made


def _rows(connection: MySQLdb.Connection, statement: str, values: tuple[Any, ...] = ()) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return tuple(cursor.fetchall())
