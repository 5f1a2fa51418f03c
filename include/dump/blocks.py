"""Which rows of a table changed since an earlier dump, told by digests of blocks of its rows.

A block holds the rows whose primary keys lie in the same stretch of `KEYS` numbers. Blocks do not move when rows come
or go elsewhere, as the statements of a dump do, so the digests of two dumps say exactly which stretches differ
(include/dump/README.md#increments).
"""

from __future__ import annotations

import hashlib
import itertools
import operator
import re
import struct
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from include.dump.rejects import rows_of
from include.dump.rows import Form
from include.dump.scanner import Statement
from include.dump.sql.definition import TableDefinition

# Keys of a block, as a power of 2: fewer make the digests more, more make each change greater.
KEYS_POWER = 5
KEYS = 1 << KEYS_POWER
DIGEST_BYTES = 16
# Changes whenever the same rows would get other digests.
VERSION = b"1"
# Changed rows of all tables that are held in memory; a table whose rows do not fit is loaded whole.
KEPT_BYTES = 64 * 1024 * 1024
# Deleting and inserting a row costs several times as much as loading it into an empty table.
LARGEST_SHARE = 0.2
# Rows with a key that the row before has (I-12); a table that has more is loaded whole, which says what is wrong.
MOST_REPEATED = 1_000
# Rows that are sent together.
STATEMENT_BYTES = 1024 * 1024

_JOINT = b"),("
# A joint that lies in a string of clean rows (`include.dump.rows`): what ends a row's last value is not before it, or
# is a quote behind a backslash that no backslash escapes. No clean string holds a line feed.
_JOINT_IN_TEXT = re.compile(rb"\),\((?:(?<=[^0-9'L.]\),\()|(?<=[^\\]\\'\),\())")
_MASKED = b")\n("
_INTEGERS = frozenset(("tinyint", "smallint", "mediumint", "int", "integer", "bigint"))


class Division(NamedTuple):
    """How an INSERT of clean rows is divided into blocks.

    Attributes:
        first: key of its first row.
        last: key of its last row.
        head: where in its bytes the rows of its first block end.
        tail: where those of its last block begin, which is another one.
    """

    first: int
    last: int
    head: int
    tail: int


# How a division is kept.
_DIVISION = "<qqII"


@dataclass(frozen=True)
class Blocks:
    """Digests of all rows of a table.

    Attributes:
        definition: digest of what the table is made with, and of the columns of its rows, hexadecimal.
        numbers: of the blocks that hold rows, ascending; a block's number is its keys divided by `KEYS`, rounded down.
        digests: of these blocks, `DIGEST_BYTES` each.
        statements: of INSERTs by their digests, so that the same INSERT in a later dump need not be divided again.
    """

    definition: str
    numbers: array[int]
    digests: bytes
    statements: Mapping[bytes, Division]

    def to_bytes(self) -> bytes:
        """Return all but the definition, to be kept."""
        parts = [struct.pack("<q", len(self.statements))]
        parts += [digest + struct.pack(_DIVISION, *division) for digest, division in self.statements.items()]
        return b"".join((*parts, self.numbers.tobytes(), self.digests))

    @classmethod
    def from_bytes(cls, definition: str, data: bytes) -> Blocks:
        """Return what `to_bytes` wrote.

        Raises:
            ValueError: the data is not whole.
        """
        (count,) = struct.unpack_from("<q", data) if len(data) >= 8 else (-1,)
        size = DIGEST_BYTES + struct.calcsize(_DIVISION)
        blocks, rest = divmod(len(data) - 8 - count * size, 8 + DIGEST_BYTES)
        if count < 0 or blocks < 0 or rest:
            raise ValueError(f"digests of blocks in {len(data):,} bytes, which are no whole number of them")
        places = range(8, 8 + count * size, size)
        statements = {
            data[at : at + DIGEST_BYTES]: Division(*struct.unpack_from(_DIVISION, data, at + DIGEST_BYTES))
            for at in places
        }
        start = 8 + count * size
        numbers = array("q")
        numbers.frombytes(data[start : start + 8 * blocks])
        return cls(definition, numbers, data[start + 8 * blocks :], statements)


