"""Who holds what, and how one session is ended and no other."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import MySQLdb
import pytest

from include.recovery.forms import RecoveryRefused
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import exclusive
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


def test_without_the_right_to_see_it_says_so(loaded: Recoveries) -> None:
    blind = loaded.with_tools(dbt=loaded.context.loader)
    text = str(blind.plan("locks"))
    assert "Transactions: the login may not see them" in text
    assert "Lock waits: the login may not see them" in text
    assert "staging is idle" in text


def test_it_only_looks_unless_told_and_ends_only_ours(loaded: Recoveries, orphan: int) -> None:
    plan = loaded.plan("locks")
    assert plan.empty
    assert loaded.execute("locks", plan) == "There was nothing to do"
    assert orphan in _sessions(loaded.context.loader, "")
    foreign = loaded.with_tools(users=frozenset(("dbt",)))
    with pytest.raises(RecoveryRefused, match=f"session {orphan} belongs to loader; only those of dbt can be ended"):
        foreign.plan("locks", end_session=str(orphan))
    with pytest.raises(RecoveryRefused, match="there is no session 999999999"):
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
        time.sleep(0.05)
