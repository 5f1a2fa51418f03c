"""Look who holds what in the database: sessions, long statements, transactions, lock waits; end one session (I-09).

What a login may not see is passed over and said. Statements are shown without their values, which may be personal data.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import MySQLdb

from include.recovery.forms import RecoveryRefused
from include.recovery.recovery import Plan, Tools, Wish
from include.warehouse import load_lock
from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import BRONZE, GOLD
from include.warehouse.server_errors import NO_SUCH_SESSION, error_code
from include.warehouse.sessions import ServerSession, server_sessions

VALUE = re.compile(r"'(?:[^'\\]|\\.|'')*'?|\"(?:[^\"\\]|\\.)*\"?|\b\d+(?:\.\d+)?\b", re.DOTALL)
STATEMENT_SHOWN = 90
TRANSACTIONS = """
    SELECT trx_mysql_thread_id, TIMESTAMPDIFF(SECOND, trx_started, NOW()), trx_state, trx_rows_locked,
      trx_rows_modified
    FROM information_schema.innodb_trx ORDER BY trx_started
"""
WAITS_OF_MYSQL = """
    SELECT waiting.processlist_id, blocking.processlist_id, CONCAT(locks.object_schema, '.', locks.object_name)
    FROM performance_schema.data_lock_waits AS waits
    JOIN performance_schema.threads AS waiting ON waiting.thread_id = waits.requesting_thread_id
    JOIN performance_schema.threads AS blocking ON blocking.thread_id = waits.blocking_thread_id
    JOIN performance_schema.data_locks AS locks ON locks.engine_lock_id = waits.requesting_engine_lock_id
"""
WAITS_OF_MARIADB = """
    SELECT waiting.trx_mysql_thread_id, blocking.trx_mysql_thread_id, locks.lock_table
    FROM information_schema.innodb_lock_waits AS waits
    JOIN information_schema.innodb_trx AS waiting ON waiting.trx_id = waits.requesting_trx_id
    JOIN information_schema.innodb_trx AS blocking ON blocking.trx_id = waits.blocking_trx_id
    JOIN information_schema.innodb_locks AS locks ON locks.lock_id = waits.requested_lock_id
"""


def plan(tools: Tools, wish: Wish) -> Plan:
    """Show what there is to see, and the session that would be ended.

    Raises:
        RecoveryRefused: the session to be ended is not one that may be ended.
    """
    sessions = _sessions(tools)
    lines = [f"{len(sessions)} sessions that {', '.join(_names(tools))} may see"]
    lines += [f"  {_session(one)}" for one in sessions.values()]
    long = [one for one in sessions.values() if one.statement and one.seconds >= wish["seconds"]]
    lines.append(f"{len(long)} statements of {wish['seconds']} s or more")
    lines += [f"  session {one.number}: {one.seconds:,} s, {_statement(one)}" for one in long]
    with contextlib.closing(tools.dbt.connect()) as connection:  # the login that may see everybody's
        lines += _transactions(connection)
        lines += _waits(connection)
        lines += _named_locks(connection)
    if wish["end_session"] is None:
        return Plan((*lines, "Give end_session to end one of them; nothing else is ever ended"), empty=True)
    doomed = _doomed(tools, sessions, wish["end_session"])
    return Plan(
        (
            *lines,
            f"Ends session {_session(doomed)}",
            "What it was doing is rolled back; its task is tried again",
        ),
    )


def execute(tools: Tools, wish: Wish, plan: Plan) -> list[str]:
    """End the one session, with the login of its own user; one that ended by itself is no fault.

    Raises:
        RecoveryRefused: it is not one that may be ended.
    """
    number = wish["end_session"]
    sessions = _sessions(tools)
    if number not in sessions:
        return [f"Session {number} has ended by itself"]
    doomed = _doomed(tools, sessions, number)
    login = next((one for one in _logins(tools) if one.user == doomed.user), tools.loader)
    with contextlib.closing(login.connect()) as connection, connection.cursor() as cursor:
        try:
            cursor.execute("KILL %s", (number,))
        except MySQLdb.Error as error:
            if error_code(error) == NO_SUCH_SESSION:
                return [f"Session {number} has ended by itself"]
            raise RecoveryRefused(
                f"the server does not let {login.user} end session {number} ({error.args[-1]})"
            ) from error
    return [f"Session {number} of {doomed.user} was ended: {_statement(doomed) or 'it was idle'}"]


def _doomed(tools: Tools, sessions: dict[int, ServerSession], number: int) -> ServerSession:
    if number not in sessions:
        raise RecoveryRefused(f"there is no session {number} that we may see; look again without end_session")
    session = sessions[number]
    if session.user not in tools.users:
        raise RecoveryRefused(
            f"session {number} belongs to {session.user}; only those of {', '.join(sorted(tools.users))} are ours"
        )
    return session


def _logins(tools: Tools) -> Iterator[Endpoint]:
    yield from {login.user: login for login in (tools.loader, tools.restore, tools.dbt)}.values()


def _names(tools: Tools) -> list[str]:
    return [login.user for login in _logins(tools)]


def _sessions(tools: Tools) -> dict[int, ServerSession]:
    """Return what our logins may see together, but not those that look."""
    found: dict[int, ServerSession] = {}
    for login in _logins(tools):
        with contextlib.closing(login.connect()) as connection:
            own = connection.thread_id()
            found |= {one.number: one for one in server_sessions(connection) if one.number != own}
    return dict(sorted(found.items()))


def _session(one: ServerSession) -> str:
    words = [f"{one.number} of {one.user}", f"in {one.schema}" if one.schema else "", f"for {one.seconds:,} s"]
    return " ".join(filter(None, words)) + ": " + (", ".join(filter(None, (one.state, _statement(one)))) or "idle")


def _statement(one: ServerSession) -> str:
    text = " ".join(VALUE.sub("?", one.statement).split())
    return text if len(text) <= STATEMENT_SHOWN else text[: STATEMENT_SHOWN - 1] + "…"


def _transactions(connection: MySQLdb.Connection) -> list[str]:
    rows = _rows(connection, TRANSACTIONS)
    if rows is None:
        return ["Transactions: the login may not see them (it lacks PROCESS)"]
    return [
        f"{len(rows)} transactions",
        *(
            f"  session {session}: for {seconds:,} s, {state.lower()}, {locked:,} rows locked, {changed:,} changed"
            for session, seconds, state, locked, changed in rows
        ),
    ]


def _waits(connection: MySQLdb.Connection) -> list[str]:
    for query in (WAITS_OF_MYSQL, WAITS_OF_MARIADB):
        rows = _rows(connection, query)
        if rows is not None:
            return [
                f"{len(rows)} lock waits",
                *(f"  session {waiting} waits for session {blocking} in {table}" for waiting, blocking, table in rows),
            ]
    return ["Lock waits: the login may not see them (it lacks PROCESS, or SELECT on performance_schema)"]


def _named_locks(connection: MySQLdb.Connection) -> list[str]:
    lines = []
    for schemas in (BRONZE, GOLD):
        owner = load_lock.owner(connection, schemas)
        doing = "is being loaded or published" if owner else "is at rest"
        lines.append(f"{schemas.live} {doing}" + (f" by session {owner}" if owner else ""))
    return lines


def _rows(connection: MySQLdb.Connection, query: str) -> list[tuple[Any, ...]] | None:
    """Return the rows of a query, or None when this login or this server does not have them."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(query)
        except MySQLdb.Error:
            return None
        return list(cursor.fetchall())