# Fits no table: rows are divided, and compared with nothing.
NO_BASE = Blocks("", array("q"), b"", {})


@dataclass
class Increment:
    """What makes the rows of an earlier dump those of a later one.

    Attributes:
        key: the column that is the primary key.
        head: the table's first INSERT, without rows.
        repeated: rows whose key the row before has, which are not taken: line of the dump, and the row.
        deleted: numbers of the earlier blocks that are replaced or gone, ascending.
        rows: of the blocks that are new or differ: line of the dump, and rows without the outermost brackets.
        size: of these rows, in bytes.
    """

    key: str
    head: Statement
    repeated: list[tuple[int, bytes]]
    deleted: list[int] = field(default_factory=list)
    rows: list[tuple[int, bytes]] = field(default_factory=list)
    size: int = 0

    def ranges(self) -> Iterator[tuple[int, int]]:
        """Yield the first and the last key of each stretch whose rows are to be deleted."""
        first = last = None
        for number in self.deleted:
            if last is not None and number == last + 1:
                last = number
                continue
            if first is not None and last is not None:
                yield first * KEYS, last * KEYS + KEYS - 1
            first = last = number
        if first is not None and last is not None:
            yield first * KEYS, last * KEYS + KEYS - 1

    def statements(self) -> Iterator[Statement]:
        """Yield the rows to insert, as INSERTs of about `STATEMENT_BYTES`."""
        batch: list[tuple[int, bytes]] = []
        size = 0
        for line, rows in self.rows:
            batch.append((line, rows))
            size += len(rows)
            if size >= STATEMENT_BYTES:
                yield self._statement(batch)
                batch, size = [], 0
        if batch:
            yield self._statement(batch)

    def _statement(self, batch: list[tuple[int, bytes]]) -> Statement:
        place = self.head.rows_at + 1
        parts = []
        for line, rows in batch:
            parts.append((place, line))
            place += len(rows) + len(_JOINT)
        data = b"".join((self.head.data, b"(", _JOINT.join(rows for _, rows in batch), b")"))
        return replace(self.head, data=data, line=batch[0][0], form=Form.LOADABLE, parts=tuple(parts))


class Budget:
    """Bytes of changed rows that may still be kept.

    Args:
        left: bytes.
    """

    def __init__(self, left: int = KEPT_BYTES) -> None:
        self.left = left


def _definition_digest(head: Statement) -> str:
    """Return the digest of what gives rows their meaning.

    These are the table, but for the counter of its keys, which any new row moves, and the columns of its INSERTs.
    """
    made = head.definition.create_without((), counter=False)
    return hashlib.sha256(b"\0".join((VERSION, made, head.columns))).hexdigest()


def block_key(definition: TableDefinition) -> str | None:
    """Return the column by which a table can be divided into blocks, None where there is none.

    That is a primary key of one whole number, which comes first in each row. Tables with foreign keys, checks,
    full-text or spatial keys, and of engines without transactions, are always loaded whole.
    """
    primary = [key.columns for key in definition.keys if key.kind == "primary"]
    first = definition.columns[0]
    if primary != [(first.name,)] or first.type not in _INTEGERS or not definition.transactional:
        return None
    return None if any(key.kind == "other" for key in definition.keys) else first.name


