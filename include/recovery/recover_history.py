"""Backfill missing tenant snapshots from dumps, and missing room snapshots from the tenants' history.

Tenants one date after the other, rooms many dates in one statement; a repeated run skips the dates that are done.
"""

from __future__ import annotations

import contextlib
import csv
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import MySQLdb

from include.dbt.runner import DbtFailed, dbt_runner
from include.dump.audit import check_freshness
from include.dump.errors import DumpError
from include.dump.generation import LoadOptions
from include.dump.location import dump_dates, find_dumps
from include.dump.manifest import accept_manifest
from include.dump.progress import Progress
from include.dump.restore import restore
from include.dump.source import S3Dump
from include.forms import Refused
from include.history.snapshots import TABLE as TENANT_HISTORY
from include.history.snapshots import load_missing, loaded_dates, store_snapshot, stored_dates
from include.recovery.forms import FORMS, MOST_BACKFILLED, days_between
from include.recovery.recovery import Plan, RecoveryContext, Request
from include.settings import Settings
from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import OPS, SchemaSet, ensure_platform_tables
from include.warehouse.server_errors import ABSENT_OR_HIDDEN, error_code

log = logging.getLogger(__name__)

# Where tenants of old dumps are loaded; not read by anything else, and dropped afterwards.
BACKFILL_SCHEMA = SchemaSet("backfill")
TENANTS = "tenants"
ROOMS = "tenant_room_snapshot_daily"
ROOM_MODELS = (ROOMS, "room_departures_daily", "building_occupancy_daily")
# States of tenants that one statement reads to make rooms from: a quarter of a year of the real company. The rows made
# from them, a million, are one transaction; smaller ones would start dbt more often, which reads the project each time.
MOST_STATES = 5_000_000
LISTED = 6


class RecoverHistory:
    """Backfill missing tenant or room snapshots."""

    form = FORMS["history"]

    def plan(self, context: RecoveryContext, request: Request) -> Plan:
        """Say which dates are filled in, from what, and which are skipped and why.

        Raises:
            Refused: the range is out of bounds.
        """
        return _plan_tenants(context, request) if request["what"] == TENANTS else _plan_rooms(context, request)

    def apply(self, context: RecoveryContext, request: Request, plan: Plan) -> list[str]:
        """Fill in what is still missing.

        Raises:
            Refused: dates were left out because of faults that the message names; the others are done.
        """
        return _fill_tenants(context, request) if request["what"] == TENANTS else _fill_rooms(context, request)


# --- tenants --------------------------------------------------------------------------------------------------------


def _plan_tenants(context: RecoveryContext, request: Request) -> Plan:
    wanted = days_between(request["first"], request["last"], MOST_BACKFILLED)
    todo, there, gaps, absent = _sort_tenants(context, request)
    lost = _lost(context, there)
    return Plan(
        (
            f"Of {len(wanted)} dates from {wanted[0]} to {wanted[-1]}:",
            f"  {len(todo)} are taken from their dumps{_listed(todo)}",
            f"  {len(lost)} have a file but no rows in history, and are loaded from the file{_listed(lost)}",
            f"  {len(there) - len(lost)} have a snapshot and are skipped"
            f"{_listed(day for day in there if day not in lost)}",
            f"  {len(gaps)} are declared gaps and are skipped{_listed(gaps)}",
            f"  {len(absent)} have no dump in the bucket{_listed(absent)}",
            "Each: the dump is scanned whole, only its tenants are loaded aside, their newest change must be of that "
            "date or the day before (I-08), the file goes to snapshots/tenant_status/ and from there into history",
            "Staging is not touched; the status history repairs itself with the next gghouse_daily or recover_kpi",
        ),
        empty=not todo and not lost,
    )


def _lost(context: RecoveryContext, there: Iterable[date]) -> list[date]:
    """Return the dates whose file is in S3 and whose rows are not in the database any more."""
    with contextlib.closing(context.loader.connect()) as connection:
        ensure_platform_tables(connection)
        loaded = loaded_dates(connection)
    return [day for day in there if day not in loaded]


