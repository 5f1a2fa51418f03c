"""How to reach a MySQL-protocol server, for the driver and for the `mysql` program."""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass, field
from typing import Any

import MySQLdb
import MySQLdb.connections

from include.warehouse.masking import mask_values
from include.warehouse.silence import ANSWER_SECONDS, SilenceWatch, WatchedSocket, keep_alive

CONNECT_SECONDS = 10


@dataclass(frozen=True)
class Endpoint:
    """One login on one server. The password never shows in `repr`.

    Attributes:
        host: name or address; the driver is always spoken to over TCP.
        port: TCP port.
        user: database user.
        password: its password.
        ssl_ca: file with the certificate authority of the server, or None to leave TLS to the server.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    ssl_ca: str | None = None

    def connect(self, database: str = "", **options: Any) -> MySQLdb.Connection:
        """Open a driver connection: utf8mb4, UTC, autocommit; `options` go to the driver.

        When the server falls silent in the middle of a statement, that fails as one whose connection was lost.

        Raises:
            MySQLdb.OperationalError: the server cannot be reached or refuses the login.
        """
        connection = self._open(database, options)
        try:
            keep_alive(connection.fileno())
            silence_watch(self).add(connection)
            with connection.cursor() as cursor:
                # the driver leaves it out where the server's greeting says so, which init_connect may belie
                cursor.execute("SET autocommit = 1, time_zone = '+00:00'")
        except BaseException:
            connection.close()
            raise
        return connection

    def ask(self) -> MySQLdb.Connection:
        """Open a connection for questions that a server answers at once: it gives up after `ANSWER_SECONDS`.

        Raises:
            MySQLdb.OperationalError: as `connect`.
        """
        limits = ("connect_timeout", "read_timeout", "write_timeout")
        return self._open("", dict.fromkeys(limits, ANSWER_SECONDS))

    def _open(self, database: str, options: dict[str, Any]) -> _Connection:
        if self.ssl_ca:
            options |= {"ssl": {"ca": self.ssl_ca}, "ssl_mode": "VERIFY_IDENTITY"}
        return _Connection(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            database=database,
            charset="utf8mb4",
            autocommit=True,
            multi_statements=False,
            **{"connect_timeout": CONNECT_SECONDS} | options,
        )


@functools.cache
def silence_watch(endpoint: Endpoint) -> SilenceWatch:
    """Return what looks after the connections of a login, one for each process."""
    return SilenceWatch(endpoint.host, endpoint.ask)


class _Connection(WatchedSocket, MySQLdb.connections.Connection):  # type: ignore[misc]
    """A driver connection that says when the server is waited for, and that another thread may keep alive."""

    def __init__(self, **options: Any) -> None:
        self._in_use = threading.RLock()
        super().__init__(**options)

    def beat(self) -> None:
        """Show the server that we live, unless a statement is under way, which shows it too.

        Raises:
            MySQLdb.Error: the connection is lost.
        """
        if self._in_use.acquire(blocking=False):
            try:
                with self.under_way():
                    self.ping()
            finally:
                self._in_use.release()

    def fileno(self) -> int:
        """Return the descriptor of the connection's socket."""
        return int(MySQLdb.connections.Connection.fileno(self))

    def query(self, query: str | bytes) -> None:
        """Send a statement and wait for its answer.

        Raises:
            MySQLdb.Error: the server refused it; without the values of rows, so that it may stand in a log.
        """
        self._in_use.acquire()  # until the answer is fetched
        try:
            with self.under_way():
                super().query(query)
        except BaseException as error:
            self._in_use.release()
            if not isinstance(error, MySQLdb.Error):
                raise
            code, *said = error.args or (0,)
            raise type(error)(code, *(mask_values(str(text)) for text in said)) from None

    def store_result(self) -> Any:
        """Fetch all rows of the answer."""
        try:
            with self.under_way():
                return super().store_result()
        finally:
            self._in_use.release()

    def use_result(self) -> Any:
        """Fetch the rows of the answer one by one; not for a connection with a heartbeat."""
        try:
            return super().use_result()
        finally:
            self._in_use.release()