class _Comparison:
    """Compares the blocks of a table, in their order, with those of an earlier dump.

    Args:
        base: digests of the earlier dump.
        increment: gets what changed.
    """

    def __init__(self, base: Blocks, increment: Increment) -> None:
        self.base = base
        self.increment = increment
        self._at = 0

    def take(self, number: int, digest: bytes, line: int, rows: bytes) -> int:
        """Take the next block; return how many of its bytes the increment keeps, 0 when the earlier dump has it."""
        self.pass_over(number)
        numbers = self.base.numbers
        if self._at < len(numbers) and numbers[self._at] == number:
            self._at += 1
            if self.base.digests.startswith(digest, (self._at - 1) * DIGEST_BYTES):
                return 0
            self.increment.deleted.append(number)
        self.increment.rows.append((line, rows))
        self.increment.size += len(rows)
        return len(rows)

    def pass_over(self, number: int | None = None) -> None:
        """Note the earlier blocks before a number, or all that are left, as gone."""
        numbers = self.base.numbers
        end = len(numbers) if number is None else bisect_left(numbers, number, self._at)
        self.increment.deleted.extend(numbers[self._at : end])
        self._at = end

    def skip(self, first: int, last: int) -> tuple[array[int], bytes]:
        """Return numbers and digests of the earlier blocks between two, which are the same here."""
        begin = bisect_right(self.base.numbers, first)
        self._at = bisect_left(self.base.numbers, last, begin)
        digests = self.base.digests[begin * DIGEST_BYTES : self._at * DIGEST_BYTES]
        return self.base.numbers[begin : self._at], digests


