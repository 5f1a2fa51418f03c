"""The lock that a load holds on the server for as long as it runs.

The server keeps it by name (`GET_LOCK`). It belongs to the very connection that publishes and goes with it, and DDL
does not release it, as it would release the lock of a row. But anybody may take a lock by name, without any right. So
the name is a secret, made at random and kept in `ops`, where no reader of the figures may look.
"""

from __future__ import annotations

import hashlib

import MySQLdb

from include.warehouse.schema import OPS, SchemaSet, ensure_lock_key
from include.warehouse.server_errors import ABSENT, SCHEMA_DENIED, TABLE_DENIED


def take(connection: MySQLdb.Connection, schemas: SchemaSet) -> bool:
    """Take the lock if it is free; return whether `connection` has it now.

    Raises:
        MySQLdb.Error: the login may not know the lock's name, or the connection broke.
    """
    if _secret(connection) is None:
        ensure_lock_key(connection)
    return _ask(connection, "GET_LOCK(%s, 0)", schemas) == 1


def release(connection: MySQLdb.Connection, schemas: SchemaSet) -> None:
    """Give the lock back."""
    _ask(connection, "RELEASE_LOCK(%s)", schemas)


def holds(connection: MySQLdb.Connection, schemas: SchemaSet) -> bool:
    """Whether `connection` holds the lock."""
    return _ask(connection, "IS_USED_LOCK(%s) = CONNECTION_ID()", schemas) == 1


def owner(connection: MySQLdb.Connection, schemas: SchemaSet) -> int | None:
    """Return the session that holds the lock, None when it is free or this login may not see it."""
    try:
        return _ask(connection, "IS_USED_LOCK(%s)", schemas)
    except MySQLdb.Error as error:
        if error.args[0] not in (SCHEMA_DENIED, TABLE_DENIED):
            raise
        return None


def _ask(connection: MySQLdb.Connection, function: str, schemas: SchemaSet) -> int | None:
    secret = _secret(connection)
    if secret is None:
        return None
    name = hashlib.sha256(f"{secret} {schemas.live}".encode()).hexdigest()  # as long as MySQL allows
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}", (name,))
        ((answer,),) = cursor.fetchall()
    return None if answer is None else int(answer)


def _secret(connection: MySQLdb.Connection) -> str | None:
    with connection.cursor() as cursor:
        try:
            cursor.execute(f"SELECT secret FROM {OPS}.lock_key")
        except MySQLdb.Error as error:
            if error.args[0] not in ABSENT:
                raise
            return None
        row = cursor.fetchone()
    return str(row[0]) if row else None
