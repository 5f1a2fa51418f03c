"""Readers get the generation before the newest back, whole, and the ledger says so."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import MySQLdb
import pytest

from include.warehouse import generations, ledger, readers
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import (
    LoadBusy,
    PublishBlocked,
    exclusive,
    prepare_next,
    publish,
)
from include.warehouse.ledger import TableCount
from include.warehouse.rollback import NothingToRollBack, roll_back_load
from include.warehouse.schema import ensure_platform_tables, table_names

MONDAY = date(2026, 3, 2)


class Warehouse:
    """Publishes generations as a load does; a table's content is one number."""

    def __init__(self, connection: MySQLdb.Connection) -> None:
        self.connection = connection
        self.day = MONDAY

    def begin(self, tables: Mapping[str, int]) -> tuple[int, set[str]]:
        """Do what a load does before it publishes; return its number and the tables that stay."""
        live = ledger.live_tables(self.connection)
        load_id = ledger.start(self.connection, self.day, dump="s3://b/d", etag=None, version=None, size=1)
        self.day += timedelta(days=1)
        same = {name for name, value in tables.items() if name in live and live[name].checksum == str(value)}
        prepare_next(self.connection)
        with self.connection.cursor() as cursor:
            for name in tables.keys() - same:
                cursor.execute(f"CREATE TABLE staging_next.{name} (value int)")
                cursor.execute(f"INSERT INTO staging_next.{name} VALUES ({tables[name]})")
        counts = [TableCount(name, 1, 0, 1, str(value), name in same, 0.0, None) for name, value in tables.items()]
        ledger.record(self.connection, load_id, counts, sha256="", skipped={}, notes=())
        return load_id, same

    def load(self, **tables: int) -> int:
        load_id, same = self.begin(tables)
        publish(self.connection, staying=same)
        ledger.set_state(self.connection, load_id, "published")
        return load_id

    def content(self, schema: str = "staging") -> dict[str, int]:
        with self.connection.cursor() as cursor:
            found = {}
            for table in table_names(self.connection, schema):
                cursor.execute(f"SELECT value FROM {schema}.{table}")
                ((found[table],),) = cursor.fetchall()
            return found

    def states(self) -> list[str]:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT state FROM ops.load_ledger ORDER BY load_id")
            return [state for (state,) in cursor.fetchall()]

    def believed(self) -> dict[str, int]:
        """What the ledger says about `staging`; the next load carries tables over because of it."""
        return {name: int(count.checksum) for name, count in ledger.live_tables(self.connection).items()}


@pytest.fixture
def warehouse(loader: Endpoint) -> Iterator[Warehouse]:
    with contextlib.closing(loader.connect()) as connection:
        ensure_platform_tables(connection)
        with exclusive(connection):
            yield Warehouse(connection)


def test_everything_that_the_newest_load_replaced_comes_back(warehouse: Warehouse) -> None:
    warehouse.load(a=1, b=1)
    newest = warehouse.load(a=2, b=2)
    assert roll_back_load(warehouse.connection) == newest
    assert warehouse.content() == warehouse.believed() == {"a": 1, "b": 1}
    assert warehouse.content("staging_prev") == {"a": 2, "b": 2}
    assert warehouse.content("staging_next") == {}
    assert warehouse.states() == ["published", "rolled_back"]
    assert readers.staging_date(warehouse.connection) == MONDAY


def test_tables_that_were_carried_over_stay_where_they_are(warehouse: Warehouse) -> None:
    warehouse.load(a=1, b=1, c=1)
    warehouse.load(a=1, b=2, c=1)
    roll_back_load(warehouse.connection)
    assert warehouse.content() == warehouse.believed() == {"a": 1, "b": 1, "c": 1}
    assert warehouse.content("staging_prev") == {"b": 2}


