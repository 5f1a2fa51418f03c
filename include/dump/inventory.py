"""What a dump holds, found out in one pass that sends nothing anywhere: tables, rows, bytes, content hashes.

A dump that is not allowed, not complete or not what its manifest says is refused here, before the server hears of it.
The content hashes say which tables have to be loaded at all, and the digests of blocks which rows of them changed.
"""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from include.dump.blocks import BlockDigests, Blocks, Budget, Increment
from include.dump.errors import DumpChanged, TruncatedDump, UnexpectedStatement
from include.dump.scanner import Kind, Scanner, Statement
from include.dump.source import Dump, DumpStream
from include.dump.sql.definition import Reference, TableDefinition
from include.dump.sql.target import AURORA, Target

# Gives the digests of the rows that a table had in an earlier dump, None where they are not known.
Bases = Callable[[TableDefinition], Blocks | None]
# Gives what divides the rows of a table, None where they are not to be divided.
Dividing = Callable[[TableDefinition], BlockDigests | None]

# Statements that wait to be counted; each is about 1 MB, but may be a row of 64 MiB.
WAITING_BYTES = 4 * 1024 * 1024
# Small statements are handed to the counting thread together.
BATCH_BYTES = 256 * 1024
# The vendor has 81; the limit bounds our memory.
MAX_TABLES = 1_000


@dataclass
class TableEntry:
    """What the dump says about one table.

    Attributes:
        offset: where its CREATE TABLE begins in the decompressed dump, in bytes from 0.
        line: the same in lines, from 1.
        end: where its last row ends, in bytes.
        rows: rows in its INSERTs.
        bytes: size of its definition and rows.
        statements: number of its INSERTs.
        references: where its foreign keys point.
        blocks: digests of its rows; None where they cannot be divided, or nobody asked for them.
        increment: what changed since an earlier dump; None where that is not known, or too much did.
    """

    name: str
    offset: int
    line: int
    end: int = 0
    rows: int = 0
    bytes: int = 0
    statements: int = 0
    references: frozenset[Reference] = frozenset()
    blocks: Blocks | None = None
    increment: Increment | None = None
    _digest: Any = field(default_factory=hashlib.sha256, repr=False)
    _dividing: BlockDigests | None = field(default=None, repr=False)

    @property
    def checksum(self) -> str:
        """SHA-256 of its definition and rows as the dump writes them, hexadecimal."""
        return str(self._digest.hexdigest())

    @property
    def parents(self) -> frozenset[str]:
        """Tables that its foreign keys point to."""
        return frozenset(reference.table for reference in self.references)

    def add(self, statement: Statement, count: bool) -> None:
        """Take one statement; may run in a thread of its own, one statement after the other."""
        self._digest.update(statement.data)
        self.rows += statement.rows if count else 0
        self.bytes += len(statement.data)
        self.statements += statement.kind is Kind.INSERT
        self.end = statement.end
        if self._dividing and statement.kind is Kind.INSERT:
            self._dividing.add(statement)

    def divide(self, dividing: BlockDigests) -> None:
        """Have the rows that are still to come divided into blocks."""
        self._dividing = dividing

    def finish(self) -> None:
        """Take note that the last row has come."""
        if self._dividing:
            self.blocks, self.increment = self._dividing.finish()
            self._dividing = None


@dataclass(frozen=True)
class Inventory:
    """One dump, scanned to its end.

    Attributes:
        tables: by name, in the dump's order.
        sha256: of the stored bytes.
        compression: `none`, `gzip` or `zstd`.
        skipped: triggers, routines, events and views that were passed over, by kind.
        databases: names in USE and CREATE DATABASE, in small letters.
        has_footer: it ends with mysqldump's own last line.
        notes: what people should know of how it was taken.
        target: the server that its definitions were written for, with what the dump says of the defaults of its source.
    """

    dump: Dump
    tables: Mapping[str, TableEntry]
    sha256: str
    compression: str
    skipped: Counter[str]
    databases: frozenset[str]
    has_footer: bool
    notes: tuple[str, ...]
    target: Target

    @property
    def rows(self) -> int:
        """Rows in all tables."""
        return sum(table.rows for table in self.tables.values())

    @property
    def references(self) -> frozenset[Reference]:
        """Where the foreign keys of all tables point."""
        return frozenset(reference for table in self.tables.values() for reference in table.references)


