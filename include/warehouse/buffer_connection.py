"""A driver connection whose LOAD DATA LOCAL takes its bytes from memory, and from nowhere else.

A server may answer any statement with a request for any file of the client
(https://dev.mysql.com/doc/refman/8.0/en/load-data-local-security.html). PyMySQL speaks the protocol in Python, so that
this answer can be replaced; the drivers in C open whatever they are asked for.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator, Sequence
from typing import Any

from pymysql.connections import Connection, MySQLResult
from pymysql.err import MySQLError, OperationalError

from include.warehouse.endpoint import CONNECT_SECONDS, Endpoint, silence_watch
from include.warehouse.server_errors import CANNOT_SET, error_code
from include.warehouse.silence import WatchedSocket, keep_alive

PACKET_BYTES = 1024 * 1024
# How long the server waits for the next piece of a stream before it ends the session.
NET_READ_SECONDS = 30
# For building keys; 128 MiB and 1 GiB gained nothing.
DDL_BUFFER_BYTES = 64 * 1024 * 1024


class BufferConnection(WatchedSocket, Connection):  # type: ignore[misc]
    """A connection in autocommit mode, UTF-8 and UTC, that sends rows as a LOAD DATA stream.

    Args:
        endpoint: login.
        schema: default schema.

    Raises:
        pymysql.err.MySQLError: the server cannot be reached or refuses the login.
    """

    def __init__(self, endpoint: Endpoint, schema: str) -> None:
        self._pieces: Sequence[bytes | memoryview] | None = None
        self._packet_bytes = PACKET_BYTES
        super().__init__(
            host=endpoint.host,
            port=endpoint.port,
            user=endpoint.user,
            password=endpoint.password.encode(),  # the driver itself would write it in Latin-1
            database=schema,
            charset="utf8mb4",
            autocommit=True,
            local_infile=True,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=CONNECT_SECONDS,  # while the server lets us in; afterwards it may think as long as it needs
            write_timeout=CONNECT_SECONDS,
            ssl=ssl.create_default_context(cafile=endpoint.ssl_ca) if endpoint.ssl_ca else None,
        )
        self._read_timeout = self._write_timeout = None
        keep_alive(self.fileno())
        silence_watch(endpoint).add(self)
        # the driver leaves autocommit out where the server's greeting says so, which init_connect may belie
        self.execute(f"SET SESSION autocommit = 1, time_zone = '+00:00', net_read_timeout = {NET_READ_SECONDS}")

    def fileno(self) -> int:
        """Return the descriptor of the connection's socket."""
        return int(self._sock.fileno())

    def query(self, sql: str | bytes, unbuffered: bool = False) -> int:
        """Run one statement and return the number of rows that it changed."""
        with self.under_way():
            return int(super().query(sql, unbuffered))

    def limit_packets(self, max_packet_bytes: int) -> None:
        """Send no packet that the server would not take; `max_packet_bytes` is its `max_allowed_packet`."""
        self._packet_bytes = min(PACKET_BYTES, max_packet_bytes // 2)

    def execute(self, statement: str | bytes) -> int:
        """Run one statement and return the number of rows that it changed."""
        return int(self.query(statement))

    def load(self, statement: str | bytes, pieces: Sequence[bytes | memoryview]) -> int:
        """Run a LOAD DATA LOCAL statement on the bytes of `pieces`; return the number of rows that it took.

        Raises:
            OperationalError: the server refused, or never asked for the bytes.
        """
        self._pieces = pieces
        try:
            return int(self.query(statement))
        finally:
            self._pieces = None

    def select(self, statement: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def warnings(self) -> list[tuple[int, str]]:
        """Return codes and texts of the warnings that the server kept of the last statement."""
        return [(code, text) for _, code, text in self.select("SHOW WARNINGS")] if self.warning_count() else []

    def warning_count(self) -> int:
        """Return how many warnings the last statement had."""
        return int(self._result.warning_count) if self._result else 0

    def set_where_known(self, variable: str, value: int) -> None:
        """Set a session variable unless this server does not have it, or does not let this user set it."""
        try:
            self.execute(f"SET SESSION {variable} = {value}")
        except MySQLError as error:
            if error_code(error) not in CANNOT_SET:
                raise

    def _read_query_result(self, unbuffered: bool = False) -> int:
        """Read the answer as the driver does, but with our own answer to a request for a file."""
        self._result = None
        result = _Result(self)
        result.read()
        self._result = result
        if result.server_status is not None:
            self.server_status = result.server_status
        return int(result.affected_rows or 0)

    def take_pieces(self) -> Iterator[memoryview]:
        """Give away the bytes that were meant for the statement under way, in packets, once."""
        pieces, self._pieces = self._pieces, None
        if pieces is None:
            raise OperationalError(2068, "the server asked for a file that nobody offered; nothing was sent")
        for piece in pieces:
            view = memoryview(piece)
            for start in range(0, len(view), self._packet_bytes):
                yield view[start : start + self._packet_bytes]


class _Result(MySQLResult):  # type: ignore[misc]
    def _read_load_local_packet(self, first_packet: Any) -> None:
        connection: BufferConnection = self.connection
        try:
            for packet in connection.take_pieces():
                connection.write_packet(packet)
        except OperationalError:
            if connection.open:  # else the server is gone, and the driver would stumble over its own closed socket
                with contextlib.suppress(MySQLError):
                    connection.write_packet(b"")  # ends a stream that never began, so that the session can go on
                    connection._read_packet()
            raise
        connection.write_packet(b"")
        self._read_ok_packet(connection._read_packet())
