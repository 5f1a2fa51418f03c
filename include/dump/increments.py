"""Brings tables in the next generation up to date by the rows that changed, instead of loading them whole.

What is there already is a copy of the table that readers see (include/dump/working_copy.py). Rows of changed blocks are
deleted by the login `loader`, which owns the schema, and inserted by `restore`, which sends what a dump says.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from threading import Event

import MySQLdb
from pymysql.err import MySQLError

from include.dump.blocks import Increment
from include.dump.inventory import Inventory
from include.dump.progress import Meter, Progress
from include.dump.rejects import Reject
from include.dump.row_warnings import TooManyWarnings
from include.dump.row_writer import RowWriter, open_writer
from include.dump.sending import Route, Sent
from include.dump.sql.tokens import name
from include.dump.transport import TransportFailed, refusal
from include.warehouse.buffer_connection import BufferConnection
from include.warehouse.endpoint import Endpoint
from include.warehouse.masking import mask_values
from include.warehouse.server_errors import error_code, sentence

# Stretches of keys in one DELETE.
RANGES = 500


@dataclass(frozen=True)
class _Connections:
    """Those of one thread."""

    rows: BufferConnection
    deletes: MySQLdb.Connection


class Increments:
    """Sends the increments of one dump.

    Args:
        inventory: what the first pass found.
        route: where the rows go, and over how many connections.
        loader: login that owns the schema.
        progress: receives how far it is.
    """

    def __init__(self, inventory: Inventory, route: Route, loader: Endpoint, progress: Progress) -> None:
        self._inventory = inventory
        self._route = route
        self._loader = loader
        self._progress = progress
        self._failed = Event()

    def send(self, tables: Iterable[str]) -> tuple[Sent, set[str]]:
        """Bring tables up to date.

        Returns:
            The results, and the tables to load whole, in which two rows have the same key.

        Raises:
            DumpError: the server refused a row, or stored it as something else.
            TransportFailed: the server is gone.
        """
        increments = {table: self._increment(table) for table in tables}
        sent, doubtful = Sent(), set[str]()
        if not increments:
            return sent, doubtful
        largest = iter(sorted(increments, key=lambda table: increments[table].size, reverse=True))
        meter = Meter("Bringing up to date", sum(increment.size for increment in increments.values()))

        def work(_number: int) -> None:
            with self._failure_noted(), self._open() as connections:
                writer = RowWriter.on(connections.rows, str(self._inventory.dump))
                connections.rows.limit_packets(writer.max_packet_bytes)
                while not self._failed.is_set() and (table := next(largest, None)):
                    began = time.monotonic()
                    if not self._bring_up_to_date(table, increments[table], connections, writer):
                        doubtful.add(table)
                    sent.seconds[table] = time.monotonic() - began
                    meter.add(increments[table].size)
                sent.notes += [note for note in writer.notes if note not in sent.notes]

        with self._progress.measure(meter), ThreadPoolExecutor(self._route.connections) as threads:
            list(threads.map(work, range(self._route.connections)))
        for table in increments.keys() - doubtful:
            sent.duplicates[table] = len(increments[table].repeated)
            sent.rejects += [_reject(table, line, row) for line, row in increments[table].repeated]
        return sent, doubtful

    def _increment(self, table: str) -> Increment:
        increment = self._inventory.tables[table].increment
        if increment is None:
            raise ValueError(f"what changed in {table} is not known")
        return increment

    @contextlib.contextmanager
    def _failure_noted(self) -> Iterator[None]:
        """Have the other threads stop as well when one fails."""
        try:
            yield
        except BaseException:
            self._failed.set()
            raise

    @contextlib.contextmanager
    def _open(self) -> Iterator[_Connections]:
        try:
            rows = open_writer(self._route.endpoint, self._route.schema)
        except MySQLError as error:
            raise TransportFailed(sentence(error)) from error
        with contextlib.closing(rows), contextlib.closing(self._loader.connect()) as deletes:
            yield _Connections(rows, deletes)

    def _bring_up_to_date(self, table: str, increment: Increment, connections: _Connections, writer: RowWriter) -> bool:
        """Replace the rows of the changed blocks; False when a row has a key that another one has."""
        with connections.deletes.cursor() as cursor:
            for delete in _deletes(self._route.schema, table, increment):
                cursor.execute(delete)
        for statement in increment.statements():
            try:
                if writer.store(connections.rows, statement):
                    return False
            except MySQLError as error:
                text = str(error.args[-1]) if error.args else repr(error)
                raise refusal(str(self._inventory.dump), statement, error_code(error), text) from error
            except TooManyWarnings:
                return False
        return True


def _deletes(schema: str, table: str, increment: Increment) -> Iterator[str]:
    """Yield the statements that delete the rows of the earlier dump in changed blocks; only numbers are of the dump."""
    key = name(increment.key)
    ranges = increment.ranges()
    while some := list(islice(ranges, RANGES)):
        condition = " OR ".join(f"{key} BETWEEN {first:d} AND {last:d}" for first, last in some)
        yield f"DELETE FROM {name(schema)}.{name(table)} WHERE {condition}"


def _reject(table: str, line: int, row: bytes) -> Reject:
    """Return a row that is not taken because the row before it has the same key, in the server's words."""
    key = row.partition(b",")[0].decode()
    return Reject(table, line, mask_values(f"Duplicate entry '{key}' for key 'PRIMARY'"), b"(" + row + b")")
