"""Give readers of staging or gold the generation before the newest back (incident drill "rollback", domain 7.2)."""

from __future__ import annotations

import contextlib
import hashlib
import time

import MySQLdb

from include.dump.pages import rollback_lines
from include.recovery.forms import RecoveryRefused
from include.recovery.recovery import Plan, Tools, Wish
from include.warehouse import ledger, readers
from include.warehouse.generations import (
    LoadBusy,
    NothingToRollBack,
    PublishBlocked,
    end_orphans,
    exclusive,
    roll_back,
    way_back,
)
from include.warehouse.gold import gold_way_back, roll_back_gold
from include.warehouse.schema import BRONZE, GOLD, STAGING, ensure_platform_tables

REFUSALS = (LoadBusy, NothingToRollBack, PublishBlocked)
CHANGED = "{} is not any more as the plan saw it: readers see {} now, so nothing was done; make a new plan if need be"


def plan(tools: Tools, wish: Wish) -> Plan:
    """Show the date that readers see and the one that they would see, and what changes.

    Raises:
        RecoveryRefused: there is no way back.
    """
    try:
        return _plan_staging(tools) if wish["layer"] == STAGING else _plan_gold(tools)
    except REFUSALS as error:
        raise RecoveryRefused(str(error)) from error


def _plan_staging(tools: Tools) -> Plan:
    with contextlib.closing(tools.loader.connect()) as connection:
        ensure_platform_tables(connection)
        lines = rollback_lines(connection, BRONZE)
        shown = readers.staging_date(connection)
        seen = _loads(way_back(connection))
    return Plan(
        (
            f"Readers of {STAGING} see {shown}",
            *lines,
            "One RENAME, a few seconds; silver, gold and history stay as they are until gghouse_daily or recover_kpi "
            "builds them from what staging holds then",
            "One step only: what is undone cannot be had back but by loading its dump again",
        ),
        seen,
    )


def _plan_gold(tools: Tools) -> Plan:
    with contextlib.closing(tools.dbt.connect()) as connection:
        shown = readers.gold_date(connection)
        target, tables = gold_way_back(connection)
        seen = _fingerprint(connection)
    return Plan(
        (
            f"Readers of {GOLD.live} see {shown}; after the rollback they see {target}",
            f"{len(tables)} tables change: {', '.join(tables)}",
            "One RENAME, a few seconds. A second rollback goes forward again",
            "QuickSight keeps its own copy: clear refresh_quicksight in the last run of gghouse_daily to show it there",
        ),
        seen,
    )


def execute(tools: Tools, wish: Wish, plan: Plan) -> list[str]:
    """Roll back, unless something changed since the plan was made; so a second try never goes a step too far.

    Raises:
        RecoveryRefused: the state is another one, or no way leads back; nothing was changed.
    """
    began = time.monotonic()
    try:
        shown = _undo_staging(tools, plan) if wish["layer"] == STAGING else _undo_gold(tools, plan)
    except REFUSALS as error:
        raise RecoveryRefused(str(error)) from error
    return [f"Readers of {wish['layer']} see {shown} after {time.monotonic() - began:.1f} s"]


def _undo_staging(tools: Tools, plan: Plan) -> str:
    with contextlib.closing(tools.loader.connect()) as connection:
        with exclusive(connection):
            end_orphans(tools.restore)
            ledger.close_unfinished(connection)
            newest, before = ledger.newest_generations(connection)
            if f"{newest} {before}" != plan.seen:
                raise RecoveryRefused(CHANGED.format(STAGING, readers.staging_date(connection)))
            roll_back(connection)
        return str(readers.staging_date(connection))


def _undo_gold(tools: Tools, plan: Plan) -> str:
    with contextlib.closing(tools.dbt.connect()) as connection:
        if _fingerprint(connection) != plan.seen:
            raise RecoveryRefused(CHANGED.format(GOLD.live, readers.gold_date(connection)))
        return str(roll_back_gold(connection))


def _loads(loads: tuple[int, int]) -> str:
    return f"{loads[0]} {loads[1]}"


def _fingerprint(connection: MySQLdb.Connection) -> str:
    """Return what tells this pair of generations of gold from any other: which tables, of which date, made when."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name, table_comment, create_time FROM information_schema.tables "
            "WHERE table_schema IN (%s, %s) ORDER BY table_schema, table_name",
            (GOLD.live, GOLD.previous),
        )
        return hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()[:16]
