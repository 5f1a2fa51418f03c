"""The queries behind the status page. Each reads one thing and raises as the driver does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import MySQLdb

from include.dbt.run_results import FAILED
from include.warehouse.ledger import SHOWN
from include.warehouse.publications import TABLE as PUBLICATIONS
from include.warehouse.publications import Publication, publications, quicksight_layer
from include.warehouse.schema import GOLD, OPS, STAGING
from include.warehouse.server_errors import ABSENT, NO_SUCH_COLUMN, error_code

QUICKSIGHT = quicksight_layer("")
# Of the occupancy chart; 90 days is how far the outlook of gold reaches.
DAYS_BACK, DAYS_AHEAD = 60, 90
REASON_LIMIT = 300


@dataclass(frozen=True)
class Load:
    """One attempt to load a dump.

    Attributes:
        business_date: Tokyo day of the dump.
        state: of the ledger, `published` for example.
        started_at: with time zone.
        finished_at: with time zone, None while it runs or after it was killed.
        rows: in all tables, those that were carried over included; None when the load did not get that far.
        rejects: rows of the dump with a duplicate key.
        bytes: of the decompressed dump.
        loaded: tables that were loaded.
        carried: unchanged tables that were not reloaded.
        reason: why it failed, in words.
    """

    business_date: date
    state: str
    started_at: datetime
    finished_at: datetime | None
    rows: int | None
    rejects: int | None
    bytes: int
    loaded: int
    carried: int
    reason: str

    @property
    def was_shown(self) -> bool:
        """Whether readers of staging saw it."""
        return self.state in SHOWN

    @property
    def seconds(self) -> float | None:
        """From beginning to end."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None

    @property
    def mb_per_second(self) -> float | None:
        """Megabytes of the decompressed dump per second."""
        return self.bytes / 1e6 / self.seconds if self.seconds and self.bytes else None


@dataclass(frozen=True)
class Gap:
    """A date that is, or was declared, a gap or valid.

    Attributes:
        business_date: the date.
        is_gap: whether there are no facts of it.
        reason: why, in words.
        declared: whether an operator declared it; else the calendar of gold found it.
    """

    business_date: date
    is_gap: bool
    reason: str
    declared: bool


@dataclass(frozen=True)
class Tests:
    """How the models and tests of a business date ended.

    Attributes:
        business_date: the date.
        passed, warned, failed, skipped: tests; those that could not run count as failed.
        models: models and seeds that were built.
        problems: status and sentence of everything that failed or warned, the failures first.
        finished_at: when the last of them ended, with time zone.
    """

    business_date: date
    passed: int
    warned: int
    failed: int
    skipped: int
    models: int
    problems: tuple[tuple[str, str], ...]
    finished_at: datetime


@dataclass(frozen=True)
class OccupancyDay:
    """One date of `gold.occupancy_daily_metrics`: 期末稼働室数 and 稼働率, the latter as a share of one."""

    business_date: date
    rooms: int
    rate: float
    projected: bool


@dataclass(frozen=True)
class Occupancy:
    """Facts up to `as_of`, projection after it, in order; a gap has no row."""

    as_of: date
    days: tuple[OccupancyDay, ...]


def first_date(connection: MySQLdb.Connection) -> date | None:
    """Return the first business date that was ever loaded or tried, None before that."""
    ((first,),) = fetch(
        connection, f"SELECT MIN(target_date) FROM {OPS}.load_ledger WHERE schema_name = %s", (STAGING,)
    )
    return first  # type: ignore[no-any-return]


def loads(connection: MySQLdb.Connection, first: date) -> list[Load]:
    """Return the loads of the business dates from `first` on, in the order in which they were tried."""
    rows = fetch(
        connection,
        "SELECT l.target_date, l.state, l.started_at, l.finished_at, l.loaded_rows, l.rejected_rows, "
        "COALESCE(SUM(t.dump_bytes), 0), COALESCE(SUM(t.carried = 0), 0), COALESCE(SUM(t.carried), 0), "
        f"COALESCE(l.reason, '') FROM {OPS}.load_ledger l LEFT JOIN {OPS}.table_ledger t ON t.load_id = l.load_id "
        "WHERE l.schema_name = %s AND l.target_date >= %s GROUP BY l.load_id, l.target_date, l.state, l.started_at, "
        "l.finished_at, l.loaded_rows, l.rejected_rows, l.reason ORDER BY l.load_id",
        (STAGING, first),
    )
    return [
        Load(
            business_date=day,
            state=state,
            started_at=_utc(began),
            finished_at=_utc(ended) if ended else None,
            rows=number,
            rejects=rejects,
            bytes=int(size),
            loaded=int(loaded),
            carried=int(carried),
            reason=short(reason),
        )
        for day, state, began, ended, number, rejects, size, loaded, carried, reason in rows
    ]


def published(connection: MySQLdb.Connection, first: date) -> list[Publication]:
    """Return what was shown of the business dates from `first` on."""
    return publications(connection, first)


