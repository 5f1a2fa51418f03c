"""What kills loads: two days' dumps, a load in a process of its own, moments to kill it, and what is killed."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import MySQLdb
import psutil

from include.dump.connections import DEFER_BYTES
from include.dump.progress import Progress
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import LoadBusy
from include.warehouse.sessions import server_sessions
from infra.local.database import Database
from tests.include.conftest import LOGINS
from tests.include.dump.dumps import Table, classic, day
from tests.include.dump.loading_process import PREPARING, Order

REPOSITORY = Path(__file__).resolve().parents[3]
# Two days of which neither is a Sunday, so that tables are carried over.
DAYS = (date(2026, 3, 2), date(2026, 3, 3))
WHAT = ("loader", "session", "server")
BY_CHANCE = "by chance"
# Seconds after which something hangs.
PATIENCE = 60

# Checksum and indexes of each table.
Content = dict[str, tuple[int, tuple[Any, ...]]]


@dataclass(frozen=True)
class Kill:
    """One of the fifty."""

    number: int
    what: str
    transport: str
    stretch: str

    def __str__(self) -> str:
        return f"{self.number}: {self.what}, {self.transport}, {self.stretch}"

    @property
    def key(self) -> tuple[str, str, str]:
        return self.what, self.transport, self.stretch


def write_dump(directory: Path, number: int, few: bool = False) -> Path:
    """Two days' dumps: of three big tables with keys, the last is the same on both.

    Args:
        directory: for the file.
        number: of the day.
        few: of the first of them a hundredth of the rows differ, instead of all.
    """
    columns = ["id int NOT NULL", "a int DEFAULT NULL", "b varchar(40) DEFAULT NULL", "c varchar(200) DEFAULT NULL"]
    keys = ("PRIMARY KEY (`id`)", "KEY `a` (`a`)", "KEY `b` (`b`,`a`)", "UNIQUE KEY `both` (`b`,`id`)")
    tables = day(DAYS[number])
    for name, count, changes in (("big_history", 30_000, 1), ("big_other", 15_000, 1), ("big_still", 12_000, 0)):
        table = Table(name, columns, keys=keys)
        table.rows = [
            (
                row,
                row * 7 % 1000 + number * changes * (row % 3000 < 30 or not few or name != "big_history"),
                f"name {row % 5000}",
                f"{row} " + "x" * 100,
            )
            for row in range(count + number * changes)
        ]
        assert len(table.inserts()) > DEFER_BYTES
        tables.append(table)
    path = directory / f"day{number}.sql"
    body = classic([])
    head, foot = body.split(b"USE `basis`;\n")
    parts = [table.create() + table.inserts(2000 if table.name.startswith("big") else 500) for table in tables]
    path.write_bytes(head + b"USE `basis`;\n" + b"".join(parts) + foot)
    return path


class Running:
    """A load in a process of its own, with what it said and when."""

    def __init__(self, order: Order) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.include.dump.loading_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
        )
        assert self._process.stdin
        self._process.stdin.write(order.to_json())
        self._process.stdin.close()
        self._news = threading.Condition()
        self.said: list[tuple[str, float]] = []
        self.complaints = ""
        self._readers = [threading.Thread(target=self._listen), threading.Thread(target=self._complain)]
        for reader in self._readers:
            reader.start()

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            with self._news:
                self.said.append((line.split()[0], time.monotonic()))
                self._news.notify_all()

    def _complain(self) -> None:
        self.complaints = self._process.stderr.read() if self._process.stderr else ""

    def wait_for(self, word: str) -> None:
        """Wait until it has said a line that begins so."""
        with self._news:
            assert self._news.wait_for(lambda: word in [said for said, _ in self.said] or self._over(), PATIENCE), word
        assert word in [said for said, _ in self.said], self.complaints

    def listen_for(self, word: str, seconds: float) -> None:
        """Return when it has said such a line, and after so many seconds even if it has not."""
        with self._news:
            self._news.wait_for(lambda: word in [said for said, _ in self.said], seconds)

    def _over(self) -> bool:
        return self._process.poll() is not None and not self._readers[0].is_alive()

    def children(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(self._process.pid).children(recursive=True)
        return []

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> int:
        """Wait for its end and return its status."""
        try:
            status = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        finally:
            for reader in self._readers:
                reader.join()
            for pipe in (self._process.stdout, self._process.stderr):
                if pipe:
                    pipe.close()
        return status


@dataclass
class Stage:
    """A server, two dumps, and what a clean load of each gives."""

    database: Database
    loader: Endpoint
    paths: tuple[Path, ...]
    clean: list[Content] = field(default_factory=list)
    seconds: dict[str, dict[str, float]] = field(default_factory=dict)
    live: int = 0

    def order(self, number: int, transport: str) -> Order:
        return Order(self.paths[number], DAYS[number], self.loader, transport)

    def prepare(self) -> None:
        self.order(self.live, PREPARING).run(Progress(lambda line: None))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(self.database.admin.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def content(self, schema: str = "staging") -> Content:
        where = f"WHERE table_schema = '{schema}' AND table_name <> '_generation'"
        names = [name for (name,) in self.query(f"SELECT table_name FROM information_schema.tables {where}")]
        if not names:
            return {}
        indexes: dict[str, list[tuple[Any, ...]]] = {name: [] for name in names}
        for table, *rest in self.query(
            "SELECT table_name, index_name, non_unique, seq_in_index, column_name FROM information_schema.statistics "
            f"{where} ORDER BY 1, 2, 4"
        ):
            indexes[table].append(tuple(rest))
        sums = self.query("CHECKSUM TABLE " + ", ".join(f"`{schema}`.`{name}`" for name in names))
        return {name: (checksum, tuple(indexes[name])) for name, (_, checksum) in zip(names, sums, strict=True)}

    def sessions(self, statement: str = "", state: str = "") -> list[int]:
        """The sessions of a load, or those that run such a statement and are in such a state."""
        with contextlib.closing(self.database.admin.connect()) as connection:
            return [
                session.number
                for session in server_sessions(connection)
                if session.user in LOGINS
                and session.statement.startswith(statement)
                and session.state.startswith(state)
            ]

    def wait_until(self, condition: Callable[[], object], what: str) -> None:
        give_up = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < give_up, what
            time.sleep(0.005)

    def load(self, number: int, transport: str) -> None:
        """Load in this process, as the next run does: when the one before still counts as running, wait for it."""
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                self.order(number, transport).run(Progress(lambda line: None))
                break
            except LoadBusy:
                assert time.monotonic() < give_up
                time.sleep(0.1)
        self.live = number

    def check_end(self, old: int, new: int) -> None:
        """The load after a kill has ended as a clean one does: tables, ledger and sessions."""
        assert self.content() == self.clean[new]
        assert self.content("staging_next") == {}
        assert self.content("staging_prev").items() <= self.clean[old].items()
        newest = "SELECT target_date, state FROM ops.load_ledger ORDER BY load_id DESC LIMIT 1"
        assert self.query(newest) == [(DAYS[new], "published")]
        open_loads = "SELECT * FROM ops.load_ledger WHERE state NOT IN ('published', 'failed')"
        assert self.query(open_loads) == []
        self.wait_until(lambda: not self.sessions(), "a session is left")


class Lock:
    """A lock that somebody else holds until it is released, or until the server is killed."""

    def __init__(self, stage: Stage, *statements: str) -> None:
        self._connection = stage.database.admin.connect()
        with self._connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def release(self) -> None:
        with contextlib.suppress(MySQLdb.Error):
            self._connection.close()


class Moment:
    """Starts a load, waits until the moment to kill has come, and holds it up until then where that is needed."""

    def __init__(self, stage: Stage, kill: Kill) -> None:
        self._stage = stage
        self._kill = kill
        self._chance = random.Random(kill.number).random()
        self._took = stage.seconds[kill.transport]
        self._locks: list[Lock] = []

    def __enter__(self) -> Running:
        stretch = self._kill.stretch
        if stretch in ("rename", "renamed"):
            self._hold("BEGIN", "SELECT COUNT(*) FROM staging.big_other")
        number = self._stage.live if self._kill.transport == PREPARING else 1 - self._stage.live
        self.running = Running(self._stage.order(number, self._kill.transport))
        try:
            getattr(self, "_" + stretch.replace(" ", "_"))()
        except BaseException:
            self.running.kill()
            self.__exit__()
            self.running.end()
            raise
        return self.running

    def __exit__(self, *_: object) -> None:
        for lock in self._locks:
            lock.release()

    def _scan(self) -> None:
        self._between("Loading", "Scanned")

    def _rows(self) -> None:
        self._between("Scanned", "Checking")

    def _changes(self) -> None:
        self._between("Bringing", "Checking")

    def _deletes(self) -> None:
        """A DELETE waits for whoever has a row that it is to delete."""
        self._hold("BEGIN", "SELECT * FROM staging_next.big_history WHERE id < 60 FOR UPDATE")
        self._stage.wait_until(lambda: self._stage.sessions("DELETE FROM"), "no DELETE waits")

    def _preparing(self) -> None:
        self._between("Copying", "Copied")

    def _keys(self) -> None:
        """An ALTER waits for whoever reads the table, at its end."""
        there = "SELECT 1 FROM information_schema.tables WHERE (table_schema, table_name) = "
        self._stage.wait_until(lambda: self._stage.query(there + "('staging_next', 'big_other')"), "no table")
        self._hold("BEGIN", "SELECT COUNT(*) FROM staging_next.big_other")
        self._waiting("ALTER TABLE")

    def _audit(self) -> None:
        self._between("Checking", "Published")

    def _ledger(self) -> None:
        self.running.wait_for("Scanned")
        self._hold("LOCK TABLES ops.table_ledger READ")
        self._waiting("INSERT INTO ops.table_ledger")

    def _rename(self) -> None:
        self._waiting("RENAME TABLE")

    def _renamed(self) -> None:
        """Let the RENAME through, but not the ledger's entry that says so."""
        self._waiting("RENAME TABLE")
        self._hold("LOCK TABLES ops.load_ledger READ")
        self._locks[0].release()
        self._waiting("UPDATE ops.load_ledger")

    def _by_chance(self) -> None:
        self._between("Loading", "Published")

    def _between(self, first: str, last: str) -> None:
        """As far into the stretch as chance says, but not beyond it when it takes less time than it did."""
        self.running.wait_for(first)
        self.running.listen_for(last, self._chance * (self._took[last] - self._took[first]))

    def _hold(self, *statements: str) -> None:
        self._locks.append(Lock(self._stage, *statements))

    def _waiting(self, statement: str) -> None:
        self._stage.wait_until(lambda: self._stage.sessions(statement, "Waiting"), f"no {statement} waits")


def _kill(stage: Stage, kill: Kill, running: Running) -> None:
    match kill.what:
        case "loader":
            running.kill()
        case "session":
            if sessions := stage.sessions():
                with contextlib.suppress(MySQLdb.OperationalError):  # it has just ended by itself
                    stage.query(f"KILL {random.Random(kill.number).choice(sessions)}")
        case "server":
            server = stage.database.pid()
            assert server
            process = psutil.Process(server)
            process.kill()
            process.wait(PATIENCE)  # until it is not even a zombie, which would keep its socket from its successor


def strike(stage: Stage, kill: Kill) -> tuple[int, Content, list[psutil.Process]]:
    """Kill at the moment; return how the process ended, what readers see then, and the processes it had started."""
    with Moment(stage, kill) as running:
        children = running.children()
        _kill(stage, kill, running)
    status = running.end()
    if kill.what == "server":
        stage.database.start()
    stage.wait_until(lambda: not stage.sessions("RENAME"), "the RENAME of a dead loader still waits")
    seen = stage.content()
    print(f"status {status}, readers see generation {[number for number in (0, 1) if seen == stage.clean[number]]}")
    return status, seen, children
