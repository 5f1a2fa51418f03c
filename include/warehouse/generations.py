"""Generations of bronze: one is built aside, one is read, one is kept for the way back.

`staging_next` is being built, `staging` is what readers see, `staging_prev` keeps what the newest generation replaced.
A new generation becomes visible by one RENAME of all tables that differ, which the server does whole or not at all, so
that a reader never meets a mixture and a crash at any moment leaves `staging` whole. Tables that
are the same in both generations stay where they are.

A statement reads one generation, and a publish never makes it fail. So does a transaction, for as long as it lasts, but
a table that is newer than its snapshot answers with error 1412, and the reader must start its transaction again.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Iterator

import MySQLdb

from include.warehouse import load_lock
from include.warehouse.endpoint import Endpoint
from include.warehouse.heartbeat import heartbeat
from include.warehouse.schema import BRONZE, MARK, SchemaSet, all_table_names, as_stored, create_schema
from include.warehouse.server_errors import LOCK_CONFLICTS, error_code
from include.warehouse.sessions import server_sessions

ORPHAN_WAIT_SECONDS = 60
RENAME_WAIT_SECONDS = 20
RENAME_ATTEMPTS = 6


class LoadBusy(RuntimeError):
    """Another load is running, or its end cannot be waited for; worth another try later."""


class PublishBlocked(RuntimeError):
    """Readers held the tables for too long; nothing was changed, worth another try."""


@contextlib.contextmanager
def exclusive(connection: MySQLdb.Connection, schemas: SchemaSet = BRONZE) -> Iterator[None]:
    """Hold the right to load for as long as the block lasts; `connection` must stay open.

    Raises:
        LoadBusy: another load is running.
    """
    if not load_lock.take(connection, schemas):
        owner = load_lock.owner(connection, schemas)
        raise LoadBusy(
            f"another load of {schemas.live} is running (session {owner}); wait for its end, then clear the task; "
            f"if no load is running, end it with KILL {owner}"
        )
    try:
        with heartbeat(connection):
            yield
    finally:
        with contextlib.suppress(MySQLdb.Error):
            load_lock.release(connection, schemas)


def end_orphans(login: Endpoint, schemas: SchemaSet = BRONZE) -> None:
    """End the sessions that still write for a killed loader; only the holder of the right to load may do so.

    Args:
        login: writes the next generation; its sessions in that schema are those to end. A login may end its own
            sessions only.
        schemas: the generations.

    Raises:
        LoadBusy: a session does not end.
        MySQLdb.OperationalError: the login is refused.
    """
    give_up = time.monotonic() + ORPHAN_WAIT_SECONDS
    with contextlib.closing(login.connect()) as connection, connection.cursor() as cursor:
        while True:
            sessions = server_sessions(connection)
            own = next(session.user for session in sessions if session.number == connection.thread_id())
            orphans = [session.number for session in sessions if session.schema == schemas.next and session.user == own]
            if not orphans:
                return
            if time.monotonic() > give_up:
                raise LoadBusy(
                    f"session {orphans[0]} of an earlier load still writes into {schemas.next}; end it with KILL "
                    f"{orphans[0]}, then clear the task"
                )
            for session in orphans:
                with contextlib.suppress(MySQLdb.OperationalError):  # it may just have ended by itself
                    cursor.execute(f"KILL {session}")
            time.sleep(0.1)


def prepare_next(connection: MySQLdb.Connection, schemas: SchemaSet = BRONZE, keep: Collection[str] = ()) -> None:
    """Empty `staging_next` but for tables to be brought up to date, which nobody may trust from now on.

    Args:
        connection: holds the right to load.
        schemas: the generations.
        keep: tables that stay.
    """
    drop_tables(connection, schemas.next, [MARK])
    if not keep:
        recreate(connection, schemas.next)
        return
    stored = as_stored(connection)
    kept = set(map(stored, keep))
    drop_tables(
        connection,
        schemas.next,
        [table for table in all_table_names(connection, schemas.next) if stored(table) not in kept],
    )


def drop_tables(connection: MySQLdb.Connection, schema: str, tables: Collection[str]) -> None:
    """Drop tables that may be there."""
    if tables:
        _give_way(connection, schema, "DROP TABLE IF EXISTS " + ", ".join(f"`{schema}`.`{table}`" for table in tables))


def clear_next(connection: MySQLdb.Connection, schemas: SchemaSet = BRONZE) -> None:
    """Empty `staging_next` after a load that failed, so that its rows do not fill the disk; never wait for a lock.

    Raises:
        LoadBusy: the right to load was lost meanwhile, so that the schema may belong to another load.
        MySQLdb.Error: a session holds a table, or the server is gone; the next load does it.
    """
    check_lock(connection, schemas)
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION lock_wait_timeout = 1")
        cursor.execute(f"DROP DATABASE IF EXISTS `{schemas.next}`")
    create_schema(connection, schemas.next)


def publish(connection: MySQLdb.Connection, schemas: SchemaSet = BRONZE, staying: Collection[str] = ()) -> None:
    """Make `staging_next` what readers see and keep what it replaces in `staging_prev`, by one RENAME.

    Args:
        connection: holds the right to load.
        schemas: the generations.
        staying: tables of `staging` that belong to the new generation as they are. All others leave it.

    Raises:
        PublishBlocked: readers hold a table for longer than two minutes.
        LoadBusy: the right to load was lost meanwhile.
    """
    check_lock(connection, schemas)
    recreate(connection, schemas.previous)
    stored = as_stored(connection)
    kept = set(map(stored, staying))
    leaving = [table for table in all_table_names(connection, schemas.live) if stored(table) not in kept]
    rename(
        connection,
        schemas,
        moves(leaving, schemas.live, schemas.previous)
        + moves(all_table_names(connection, schemas.next), schemas.next, schemas.live),
    )


def moves(tables: Collection[str], source: str, target: str) -> list[str]:
    """Return what `rename` takes to move tables from one schema to another."""
    return [f"`{source}`.`{table}` TO `{target}`.`{table}`" for table in tables]


def check_lock(connection: MySQLdb.Connection, schemas: SchemaSet) -> None:
    """Raise `LoadBusy` when `connection` does not hold the right to load."""
    if not load_lock.holds(connection, schemas):
        raise LoadBusy("this load no longer holds its lock, so nothing was published; clear the task")


def recreate(connection: MySQLdb.Connection, schema: str) -> None:
    """Make a schema empty."""
    _give_way(connection, schema, f"DROP DATABASE IF EXISTS `{schema}`")
    create_schema(connection, schema)


def rename(connection: MySQLdb.Connection, schemas: SchemaSet, steps: list[str]) -> None:
    """Do all steps (see `moves`), in their order, as one.

    Raises:
        PublishBlocked: readers hold a table for longer than two minutes; nothing was moved.
    """
    if steps:
        _give_way(connection, schemas.live, "RENAME TABLE " + ", ".join(steps))


def _give_way(connection: MySQLdb.Connection, schema: str, statement: str) -> None:
    """Run a statement that needs tables for itself, giving way to readers so that they do not queue up behind it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION lock_wait_timeout = {RENAME_WAIT_SECONDS}")
        for attempt in range(RENAME_ATTEMPTS):
            try:
                cursor.execute(statement)
                return
            except MySQLdb.OperationalError as error:
                if error_code(error) not in LOCK_CONFLICTS:
                    raise
                time.sleep(2**attempt / 4)
    raise PublishBlocked(
        f"somebody has been reading {schema} for more than {RENAME_ATTEMPTS * RENAME_WAIT_SECONDS} s, so nothing "
        "was published; recover_locks shows who; have that query ended, then clear the task"
    )
