"""Declare a business date a gap or valid, or withdraw that; the reason and the person are recorded (I-29)."""

from __future__ import annotations

import contextlib
from datetime import date
from typing import Any

import MySQLdb

from include.dump.location import missing_dumps
from include.forms import Refused
from include.recovery.forms import FORMS
from include.recovery.recovery import Plan, RecoveryContext, Request
from include.warehouse.schema import OPS, ensure_platform_tables
from include.warehouse.server_errors import ABSENT_OR_HIDDEN, error_code


class RecoverDate:
    """Declare a date a gap or valid, or withdraw a declaration."""

    form = FORMS["date"]

    def plan(self, context: RecoveryContext, request: Request) -> Plan:
        """Say what is known and declared about the date, what would be declared, and what to run next.

        Raises:
            Refused: there is nothing to withdraw.
        """
        day = request["date"]
        declared = _declared(context, day)
        known = _calendar(context, day)
        if request["verdict"] == "withdraw":
            if declared is None:
                raise Refused(f"nothing was declared about {day}, so there is nothing to withdraw")
            change = f"Withdraws that; the seed quality_overrides and the snapshots decide about {day} again"
        else:
            change = f"Declares {day} {request['verdict']}: {request['reason']} ({context.requested_by})"
        return Plan(
            (
                f"{day} now: {known or 'no run has judged it yet'}",
                f"Declared: {declared}" if declared else "Declared: nothing",
                change,
                *_follow_up(context, request, has_snapshot=bool(known) and not known.startswith("gap (no snapshot")),
            )
        )

    def apply(self, context: RecoveryContext, request: Request, plan: Plan) -> list[str]:
        """Record it; the same again changes only the time."""
        day = request["date"]
        with contextlib.closing(context.loader.connect()) as connection, connection.cursor() as cursor:
            ensure_platform_tables(connection)
            if request["verdict"] == "withdraw":
                cursor.execute(f"DELETE FROM {OPS}.date_overrides WHERE business_date = %s", (day,))
                return [f"The declaration of {day} is withdrawn; ops.recoveries records why: {request['reason']}"]
            cursor.execute(
                f"INSERT INTO {OPS}.date_overrides (business_date, is_gap, reason, declared_by, declared_at) "
                "VALUES (%s, %s, %s, %s, UTC_TIMESTAMP()) ON DUPLICATE KEY UPDATE is_gap = VALUES(is_gap), "
                "reason = VALUES(reason), declared_by = VALUES(declared_by), declared_at = VALUES(declared_at)",
                (day, request["verdict"] == "gap", request["reason"], context.requested_by[:191]),
            )
        return [
            f"{day} is declared {request['verdict']}: {request['reason']} ({context.requested_by})",
            *plan.lines[-1:],
        ]


def _follow_up(context: RecoveryContext, request: Request, has_snapshot: bool) -> tuple[str, ...]:
    day = request["date"]
    build = f"Figures follow with the next build: recover_kpi with {day} as first date, or tomorrow's gghouse_daily"
    if request["verdict"] == "gap":
        return (
            "Facts of the date leave occupancy and KPIs, the date after it becomes a bridge day; nothing is deleted",
            build,
        )
    if has_snapshot:
        return ("Its facts are shown again; nothing has to be loaded", build)
    if missing_dumps(context.aws("s3"), context.settings, day):
        return (
            "It has no room snapshot and its dump is not in the bucket, so it stays a gap until the dump is delivered",
            f"Have the dump of {day} delivered, then run recover_range with {day}",
        )
    return (
        "It has no room snapshot, so there are no facts to show until its dump is run",
        f"Run recover_range with {day}",
    )


def _declared(context: RecoveryContext, day: date) -> str | None:
    row = _one(
        context.loader.connect(),
        f"SELECT is_gap, reason, declared_by, declared_at FROM {OPS}.date_overrides WHERE business_date = %s",
        day,
    )
    return f"{'gap' if row[0] else 'valid'}: {row[1]} ({row[2]}, {row[3]} UTC)" if row else None


def _calendar(context: RecoveryContext, day: date) -> str:
    row = _one(
        context.dbt.connect(),
        "SELECT is_gap, reason FROM silver.business_calendar WHERE business_date = %s",
        day,
    )
    return ("gap" if row[0] else "valid") + (f" ({row[1]})" if row[1] else "") if row else ""


def _one(connection: MySQLdb.Connection, query: str, day: date) -> tuple[Any, ...] | None:
    with contextlib.closing(connection), connection.cursor() as cursor:
        try:
            cursor.execute(query, (day,))
        except MySQLdb.Error as error:
            if error_code(error) in ABSENT_OR_HIDDEN:
                return None
            raise
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row