def _sort_tenants(context: RecoveryContext, request: Request) -> tuple[list[date], list[date], list[date], list[date]]:
    wanted = days_between(request["first"], request["last"], MOST_BACKFILLED)
    s3 = context.aws("s3")
    dumps = dump_dates(s3, context.settings)
    kept = set() if request["overwrite"] else stored_dates(s3, context.settings.require("bucket"))
    gaps = _declared_gaps(context)
    there = [day for day in wanted if day in kept]
    open_ones = [day for day in wanted if day not in kept]
    return (
        [day for day in open_ones if day in dumps and day not in gaps],
        there,
        [day for day in open_ones if day in gaps],
        [day for day in open_ones if day not in dumps and day not in gaps],
    )


def _fill_tenants(context: RecoveryContext, request: Request) -> list[str]:
    todo, there, *_ = _sort_tenants(context, request)
    lost, faults, done = _lost(context, there), list[str](), 0
    if lost:
        _load_files(context, set(lost))
    try:
        for day in todo:
            try:
                rows = _tenants_of(context, day)
            except DumpError as error:
                faults.append(f"{day}: {error}")
                log.warning("%s is skipped: %s", day, error)
                continue
            _load_files(context, {day})
            done += 1
            log.info("%s: %s tenants, %d of %d", day, f"{rows:,}", done, len(todo))
    finally:
        _drop_backfill_schema(context.loader)
    if faults:
        raise Refused(
            f"{done} dates were filled in, {len(faults)} were not; have their dumps delivered again and repeat this: "
            + "; ".join(faults)
        )
    return [f"Filled in {done} dates from their dumps, {len(lost)} from their files"]


def _load_files(context: RecoveryContext, days: set[date]) -> None:
    with contextlib.closing(context.loader.connect()) as connection:
        ensure_platform_tables(connection)
    s3, settings = context.aws("s3"), context.settings
    load_missing(s3, settings.require("bucket"), context.loader, days, log.info, settings.load_connections)


def _tenants_of(context: RecoveryContext, day: date) -> int:
    """Write the snapshot file of a date from its dump; return the tenants."""
    s3, settings = context.aws("s3"), context.settings
    found = [file for file in find_dumps(s3, settings, day) if _has_tenants(settings, file.key)]
    manifests = [accept_manifest(s3, settings, file, day, context.loader.host) for file in found]
    options = LoadOptions(
        schemas=BACKFILL_SCHEMA,
        transport=settings.load_transport,
        connections=settings.load_connections,
        carry_over=False,
        contract=False,
        only=frozenset({TENANTS}),
    )
    dumps = [S3Dump(s3, file) for file in found]
    restore(
        dumps,
        day,
        context.loader,
        options,
        Progress(lambda line: None),
        manifests,
        settings.source_database,
        restore_login=context.restore,
    )
    with contextlib.closing(context.loader.connect()) as connection:
        check_freshness(connection, day, {TENANTS: BACKFILL_SCHEMA.live})
    return store_snapshot(s3, settings.require("bucket"), context.loader, day, BACKFILL_SCHEMA.live)


def _has_tenants(settings: Settings, key: str) -> bool:
    return settings.dump_layout == "single" or key.rpartition("/")[2].startswith(f"{TENANTS}_")


def _drop_backfill_schema(loader: Endpoint) -> None:
    with contextlib.closing(loader.connect()) as connection, connection.cursor() as cursor:
        for schema in (BACKFILL_SCHEMA.live, BACKFILL_SCHEMA.next, BACKFILL_SCHEMA.previous):
            cursor.execute(f"DROP DATABASE IF EXISTS `{schema}`")


# --- rooms ----------------------------------------------------------------------------------------------------------


def _plan_rooms(context: RecoveryContext, request: Request) -> Plan:
    todo, there, gaps, dumped, unknown = _sort_rooms(context, request)
    return Plan(
        (
            f"From {request['first']} to {request['last']}:",
            f"  {len(there)} dates have room snapshots and are skipped{_listed(there)}",
            f"  {len(gaps)} are declared gaps and are skipped{_listed(gaps)}",
            f"  {len(dumped)} have a dump, from which rooms are exact: use recover_range{_listed(dumped)}",
            f"  {len(unknown)} have neither a dump nor tenants in history and stay gaps{_listed(unknown)}",
            f"  {len(todo)} are made from the tenants' history{_listed(todo)}",
            *(
                [
                    "Only the status is that of the date: rooms, dates and rents are those that the tenants have in "
                    "staging today, and who is not in staging any more is missing; such figures are approximate",
                    f"Builds {', '.join(ROOM_MODELS)}, a partition for each date, many dates in one statement",
                    "Figures follow with recover_kpi, or the next gghouse_daily",
                ]
                if todo
                else []
            ),
            *(["What is there for these dates is replaced, exact or not"] if todo and request["overwrite"] else []),
        ),
        empty=not todo,
    )


