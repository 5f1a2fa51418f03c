"""A generation becomes visible whole, or not at all."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import MySQLdb
import pytest

from include.warehouse import generations, load_lock
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import LoadBusy, PublishBlocked, end_orphans, exclusive, prepare_next, publish
from include.warehouse.schema import BRONZE, GOLD, ensure_platform_tables, table_names
from infra.local.database import Database
from tests.include.conftest import restore_login

TABLES = [f"t{number}" for number in range(12)]


@pytest.fixture
def connection(loader: Endpoint) -> Iterator[MySQLdb.Connection]:
    with contextlib.closing(loader.connect()) as connection:
        ensure_platform_tables(connection)
        yield connection


def build(connection: MySQLdb.Connection, generation: int, tables: list[str] = TABLES) -> None:
    prepare_next(connection)
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"CREATE TABLE staging_next.{table} (generation int)")
            cursor.execute(f"INSERT INTO staging_next.{table} VALUES ({generation})")


def generation(connection: MySQLdb.Connection, schema: str) -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for table in table_names(connection, schema):
            cursor.execute(f"SELECT generation FROM {schema}.{table}")
            found[table] = cursor.fetchone()[0]
    return found


def test_the_first_and_the_second_generation(connection: MySQLdb.Connection) -> None:
    with exclusive(connection):
        build(connection, 1)
        publish(connection)
        assert generation(connection, "staging") == dict.fromkeys(TABLES, 1)
        build(connection, 2, [*TABLES[1:], "new"])
        assert generation(connection, "staging") == dict.fromkeys(TABLES, 1)
        publish(connection)
    assert generation(connection, "staging") == dict.fromkeys([*TABLES[1:], "new"], 2)
    assert generation(connection, "staging_prev") == dict.fromkeys(TABLES, 1)
    assert generation(connection, "staging_next") == {}


def test_readers_never_meet_a_mixture(connection: MySQLdb.Connection, loader: Endpoint) -> None:
    with exclusive(connection):
        build(connection, 0)
        publish(connection)
        stop = threading.Event()
        seen: list[set[int]] = []

        def read() -> None:
            query = " UNION ALL ".join(f"SELECT generation FROM staging.{table}" for table in TABLES)
            with contextlib.closing(loader.connect()) as reader, reader.cursor() as cursor:
                while not stop.is_set():
                    cursor.execute(query)
                    seen.append({value for (value,) in cursor.fetchall()})

        thread = threading.Thread(target=read)
        thread.start()
        for number in range(1, 6):
            build(connection, number)
            publish(connection)
        stop.set()
        thread.join()
    assert seen
    assert all(len(values) == 1 for values in seen)


def test_a_reader_who_lets_go_is_waited_for(
    connection: MySQLdb.Connection, loader: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "RENAME_WAIT_SECONDS", 1)
    with exclusive(connection), contextlib.closing(loader.connect()) as reader:
        build(connection, 1)
        publish(connection)
        build(connection, 2)
        with reader.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT * FROM staging.t3")
        letting_go = threading.Timer(1.5, reader.rollback)
        letting_go.start()
        publish(connection)
        letting_go.join()
    assert generation(connection, "staging") == dict.fromkeys(TABLES, 2)


def test_a_reader_who_does_not_let_go_blocks_publishing_and_nothing_changes(
    connection: MySQLdb.Connection, loader: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "RENAME_WAIT_SECONDS", 1)
    monkeypatch.setattr(generations, "RENAME_ATTEMPTS", 2)
    with exclusive(connection), contextlib.closing(loader.connect()) as reader:
        build(connection, 1)
        publish(connection)
        build(connection, 2)
        with reader.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT * FROM staging.t3")
        with pytest.raises(PublishBlocked, match=r"somebody has been reading staging .* recover_locks shows who"):
            publish(connection)
        assert generation(connection, "staging") == dict.fromkeys(TABLES, 1)
        reader.rollback()
        publish(connection)
    assert generation(connection, "staging") == dict.fromkeys(TABLES, 2)


def test_somebody_who_looks_at_the_generation_before_does_not_hang_a_load(
    connection: MySQLdb.Connection, loader: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "RENAME_WAIT_SECONDS", 1)
    monkeypatch.setattr(generations, "RENAME_ATTEMPTS", 1)
    with exclusive(connection), contextlib.closing(loader.connect()) as reader:
        for number in (1, 2, 3):
            build(connection, number)
            if number < 3:
                publish(connection)
        with reader.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT * FROM staging_prev.t3")
        with pytest.raises(PublishBlocked, match="somebody has been reading staging_prev for more than"):
            publish(connection)
        assert generation(connection, "staging") == dict.fromkeys(TABLES, 2)
        reader.rollback()
        publish(connection)
    assert generation(connection, "staging") == dict.fromkeys(TABLES, 3)


def test_nothing_is_published_without_the_lock(connection: MySQLdb.Connection) -> None:
    build(connection, 1)
    with pytest.raises(LoadBusy, match="no longer holds its lock, so nothing was published"):
        publish(connection)
    assert generation(connection, "staging") == {}


def test_a_load_begins_whatever_bytes_others_have_in_their_statements(
    connection: MySQLdb.Connection, loader: Endpoint
) -> None:
    with contextlib.closing(loader.connect()) as other, contextlib.closing(loader.connect("staging_next")) as orphan:
        queries = [(other, "SELECT SLEEP(60), '🏠'".encode()), (orphan, b"SELECT SLEEP(60), _binary'\xff\xfe'")]
        threads = [threading.Thread(target=end_in_any_way, args=query) for query in queries]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        with exclusive(connection):
            end_orphans(loader)
            threads[1].join()
            assert threads[0].is_alive(), "what others do elsewhere is neither ended nor waited for"
        with connection.cursor() as cursor:
            cursor.execute("KILL %s", [other.thread_id()])
        threads[0].join()


def test_who_only_looks_into_the_schema_with_another_login_is_left_alone(
    connection: MySQLdb.Connection, loader: Endpoint, database: Database
) -> None:
    prepare_next(connection)
    with contextlib.closing(loader.connect("staging_next")) as other, exclusive(connection):
        end_orphans(restore_login(loader))
        end_orphans(database.admin)  # sees all
        other.query("DO 1")


def test_sessions_of_the_login_that_writes_are_ended_by_itself(
    connection: MySQLdb.Connection, loader: Endpoint
) -> None:
    prepare_next(connection)
    writer = restore_login(loader)
    with contextlib.closing(writer.connect("staging_next")) as orphan, exclusive(connection):
        end_orphans(writer)
        with pytest.raises(MySQLdb.OperationalError, match=r"gone away|Lost connection|was killed"):
            orphan.query("DO 1")


def end_in_any_way(connection: MySQLdb.Connection, query: bytes) -> None:
    with contextlib.suppress(MySQLdb.Error), connection.cursor() as cursor:
        cursor.execute(query)


def test_no_reader_can_hold_the_lock_of_a_load(
    connection: MySQLdb.Connection, loader: Endpoint, database: Database
) -> None:
    with contextlib.closing(database.admin.connect()) as admin, admin.cursor() as cursor:
        cursor.execute("DROP USER IF EXISTS reader@localhost")
        cursor.execute("CREATE USER reader@localhost IDENTIFIED BY 'r'")
        cursor.execute("GRANT SELECT ON gold.* TO reader@localhost")
    with contextlib.closing(replace(loader, user="reader", password="r").connect()) as reader:
        cursor = reader.cursor()
        for schemas in (BRONZE, GOLD):
            for name in (schemas.live, f"{schemas.live}.load", f"{schemas.live}_load", "load"):
                cursor.execute("SELECT GET_LOCK(%s, 0)", (name,))
        with pytest.raises(MySQLdb.OperationalError, match="denied"):
            cursor.execute("SELECT * FROM ops.lock_key")
        cursor.execute("SHOW FULL PROCESSLIST")
        assert {user for _, user, *_ in cursor.fetchall()} == {"reader"}
        for schemas in (BRONZE, GOLD):
            with exclusive(connection, schemas):
                assert load_lock.owner(connection, schemas) == connection.thread_id()
            assert load_lock.owner(connection, schemas) is None
            assert load_lock.owner(reader, schemas) is None


def test_locks_of_different_schemas_and_servers_have_different_names(connection: MySQLdb.Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM ops.lock_key")
        (first,) = cursor.fetchall()
        ensure_platform_tables(connection)
        cursor.execute("SELECT secret FROM ops.lock_key")
        assert cursor.fetchall() == (first,)
        cursor.execute("DELETE FROM ops.lock_key")
    assert load_lock.owner(connection, BRONZE) is None
    with exclusive(connection):
        pass
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE ops.lock_key")
    assert load_lock.owner(connection, BRONZE) is None
    with exclusive(connection), exclusive(connection, GOLD), connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM ops.lock_key")
        assert cursor.fetchall() != (first,)


def test_a_lock_that_is_lost_stops_publishing_although_the_session_lives(connection: MySQLdb.Connection) -> None:
    with exclusive(connection):
        build(connection, 1)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ops.lock_key SET secret = REVERSE(secret)")
        with pytest.raises(LoadBusy, match="no longer holds its lock, so nothing was published"):
            publish(connection)


def test_the_lock_is_given_back_after_an_error(connection: MySQLdb.Connection, loader: Endpoint) -> None:
    with pytest.raises(ZeroDivisionError), exclusive(connection):
        raise ZeroDivisionError
    with contextlib.closing(loader.connect()) as other, exclusive(other):
        pass


def test_the_lock_goes_with_the_connection(connection: MySQLdb.Connection, loader: Endpoint) -> None:
    dead = loader.connect()
    with contextlib.suppress(MySQLdb.Error), exclusive(dead):
        dead.close()
    give_up = time.monotonic() + 10
    while True:
        try:
            with exclusive(connection):
                return
        except LoadBusy:
            assert time.monotonic() < give_up
            time.sleep(0.05)
