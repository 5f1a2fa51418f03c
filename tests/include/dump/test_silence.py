"""A server that falls silent in the middle costs a load a minute, and the next try finds everything as it was."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import MySQLdb
import MySQLdb.cursors
import pytest

from include.dump.generation import count_rows
from include.dump.sending import TRANSPORTS
from include.dump.transport import TransportFailed
from include.settings import PROJECT_DIR
from include.warehouse import silence
from include.warehouse.generations import exclusive
from include.warehouse.schema import SchemaSet
from infra.local.database import Database
from tests.dbt.project import DBT_PYTHON
from tests.include.dump.small import SCRATCH, load_small, rows
from tests.include.warehouse.silent_proxy import SilentProxy

TABLE = "CREATE TABLE `t` (`id` int NOT NULL, `a` varchar(1000) DEFAULT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB;\n"
COUNT = 12_000
INSERTS = "\n".join(
    "INSERT INTO `t` VALUES " + ",".join(f"({number},'{'x' * 900}')" for number in range(at, at + 1000)) + ";"
    for at in range(0, COUNT, 1000)
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds instead of minutes."""
    monkeypatch.setattr(silence, "QUIET_SECONDS", 1.0)
    monkeypatch.setattr(silence, "POLL_SECONDS", 0.2)
    monkeypatch.setattr("include.warehouse.endpoint.ANSWER_SECONDS", 1)
    monkeypatch.setattr("include.warehouse.endpoint.CONNECT_SECONDS", 2)
    monkeypatch.setattr("include.warehouse.buffer_connection.CONNECT_SECONDS", 2)


@contextlib.contextmanager
def proxy(database: Database, limit: int | None = None, lets_in: bool = False) -> Iterator[SilentProxy]:
    proxy = SilentProxy(database.port, limit, lets_in)
    try:
        yield proxy
    finally:
        proxy.close()


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("lets_in", [True, False], ids=["new connections pass", "nothing passes"])
def test_a_load_through_a_proxy_that_falls_silent_is_tried_again_soon(
    database: Database, tmp_path: Path, transport: str, lets_in: bool
) -> None:
    with proxy(database, 3_000_000, lets_in) as silent:
        with pytest.raises(TransportFailed):
            load_small(replace(database.admin, port=silent.port), tmp_path, TABLE + INSERTS, transport=transport)
        assert silent.silent_since is not None
        assert time.monotonic() - silent.silent_since < 10
    report = load_small(database.admin, tmp_path, TABLE + INSERTS, transport=transport)
    assert report.rows == COUNT


def test_a_statement_of_the_main_connection_is_given_up(database: Database) -> None:
    with proxy(database) as silent:
        login = replace(database.admin, port=silent.port)
        with contextlib.closing(login.connect()) as connection, connection.cursor() as cursor:
            silent.fall_silent()
            began = time.monotonic()
            with pytest.raises(MySQLdb.OperationalError, match=r"2013|2006"):
                cursor.execute("SELECT 1")
    assert time.monotonic() - began < 8


def test_a_session_whose_answer_was_lost_is_ended_so_that_its_locks_are_free(database: Database) -> None:
    with proxy(database, lets_in=True) as silent:
        login = replace(database.admin, port=silent.port)
        with contextlib.closing(login.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT GET_LOCK('lost', 0)")
            cursor.fetchall()
            silent.fall_silent()
            with pytest.raises(MySQLdb.OperationalError):
                cursor.execute("SELECT 1")
            assert rows(database.admin, "SELECT GET_LOCK('lost', 5)") == [(1,)]


def test_a_statement_that_takes_its_time_is_left_alone(database: Database) -> None:
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT SLEEP(4)")
        assert cursor.fetchone() == (0,)
        time.sleep(3)  # nor is a connection that rests
        cursor.execute("SELECT 1")


def test_rows_that_are_fetched_one_by_one_have_a_limit_of_their_own(database: Database) -> None:
    with proxy(database, lets_in=True) as silent:
        login = replace(database.admin, port=silent.port)
        connection = login.connect(cursorclass=MySQLdb.cursors.SSCursor, read_timeout=1)
        cursor = connection.cursor()
        cursor.execute("SELECT REPEAT('x', 10000) FROM information_schema.columns")
        assert cursor.fetchone()
        silent.fall_silent()
        began = time.monotonic()
        with pytest.raises(MySQLdb.OperationalError):
            cursor.fetchall()
        assert time.monotonic() - began < 10


def test_counts_that_nobody_answers_are_given_up(database: Database, tmp_path: Path) -> None:
    load_small(database.admin, tmp_path, TABLE + INSERTS[:0])
    with proxy(database) as silent:
        login = replace(database.admin, port=silent.port)
        with contextlib.closing(login.connect()):
            silent.fall_silent()
        with pytest.raises(MySQLdb.OperationalError):  # a new connection does not come into being
            count_rows(login, {"t": SCRATCH.live})


def test_a_server_that_lets_in_nobody_is_no_reason_to_give_up_what_runs(database: Database) -> None:
    rows(database.admin, "DROP USER IF EXISTS one@localhost")
    rows(database.admin, "CREATE USER one@localhost WITH MAX_USER_CONNECTIONS 1")
    try:
        with (
            contextlib.closing(replace(database.admin, user="one").connect()) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT SLEEP(5)")
            assert cursor.fetchone() == (0,)
    finally:
        rows(database.admin, "DROP USER one@localhost")


def test_the_right_to_load_is_free_again_after_a_silence(database: Database) -> None:
    schemas = SchemaSet("scratch")
    with proxy(database, lets_in=True) as silent:
        login = replace(database.admin, port=silent.port)
        with (
            contextlib.suppress(MySQLdb.Error),
            contextlib.closing(login.connect()) as connection,
            exclusive(connection, schemas),
            connection.cursor() as cursor,
        ):
            silent.fall_silent()
            cursor.execute("SELECT 1")
        with contextlib.closing(database.admin.connect()) as connection, exclusive(connection, schemas):
            pass


BY_DBT = """
import sys
sys.path.insert(0, sys.argv[2])
import connection
import mysql.connector

connection.silence.QUIET_SECONDS, connection.silence.POLL_SECONDS, connection.silence.ANSWER_SECONDS = 1, 0.2, 1
handle = connection.connect(host="127.0.0.1", port=int(sys.argv[1]), user="root", passwd="", buffered=True)
cursor = handle.cursor()
cursor.execute("SELECT SLEEP(4)")
print(cursor.fetchall()[0][0], flush=True)
sys.stdin.readline()
try:
    cursor.execute("SELECT 1")
except mysql.connector.Error as error:
    print(error.errno, flush=True)
"""


@pytest.mark.parametrize("lets_in", [True, False], ids=["new connections pass", "nothing passes"])
def test_so_is_a_statement_of_dbt(database: Database, lets_in: bool) -> None:
    with (
        proxy(database, lets_in=lets_in) as silent,
        subprocess.Popen(
            [DBT_PYTHON, "-c", BY_DBT, str(silent.port), str(PROJECT_DIR / "dbt")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        assert process.stdout.readline() == "0\n"
        silent.fall_silent()
        try:
            answer, _ = process.communicate("go\n", timeout=15)
        finally:
            process.kill()
    assert answer in ("2013\n", "2055\n")