def _sort_rooms(
    context: RecoveryContext, request: Request
) -> tuple[list[date], list[date], list[date], list[date], list[date]]:
    wanted = days_between(request["first"], request["last"], MOST_BACKFILLED)
    dumps = dump_dates(context.aws("s3"), context.settings)
    gaps = _declared_gaps(context)
    with contextlib.closing(context.loader.connect()) as connection:
        ensure_platform_tables(connection)
        tenants = loaded_dates(connection)
    kept = set() if request["overwrite"] else _dates(context.dbt, f"SELECT DISTINCT snapshot_date FROM silver.{ROOMS}")
    there = [day for day in wanted if day in kept]
    open_ones = [day for day in wanted if day not in kept]
    rest = [day for day in open_ones if day not in gaps]
    return (
        [day for day in rest if day not in dumps and day in tenants],
        there,
        [day for day in open_ones if day in gaps],
        [day for day in rest if day in dumps],
        [day for day in rest if day not in dumps and day not in tenants],
    )


def _fill_rooms(context: RecoveryContext, request: Request) -> list[str]:
    context.refuse_while_daily_runs()
    todo, *_ = _sort_rooms(context, request)
    done = 0
    try:
        with dbt_runner(context.settings, context.dbt, log.info) as dbt:
            for days in _portions(todo, _states(context.loader, todo) if todo else 0):
                chosen = json.dumps({"rooms_from_history": [day.isoformat() for day in days]})
                dbt.run(days[-1], "run", "--select", *ROOM_MODELS, "--vars", chosen)
                done += len(days)
                rows = f"{_count(context.dbt, days):,}"
                log.info("%s to %s: %s rows, %d of %d dates", days[0], days[-1], rows, done, len(todo))
    except DbtFailed as error:
        raise Refused(f"{error}; {done} of {len(todo)} dates are done and stay") from error
    return [f"Made {done} dates from history"]


def _portions(days: Sequence[date], states: int) -> Iterator[Sequence[date]]:
    """Split the dates into portions of at most `MOST_STATES` tenant states, one statement each."""
    size = max(1, MOST_STATES * len(days) // max(1, states))
    for first in range(0, len(days), size):
        yield days[first : first + size]


def _states(loader: Endpoint, days: Sequence[date]) -> int:
    """Return how many states of tenants `history` has of the dates."""
    with contextlib.closing(loader.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {TENANT_HISTORY} WHERE snapshot_date IN %s", (tuple(days),))
        return int(cursor.fetchone()[0])


def _count(login: Endpoint, days: Sequence[date]) -> int:
    with contextlib.closing(login.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM silver.{ROOMS} WHERE snapshot_date IN %s", (tuple(days),))
        return int(cursor.fetchone()[0])


# --- what both ask --------------------------------------------------------------------------------------------------


def _declared_gaps(context: RecoveryContext) -> set[date]:
    """Return the dates that an operator or the seed declares gaps: what is known to be bad stays away (I-06)."""
    declared = _dates(context.loader, f"SELECT business_date FROM {OPS}.date_overrides WHERE is_gap = 1")
    good = _dates(context.loader, f"SELECT business_date FROM {OPS}.date_overrides WHERE is_gap = 0")
    return declared | (_seed_gaps(context.settings) - good)


def _seed_gaps(settings: Settings) -> set[date]:
    gaps: set[date] = set()
    with (settings.dbt_project_dir / "seeds" / "quality_overrides.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["is_gap"] == "1":
                first, last = date.fromisoformat(row["from_date"]), date.fromisoformat(row["to_date"])
                gaps |= {date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1)}
    return gaps


def _dates(login: Endpoint, query: str) -> set[date]:
    with contextlib.closing(login.connect()) as connection, connection.cursor() as cursor:
        try:
            cursor.execute(query)
        except MySQLdb.Error as error:
            if error_code(error) in ABSENT_OR_HIDDEN:
                return set()
            raise
        return {day for (day,) in cursor.fetchall()}


def _listed(dates: Iterable[date]) -> str:
    names = [str(day) for day in dates]
    if not names:
        return ""
    return ": " + ", ".join(names[:LISTED]) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")
