"""Which session of the server waits for which: for the lock of a row, and for that of a table's definition.

A publish waits for the latter (a metadata lock) while somebody reads. Only performance_schema says who waits for whom,
and a server may have it turned off: AWS advises that for instances of the class T. Then the sessions that wait are
still known, and so are those whose transaction or statement is older than the wait; the holder is among them.
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.BestPractices.Performance.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import MySQLdb

from include.warehouse.server_errors import is_lost
from include.warehouse.sessions import ServerSession

TRANSACTIONS = """
    SELECT trx_mysql_thread_id, TIMESTAMPDIFF(SECOND, trx_started, NOW()), trx_state, trx_rows_locked,
      trx_rows_modified, COALESCE(TIMESTAMPDIFF(SECOND, trx_wait_started, NOW()), 0)
    FROM information_schema.innodb_trx ORDER BY trx_started
"""
ROWS_IN_MYSQL = """
    SELECT DISTINCT waiting.processlist_id, blocking.processlist_id, CONCAT(locks.object_schema, '.', locks.object_name)
    FROM performance_schema.data_lock_waits AS waits
    JOIN performance_schema.threads AS waiting ON waiting.thread_id = waits.requesting_thread_id
    JOIN performance_schema.threads AS blocking ON blocking.thread_id = waits.blocking_thread_id
    JOIN performance_schema.data_locks AS locks ON locks.engine_lock_id = waits.requesting_engine_lock_id
"""
# Locks by name (GET_LOCK) are none of a table, and the name of ours is a secret.
METADATA_IN_MYSQL = """
    SELECT DISTINCT waiting.processlist_id, blocking.processlist_id,
      COALESCE(CONCAT_WS('.', pending.object_schema, pending.object_name), '')
    FROM performance_schema.metadata_locks AS pending
    JOIN performance_schema.metadata_locks AS granted
      ON granted.object_type = pending.object_type AND granted.object_schema <=> pending.object_schema
      AND granted.object_name <=> pending.object_name AND granted.owner_thread_id <> pending.owner_thread_id
    JOIN performance_schema.threads AS waiting ON waiting.thread_id = pending.owner_thread_id
    JOIN performance_schema.threads AS blocking ON blocking.thread_id = granted.owner_thread_id
    WHERE pending.lock_status = 'PENDING' AND granted.lock_status = 'GRANTED'
      AND pending.object_type <> 'USER LEVEL LOCK'
"""
ROWS_IN_MARIADB = """
    SELECT waiting.trx_mysql_thread_id, blocking.trx_mysql_thread_id, locks.lock_table
    FROM information_schema.innodb_lock_waits AS waits
    JOIN information_schema.innodb_trx AS waiting ON waiting.trx_id = waits.requesting_trx_id
    JOIN information_schema.innodb_trx AS blocking ON blocking.trx_id = waits.blocking_trx_id
    JOIN information_schema.innodb_locks AS locks ON locks.lock_id = waits.requested_lock_id
"""
OFF = (
    "performance_schema is off, so waits cannot be seen; end the oldest of those that are at work for longer than the "
    "wait, or, except on the class T, set performance_schema = 1 in the parameter group and restart the instance"
)
DENIED = (
    "the login may not read performance_schema, where MySQL says who waits for whom; "
    "have `python -m infra database` run again"
)
NO_METADATA = (
    "MariaDB lists waits for rows only; for those of a publish or other DDL it wants the plugin metadata_lock_info"
)
NO_PROCESS = "the login may not see transactions (it lacks PROCESS), so neither waits nor who causes them"

# How SHOW PROCESSLIST writes it, for example `Waiting for table metadata lock`.
WAITS_FOR_METADATA = re.compile(r"^Waiting for .*(metadata|read|backup|commit) lock$")


@dataclass(frozen=True)
class Transaction:
    """An open transaction of InnoDB.

    Attributes:
        session: number of its session.
        seconds: since when it is open.
        state: for example `RUNNING` or `LOCK WAIT`.
        rows_locked: rows that it has locked, about.
        rows_changed: rows that it has changed.
        waits_seconds: since when it waits for a row, 0 when it does not.
    """

    session: int
    seconds: int
    state: str
    rows_locked: int
    rows_changed: int
    waits_seconds: int


@dataclass(frozen=True)
class Wait:
    """A session that waits, for another one, and for which table."""

    waiting: int
    blocking: int
    table: str


@dataclass(frozen=True)
class LockWaits:
    """Who waits for whom, as far as the server says it.

    Attributes:
        waits: who waits for whom.
        unseen: what is not seen, why, and what to do about it; empty when everything is.
    """

    waits: tuple[Wait, ...]
    unseen: str = ""


@dataclass(frozen=True)
class Suspects:
    """A session that waits, for how long, and those of which one holds what it waits for, the oldest first."""

    waiting: int
    seconds: int
    sessions: tuple[int, ...]


def transactions(connection: MySQLdb.Connection) -> list[Transaction] | None:
    """Return the open transactions, the oldest first, or None when the login lacks PROCESS."""
    rows = _rows(connection, TRANSACTIONS)
    return None if rows is None else [Transaction(*row) for row in rows]


def lock_waits(connection: MySQLdb.Connection) -> LockWaits:
    """Return who waits for whom.

    Raises:
        MySQLdb.Error: the connection broke.
    """
    ((version, is_on),) = _rows(connection, "SELECT VERSION(), @@performance_schema") or [("", 0)]
    if "MariaDB" in version:
        rows = _rows(connection, ROWS_IN_MARIADB)
        return LockWaits(_waits(rows or ()), NO_PROCESS if rows is None else NO_METADATA)
    if not is_on:
        return LockWaits((), OFF)
    found = [_rows(connection, query) for query in (ROWS_IN_MYSQL, METADATA_IN_MYSQL)]
    return LockWaits(_waits(row for rows in found for row in rows or ()), DENIED if None in found else "")


def suspects(sessions: Iterable[ServerSession], open_ones: Iterable[Transaction]) -> list[Suspects]:
    """Return the sessions that wait for a lock, and those that may hold it: busy for longer, and not waiting.

    Args:
        sessions: of the server.
        open_ones: open transactions, asked for after the sessions.
    """
    waiting = {one.session: one.waits_seconds for one in open_ones if one.state == "LOCK WAIT"}
    waiting |= {one.number: one.seconds for one in sessions if WAITS_FOR_METADATA.match(one.state)}
    busy = {one.number: one.seconds for one in sessions if one.statement}
    for each in open_ones:
        busy[each.session] = max(each.seconds, busy.get(each.session, 0))
    oldest = sorted((number for number in busy if number not in waiting), key=lambda number: -busy[number])
    return [
        Suspects(number, seconds, tuple(other for other in oldest if busy[other] >= seconds))
        for number, seconds in waiting.items()
    ]


def _waits(rows: Iterable[tuple[Any, ...]]) -> tuple[Wait, ...]:
    return tuple(Wait(waiting, blocking, table or "the whole server") for waiting, blocking, table in rows)


def _rows(connection: MySQLdb.Connection, query: str) -> list[tuple[Any, ...]] | None:
    """Return the rows of a query, or None when this login or this server does not have them."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(query)
        except MySQLdb.Error as error:
            if is_lost(error):
                raise
            return None
        return list(cursor.fetchall())
