"""Generations of bronze: one is built aside, one is read, one is kept for the way back.

`staging_next` is being built, `staging` is what readers see, `staging_prev` is what they saw before. A new generation
becomes visible by one RENAME of all tables, which the server does whole or not at all, so that a reader never meets a
mixture and a crash at any moment leaves `staging` whole (design rules 2 and 9).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import MySQLdb

from include.warehouse.schema import NEXT, PREVIOUS, STAGING, create_schema, table_names

LOAD_LOCK = "gghouse_load"
"""Held by whoever loads, for as long as he loads."""
WRITER_LOCK = "gghouse_writer"
"""Held by the session that writes into `staging_next`; outlives a killed loader for as long as its session lives."""
WRITER_WAIT_SECONDS = 60
RENAME_WAIT_SECONDS = 20
RENAME_ATTEMPTS = 6
LOCK_CONFLICTS = (1205, 1213)
"""ER_LOCK_WAIT_TIMEOUT and ER_LOCK_DEADLOCK."""


class LoadBusy(RuntimeError):
    """Another load is running, or its end cannot be waited for; worth another try later."""


class PublishBlocked(RuntimeError):
    """Readers held the tables for too long; nothing was changed, worth another try."""


@contextlib.contextmanager
def exclusive(connection: MySQLdb.Connection) -> Iterator[None]:
    """Hold the right to load for as long as the block lasts; `connection` must stay open.

    A session that a killed loader left behind is ended first.

    Raises:
        LoadBusy: somebody else is loading.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION wait_timeout = 86400")
        cursor.execute("SELECT GET_LOCK(%s, 0)", (LOAD_LOCK,))
        if cursor.fetchone() != (1,):
            raise LoadBusy("another load of staging is running; wait for its end, then clear the task")
    try:
        _end_orphan(connection)
        yield
    finally:
        with contextlib.suppress(MySQLdb.Error), connection.cursor() as cursor:
            cursor.execute("SELECT RELEASE_LOCK(%s)", (LOAD_LOCK,))


def _end_orphan(connection: MySQLdb.Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT IS_USED_LOCK(%s)", (WRITER_LOCK,))
        (session,) = cursor.fetchone()
        if session is None:
            return
        with contextlib.suppress(MySQLdb.OperationalError):  # it may just have ended by itself
            cursor.execute(f"KILL {int(session)}")
        cursor.execute("SELECT GET_LOCK(%s, %s)", (WRITER_LOCK, WRITER_WAIT_SECONDS))
        if cursor.fetchone() != (1,):
            raise LoadBusy(
                f"session {session} of an earlier load still writes into {NEXT}; end it with KILL {session}, then "
                "clear the task"
            )
        cursor.execute("SELECT RELEASE_LOCK(%s)", (WRITER_LOCK,))


def prepare_next(connection: MySQLdb.Connection) -> None:
    """Empty `staging_next`, whatever an earlier load left in it."""
    _recreate(connection, NEXT)


def publish(connection: MySQLdb.Connection) -> None:
    """Make `staging_next` what readers see and keep what they saw in `staging_prev`, by one RENAME.

    Tables that the new generation lacks leave `staging` as well.

    Raises:
        PublishBlocked: readers hold a table for longer than two minutes.
        LoadBusy: the right to load was lost meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT IS_USED_LOCK(%s) = CONNECTION_ID()", (LOAD_LOCK,))
        if cursor.fetchone() != (1,):
            raise LoadBusy("this load no longer holds its lock, so nothing was published; clear the task")
    _recreate(connection, PREVIOUS)
    moves = [f"`{STAGING}`.`{table}` TO `{PREVIOUS}`.`{table}`" for table in table_names(connection, STAGING)]
    moves += [f"`{NEXT}`.`{table}` TO `{STAGING}`.`{table}`" for table in table_names(connection, NEXT)]
    _rename(connection, moves)


def _recreate(connection: MySQLdb.Connection, schema: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS `{schema}`")
    create_schema(connection, schema)


def _rename(connection: MySQLdb.Connection, moves: list[str]) -> None:
    """Run one RENAME TABLE, giving way to readers in between so that they do not queue up behind it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION lock_wait_timeout = {RENAME_WAIT_SECONDS}")
        for attempt in range(RENAME_ATTEMPTS):
            try:
                cursor.execute("RENAME TABLE " + ", ".join(moves))
                return
            except MySQLdb.OperationalError as error:
                if error.args[0] not in LOCK_CONFLICTS:
                    raise
                time.sleep(2**attempt / 4)
    raise PublishBlocked(
        f"somebody has been reading {STAGING} for more than {RENAME_ATTEMPTS * RENAME_WAIT_SECONDS} s, so nothing was "
        "published; end the long query (SHOW PROCESSLIST), then clear the task"
    )
