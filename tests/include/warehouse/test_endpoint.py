"""How the server is reached."""

from __future__ import annotations

import contextlib
import socket

import MySQLdb
import pytest

from include.warehouse import endpoint, silence
from include.warehouse.endpoint import Endpoint


def test_a_connection_speaks_utf8mb4_in_utc_and_commits(loader: Endpoint) -> None:
    with contextlib.closing(loader.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT @@time_zone, @@character_set_client, @@autocommit, CHAR_LENGTH('名前🏠')")
        assert cursor.fetchone() == ("+00:00", "utf8mb4", 1, 3)


def test_one_call_is_one_statement(loader: Endpoint) -> None:
    with (
        contextlib.closing(loader.connect()) as connection,
        connection.cursor() as cursor,
        pytest.raises(MySQLdb.ProgrammingError),
    ):
        cursor.execute("SELECT 1; SELECT 2")


def test_an_error_holds_no_value_of_a_row(loader: Endpoint) -> None:
    with contextlib.closing(loader.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE IF NOT EXISTS ops")
        cursor.execute("CREATE TABLE ops.named (name varchar(9) PRIMARY KEY)")
        cursor.execute("INSERT INTO ops.named VALUES (%s)", ("山田",))
        with pytest.raises(MySQLdb.IntegrityError, match="Duplicate entry '…' for key") as caught:
            cursor.execute("INSERT INTO ops.named VALUES (%s)", ("山田",))
    assert caught.value.args[0] == 1062


def test_i28_a_login_that_fails_leaves_no_session(loader: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []

    class Connection(endpoint._Connection):
        def cursor(self, cursorclass: object = None) -> None:
            raise MySQLdb.OperationalError(2013, "Lost connection")

        def close(self) -> None:
            closed.append(True)
            super().close()

    monkeypatch.setattr(endpoint, "_Connection", Connection)
    with pytest.raises(MySQLdb.OperationalError):
        loader.connect()
    assert closed == [True]


def test_the_kernel_asks_a_quiet_server_whether_it_is_there(loader: Endpoint) -> None:
    with contextlib.closing(loader.connect()) as connection, silence.second_handle(connection.fileno()) as found:
        assert found.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert found.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
        assert found.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000


def test_i24_the_password_is_not_in_the_repr() -> None:
    assert "secret" not in repr(Endpoint("h", 1, "u", "secret"))
