"""Roll back what readers of staging or gold see to the generation before the newest."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from include.forms import Refused
from include.recovery.forms import FORMS
from include.recovery.recovery import Plan, RecoveryContext, Request
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import LoadBusy, PublishBlocked
from include.warehouse.rollback import (
    NothingToRollBack,
    RollbackOutdated,
    RollbackPlan,
    apply_rollback,
    plan_rollback,
)
from include.warehouse.schema import BRONZE, GOLD, STAGING, SchemaSet, ensure_platform_tables

REFUSALS = (LoadBusy, NothingToRollBack, PublishBlocked, RollbackOutdated)
NAME_WIDTH = 36


class RecoverGeneration:
    """Roll back staging or gold to the generation before the newest."""

    form = FORMS["generation"]

    def plan(self, context: RecoveryContext, request: Request) -> Plan:
        """Show the date that readers see now and after the rollback, and the tables that change.

        Raises:
            Refused: there is no generation to go back to.
        """
        login, schemas = _place(context, request)
        try:
            with contextlib.closing(login.connect()) as connection:
                if schemas == BRONZE:
                    ensure_platform_tables(connection)
                rollback = plan_rollback(connection, schemas)
        except REFUSALS as error:
            raise Refused(str(error)) from error
        details = _staging_lines(rollback) if schemas == BRONZE else _gold_lines(rollback)
        return Plan(
            (
                f"Readers of {schemas.live} see {rollback.shown}; after the rollback they see {rollback.target}",
                *details,
            ),
            rollback.snapshot,
        )

    def apply(self, context: RecoveryContext, request: Request, plan: Plan) -> list[str]:
        """Roll back, unless something changed since the plan was made; so a second try never goes a step too far.

        Raises:
            Refused: the state is another one, or there is no generation to go back to; nothing was changed.
        """
        login, schemas = _place(context, request)
        began = time.monotonic()
        try:
            with contextlib.closing(login.connect()) as connection:
                shown = apply_rollback(connection, plan.snapshot, schemas, context.restore)
        except REFUSALS as error:
            raise Refused(str(error)) from error
        return [f"Readers of {schemas.live} see {shown} after {time.monotonic() - began:.1f} s"]


def _place(context: RecoveryContext, request: Request) -> tuple[Endpoint, SchemaSet]:
    return (context.loader, BRONZE) if request["layer"] == STAGING else (context.dbt, GOLD)


def _staging_lines(rollback: RollbackPlan) -> Iterator[str]:
    if rollback.loads:
        yield f"Load {rollback.loads[0]} is undone, load {rollback.loads[1]} is shown again"
    yield f"  {'table':{NAME_WIDTH}} {'rows now':>11} {'rows then':>11}"
    for table, (now, then) in rollback.tables.items():
        name = table if len(table) <= NAME_WIDTH else table[: NAME_WIDTH - 1] + "…"
        yield f"  {name:{NAME_WIDTH}} {_rows(now):>11} {_rows(then):>11}"
    yield f"  {len(rollback.tables)} tables change, {rollback.staying} stay as they are"
    yield (
        "One RENAME, a few seconds; silver, gold and history stay as they are until gghouse_daily or recover_kpi "
        "builds them from what staging holds then"
    )
    yield "One step only: to get the undone load back, load its dump again"


def _gold_lines(rollback: RollbackPlan) -> Iterator[str]:
    yield f"{len(rollback.tables)} tables change: {', '.join(rollback.tables)}"
    yield "One RENAME, a few seconds. A second rollback goes forward again"
    yield ("QuickSight keeps its own copy: clear refresh_quicksight in the last run of gghouse_daily to show it there")


def _rows(rows: int | None) -> str:
    return "no table" if rows is None else f"{rows:,}"
