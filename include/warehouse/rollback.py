"""Rollback: readers of staging or gold see again what the newest publish replaced, by one RENAME.

`plan_rollback` reads what would change and changes nothing; `apply_rollback` does it, if the state is still the one
that was planned for. So a task that is killed after the RENAME and tried again never goes a step too far.

Staging goes one step back and no further, because the ledger then says that the load was rolled back; `staging_prev`
keeps what was undone for inspection. Gold exchanges its two generations, so a second rollback goes forward again.
"""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from datetime import date

import MySQLdb

from include.warehouse import ledger
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import check_lock, end_orphans, exclusive, moves, recreate, rename
from include.warehouse.gold import list_dates
from include.warehouse.readers import gold_date, gold_table_dates, staging_date
from include.warehouse.schema import (
    BRONZE,
    GOLD,
    MARK,
    OPS,
    SchemaSet,
    all_table_names,
    as_stored,
    create_schema,
    table_names,
)


class NothingToRollBack(RuntimeError):
    """There is no generation to go back to."""


class RollbackOutdated(RuntimeError):
    """Something was published or rolled back since the plan was made; nothing was changed."""


@dataclass(frozen=True)
class RollbackPlan:
    """What a rollback would do.

    Attributes:
        shown: business date that readers see now, None when it is not known.
        target: business date that readers see afterwards.
        tables: the tables that change, each with its rows now and afterwards; None: no such table, or not counted.
        staying: how many tables stay as they are.
        loads: the load that is undone and the load that readers see afterwards; None for gold.
        snapshot: identifies the state that the plan was made from; for `apply_rollback`.
    """

    shown: date | None
    target: date
    tables: dict[str, tuple[int | None, int | None]]
    staying: int
    loads: tuple[int, int] | None
    snapshot: str


def plan_rollback(connection: MySQLdb.Connection, schemas: SchemaSet = BRONZE) -> RollbackPlan:
    """Return what a rollback would do; readers see no change.

    Args:
        connection: login that owns the schemas; for all but gold it reads the ledger.
        schemas: the generations; the state of `GOLD` is in its table comments, of all others in the ledger.

    Raises:
        NothingToRollBack: there is no generation to go back to, or that is not certain at this moment.
    """
    return _plan_gold(connection) if schemas == GOLD else _plan_load(connection, schemas)


def apply_rollback(
    connection: MySQLdb.Connection, snapshot: str, schemas: SchemaSet = BRONZE, restore: Endpoint | None = None
) -> date | None:
    """Roll back, unless the state is another one than the plan's; return the business date that readers see then.

    Args:
        connection: login that owns the schemas.
        snapshot: of the plan.
        schemas: the generations.
        restore: login that loads dumps; sessions of it that a killed load left in the next generation are ended.

    Raises:
        RollbackOutdated: the state is not the plan's any more.
        NothingToRollBack: there is no generation to go back to.
        include.warehouse.generations.LoadBusy: a load or a publish is running.
        include.warehouse.generations.PublishBlocked: readers hold a table for longer than two minutes.
    """
    with exclusive(connection, schemas):
        if schemas != GOLD:
            if restore:
                end_orphans(restore, schemas)
            ledger.close_unfinished(connection, schemas)
        if _snapshot(connection, schemas) != snapshot:
            shown = gold_date(connection) if schemas == GOLD else staging_date(connection, schemas)
            raise RollbackOutdated(
                f"{schemas.live} changed since the plan was made: readers see {shown} now, so nothing was changed; "
                "make a new plan"
            )
        if schemas == GOLD:
            return _roll_back_gold(connection)
        roll_back_load(connection, schemas)
        return staging_date(connection, schemas)


def _snapshot(connection: MySQLdb.Connection, schemas: SchemaSet) -> str:
    if schemas != GOLD:
        newest, before = ledger.newest_generations(connection, schemas)
        return f"{newest} {before}"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name, table_comment, create_time FROM information_schema.tables "
            "WHERE table_schema IN (%s, %s) ORDER BY table_schema, table_name",
            (GOLD.live, GOLD.previous),
        )
        return hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()[:16]


# --- staging, and every other schema that the ledger knows ----------------------------------------------------------


def _plan_load(connection: MySQLdb.Connection, schemas: SchemaSet) -> RollbackPlan:
    snapshot = _snapshot(connection, schemas)
    shown = staging_date(connection, schemas)
    if shown is None and ledger.newest_generations(connection, schemas)[0] is not None:
        raise NothingToRollBack(
            f"a load of {schemas.live} is being published, or was killed while publishing; wait for its end, or clear "
            "load_staging, then make a new plan"
        )
    newest, before = _load_way_back(connection, schemas)
    dates = _column(connection, "load_ledger", "load_id", "target_date", (newest, before))
    now = _column(connection, "table_ledger", "table_name", "loaded_rows", (newest,))
    then = _column(connection, "table_ledger", "table_name", "loaded_rows", (before,))
    stored = as_stored(connection)
    kept = set(map(stored, table_names(connection, schemas.previous)))
    changing = sorted(ledger.loaded_tables(connection, newest) | {name for name in then if stored(name) in kept})
    return RollbackPlan(
        shown=shown,
        target=dates[before],
        tables={name: (now.get(name), then.get(name)) for name in changing},
        staying=len(then.keys() - set(changing)),
        loads=(newest, before),
        snapshot=snapshot,
    )


