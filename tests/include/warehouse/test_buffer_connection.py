"""Rows leave a connection's memory as they are, and a server that is lost meanwhile is a lost server."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from pymysql.err import OperationalError

from include.warehouse.buffer_connection import BufferConnection
from infra.local.database import Database

LOAD = "LOAD DATA LOCAL INFILE 'x' INTO TABLE buffer_test.t (v)"


@pytest.fixture
def connection(database: Database) -> Iterator[BufferConnection]:
    with contextlib.closing(database.admin.connect()) as admin, admin.cursor() as cursor:
        cursor.execute("CREATE DATABASE IF NOT EXISTS buffer_test")
        cursor.execute("DROP TABLE IF EXISTS buffer_test.t")
        cursor.execute("CREATE TABLE buffer_test.t (v varchar(1000))")
        cursor.execute("SET GLOBAL local_infile = 1")
    connection = BufferConnection(database.admin, "buffer_test")
    yield connection
    with contextlib.suppress(Exception):
        connection.close()


class KillsWhileSending:
    """Pieces that end their own session before the second one."""

    def __init__(self, database: Database, session: int) -> None:
        self.database = database
        self.session = session

    def __iter__(self) -> Iterator[bytes]:
        yield b"a\n" * 1000
        with contextlib.closing(self.database.admin.connect()) as admin, admin.cursor() as cursor:
            cursor.execute(f"KILL {self.session}")
        for _ in range(64):
            yield b"b\n" * 500_000


def test_a_session_that_is_killed_while_it_loads_is_a_lost_connection(
    connection: BufferConnection, database: Database
) -> None:
    pieces: Any = KillsWhileSending(database, connection.thread_id())
    with pytest.raises(OperationalError) as caught:
        connection.load(LOAD, pieces)
    assert caught.value.args[0] in (2006, 2013)


def test_a_file_that_nobody_offered_is_not_sent_and_the_session_goes_on(connection: BufferConnection) -> None:
    with pytest.raises(OperationalError, match="nobody offered"):
        connection.execute(LOAD)
    assert connection.select("SELECT COUNT(*) FROM t") == [(0,)]
    assert connection.load(LOAD, [b"1\n2\n", b"3\n"]) == 3
