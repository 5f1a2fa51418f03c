"""Accept a dump with far fewer rows than the load before, which the audit rejects.

The audit compares each modelled table with the load of the nearest earlier date. This recovery marks that load as
`superseded`: it stays what readers see, but is not compared with any more. Once the date is loaded, the next date is
compared with it as usual. The reason is recorded in `ops.recoveries`.
"""

from __future__ import annotations

import contextlib
import logging
from datetime import date

from include.dump.audit import FLOOR, fallen_tables
from include.dump.contract import SOURCE_COLUMNS
from include.dump.errors import DumpError
from include.dump.location import DumpObject, find_dumps
from include.dump.manifest import accept_manifest
from include.dump.progress import Progress
from include.dump.restore import scan
from include.dump.source import S3Dump
from include.forms import Refused
from include.recovery.forms import FORMS
from include.recovery.recovery import Plan, RecoveryContext, Request
from include.schedule import DAILY
from include.warehouse import ledger
from include.warehouse.schema import ensure_platform_tables

log = logging.getLogger(__name__)


class RecoverBaseline:
    """Accept a dump with far fewer rows than the load before."""

    form = FORMS["baseline"]

    def plan(self, context: RecoveryContext, request: Request) -> Plan:
        """Scan the dump and show the rows of each table that lost rows, in the load before and in the dump.

        Raises:
            Refused: the dump is missing or at fault, there is no load to compare with, or no table lost rows.
        """
        target: date = request["date"]
        before = _baseline(context, target)
        files = _files(context, target)
        rows = _rows(context, target, files)
        lost = [table for table in SOURCE_COLUMNS if rows.get(table, 0) < before.rows.get(table, 0)]
        if not lost:
            raise Refused(
                f"no table of the dump of {target} has fewer rows than load {before.load_id} of {before.target}, so "
                "there is nothing to accept; the detail of the failed task says what else is wrong"
            )
        fallen = fallen_tables(rows, before.rows)
        return Plan(
            (
                f"The dump of {target} is compared with load {before.load_id} of {before.target}:",
                f"  {'table':<24} {before.target!s:>11} {target!s:>11}",
                *(f"  {_line(table, before.rows[table], rows.get(table, 0), table in fallen)}" for table in lost),
                f"The audit rejects the dump because of {', '.join(fallen) or 'no table'} (floor: {FLOOR:.0%})",
                f"Marks load {before.load_id} as superseded, so that the next load of {target} is not compared with "
                f"it: {request['reason']} ({context.requested_by})",
                f"Nothing is loaded and readers see no change. Later dates are compared with {target} as usual",
                _next_step(target),
            ),
            _snapshot(before, files),
        )

    def apply(self, context: RecoveryContext, request: Request, plan: Plan) -> list[str]:
        """Mark the load before as superseded; the same again changes nothing.

        Raises:
            Refused: another load or another dump came since the plan was made; nothing was changed.
        """
        target: date = request["date"]
        before = _baseline(context, target)
        if _snapshot(before, _files(context, target)) != plan.snapshot:
            raise Refused(
                f"the dump of {target} or the load before it changed since the plan was made, so nothing was changed; "
                "make a new plan"
            )
        with contextlib.closing(context.loader.connect()) as connection:
            ledger.set_aside(connection, before.load_id)
        return [
            f"Load {before.load_id} of {before.target} is superseded: {request['reason']} ({context.requested_by})",
            _next_step(target),
        ]


def _baseline(context: RecoveryContext, target: date) -> ledger.Baseline:
    with contextlib.closing(context.loader.connect()) as connection:
        ensure_platform_tables(connection)
        found = ledger.baseline(connection, target)
    if found is None:
        raise Refused(
            f"the dump of {target} is compared with no load before it: there is none, or it is superseded already. "
            + _next_step(target)
        )
    return found


def _files(context: RecoveryContext, target: date) -> tuple[DumpObject, ...]:
    try:
        return find_dumps(context.aws("s3"), context.settings, target)
    except DumpError as error:
        raise Refused(str(error)) from error


def _rows(context: RecoveryContext, target: date, files: tuple[DumpObject, ...]) -> dict[str, int]:
    """Return the rows of each table of the dump."""
    s3, settings = context.aws("s3"), context.settings
    try:
        manifests = [accept_manifest(s3, settings, file, target, context.loader.host) for file in files]
        inventories = scan([S3Dump(s3, file) for file in files], Progress(log.info), manifests)
    except DumpError as error:
        raise Refused(str(error)) from error
    return {name: table.rows for inventory in inventories for name, table in inventory.tables.items()}


def _snapshot(before: ledger.Baseline, files: tuple[DumpObject, ...]) -> str:
    return " ".join([str(before.load_id), *(file.etag for file in files)])


def _line(table: str, before: int, now: int, fallen: bool) -> str:
    return f"{table:<24} {before:>11,} {now:>11,}  {now / before:.1%}{', below the floor' if fallen else ''}"


def _next_step(target: date) -> str:
    return f"Next: clear load_staging with Downstream in the run of {DAILY} for {target}, or run recover_range with it"
