"""Several driver connections as a transport: rows as LOAD DATA streams, secondary keys at the end of each table.

What costs time in a restore is the server's work for each row on one connection. Sent as a LOAD DATA stream a row costs
it a third less than in an INSERT; keys that are built by one ALTER cost less than keys that grow with each row; and a
second connection brings in a second core (include/dump/README.md#speed). Bytes go through untouched.
"""

from __future__ import annotations

import contextlib
import heapq
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from pymysql.err import MySQLError

from include.dump.audit import check_rejects
from include.dump.inventory import Inventory
from include.dump.rejects import Reject, rejected_rows
from include.dump.remarks import Remarks
from include.dump.row_warnings import TooManyWarnings
from include.dump.row_writer import RowWriter, open_writer
from include.dump.scanner import Kind, Statement
from include.dump.sql.definition import Key
from include.dump.transport import TransportFailed, refusal
from include.warehouse.buffer_connection import BufferConnection
from include.warehouse.endpoint import Endpoint
from include.warehouse.server_errors import DUPLICATE_KEY, error_code, sentence

# Keys of smaller tables grow with their rows: an ALTER costs tens of milliseconds however few the rows are.
DEFER_BYTES = 1024 * 1024
ABORT_SECONDS = 30


@dataclass
class _Table:
    """What is under way for one table.

    Attributes:
        statement: its CREATE TABLE.
        size: bytes of its rows in the dump.
        keys: those that are made once all rows are in.
        alone: one statement at a time, in the file's order.
        left: statements that were handed over and not yet answered.
        running: those that a connection is at.
        closed: the table's last row was handed over.
    """

    statement: Statement
    size: int
    keys: tuple[Key, ...]
    alone: bool
    left: int = 0
    running: int = 0
    closed: bool = False


@dataclass(order=True)
class _Keys:
    """A table whose keys are to be made, the biggest first."""

    rank: int
    table: _Table = field(compare=False)