def test_tables_that_came_leave_and_tables_that_left_come_back(warehouse: Warehouse) -> None:
    warehouse.load(a=1, left=1, stays=1)
    warehouse.load(a=2, came=2, stays=1)
    roll_back_load(warehouse.connection)
    assert warehouse.content() == warehouse.believed() == {"a": 1, "left": 1, "stays": 1}


@pytest.mark.parametrize("tables", [{"a": 1}, {"a": 1, "b": 1, "came": 2}], ids=["one left", "one came"])
def test_a_load_that_only_took_or_only_brought_tables_is_undone_too(
    warehouse: Warehouse, tables: dict[str, int]
) -> None:
    warehouse.load(a=1, b=1)
    warehouse.load(**tables)
    roll_back_load(warehouse.connection)
    assert warehouse.content() == warehouse.believed() == {"a": 1, "b": 1}


def test_after_a_load_in_which_nothing_changed_only_the_date_goes_back(warehouse: Warehouse) -> None:
    warehouse.load(a=1)
    warehouse.load(a=1)
    roll_back_load(warehouse.connection)
    assert warehouse.content() == warehouse.believed() == {"a": 1}
    assert readers.staging_date(warehouse.connection) == MONDAY


@pytest.mark.parametrize("loads", [0, 1])
def test_there_is_no_way_back_from_the_first_load(warehouse: Warehouse, loads: int) -> None:
    for _ in range(loads):
        warehouse.load(a=1)
    with pytest.raises(NothingToRollBack, match="the ledger knows no generation of staging before the one that"):
        roll_back_load(warehouse.connection)
    assert warehouse.states() == ["published"] * loads


def test_two_steps_back_are_refused_although_the_same_tables_changed_each_day(warehouse: Warehouse) -> None:
    for day in (1, 2, 3):
        warehouse.load(a=day, b=1)
    roll_back_load(warehouse.connection)
    with pytest.raises(NothingToRollBack, match="load 3 was rolled back already and staging_prev holds nothing older"):
        roll_back_load(warehouse.connection)
    assert warehouse.content() == warehouse.believed() == {"a": 2, "b": 1}
    assert warehouse.content("staging_prev") == {"a": 3}
    assert warehouse.states() == ["published", "published", "rolled_back"]


def test_after_the_next_load_there_is_a_way_back_again(warehouse: Warehouse) -> None:
    warehouse.load(a=1, b=1)
    warehouse.load(a=2, b=2)
    roll_back_load(warehouse.connection)
    warehouse.load(a=3, b=1)
    assert warehouse.content() == warehouse.believed() == {"a": 3, "b": 1}
    roll_back_load(warehouse.connection)
    assert warehouse.content() == warehouse.believed() == {"a": 1, "b": 1}


def test_the_load_after_a_rollback_carries_over_what_is_there_and_not_what_was_undone(warehouse: Warehouse) -> None:
    warehouse.load(a=1, b=1, c=1)
    warehouse.load(a=2, b=1, c=2)
    roll_back_load(warehouse.connection)
    load_id = warehouse.load(a=2, b=1, c=1)
    assert warehouse.content() == {"a": 2, "b": 1, "c": 1}
    assert ledger.loaded_tables(warehouse.connection, load_id) == {"a"}


@pytest.mark.parametrize(
    "harm",
    [
        "DROP TABLE staging_prev.a",
        "CREATE TABLE staging_prev.other (id int)",
        "DROP TABLE staging.b",
        "CREATE TABLE staging.other (id int)",
    ],
)
def test_a_generation_that_is_not_all_there_does_not_come_back(warehouse: Warehouse, harm: str) -> None:
    warehouse.load(a=1, b=1)
    warehouse.load(a=2, b=1)
    with warehouse.connection.cursor() as cursor:
        cursor.execute(harm)
    with pytest.raises(NothingToRollBack, match="staging_prev does not hold what load 2 replaced, so nothing was"):
        roll_back_load(warehouse.connection)
    assert warehouse.states() == ["published", "published"]