class BlockDigests:
    """Takes the INSERTs of one table and finds out what changed.

    Args:
        definition: of the table.
        base: digests of an earlier dump, None when there are none to compare with.
        budget: shared by all tables.
    """

    def __init__(self, definition: TableDefinition, base: Blocks | None, budget: Budget) -> None:
        self._key = block_key(definition)
        self._definition = ""
        self._base = base
        self._budget = budget
        self._divisible = self._key is not None
        self._last: int | None = None
        self._number: int | None = None
        self._line = 0
        self._open: list[bytes] = []
        self._repeated: list[tuple[int, bytes]] = []
        self._numbers: array[int] = array("q")
        self._digests = bytearray()
        self._statements: dict[bytes, Division] = {}
        self._head: Statement | None = None
        self._comparison: _Comparison | None = None
        self._bytes = 0

    def add(self, statement: Statement) -> None:
        """Take the next INSERT."""
        if not self._divisible:
            return
        if not self._same_head(statement):
            self._give_up()
            return
        digest = hashlib.sha256(statement.data).digest()[:DIGEST_BYTES]
        comparison = self._comparison
        known = comparison.base.statements.get(digest) if comparison else None
        if comparison and known and (self._last is None or self._last < known.first):
            self._take_known(statement, digest, known, comparison)
        else:
            self._divide(statement, digest)

    def _take_known(self, statement: Statement, digest: bytes, division: Division, comparison: _Comparison) -> None:
        """Take an INSERT that the earlier dump has too: only its first and last block may hold rows of others."""
        first, last = division.first >> KEYS_POWER, division.last >> KEYS_POWER
        self._to_block(first, statement)
        self._open.append(statement.data[statement.rows_at + 1 : division.head])
        self._to_block(last, statement)
        numbers, digests = comparison.skip(first, last)
        self._numbers.extend(numbers)
        self._digests += digests
        self._open.append(statement.data[division.tail : -1])
        self._last = division.last
        self._bytes += len(statement.data)
        self._statements[digest] = division

    def _to_block(self, number: int, statement: Statement) -> None:
        """Have the block of this number open."""
        if number != self._number:
            self._close()
            self._number, self._line = number, statement.line

    def _divide(self, statement: Statement, digest: bytes) -> None:
        self._bytes += len(statement.data)
        places = _places(statement)
        if places and _ascending(self._last, places[1]):
            self._divide_in_one_line(statement, digest, *places)
        else:
            self._divide_row_by_row(statement)

    def _divide_in_one_line(self, statement: Statement, digest: bytes, starts: list[int], keys: list[int]) -> None:
        """Take rows that stand in one line with nothing but a joint between them, and whose keys rise."""
        ends = []
        begin = 0
        while begin < len(keys):
            number = keys[begin] >> KEYS_POWER
            end = bisect_left(keys, (number + 1) * KEYS, begin)
            ends.append(starts[end] - len(_JOINT))
            self._to_block(number, statement)
            self._open.append(statement.data[starts[begin] : ends[-1]])
            begin = end
        if len(ends) > 1:
            self._statements[digest] = Division(keys[0], keys[-1], ends[0], ends[-2] + len(_JOINT))
        self._last = keys[-1]

    def _divide_row_by_row(self, statement: Statement) -> None:
        """Take any other rows that LOAD DATA understands; those whose key the row before has are put aside."""
        rows = rows_of(statement.data, statement.rows_at) if statement.loadable else ()
        for _, row, (value, *_others) in rows:
            try:
                key = int(value)
            except ValueError:
                return self._give_up()
            if key == self._last:
                self._repeated.append((statement.line, row[1:-1]))
            elif self._last is None or self._last < key:
                self._to_block(key >> KEYS_POWER, statement)
                self._open.append(row[1:-1])
                self._last = key
            else:
                return self._give_up()
        if not statement.loadable or len(self._repeated) > MOST_REPEATED:
            self._give_up()
        return None

    def finish(self) -> tuple[Blocks | None, Increment | None]:
        """Return the digests of the table, and what changed.

        The first is None when the table cannot be divided; the second also when there was nothing to compare with, or
        when so much changed that loading the whole table costs less.
        """
        if not self._divisible or self._head is None:
            return None, None
        self._close()
        if self._comparison and self._comparison.increment.size > self._bytes * LARGEST_SHARE:
            self._drop()
        increment = None
        if self._comparison:
            self._comparison.pass_over()
            increment = self._comparison.increment
        return Blocks(self._definition, self._numbers, bytes(self._digests), self._statements), increment

    def _same_head(self, statement: Statement) -> bool:
        """Whether the INSERT is written as the table's first one, whose columns begin with the key."""
        if self._head is None:
            if statement.column_names[0] != self._key:
                return False
            self._head = replace(statement, data=statement.data[: statement.rows_at])
            self._definition = _definition_digest(self._head)
            if self._base and self._base.definition == self._definition:
                increment = Increment(str(self._key), self._head, self._repeated)
                self._comparison = _Comparison(self._base, increment)
            return True
        return statement.columns == self._head.columns

    def _close(self) -> None:
        """End the block whose rows are open."""
        if self._number is None:
            return
        rows = _JOINT.join(self._open)
        digest = hashlib.blake2b(rows, digest_size=DIGEST_BYTES).digest()
        self._open = []
        self._numbers.append(self._number)
        self._digests += digest
        if self._comparison:
            self._budget.left -= self._comparison.take(self._number, digest, self._line, rows)
            if self._budget.left < 0:
                self._drop()

    def _drop(self) -> None:
        """Compare no longer, and give back the memory."""
        if self._comparison:
            self._budget.left += self._comparison.increment.size
            self._comparison = None

    def _give_up(self) -> None:
        self._drop()
        self._divisible = False
        self._open, self._repeated = [], []


def _places(statement: Statement) -> tuple[list[int], list[int]] | None:
    """Return where the rows of an INSERT begin, behind their brackets, and where one more would, and their keys.

    None where rows are not clean, do not stand in one line, or have no whole number first.
    """
    data, start = statement.data, statement.rows_at
    if statement.form is not Form.CLEAN or data.find(b"\n", start) >= 0:
        return None
    if data.count(_JOINT, start) + 1 != statement.rows:
        data = _JOINT_IN_TEXT.sub(_MASKED, data)
    rows = data[start + 1 : -1].split(_JOINT)
    if len(rows) != statement.rows:
        return None
    try:
        keys = [int(row.partition(b",")[0]) for row in rows]
    except ValueError:
        return None
    return list(itertools.accumulate((len(row) + len(_JOINT) for row in rows), initial=start + 1)), keys


def _ascending(before: int | None, keys: list[int]) -> bool:
    """Whether keys come each after the one before it."""
    return (before is None or before < keys[0]) and all(map(operator.lt, keys, keys[1:]))
