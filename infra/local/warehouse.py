"""The database of the local platform: a private server or one that the user names, with one login per purpose."""

from __future__ import annotations

import contextlib
from urllib.parse import unquote, urlsplit

import MySQLdb

from include.warehouse.endpoint import Endpoint
from infra.database import USERS, grants
from infra.local.database import Database
from infra.local.state import LocalError, State

SERVER_VARIABLE = "GGHOUSE_MYSQL_URL"


def named_server(state: State) -> Endpoint | None:
    """Return the server that `GGHOUSE_MYSQL_URL` names (`mysql://user:password@host:port`), or None.

    Raises:
        LocalError: the address cannot be read.
    """
    text = state.environment.get(SERVER_VARIABLE, "")
    if not text:
        return None
    url = urlsplit(text)
    if url.scheme != "mysql" or not url.hostname or not url.username:
        raise LocalError(f"{SERVER_VARIABLE} must look like mysql://user:password@host:3306")
    return Endpoint(url.hostname, url.port or 3306, unquote(url.username), unquote(url.password or ""))


def private_server(state: State) -> Database:
    """Return the platform's own server, running or not."""
    return Database(directory=state.directory / "mysql", port=state.port("mysql"))


def admin(state: State) -> Endpoint:
    """Return the login that may make users."""
    return named_server(state) or private_server(state).admin


def login(state: State, user: str) -> Endpoint:
    """Return the login of one of `infra.database.USERS`."""
    server = admin(state)
    return Endpoint(server.host, server.port, user, state.passwords[user])


def start(state: State) -> None:
    """Start the private server, unless the user names one, and bring the logins up to date.

    Raises:
        LocalError: the named server cannot be reached.
        infra.local.database.DatabaseError: the private one cannot be started.
    """
    if not named_server(state):
        private_server(state).start()
    try:
        with contextlib.closing(admin(state).connect()) as connection:
            grant_logins(connection, state.passwords)
    except MySQLdb.OperationalError as error:
        raise LocalError(f"the database server cannot be used ({error.args[-1]}); check {SERVER_VARIABLE}") from error


def stop(state: State) -> None:
    """Stop the private server; one that the user named is left alone."""
    if not named_server(state):
        private_server(state).stop()


def grant_logins(connection: MySQLdb.Connection, passwords: dict[str, str]) -> None:
    """Make the logins with their passwords and the grants of infra/database/grants.sql; safe to repeat."""
    with connection.cursor() as cursor:
        # MariaDB's anonymous local user would win over 'loader'@'%' for a login from this machine.
        cursor.execute("DROP USER IF EXISTS ''@'localhost'")
        for user in USERS:
            cursor.execute(f"CREATE USER IF NOT EXISTS '{user}'@'%%' IDENTIFIED BY %s", [passwords[user]])
            cursor.execute(f"ALTER USER '{user}'@'%%' IDENTIFIED BY %s", [passwords[user]])
        for grant in grants():
            cursor.execute(grant)
