"""Who is connected to the server, and what they are doing."""

from __future__ import annotations

from dataclasses import dataclass

import MySQLdb


@dataclass(frozen=True)
class ServerSession:
    """One connection, as the server lists it.

    Attributes:
        number: what `KILL` takes.
        user: who is logged in.
        schema: default schema, empty when there is none.
        seconds: how long the session has been in its state.
        state: what the server says it is doing, for example `Waiting for table metadata lock`.
        statement: what it runs, empty when it rests; characters outside ASCII show as `?`.
    """

    number: int
    user: str
    schema: str
    seconds: int
    state: str
    statement: str


def server_sessions(connection: MySQLdb.Connection) -> list[ServerSession]:
    """Return the sessions that the login may see, its own included.

    Statements may hold any bytes: in MySQL information_schema.processlist fails at emoji, and the driver at what is not
    UTF-8. Listed by SHOW and sent as ASCII they do no harm.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET character_set_results = ascii")
        try:
            cursor.execute("SHOW FULL PROCESSLIST")
            rows = cursor.fetchall()
        finally:
            cursor.execute("SET character_set_results = utf8mb4")
    return [
        ServerSession(int(number), user, schema or "", int(seconds or 0), state or "", statement or "")
        for number, user, _host, schema, _command, seconds, state, statement, *_ in rows
    ]