class Tally:
    """Counts and hashes statements in a thread of its own, while the next one is scanned.

    Args:
        count: rows are counted as well; that takes three times as long as hashing them.
        dividing: gives what divides the rows of a table into blocks, None where they need not be divided.
    """

    def __init__(self, count: bool, dividing: Dividing | None = None) -> None:
        self._count = count
        self._dividing = dividing
        self._table: TableEntry | None = None
        self.tables: dict[str, TableEntry] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tally")
        self._batch: list[Statement] = []
        self._batch_bytes = 0
        self._waiting: deque[tuple[Future[None], int]] = deque()

    def add(self, statement: Statement) -> None:
        """Take one statement; waits when too many wait."""
        if statement.kind is Kind.CREATE_TABLE:
            self.tables[statement.table] = TableEntry(
                statement.table, statement.offset, statement.line, references=statement.definition.references
            )
        self._batch.append(statement)
        self._batch_bytes += len(statement.data)
        if self._batch_bytes >= BATCH_BYTES:
            self._hand_over()

    def _hand_over(self) -> None:
        self._waiting.append((self._thread.submit(self._count_batch, self._batch), self._batch_bytes))
        self._batch, self._batch_bytes = [], 0
        while sum(size for _, size in self._waiting) > WAITING_BYTES:
            self._waiting.popleft()[0].result()

    def _count_batch(self, statements: list[Statement]) -> None:
        for statement in statements:
            table = self.tables[statement.table]
            if statement.kind is Kind.CREATE_TABLE:
                self._next_table(table, statement.definition)
            table.add(statement, self._count)
        statements.clear()

    def _next_table(self, table: TableEntry, definition: TableDefinition) -> None:
        self._end_table()
        if self._dividing and (dividing := self._dividing(definition)):
            table.divide(dividing)
        self._table = table

    def _end_table(self) -> None:
        if self._table:
            self._table.finish()

    def finish(self) -> None:
        """Wait for the last statement."""
        self._hand_over()
        self._waiting.append((self._thread.submit(self._end_table), 0))
        while self._waiting:
            self._waiting.popleft()[0].result()

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(cancel_futures=True)


@contextmanager
def tally(count: bool = True, dividing: Dividing | None = None) -> Iterator[Tally]:
    """Give a tally whose thread ends with the block."""
    counting = Tally(count, dividing)
    try:
        yield counting
    finally:
        counting.close()


def take_inventory(
    dump: Dump,
    progress: Callable[[int], None] = lambda size: None,
    see: Callable[[Statement], None] = lambda statement: None,
    target: Target = AURORA,
    bases: Bases | None = None,
) -> Inventory:
    """Scan a dump to its end.

    Args:
        dump: the stored bytes.
        progress: called with the number of stored bytes read since the last call.
        see: called with every statement.
        target: the server that the definitions are written for.
        bases: rows of the tables that it knows are divided into blocks and compared; called by another thread.

    Raises:
        DumpError: it holds something that is not allowed, is damaged, cut off, or changed meanwhile.
    """
    budget = Budget()

    def dividing(definition: TableDefinition) -> BlockDigests | None:
        base = bases(definition) if bases else None
        return BlockDigests(definition, base, budget) if base else None

    with DumpStream(dump) as stream, tally(dividing=dividing) as counting:
        scanner = Scanner(stream, str(dump), target=target)
        seen = 0
        for statement in scanner:
            counting.add(statement)
            see(statement)
            if len(counting.tables) > MAX_TABLES:
                raise UnexpectedStatement(
                    f"{dump}, line {statement.line}: more than {MAX_TABLES:,} tables; have the dump taken again"
                )
            progress(stream.read_bytes - seen)
            seen = stream.read_bytes
            del statement  # it may be long, and the next one is about to be read
        counting.finish()
        progress(stream.read_bytes - seen)
    return Inventory(
        dump,
        counting.tables,
        stream.sha256,
        stream.compression or "none",
        scanner.skipped,
        frozenset(scanner.databases),
        scanner.has_footer,
        tuple(scanner.notes),
        scanner.target,
    )


def check_complete(inventory: Inventory) -> None:
    """Raise `TruncatedDump` unless the dump proves by itself that it is complete.

    One that ends between two statements looks whole (hazard 19); a manifest is the other proof.
    """
    if not inventory.has_footer:
        raise TruncatedDump(
            f"nothing proves that {inventory.dump} is complete: it has neither a manifest nor mysqldump's last line "
            "'-- Dump completed'; have the manifest published, or the dump taken without --compact"
        )


def check_same(before: TableEntry, now: TableEntry) -> None:
    """Raise `DumpChanged` when a table's bytes are not those that were scanned before."""
    if before.checksum != now.checksum:
        raise DumpChanged(f"the rows of {now.name} changed between two readings of the dump; clear the task")