class Connections:
    """Sends statements over several connections at once.

    Rows of a big table go to whichever connection is free; its secondary keys are made afterwards. Tables with few rows
    and tables whose keys must stay take one statement at a time.

    Args:
        endpoint: login.
        schema: schema that receives the tables.
        inventory: what the first pass found in the dump.
        count: connections that carry rows and make keys, 1 or more: as many as the server has cores.
        in_order: tables whose rows must arrive in the file's order with all unique keys in place, so that of two rows
            with the same key the first is taken.

    Raises:
        TransportFailed: the server cannot be reached or refuses the login.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        schema: str,
        inventory: Inventory,
        count: int = 2,
        in_order: frozenset[str] = frozenset(),
    ) -> None:
        self.duplicates: Counter[str] = Counter()
        self.rejects: list[Reject] = []
        self.doubtful: set[str] = set()
        self.seconds: dict[str, float] = defaultdict(float)
        self._remarks = Remarks()
        self._endpoint = endpoint
        self._source = str(inventory.dump)
        self._entries = inventory.tables
        self._pointed_at = inventory.references
        self._count = count
        self._in_order = in_order
        self._state = threading.Condition()
        self._rows: deque[Statement] = deque()
        self._keys: list[_Keys] = []
        self._making_keys = 0
        self._tables: dict[str, _Table] = {}
        self._current: _Table | None = None
        self._ending = False
        self._failure: Exception | None = None
        self._connections: list[BufferConnection] = []
        try:
            for _ in range(count + 1):
                self._connections.append(open_writer(endpoint, schema))
            self._control = self._connections[0]
            self._writer = RowWriter.on(self._control, self._source)
        except MySQLError as error:
            self._close()
            raise TransportFailed(sentence(error)) from error
        for connection in self._connections:
            connection.limit_packets(self._writer.max_packet_bytes)
        self._threads = [
            threading.Thread(target=self._work, args=(connection,), daemon=True) for connection in self._connections[1:]
        ]
        for thread in self._threads:
            thread.start()

    @property
    def notes(self) -> list[str]:
        """What the server remarked without refusing anything."""
        return [*self._writer.notes, *self._remarks.lines()]

    # --- the scanner's side ----------------------------------------------------------------------------------------

    def send(self, statement: Statement) -> None:
        """Hand over one statement; waits while as many as there are connections wait. Raises as `Transport.send`."""
        if statement.kind is Kind.CREATE_TABLE:
            self._create(statement)
            return
        with self._state:
            self._state.wait_for(lambda: self._failure or len(self._rows) < self._count)
            self._check()
            self._tables[statement.table].left += 1
            self._rows.append(statement)
            self._state.notify_all()

    def finish(self) -> None:
        """Wait until all rows are in and all keys are made; raises as `send`."""
        self._close_table()
        with self._state:
            self._ending = True
            self._state.notify_all()
        for thread in self._threads:
            thread.join()
        self._check()
        self._close()

    def abort(self) -> None:
        """End what the server is doing for this load; harmless after `finish`."""
        with self._state:
            self._failure = self._failure or TransportFailed("the load was given up")
            self._state.notify_all()
        pairs = zip(self._connections[1:], self._threads, strict=False)  # after finish() there are no connections
        busy = [connection.thread_id() for connection, thread in pairs if thread.is_alive()]
        if busy:
            with (
                contextlib.suppress(MySQLError, OSError),
                contextlib.closing(open_writer(self._endpoint, "")) as killer,
            ):
                for session in busy:
                    with contextlib.suppress(MySQLError):  # it may have ended by itself
                        killer.kill(session)
        for thread in self._threads:
            thread.join(ABORT_SECONDS)
        self._close()

    def _create(self, statement: Statement) -> None:
        self._close_table()
        definition, size = statement.definition, self._entries[statement.table].bytes
        in_order = statement.table in self._in_order
        keys = definition.deferrable(in_order, self._pointed_at) if size >= DEFER_BYTES else ()
        alone = in_order or size < DEFER_BYTES or (definition.keyed and not keys)
        began = time.monotonic()
        try:
            if in_order:  # it may be here from the attempt that showed that it must be so
                self._control.execute(f"DROP TABLE IF EXISTS `{statement.table}`")
            self._control.execute(definition.create_without(keys))
            warnings = self._control.warnings()
        except MySQLError as error:
            raise self._refusal(statement, error) from error
        for code, text in warnings:
            self._remarks.add(statement.table, code, text)
        self._current = _Table(statement, size, keys, alone)
        with self._state:
            self._check()
            self._tables[statement.table] = self._current
            self.seconds[statement.table] += time.monotonic() - began

    def _close_table(self) -> None:
        with self._state:
            if self._current:
                self._current.closed = True
                self._want_keys(self._current)
            self._current = None

    def _close(self) -> None:
        for connection in self._connections:
            with contextlib.suppress(MySQLError, OSError):
                connection.close()
        self._connections = []

    def _check(self) -> None:
        if self._failure:
            raise self._failure

    def _refusal(self, statement: Statement, error: MySQLError, keys: bool = False) -> Exception:
        text = str(error.args[-1]) if error.args else repr(error)
        return refusal(self._source, statement, error_code(error), text, keys)

    # --- the connections' side -------------------------------------------------------------------------------------

    def _work(self, connection: BufferConnection) -> None:
        while task := self._next():
            try:
                task(connection)
            except Exception as error:
                with self._state:
                    self._failure = self._failure or error
                    self._state.notify_all()
                return

    def _next(self) -> Callable[[BufferConnection], None] | None:
        """Wait for something to do; None when there will be nothing more."""
        with self._state:
            while not self._failure:
                if keys := self._next_keys():
                    return lambda connection: self._make_keys(connection, keys)
                if statement := self._next_rows():
                    return lambda connection: self._insert(connection, statement)
                if self._ending and not self._keys and not any(table.left for table in self._tables.values()):
                    return None
                self._state.wait()
            return None

    def _next_keys(self) -> _Table | None:
        """Keys go before rows, but as long as rows come, one connection stays with the rows."""
        limit = self._count if self._ending and not self._rows else max(1, self._count - 1)
        if not self._keys or self._making_keys >= limit:
            return None
        self._making_keys += 1
        return heapq.heappop(self._keys).table

    def _next_rows(self) -> Statement | None:
        for place, statement in enumerate(self._rows):
            table = self._tables[statement.table]
            if not (table.alone and table.running):
                del self._rows[place]
                table.running += 1
                self._state.notify_all()
                return statement
        return None

    def _want_keys(self, table: _Table) -> None:
        if table.keys and table.closed and not table.left:
            heapq.heappush(self._keys, _Keys(-table.size, table))
            self._state.notify_all()

    def _make_keys(self, connection: BufferConnection, table: _Table) -> None:
        began = time.monotonic()
        doubtful = False
        try:
            connection.execute(table.statement.definition.add_keys(table.keys))
        except MySQLError as error:
            if error.args[0] != DUPLICATE_KEY:
                raise self._refusal(table.statement, error, keys=True) from error
            doubtful = True
        with self._state:
            if doubtful:
                self.doubtful.add(table.statement.table)
            self.seconds[table.statement.table] += time.monotonic() - began
            self._making_keys -= 1
            self._state.notify_all()

    def _insert(self, connection: BufferConnection, statement: Statement) -> None:
        began = time.monotonic()
        try:
            entries = self._writer.store(connection, statement)
        except MySQLError as error:
            raise self._refusal(statement, error) from error
        except TooManyWarnings as error:
            raise error.refusal(self._source, statement, self._entries[statement.table].rows) from error
        rejects = rejected_rows(statement, entries) if entries else []
        table = self._tables[statement.table]
        with self._state:
            if entries and not table.alone:
                self.doubtful.add(statement.table)
            self.duplicates[statement.table] += len(entries)
            check_rejects(statement.table, self.duplicates[statement.table], self._entries[statement.table].rows)
            self.rejects += rejects
            self.seconds[statement.table] += time.monotonic() - began
            table.running -= 1
            table.left -= 1
            self._want_keys(table)
            self._state.notify_all()
