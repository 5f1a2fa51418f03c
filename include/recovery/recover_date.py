"""Declare a business date a gap or valid, or withdraw that; the reason and the person are kept (domain 3.13, I-29)."""

from __future__ import annotations

import contextlib
from datetime import date
from typing import Any

import MySQLdb

from include.dump.location import missing_dumps
from include.recovery.forms import RecoveryRefused
from include.recovery.recovery import Plan, Tools, Wish
from include.warehouse.schema import OPS, ensure_platform_tables
from include.warehouse.server_errors import ABSENT_OR_HIDDEN, error_code


def plan(tools: Tools, wish: Wish) -> Plan:
    """Say what is known and declared about the date, what would be declared, and what has to be run then.

    Raises:
        RecoveryRefused: there is nothing to withdraw.
    """
    day = wish["date"]
    declared = _declared(tools, day)
    known = _calendar(tools, day)
    if wish["verdict"] == "withdraw":
        if declared is None:
            raise RecoveryRefused(f"nothing was declared about {day}, so there is nothing to withdraw")
        change = f"Withdraws that; the seed quality_overrides and the snapshots decide about {day} again"
    else:
        change = f"Declares {day} {wish['verdict']}: {wish['reason']} ({tools.who})"
    return Plan(
        (
            f"{day} now: {known or 'no run has judged it yet'}",
            f"Declared: {declared}" if declared else "Declared: nothing",
            change,
            *_follow_up(tools, wish, has_snapshot=bool(known) and not known.startswith("gap (no snapshot")),
        )
    )


def execute(tools: Tools, wish: Wish, plan: Plan) -> list[str]:
    """Write it down; the same again changes nothing but the time."""
    day = wish["date"]
    with contextlib.closing(tools.loader.connect()) as connection, connection.cursor() as cursor:
        ensure_platform_tables(connection)
        if wish["verdict"] == "withdraw":
            cursor.execute(f"DELETE FROM {OPS}.date_overrides WHERE business_date = %s", (day,))
            return [f"Nothing is declared about {day} any more; ops.recoveries keeps why: {wish['reason']}"]
        cursor.execute(
            f"INSERT INTO {OPS}.date_overrides (business_date, is_gap, reason, declared_by, declared_at) "
            "VALUES (%s, %s, %s, %s, UTC_TIMESTAMP()) ON DUPLICATE KEY UPDATE is_gap = VALUES(is_gap), "
            "reason = VALUES(reason), declared_by = VALUES(declared_by), declared_at = VALUES(declared_at)",
            (day, wish["verdict"] == "gap", wish["reason"], tools.who[:191]),
        )
    return [f"{day} is declared {wish['verdict']}: {wish['reason']} ({tools.who})", *plan.lines[-1:]]


def _follow_up(tools: Tools, wish: Wish, has_snapshot: bool) -> tuple[str, ...]:
    day = wish["date"]
    build = f"Figures follow with the next build: recover_kpi with {day} as first date, or tomorrow's gghouse_daily"
    if wish["verdict"] == "gap":
        return (
            "Facts of the date leave occupancy and KPIs, the date after it becomes a bridge day; nothing is deleted",
            build,
        )
    if has_snapshot:
        return ("Its facts are shown again; nothing has to be loaded", build)
    if missing_dumps(tools.aws("s3"), tools.settings, day):
        return (
            "It has no room snapshot and its dump is not in the bucket, so it stays a gap until the dump is delivered",
            f"Have the dump of {day} delivered, then run recover_range with {day}",
        )
    return (
        "It has no room snapshot, so there are no facts to show until its dump is run",
        f"Run recover_range with {day}",
    )


def _declared(tools: Tools, day: date) -> str | None:
    row = _one(
        tools.loader.connect(),
        f"SELECT is_gap, reason, declared_by, declared_at FROM {OPS}.date_overrides WHERE business_date = %s",
        day,
    )
    return f"{'gap' if row[0] else 'valid'}: {row[1]} ({row[2]}, {row[3]} UTC)" if row else None


def _calendar(tools: Tools, day: date) -> str:
    row = _one(
        tools.dbt.connect(),
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
