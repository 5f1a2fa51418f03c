"""Show sessions, long statements, transactions and lock waits of the database; end one session (I-09).

What a login may not see is skipped and named. Statements are shown without their values, which may be personal data.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import MySQLdb

from include.forms import Refused
from include.recovery.forms import FORMS
from include.recovery.recovery import Plan, RecoveryContext, Request
from include.warehouse import load_lock
from include.warehouse.endpoint import Endpoint
from include.warehouse.lock_waits import NO_PROCESS, Suspects, lock_waits, suspects, transactions
from include.warehouse.schema import BRONZE, GOLD
from include.warehouse.server_errors import NO_SUCH_SESSION, error_code
from include.warehouse.sessions import ServerSession, server_sessions

VALUE = re.compile(r"'(?:[^'\\]|\\.|'')*'?|\"(?:[^\"\\]|\\.)*\"?|\b\d+(?:\.\d+)?\b", re.DOTALL)
STATEMENT_SHOWN = 90


class RecoverLocks:
    """Show sessions, transactions and locks; end one session."""

    form = FORMS["locks"]

    def plan(self, context: RecoveryContext, request: Request) -> Plan:
        """Show all of it, and the session that would be ended.

        Raises:
            Refused: the session may not be ended.
        """
        sessions = _sessions(context)
        lines = [f"{len(sessions)} sessions that {', '.join(_names(context))} may see"]
        lines += [f"  {_session(session)}" for session in sessions.values()]
        long = [session for session in sessions.values() if session.statement and session.seconds >= request["seconds"]]
        lines.append(f"{len(long)} statements of {request['seconds']} s or more")
        lines += [f"  session {session.number}: {session.seconds:,} s, {_statement(session)}" for session in long]
        with contextlib.closing(context.dbt.connect()) as connection:  # the login that may see everybody's
            lines += _waits(connection, sessions)
            lines += _named_locks(connection)
        if request["end_session"] is None:
            return Plan((*lines, "Set end_session to end one of them; nothing else is ever ended"), empty=True)
        ended = _ended(context, sessions, request["end_session"])
        return Plan(
            (
                *lines,
                f"Ends session {_session(ended)}",
                "Its open transaction is rolled back; Airflow retries its task",
            ),
        )

    def apply(self, context: RecoveryContext, request: Request, plan: Plan) -> list[str]:
        """End the one session, with the login of its own user; a session that ended by itself is no error.

        Raises:
            Refused: the session may not be ended.
        """
        number = request["end_session"]
        sessions = _sessions(context)
        if number not in sessions:
            return [f"Session {number} has ended by itself"]
        ended = _ended(context, sessions, number)
        login = next((known for known in _logins(context) if known.user == ended.user), context.loader)
        with contextlib.closing(login.connect()) as connection, connection.cursor() as cursor:
            try:
                cursor.execute("KILL %s", (number,))
            except MySQLdb.Error as error:
                if error_code(error) == NO_SUCH_SESSION:
                    return [f"Session {number} has ended by itself"]
                raise Refused(
                    f"the server does not let {login.user} end session {number} ({error.args[-1]})"
                ) from error
        return [f"Session {number} of {ended.user} was ended: {_statement(ended) or 'it was idle'}"]


def _ended(context: RecoveryContext, sessions: dict[int, ServerSession], number: int) -> ServerSession:
    if number not in sessions:
        raise Refused(f"there is no session {number} that these logins see; run again without end_session")
    session = sessions[number]
    if session.user not in context.users:
        raise Refused(
            f"session {number} belongs to {session.user}; only those of {', '.join(sorted(context.users))} can be "
            f"ended here; for others ask the AWS administrator: CALL mysql.rds_kill({number})"
        )
    return session


def _logins(context: RecoveryContext) -> Iterator[Endpoint]:
    yield from {login.user: login for login in (context.loader, context.restore, context.dbt)}.values()


def _names(context: RecoveryContext) -> list[str]:
    return [login.user for login in _logins(context)]


def _sessions(context: RecoveryContext) -> dict[int, ServerSession]:
    """Return what our logins may see together, but not those that look."""
    found: dict[int, ServerSession] = {}
    for login in _logins(context):
        with contextlib.closing(login.connect()) as connection:
            own = connection.thread_id()
            found |= {session.number: session for session in server_sessions(connection) if session.number != own}
    return dict(sorted(found.items()))


def _session(session: ServerSession) -> str:
    place = f" in {session.schema}" if session.schema else ""
    doing = ", ".join(filter(None, (session.state, _statement(session)))) or "idle"
    return f"{session.number} of {session.user}{place} for {session.seconds:,} s: {doing}"


def _statement(session: ServerSession) -> str:
    text = " ".join(VALUE.sub("?", session.statement).split())
    return text if len(text) <= STATEMENT_SHOWN else text[: STATEMENT_SHOWN - 1] + "…"


def _waits(connection: MySQLdb.Connection, sessions: dict[int, ServerSession]) -> list[str]:
    """Return the open transactions, who waits for whom, and what of that this server does not show."""
    found = transactions(connection)
    if found is None:
        return [f"Transactions and lock waits: {NO_PROCESS}"]
    lines = [f"{len(found)} transactions"]
    lines += [
        f"  session {one.session}: for {one.seconds:,} s, {one.state.lower()}, {one.rows_locked:,} rows locked, "
        f"{one.rows_changed:,} changed"
        for one in found
    ]
    known = lock_waits(connection)
    lines.append(f"{len(known.waits)} lock waits" + (f" can be seen: {known.unseen}" if known.unseen else ""))
    lines += [f"  session {wait.waiting} waits for session {wait.blocking} in {wait.table}" for wait in known.waits]
    if known.unseen:
        explained = {wait.waiting for wait in known.waits}
        lines += [_suspected(each) for each in suspects(sessions.values(), found) if each.waiting not in explained]
    return lines


def _suspected(found: Suspects) -> str:
    holders = ", ".join(map(str, found.sessions)) or "none that this login sees"
    return (
        f"  session {found.waiting} has been waiting for a lock for {found.seconds:,} s; "
        f"at work for longer, the oldest first: {holders}"
    )


def _named_locks(connection: MySQLdb.Connection) -> list[str]:
    lines = []
    for schemas in (BRONZE, GOLD):
        owner = load_lock.owner(connection, schemas)
        doing = "is being loaded or published" if owner else "is idle"
        lines.append(f"{schemas.live} {doing}" + (f" by session {owner}" if owner else ""))
    return lines
