"""Who holds what, and how one session is ended and no other."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import MySQLdb
import pytest

from include.forms import Refused
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import exclusive
from infra.local.database import Database
from tests.include.conftest import fresh_login
from tests.include.recovery.conftest import Recoveries

SLOW = "UPDATE staging.tenants SET full_name = '山田 太郎' WHERE id = 1 AND SLEEP(30) = 0"


@pytest.fixture
def loaded(recoveries: Recoveries) -> Recoveries:
    for statement in (
        "CREATE DATABASE staging",
        "CREATE TABLE staging.tenants (id INT PRIMARY KEY, full_name VARCHAR(191), status INT)",
        "INSERT INTO staging.tenants VALUES (1, 'a', 9)",
    ):
        recoveries.platform.query(statement)
    return recoveries


@pytest.fixture
def orphan(loaded: Recoveries) -> Iterator[int]:
    """A session whose process is gone, in the middle of a statement that holds a table (I-09)."""
    connection = loaded.context.loader.connect("staging")
    number = connection.thread_id()

    def work() -> None:
        with contextlib.suppress(MySQLdb.Error):
            connection.query(SLOW)

    thread = threading.Thread(target=work)
    thread.start()
    _wait_until(lambda: number in _sessions(loaded.context.loader, "UPDATE"))
    yield number
    with contextlib.suppress(MySQLdb.Error), contextlib.closing(loaded.context.dbt.connect()) as other:
        other.query(f"KILL {number}")
    thread.join()


def test_i09_an_orphaned_statement_is_seen_and_ended(loaded: Recoveries, orphan: int) -> None:
    plan = loaded.plan("locks", seconds="1", end_session=str(orphan))
    text = str(plan)
    assert f"{orphan} of loader in staging" in text
    assert "UPDATE staging.tenants SET full_name = ? WHERE id = ? AND SLEEP(?) = ?" in text
    assert "山田" not in text
    assert f"Session {orphan} of loader was ended" in loaded.execute("locks", seconds="1", end_session=str(orphan))
    _wait_until(lambda: orphan not in _sessions(loaded.context.loader, ""))
    # the task that did it is tried again
    assert loaded.execute("locks", plan, end_session=str(orphan)) == f"Session {orphan} has ended by itself"


def test_i09_who_waits_for_whom_is_shown(loaded: Recoveries) -> None:
    with (
        contextlib.closing(loaded.context.loader.connect("staging")) as holder,
        contextlib.closing(loaded.context.loader.connect("staging")) as waiter,
    ):
        holder.query("BEGIN")
        holder.query("UPDATE tenants SET status = 1 WHERE id = 1")
        thread = threading.Thread(target=_suppressed, args=(waiter, "UPDATE tenants SET status = 2 WHERE id = 1"))
        thread.start()
        wanted = f"session {waiter.thread_id()} waits for session {holder.thread_id()}"
        _wait_until(lambda: wanted in str(loaded.plan("locks")))
        assert "2 transactions" in str(loaded.plan("locks"))
        holder.query("ROLLBACK")
        thread.join()


def test_who_loads_is_named_and_what_sends_a_dump_can_be_ended(loaded: Recoveries) -> None:
    loaded.platform.query("CREATE DATABASE staging_next")
    with (
        contextlib.closing(loaded.context.loader.connect()) as loader,
        contextlib.closing(loaded.context.restore.connect("staging_next")) as sender,
        exclusive(loader),
    ):
        number = sender.thread_id()
        assert f"staging is being loaded or published by session {loader.thread_id()}" in str(loaded.plan("locks"))
        blind = loaded.with_tools(dbt=loaded.context.loader)  # who sees no sessions but those of his own logins
        assert f"Session {number} of restore was ended" in blind.execute("locks", end_session=str(number))
        with pytest.raises(MySQLdb.OperationalError):
            sender.query("DO 1")


@dataclass(frozen=True)
class Server:
    """A server of its own, on which `dbt` and `bi` have exactly the rights of production."""

    recoveries: Recoveries
    dbt: Endpoint
    bi: Endpoint
    says_who: bool

    @contextlib.contextmanager
    def waiting(self, holder: MySQLdb.Connection, login: Endpoint, statement: str) -> Iterator[int]:
        """Let another session wait for what `holder` has, which has had it for longer than a second."""
        time.sleep(1.1)
        with contextlib.closing(login.connect(init_command="SET SESSION lock_wait_timeout = 30")) as waiter:
            thread = threading.Thread(target=_suppressed, args=(waiter, statement))
            thread.start()
            try:
                yield waiter.thread_id()
            finally:
                holder.query("ROLLBACK")
                thread.join()


@pytest.fixture(scope="module", params=("ON", "OFF"))
def shown(request: pytest.FixtureRequest, make_database: Callable[..., Database]) -> Iterator[tuple[Database, str]]:
    """A server with performance_schema on or off."""
    database = make_database(f"--performance-schema={request.param}")
    yield database, request.param
    database.stop()


@pytest.fixture
def server(shown: tuple[Database, str], recoveries: Recoveries) -> Server:
    database, shows = shown
    loader, restore, dbt, bi = (fresh_login(database, user) for user in ("loader", "restore", "dbt", "bi"))
    with contextlib.closing(dbt.connect()) as connection:
        for schema in ("gold", "gold_next"):
            connection.query(f"DROP DATABASE IF EXISTS {schema}")
            connection.query(f"CREATE DATABASE {schema}")
            connection.query(f"CREATE TABLE {schema}.rooms (id INT PRIMARY KEY, rent INT)")
            connection.query(f"INSERT INTO {schema}.rooms VALUES (1, 2)")
        is_mysql = "MariaDB" not in connection.get_server_info()
    return Server(recoveries.with_tools(loader=loader, restore=restore, dbt=dbt), dbt, bi, is_mysql and shows == "ON")


def test_i09_the_reader_who_holds_up_a_publish_is_named_with_the_rights_of_production(server: Server) -> None:
    with contextlib.closing(server.bi.connect("gold")) as reader:
        reader.query("BEGIN")
        reader.query("SELECT * FROM rooms")
        reader.store_result()
        publish = "RENAME TABLE gold.rooms TO gold_next.old, gold_next.rooms TO gold.rooms"
        with server.waiting(reader, server.dbt, publish) as waiter:
            _wait_until(lambda: "Waiting for table metadata lock" in str(server.recoveries.plan("locks")))
            text = str(server.recoveries.plan("locks"))
            assert f"{reader.thread_id()} of bi in gold" in text
            if server.says_who:
                assert f"session {waiter} waits for session {reader.thread_id()} in gold.rooms" in text
                assert "performance_schema" not in text
            else:
                assert _suspected(text, waiter) == reader.thread_id()
                assert "performance_schema is off, so waits cannot be seen" in text or "metadata_lock_info" in text


def test_i09_the_holder_of_a_row_is_named_with_the_rights_of_production(server: Server) -> None:
    with contextlib.closing(server.dbt.connect("gold")) as holder:
        holder.query("BEGIN")
        holder.query("UPDATE rooms SET rent = 3 WHERE id = 1")
        with server.waiting(holder, server.dbt, "UPDATE gold.rooms SET rent = 4 WHERE id = 1") as waiter:
            _wait_until(lambda: "lock wait" in str(server.recoveries.plan("locks")).split("transactions")[1])
            text = str(server.recoveries.plan("locks"))
            named = f"session {waiter} waits for session {holder.thread_id()} in " in text
            assert named or _suspected(text, waiter) == holder.thread_id()
            assert named or not server.says_who


def test_without_the_right_to_see_it_says_so(server: Server) -> None:
    blind = server.recoveries.with_tools(dbt=server.recoveries.context.loader)
    text = str(blind.plan("locks"))
    assert "the login may not see transactions (it lacks PROCESS)" in text
    assert "staging is idle" in text


def test_rights_from_before_performance_schema_was_granted_say_so(server: Server) -> None:
    if not server.says_who:
        pytest.skip("only where performance_schema is MySQL's and on")
    database = replace(server.dbt, user="root", password="")
    with contextlib.closing(database.connect()) as connection:
        connection.query(r"REVOKE SELECT ON `performance\_schema`.* FROM dbt@localhost")
    assert "the login may not read performance_schema" in str(server.recoveries.plan("locks"))


def _suspected(text: str, waiter: int) -> int:
    """Return who is named first as at work for longer than the session that waits."""
    found = re.search(rf"session {waiter} has been waiting for a lock for \d+ s; .* first: (\d+)", text)
    assert found, text
    return int(found[1])


def test_it_only_looks_unless_told_and_ends_only_ours(loaded: Recoveries, orphan: int) -> None:
    plan = loaded.plan("locks")
    assert plan.empty
    assert loaded.execute("locks", plan) == "There was nothing to do"
    assert orphan in _sessions(loaded.context.loader, "")
    foreign = loaded.with_tools(users=frozenset(("dbt",)))
    with pytest.raises(Refused, match=f"session {orphan} belongs to loader; only those of dbt can be ended"):
        foreign.plan("locks", end_session=str(orphan))
    with pytest.raises(Refused, match="there is no session 999999999"):
        loaded.plan("locks", end_session="999999999")


def _sessions(login: Endpoint, beginning: str) -> set[int]:
    from include.warehouse.sessions import server_sessions

    with contextlib.closing(login.connect()) as connection:
        return {one.number for one in server_sessions(connection) if one.statement.startswith(beginning)}


def _suppressed(connection: MySQLdb.Connection, statement: str) -> None:
    with contextlib.suppress(MySQLdb.Error):
        connection.query(statement)


def _wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.2)  # InnoDB renews its list of lock waits only when nobody has read it for 0.1 s
