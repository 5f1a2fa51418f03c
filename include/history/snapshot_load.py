"""Load snapshot files into the table, several at once: each date is replaced in one transaction.

What takes time is the server's work for each row, so rows go as LOAD DATA streams over several connections, and the key
of tenants, which every date would touch all over, is made once at the end where a whole history is loaded. A loader
that is killed leaves whole dates, at worst without that key; the next one makes it.

Memory: of a file of 50,000 tenants (2 MB) a loader holds some copies, as bytes and as text, 12 MB all in all, and of no
more than `READERS` files at a time, whatever the length of the history: 50 MB.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import date
from queue import SimpleQueue
from typing import Any

from pymysql.err import MySQLError

from include.history.snapshot_file import HEADER, SnapshotError, SnapshotFile, literals
from include.warehouse.buffer_connection import DDL_BUFFER_BYTES, BufferConnection
from include.warehouse.endpoint import Endpoint
from include.warehouse.masking import mask_values
from include.warehouse.schema import HISTORY
from include.warehouse.server_errors import DUPLICATE_KEY, LOCAL_INFILE_OFF, error_code, sentence

TABLE = f"{HISTORY}.tenant_daily_snapshots"
# As schema.py makes it.
KEY, DROP_KEY, ADD_KEY = "tenant_id", "DROP KEY tenant_id", "ADD KEY tenant_id (tenant_id)"
# From so many dates on, an empty table gets the key afterwards: an ALTER costs tens of milliseconds.
MANY_DATES = 20
# Files that are fetched and read while others go to the server.
READERS = 4
INSERT_ROWS = 5000
PROGRESS_SECONDS = 5.0

LOAD_DATA = (
    f"LOAD DATA LOCAL INFILE 'rows' INTO TABLE {TABLE} CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' "
    r"ESCAPED BY '\\' LINES TERMINATED BY '\n' (tenant_id, status, contract_type, @name, snapshot_date) "
    # a comparison with '' would also take blanks for none
    "SET full_name = IF(LENGTH(@name) > 0, @name, NULL)"
)
INSERT = f"INSERT IGNORE INTO {TABLE} ({', '.join(HEADER)}) VALUES ".encode()


class SnapshotLoader:
    """Connections that load files.

    Args:
        endpoint: login of the loader.
        fetch: returns the name and the bytes of the file of a date; called by several threads.
        connections: how many dates go to the server at a time.
        progress: takes a line of text every few seconds.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        fetch: Callable[[date], tuple[str, bytes]],
        connections: int,
        progress: Callable[[str], None],
    ) -> None:
        self._endpoint = endpoint
        self._fetch = fetch
        self._count = connections
        self._progress = progress
        self._free: SimpleQueue[BufferConnection] = SimpleQueue()
        self._local_infile = True

    def load(self, days: Sequence[date]) -> tuple[int, int]:
        """Replace these dates; return rows loaded and rows skipped.

        Raises:
            SnapshotError: a file is not a snapshot, or the server refused; other dates may be loaded, each as a whole.
        """
        with contextlib.ExitStack() as stack:
            try:
                for _ in range(max(1, min(self._count, len(days)))):
                    self._free.put(stack.enter_context(contextlib.closing(_open(self._endpoint))))
                control = self._free.get()
                keyed = _prepare(control, len(days))
                self._free.put(control)
                loaded, skipped = self._all(days)
                if not keyed:
                    self._progress(f"{loaded:,} rows are in; making the key of {KEY}")
                    control.execute(f"ALTER TABLE {TABLE} {ADD_KEY}")
            except MySQLError as error:
                raise SnapshotError(f"{TABLE}: {sentence(error)}") from error
        return loaded, skipped

    def _all(self, days: Sequence[date]) -> tuple[int, int]:
        loaded = skipped = done = 0
        said = time.monotonic()
        for rows, faults in self._results(days):
            done, loaded, skipped = done + 1, loaded + rows, skipped + faults
            if time.monotonic() - said > PROGRESS_SECONDS:
                said = time.monotonic()
                self._progress(f"{done} of {len(days)} dates, {loaded:,} rows")
        return loaded, skipped

    def _results(self, days: Sequence[date]) -> Iterator[tuple[int, int]]:
        """Yield the rows of each date; after a fault nothing new begins, and that of the earliest date counts."""
        with ThreadPoolExecutor(READERS, "snapshots") as pool:
            futures = [pool.submit(self._load, day) for day in days]
            try:
                left = set(futures)
                while left:
                    done, left = wait(left, return_when=FIRST_COMPLETED)
                    _raise_first([future for future in futures if future in done])
                    yield from (future.result() for future in done)
            finally:
                pool.shutdown(cancel_futures=True)

    def _load(self, day: date) -> tuple[int, int]:
        file = SnapshotFile(*self._fetch(day), day)
        connection = self._free.get()
        try:
            if not self._replace(connection, file, one_by_one=False):
                self._replace(connection, file, one_by_one=True)
        except MySQLError as error:
            raise SnapshotError(f"{file.name}: {sentence(error)}") from error
        finally:
            self._free.put(connection)
        return file.rows, file.skipped

    def _replace(self, connection: BufferConnection, file: SnapshotFile, one_by_one: bool) -> bool:
        """Replace the rows of a date; False when the file names a tenant twice, and nothing changed."""
        connection.execute("BEGIN")
        try:
            connection.execute(f"DELETE FROM {TABLE} WHERE snapshot_date = '{file.day}'")
            warnings = self._send(connection, list(file.pieces(one_by_one)))
            others = [text for code, text in warnings if code != DUPLICATE_KEY]
            if others or (warnings and one_by_one):
                said = mask_values((others or [warnings[0][1]])[0])
                raise SnapshotError(f"{file.name}: the server changed a row ({said}); restore the right file")
            connection.execute("ROLLBACK" if warnings else "COMMIT")
        except BaseException:
            with contextlib.suppress(MySQLError):
                connection.execute("ROLLBACK")
            raise
        return not warnings

    def _send(self, connection: BufferConnection, pieces: Sequence[bytes | memoryview]) -> list[tuple[int, str]]:
        if self._local_infile:
            try:
                connection.load(LOAD_DATA, pieces)
                return connection.warnings()
            except MySQLError as error:
                if error_code(error) not in LOCAL_INFILE_OFF:
                    raise
                self._local_infile = False
        rows = [row for piece in pieces for row in literals(piece)]
        found = []
        for first in range(0, len(rows), INSERT_ROWS):
            connection.execute(INSERT + b",".join(rows[first : first + INSERT_ROWS]))
            found += connection.warnings()
        return found


def _open(endpoint: Endpoint) -> BufferConnection:
    connection = BufferConnection(endpoint, HISTORY)
    # dates beside one another lock nothing of each other
    connection.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    connection.execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES'")
    connection.set_where_known("innodb_ddl_buffer_size", DDL_BUFFER_BYTES)
    return connection


def _prepare(connection: BufferConnection, dates: int) -> bool:
    """Take the key away where a whole history is to be loaded; return whether the table has it."""
    keyed = bool(connection.select(f"SHOW KEYS FROM {TABLE} WHERE Key_name = '{KEY}'"))
    if keyed and dates >= MANY_DATES and not connection.select(f"SELECT 1 FROM {TABLE} LIMIT 1"):
        connection.execute(f"ALTER TABLE {TABLE} {DROP_KEY}")
        return False
    return keyed


def _raise_first(done: Sequence[Future[Any]]) -> None:
    for future in done:
        if error := future.exception():
            raise error