def test_after_a_load_that_failed_while_publishing_there_is_no_way_back(warehouse: Warehouse) -> None:
    warehouse.load(a=1)
    warehouse.load(a=2)
    warehouse.begin({"a": 3})
    with warehouse.connection.cursor() as cursor:  # what publish() does before the RENAME
        cursor.execute("DROP DATABASE staging_prev")
        cursor.execute("CREATE DATABASE staging_prev")
    with pytest.raises(NothingToRollBack, match="staging_prev does not hold what load 2 replaced"):
        roll_back_load(warehouse.connection)
    assert warehouse.content() == warehouse.believed() == {"a": 2}
    assert warehouse.states() == ["published", "published", "failed"]


def test_a_load_that_was_published_but_could_not_say_so_is_the_one_that_is_undone(warehouse: Warehouse) -> None:
    warehouse.load(a=1)
    warehouse.load(a=2)
    newest, same = warehouse.begin({"a": 3})
    publish(warehouse.connection, staying=same)  # killed here
    assert roll_back_load(warehouse.connection) == newest
    assert warehouse.content() == warehouse.believed() == {"a": 2}


def test_nothing_is_rolled_back_without_the_lock(warehouse: Warehouse, loader: Endpoint) -> None:
    warehouse.load(a=1)
    warehouse.load(a=2)
    with contextlib.closing(loader.connect()) as other, pytest.raises(LoadBusy, match="no longer holds its lock"):
        roll_back_load(other)
    assert warehouse.content() == {"a": 2}


def test_a_reader_who_does_not_let_go_blocks_it_and_nothing_changes(
    warehouse: Warehouse, loader: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "RENAME_WAIT_SECONDS", 1)
    monkeypatch.setattr(generations, "RENAME_ATTEMPTS", 1)
    warehouse.load(a=1)
    warehouse.load(a=2)
    with contextlib.closing(loader.connect()) as reader, reader.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM staging.a")
        with pytest.raises(PublishBlocked):
            roll_back_load(warehouse.connection)
    assert warehouse.content() == warehouse.believed() == {"a": 2}
    assert warehouse.states() == ["published", "published"]
    roll_back_load(warehouse.connection)
    assert warehouse.content() == {"a": 1}


# --- killed -----------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for the end of the process: nothing in it runs any more."""


DAYS = {
    "replaced": ({"a": 1, "b": 1}, {"a": 2, "b": 1}),
    "came and left": ({"a": 1, "left": 1}, {"a": 1, "came": 2}),
    "only came": ({"a": 1}, {"a": 1, "came": 2}),
    "only left": ({"a": 1, "left": 1}, {"a": 1}),
    "nothing": ({"a": 1}, {"a": 1}),
}


def killed_at(step: int, connection: MySQLdb.Connection, work: Any) -> bool:
    """Run `work` and end it before its n-th statement that changes something; whether it came so far."""

    class Cursor:
        seen = 0
        dead = False

        def __init__(self) -> None:
            self._cursor = connection.cursor()

        def __enter__(self) -> Cursor:
            return self

        def __exit__(self, *_: object) -> None:
            self._cursor.close()

        def __getattr__(self, name: str) -> Any:
            return getattr(self._cursor, name)

        def execute(self, statement: str, *values: Any) -> Any:
            if not statement.startswith(("SELECT", "SET")):
                Cursor.seen += 1
            if Cursor.seen > step or Cursor.dead:
                Cursor.dead = True
                raise Killed
            return self._cursor.execute(statement, *values)

    class Connection:
        def cursor(self) -> Cursor:
            return Cursor()

    with contextlib.suppress(Killed):
        work(Connection())
    return Cursor.dead