def ingestions(connection: MySQLdb.Connection) -> list[Publication]:
    """Return the newest refresh of each QuickSight data set."""
    rows = fetch(
        connection,
        f"SELECT business_date, layer, published_at, row_count, seconds FROM {PUBLICATIONS} p "
        "WHERE layer LIKE %s AND published_at = "
        f"(SELECT MAX(q.published_at) FROM {PUBLICATIONS} q WHERE q.layer = p.layer) ORDER BY layer",
        (f"{QUICKSIGHT}%",),
    )
    return [
        Publication(day, layer.removeprefix(QUICKSIGHT), _utc(at), number, None if took is None else float(took))
        for day, layer, at, number, took in rows
    ]


def failures(connection: MySQLdb.Connection, first: date) -> dict[date, str]:
    """Return for each business date from `first` on the first failure of dbt, if there is one."""
    rows = fetch(
        connection,
        f"SELECT business_date, sentence FROM {OPS}.dbt_results WHERE business_date >= %s AND status IN %s "
        "ORDER BY business_date, finished_at DESC, name DESC",
        (first, tuple(FAILED)),
    )
    return {day: short(sentence) for day, sentence in rows}


def tests(connection: MySQLdb.Connection) -> Tests | None:
    """Return how the tests of the newest business date ended."""
    rows = fetch(
        connection,
        f"SELECT business_date, kind, status, sentence, finished_at FROM {OPS}.dbt_results "
        f"WHERE business_date = (SELECT MAX(business_date) FROM {OPS}.dbt_results) ORDER BY name",
    )
    if not rows:
        return None
    found = [status for _, kind, status, _, _ in rows if kind == "test"]
    problems = [
        ("failed" if status in FAILED else "warned", short(sentence))
        for _, _, status, sentence, _ in rows
        if status in FAILED or status == "warn"
    ]
    return Tests(
        business_date=rows[0][0],
        passed=found.count("pass"),
        warned=found.count("warn"),
        failed=sum(status in FAILED for status in found),
        skipped=found.count("skipped"),
        models=sum(kind != "test" and status == "success" for _, kind, status, _, _ in rows),
        problems=tuple(sorted(problems)),
        finished_at=_utc(max(row[-1] for row in rows)),
    )


def gaps(connection: MySQLdb.Connection) -> list[Gap]:
    """Return the dates without facts and those that an operator declared valid, the newest first.

    A declaration of an operator wins over the calendar of gold, which may be older.
    """
    found = {
        day: Gap(day, bool(is_gap), short(reason), declared=True)
        for day, is_gap, reason in fetch(connection, f"SELECT business_date, is_gap, reason FROM {OPS}.date_overrides")
    }
    for day, reason, status in _gaps_in_gold(connection):
        found.setdefault(day, Gap(day, is_gap=True, reason=short(reason or status or "no valid dump"), declared=False))
    return sorted(found.values(), key=lambda gap: gap.business_date, reverse=True)


def _gaps_in_gold(connection: MySQLdb.Connection) -> tuple[Any, ...]:
    """Return date, reason and status of the gaps in gold, which an earlier release may have published."""
    statement = f"SELECT {{}}, reason, dump_status FROM {GOLD.live}.data_quality_calendar WHERE is_gap = 1"
    try:
        return fetch(connection, statement.format("snapshot_date"))
    except MySQLdb.Error as error:
        if error_code(error) in ABSENT:  # gold was not published yet
            return ()
        if error_code(error) != NO_SUCH_COLUMN:
            raise
    # Readers have this gold until the next publish after a deployment, and again when gold is rolled back.
    return fetch(connection, statement.format("check_date"))


def occupancy(connection: MySQLdb.Connection) -> Occupancy | None:
    """Return 60 days of facts and the outlook, None when there is no fact."""
    table = f"{GOLD.live}.occupancy_daily_metrics"
    ((as_of,),) = fetch(connection, f"SELECT MAX(snapshot_date) FROM {table} WHERE is_projection = 0")
    if as_of is None:
        return None
    rows = fetch(
        connection,
        f"SELECT snapshot_date, period_end_rooms, occupancy_rate, is_projection FROM {table} WHERE snapshot_date "
        "BETWEEN %s - INTERVAL %s DAY AND %s + INTERVAL %s DAY AND period_end_rooms IS NOT NULL ORDER BY snapshot_date",
        (as_of, DAYS_BACK, as_of, DAYS_AHEAD),
    )
    return Occupancy(
        as_of, tuple(OccupancyDay(day, int(rooms), float(rate), bool(ahead)) for day, rooms, rate, ahead in rows)
    )


def fetch(connection: MySQLdb.Connection, statement: str, values: tuple[Any, ...] = ()) -> tuple[Any, ...]:
    """Return the rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return tuple(cursor.fetchall())


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC)


def short(text: str) -> str:
    """Return a text as one line that is not too long for the page."""
    text = " ".join(text.split())
    return text if len(text) <= REASON_LIMIT else text[:REASON_LIMIT] + "…"
