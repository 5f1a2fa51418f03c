"""Load chosen tables of a dump into staging again, the others staying as they are (domain 7.2, emergency staging fix).

It is a load like any other: scanned, built aside, counted, audited, shown by one RENAME. What is replaced stays in
`staging_prev`, which is the backup.
"""

from __future__ import annotations

import contextlib
from datetime import date

from include.dump.errors import DumpError
from include.dump.generation import LoadOptions
from include.dump.location import DumpObject, find_dumps
from include.dump.manifest import accept_manifest
from include.dump.progress import Progress
from include.dump.restore import restore
from include.dump.source import S3Dump
from include.recovery.forms import RecoveryRefused
from include.recovery.recovery import Plan, Tools, Wish
from include.warehouse import ledger, readers
from include.warehouse.schema import BRONZE, STAGING, ensure_platform_tables


def plan(tools: Tools, wish: Wish) -> Plan:
    """Say which tables are replaced, out of which file.

    Raises:
        RecoveryRefused: staging holds another date, a table is unknown, or the dump is not there.
    """
    held = _held(tools, wish)
    rows = _rows(tools)
    if unknown := [table for table in wish["tables"] if table not in rows]:
        raise RecoveryRefused(
            f"{STAGING} has no table {unknown[0]}; it has {', '.join(sorted(rows))}; new tables come with a whole load"
        )
    files = _files(tools, wish["date"])
    return Plan(
        (
            f"Staging holds {held}",
            *(f"Takes {file}, {file.size / 1e6:,.1f} MB" for file in files),
            *(f"  {table:<24} {rows[table]:>11,} rows now" for table in wish["tables"]),
            f"Replaces {len(wish['tables'])} of {len(rows)} tables, after the same audit as every load, in one RENAME; "
            "tables that foreign keys tie to them come along",
            "What is replaced stays in staging_prev: `recover_generation` with staging takes this back",
            f"Staging goes on holding {held}"
            + (f", with these tables of {wish['date']}" if held != wish["date"] else ""),
            f"Figures change when recover_kpi builds them again, with {held} as first date",
        )
    )


def execute(tools: Tools, wish: Wish, plan: Plan) -> list[str]:
    """Load the tables; doing it again gives the same.

    Raises:
        RecoveryRefused: the dump is at fault; readers see what they saw.
        LoadBusy, PublishBlocked, TransportFailed: worth another try.
    """
    tools.refuse_while_daily_runs()
    held, settings, s3 = _held(tools, wish), tools.settings, tools.aws("s3")
    options = LoadOptions(
        transport=settings.load_transport,
        connections=settings.load_connections,
        carry_over=False,
        partial=True,
        only=frozenset(wish["tables"]),
    )
    files = _files(tools, wish["date"])
    try:
        manifests = [accept_manifest(s3, settings, file, wish["date"], tools.loader.host) for file in files]
        dumps = [S3Dump(s3, file) for file in files]
        progress = Progress(tools.say)
        report = restore(
            dumps,
            held,
            tools.loader,
            options,
            progress,
            manifests,
            settings.source_database,
            restore_login=tools.restore,
        )
    except DumpError as error:
        raise RecoveryRefused(f"{error}; nothing was replaced") from error
    loaded = [table for table in report.tables if not table.carried]
    return [
        f"Load {report.load_id} published as {STAGING} of {held} after {report.seconds:.1f} s",
        *(f"  {table.table:<24} {table.rows:>11,} rows, {table.rejects:,} rejected" for table in loaded),
    ]


def _held(tools: Tools, wish: Wish) -> date:
    with contextlib.closing(tools.loader.connect()) as connection:
        ensure_platform_tables(connection)
        held = readers.staging_date(connection)
    if held is None:
        raise RecoveryRefused("staging holds no finished load; run gghouse_daily for the date that you want")
    if held != wish["date"] and not wish["other_date"]:
        raise RecoveryRefused(
            f"staging holds {held}, not {wish['date']}; take {held}, or set other_date if the older tables are wanted"
        )
    return held


def _rows(tools: Tools) -> dict[str, int]:
    with contextlib.closing(tools.loader.connect()) as connection:
        if uncertain := ledger.doubt(connection, BRONZE):
            raise RecoveryRefused(
                f"{uncertain}, so no single table can be replaced; run gghouse_daily, which loads all"
            )
        return {name: count.rows for name, count in ledger.live_tables(connection, BRONZE).items()}


def _files(tools: Tools, target: date) -> tuple[DumpObject, ...]:
    try:
        return find_dumps(tools.aws("s3"), tools.settings, target)
    except DumpError as error:
        raise RecoveryRefused(str(error)) from error