def _column(connection: MySQLdb.Connection, table: str, key: str, value: str, loads: tuple[int, ...]) -> dict:  # type: ignore[type-arg]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key}, {value} FROM {OPS}.{table} WHERE load_id IN %s", (loads,))
        return dict(cursor.fetchall())


def _load_way_back(connection: MySQLdb.Connection, schemas: SchemaSet = BRONZE) -> tuple[int, int]:
    """Return the load that a rollback undoes, and the load whose generation readers see afterwards.

    Raises:
        NothingToRollBack: no such generation is kept, or not all of it.
    """
    newest, before = ledger.newest_generations(connection, schemas)
    if newest is None or before is None:
        raise NothingToRollBack(f"the ledger knows no generation of {schemas.live} before the one that readers see")
    instead = "so nothing was changed; load the dump of the date that you want instead"
    if uncertain := ledger.doubt(connection, schemas):
        raise NothingToRollBack(f"{uncertain}, {instead}")
    kept = ledger.mark_of(connection, schemas.previous)
    if kept is not None and kept.load_id > newest:
        raise NothingToRollBack(
            f"load {kept.load_id} was rolled back already and {schemas.previous} holds nothing older, {instead}"
        )
    stored = as_stored(connection)
    loaded = set(map(stored, ledger.loaded_tables(connection, newest)))
    whole = set(map(stored, ledger.all_tables(connection, before)))
    live = set(map(stored, table_names(connection, schemas.live)))
    returning = set(map(stored, table_names(connection, schemas.previous)))
    if kept is None or kept.load_id != before or (live - loaded) | returning != whole or not loaded <= live:
        raise NothingToRollBack(f"{schemas.previous} does not hold what load {newest} replaced, {instead}")
    return newest, before


def roll_back_load(connection: MySQLdb.Connection, schemas: SchemaSet = BRONZE) -> int:
    """Give readers the generation before the newest, and keep the newest in `staging_prev`; return the load undone.

    This goes one step back and no further: `staging_prev` then holds what was undone, which is for looking at only.

    Args:
        connection: holds the right to load.
        schemas: the generations.

    Raises:
        NothingToRollBack: no such generation is kept, or not all of it.
        PublishBlocked: readers hold a table for longer than two minutes.
        LoadBusy: `connection` does not hold the right to load.
    """
    check_lock(connection, schemas)
    ledger.close_unfinished(connection, schemas)
    newest, _ = _load_way_back(connection, schemas)
    leaving = [*sorted(ledger.loaded_tables(connection, newest)), MARK]
    returning = all_table_names(connection, schemas.previous)
    recreate(connection, schemas.next)
    ledger.set_state(connection, newest, "rolling_back")
    steps = moves(leaving, schemas.live, schemas.next) + moves(returning, schemas.previous, schemas.live)
    try:
        rename(connection, schemas, steps)
    except BaseException:
        with contextlib.suppress(MySQLdb.Error):
            ledger.close_unfinished(connection, schemas)
        raise
    ledger.set_state(connection, newest, "rolled_back")
    rename(connection, schemas, moves(leaving, schemas.next, schemas.previous))
    return newest


# --- gold -----------------------------------------------------------------------------------------------------------


def _plan_gold(connection: MySQLdb.Connection) -> RollbackPlan:
    target, tables = _gold_way_back(connection)
    return RollbackPlan(
        shown=gold_date(connection),
        target=target,
        tables=dict.fromkeys(tables, (None, None)),
        staying=len(set(table_names(connection, GOLD.live)) - set(tables)),
        loads=None,
        snapshot=_snapshot(connection, GOLD),
    )


def _gold_way_back(connection: MySQLdb.Connection) -> tuple[date, list[str]]:
    """Return the business date that readers see after a rollback, and the tables that change."""
    for schema in (GOLD.live, GOLD.next, GOLD.previous):
        create_schema(connection, schema)
    kept, live = gold_table_dates(connection, GOLD.previous), gold_table_dates(connection, GOLD.live)
    after = {name: made_for for name, made_for in live.items() if name not in kept} | kept
    target = next(iter(kept.values()), None)
    if target is None or set(after.values()) != {target}:
        raise NothingToRollBack(
            f"{GOLD.previous} does not hold what would make gold whole again"
            f"{' (' + list_dates(after) + ')' if kept else ''}, so nothing was changed; run the date that you want"
        )
    if table_names(connection, GOLD.next):
        raise NothingToRollBack(f"{GOLD.next} is being built; let the run end, or publish what it built, first")
    return target, sorted(kept)


def _roll_back_gold(connection: MySQLdb.Connection) -> date:
    """Exchange the two generations of gold; return the business date that readers see then."""
    target, kept = _gold_way_back(connection)
    live = table_names(connection, GOLD.live)
    there = [name for name in kept if name in live]
    rename(
        connection,
        GOLD,
        moves(there, GOLD.live, GOLD.next)
        + moves(kept, GOLD.previous, GOLD.live)
        + moves(there, GOLD.next, GOLD.previous),
    )
    return target