@pytest.mark.parametrize("days", DAYS.values(), ids=DAYS)
@pytest.mark.parametrize("step", range(2, 7))
def test_killed_before_any_statement_it_is_whole_and_the_next_load_sets_it_right(
    warehouse: Warehouse, days: tuple[dict[str, int], dict[str, int]], step: int
) -> None:
    before, newest = days
    warehouse.load(a=0)
    warehouse.load(**before)
    warehouse.load(**newest)
    killed = killed_at(step, warehouse.connection, roll_back_load)
    content = warehouse.content()
    assert content in (before, newest)
    ledger.close_unfinished(warehouse.connection)
    assert warehouse.content() == warehouse.believed() == content
    assert warehouse.states()[-1] in ("published", "rolled_back")
    assert (warehouse.states()[-1] == "published") is (content == newest) or before == newest
    assert killed or content == before
    warehouse.load(**newest)
    assert warehouse.content() == warehouse.believed() == newest
    assert warehouse.content("staging_next") == {}


@pytest.mark.parametrize("days", DAYS.values(), ids=DAYS)
@pytest.mark.parametrize("step", [3, 4])
def test_a_killed_one_can_be_asked_for_again_and_never_goes_two_steps(
    warehouse: Warehouse, days: tuple[dict[str, int], dict[str, int]], step: int
) -> None:
    before, newest = days
    warehouse.load(**dict.fromkeys(before, 0))
    warehouse.load(**before)
    warehouse.load(**newest)
    killed_at(step, warehouse.connection, roll_back_load)
    with contextlib.suppress(NothingToRollBack):  # when the first one was done
        roll_back_load(warehouse.connection)
    assert warehouse.content() == warehouse.believed() == before
    assert warehouse.states() == ["published", "published", "rolled_back"]


@pytest.mark.parametrize("days", DAYS.values(), ids=DAYS)
@pytest.mark.parametrize("step", [1, 2, 3])
def test_publishing_that_was_killed_before_any_statement_is_settled_as_it_happened(
    warehouse: Warehouse, days: tuple[dict[str, int], dict[str, int]], step: int
) -> None:
    before, newest = days
    warehouse.load(**before)
    load_id, same = warehouse.begin(newest)
    killed = killed_at(step, warehouse.connection, lambda connection: publish(connection, staying=same))
    content = warehouse.content()
    assert content == newest or killed
    ledger.close_unfinished(warehouse.connection)
    assert warehouse.content() == warehouse.believed() == content
    made = ledger.mark_of(warehouse.connection, "staging")
    assert made is not None
    assert warehouse.states()[-1] == ("published" if made.load_id == load_id else "failed")
    assert (content == newest) is (made.load_id == load_id) or before == newest


def test_a_ledger_that_lost_its_newest_load_gives_no_way_back(warehouse: Warehouse) -> None:
    for value in (1, 2, 3):
        warehouse.load(a=value)
    with warehouse.connection.cursor() as cursor:
        cursor.execute("DELETE FROM ops.load_ledger ORDER BY load_id DESC LIMIT 1")
    with pytest.raises(NothingToRollBack, match="staging was made by load 3, and the ledger's newest is 2, so nothing"):
        roll_back_load(warehouse.connection)
    assert warehouse.content() == {"a": 3}


def test_all_tables_go_back_at_once_and_no_row_is_touched(warehouse: Warehouse) -> None:
    tables = {f"t{number}": 1 for number in range(81)}
    warehouse.load(**tables)
    warehouse.load(**dict.fromkeys(tables, 2))
    before = statements(warehouse.connection)
    roll_back_load(warehouse.connection)
    made = {name: number - before[name] for name, number in statements(warehouse.connection).items()}
    assert made["Com_rename_table"] == 2, "one that readers see, one that keeps what was undone"
    assert made["Com_create_table"] == 0
    assert made["Questions"] < len(tables), "what it does does not grow with the number of tables"
    assert warehouse.content() == tables


def statements(connection: MySQLdb.Connection) -> dict[str, int]:
    """How many statements of each kind the session has sent."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS WHERE Variable_name LIKE 'Com\\_%' OR Variable_name = 'Questions'")
        return {name: int(number) for name, number in cursor.fetchall()}
