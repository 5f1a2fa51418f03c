"""Load chosen tables of a dump into staging again; all other tables stay as they are.

The load is scanned, built aside, counted, audited and published by one RENAME like any other. What it replaces stays in
`staging_prev`, which is the backup.
"""

from __future__ import annotations

import contextlib
import logging
from datetime import date

from include.dump.errors import DumpError
from include.dump.generation import LoadOptions
from include.dump.location import DumpObject, find_dumps
from include.dump.manifest import accept_manifest
from include.dump.progress import Progress
from include.dump.restore import restore
from include.dump.source import S3Dump
from include.forms import Refused
from include.recovery.forms import FORMS
from include.recovery.recovery import Plan, RecoveryContext, Request
from include.warehouse import ledger, readers
from include.warehouse.schema import BRONZE, STAGING, ensure_platform_tables

log = logging.getLogger(__name__)


class RecoverTables:
    """Load chosen tables of one dump into staging again."""

    form = FORMS["tables"]

    def plan(self, context: RecoveryContext, request: Request) -> Plan:
        """Say which tables are replaced, from which file.

        Raises:
            Refused: staging holds another date, a table is unknown, or the dump is not there.
        """
        held = _held(context, request)
        rows = _rows(context)
        if unknown := [table for table in request["tables"] if table not in rows]:
            raise Refused(
                f"{STAGING} has no table {unknown[0]}; it has {', '.join(sorted(rows))}; a new table needs a whole load"
            )
        files = _files(context, request["date"])
        return Plan(
            (
                f"Staging holds {held}",
                *(f"Takes {file}, {file.size / 1e6:,.1f} MB" for file in files),
                *(f"  {table:<24} {rows[table]:>11,} rows now" for table in request["tables"]),
                f"Replaces {len(request['tables'])} of {len(rows)} tables, after the same audit as every load, in one "
                "RENAME, together with the tables that foreign keys tie to them",
                "What is replaced stays in staging_prev: `recover_generation` with staging rolls this back",
                f"Staging still holds {held}"
                + (f", with these tables of {request['date']}" if held != request["date"] else ""),
                f"Figures change with recover_kpi, with {held} as first date",
            )
        )

    def apply(self, context: RecoveryContext, request: Request, plan: Plan) -> list[str]:
        """Load the tables; repeating it gives the same.

        Raises:
            Refused: the dump is at fault; readers see no change.
            LoadBusy, PublishBlocked, TransportFailed: worth another try.
        """
        context.refuse_while_daily_runs()
        held, settings, s3 = _held(context, request), context.settings, context.aws("s3")
        options = LoadOptions(
            transport=settings.load_transport,
            connections=settings.load_connections,
            carry_over=False,
            partial=True,
            only=frozenset(request["tables"]),
        )
        files = _files(context, request["date"])
        try:
            manifests = [accept_manifest(s3, settings, file, request["date"], context.loader.host) for file in files]
            dumps = [S3Dump(s3, file) for file in files]
            progress = Progress(log.info)
            report = restore(
                dumps,
                held,
                context.loader,
                options,
                progress,
                manifests,
                settings.source_database,
                restore_login=context.restore,
            )
        except DumpError as error:
            raise Refused(f"{error}; nothing was replaced") from error
        loaded = [table for table in report.tables if not table.carried]
        return [
            f"Load {report.load_id} published as {STAGING} of {held} after {report.seconds:.1f} s",
            *(f"  {table.table:<24} {table.rows:>11,} rows, {table.rejects:,} rejected" for table in loaded),
        ]


def _held(context: RecoveryContext, request: Request) -> date:
    with contextlib.closing(context.loader.connect()) as connection:
        ensure_platform_tables(connection)
        held = readers.staging_date(connection)
    if held is None:
        raise Refused("staging holds no finished load; run gghouse_daily for the date that you want")
    if held != request["date"] and not request["other_date"]:
        raise Refused(
            f"staging holds {held}, not {request['date']}; use {held}, or set other_date if the older tables are wanted"
        )
    return held


def _rows(context: RecoveryContext) -> dict[str, int]:
    with contextlib.closing(context.loader.connect()) as connection:
        if uncertain := ledger.doubt(connection, BRONZE):
            raise Refused(f"{uncertain}, so no single table can be replaced; run gghouse_daily, which loads all")
        return {name: count.rows for name, count in ledger.live_tables(connection, BRONZE).items()}


def _files(context: RecoveryContext, target: date) -> tuple[DumpObject, ...]:
    try:
        return find_dumps(context.aws("s3"), context.settings, target)
    except DumpError as error:
        raise Refused(str(error)) from error
