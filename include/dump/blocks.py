"""Which rows of a table changed since an earlier dump, told by digests of blocks of its rows.

A block holds the rows whose primary keys lie in the same stretch of `KEYS` numbers. Blocks do not move when rows come
or go elsewhere, as the statements of a dump do, so the digests of two dumps say exactly which stretches differ
(include/dump/README.md#increments).
"""

from __future__ import annotations

import hashlib
import itertools
import operator
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

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
_ENDS = frozenset(b"0123456789L.'")
_QUOTE = ord("'")
_INTEGERS = frozenset(("tinyint", "smallint", "mediumint", "int", "integer", "bigint"))


@dataclass(frozen=True)
class Blocks:
    """Digests of all rows of a table.

    Attributes:
        definition: digest of what the table is made with, and of the columns of its rows, hexadecimal.
        numbers: of the blocks that hold rows, ascending; a block's number is its keys divided by `KEYS`, rounded down.
        digests: of these blocks, `DIGEST_BYTES` each.
    """

    definition: str
    numbers: array[int]
    digests: bytes

    def to_bytes(self) -> bytes:
        """Return numbers and digests, to be kept."""
        return self.numbers.tobytes() + self.digests

    @classmethod
    def from_bytes(cls, definition: str, data: bytes) -> Blocks:
        """Return what `to_bytes` wrote.

        Raises:
            ValueError: the data is not whole.
        """
        count, rest = divmod(len(data), 8 + DIGEST_BYTES)
        if rest:
            raise ValueError(f"digests of blocks in {len(data):,} bytes, which are no whole number of them")
        numbers = array("q")
        numbers.frombytes(data[: 8 * count])
        return cls(definition, numbers, data[8 * count :])


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
        self._head: Statement | None = None
        self._increment: Increment | None = None
        self._at = 0
        self._bytes = 0

    def add(self, statement: Statement) -> None:
        """Take the next INSERT."""
        if not self._divisible:
            return
        rows = _rows(statement) if self._same_head(statement) else None
        keys = _keys(rows) if rows else None
        if rows and keys and not _ascending(self._last, keys):
            rows, keys = self._without_repeated(rows, keys, statement.line)
        if not rows or not keys or not _ascending(self._last, keys):
            self._give_up()
            return
        self._last = keys[-1]
        self._bytes += len(statement.data)
        numbers = [key >> KEYS_POWER for key in keys]
        cuts = [place for place, (one, two) in enumerate(itertools.pairwise(numbers), 1) if one != two]
        begin = 0
        for end in (*cuts, len(rows)):
            if numbers[begin] != self._number:
                self._close()
                self._number, self._line = numbers[begin], statement.line
            self._open += rows[begin:end]
            begin = end

    def finish(self) -> tuple[Blocks | None, Increment | None]:
        """Return the digests of the table, and what changed.

        The first is None when the table cannot be divided; the second also when there was nothing to compare with, or
        when so much changed that loading the whole table costs less.
        """
        if not self._divisible or self._head is None:
            return None, None
        self._close()
        self._pass_base(None)
        increment = self._increment
        if increment and increment.size > self._bytes * LARGEST_SHARE:
            self._drop()
            increment = None
        return Blocks(self._definition, self._numbers, bytes(self._digests)), increment

    def _without_repeated(
        self, rows: list[bytes], keys: list[int], line: int
    ) -> tuple[list[bytes] | None, list[int] | None]:
        """Return rows and keys without those whose key the row before has; None when there are too many."""
        before = (self._last, *keys)
        taken = [place for place, key in enumerate(keys) if key != before[place]]
        self._repeated += [(line, rows[place]) for place, key in enumerate(keys) if key == before[place]]
        if len(self._repeated) > MOST_REPEATED or not taken:
            return None, None
        return [rows[place] for place in taken], [keys[place] for place in taken]

    def _same_head(self, statement: Statement) -> bool:
        """Whether the INSERT is written as the table's first one, whose columns begin with the key."""
        if self._head is None:
            if statement.column_names[0] != self._key:
                return False
            self._head = replace(statement, data=statement.data[: statement.rows_at])
            self._definition = _definition_digest(self._head)
            if self._base and self._base.definition == self._definition:
                self._increment = Increment(str(self._key), self._head, self._repeated)
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
        if self._increment and not self._in_base(self._number, digest):
            self._keep(rows)

    def _in_base(self, number: int, digest: bytes) -> bool:
        """Whether the earlier dump had the same block; what it had before this number and not here is deleted."""
        base, increment = self._base, self._increment
        self._pass_base(number)
        if base is None or increment is None or self._at >= len(base.numbers) or base.numbers[self._at] != number:
            return False
        same = base.digests.startswith(digest, self._at * DIGEST_BYTES)
        if not same:
            increment.deleted.append(number)
        self._at += 1
        return same

    def _pass_base(self, number: int | None) -> None:
        """Note the earlier blocks before a number, all for None, as gone."""
        base, increment = self._base, self._increment
        if base is None or increment is None:
            return
        while self._at < len(base.numbers) and (number is None or base.numbers[self._at] < number):
            increment.deleted.append(base.numbers[self._at])
            self._at += 1

    def _keep(self, rows: bytes) -> None:
        if not self._increment:
            return
        self._increment.rows.append((self._line, rows))
        self._increment.size += len(rows)
        self._budget.left -= len(rows)
        if self._budget.left < 0:
            self._drop()

    def _drop(self) -> None:
        if self._increment:
            self._budget.left += self._increment.size
            self._increment = None

    def _give_up(self) -> None:
        self._drop()
        self._divisible = False
        self._open, self._repeated = [], []


def _rows(statement: Statement) -> list[bytes] | None:
    """Return the rows of an INSERT without their brackets; None where only INSERT understands them."""
    data, start = statement.data, statement.rows_at
    if statement.form is Form.CLEAN and data.find(b"\n", start) < 0:
        rows = data[start + 1 : -1].split(_JOINT)
        if len(rows) == statement.rows or len(rows := _mended(rows)) == statement.rows:
            return rows
    return [row[1:-1] for _, row, _ in rows_of(data, start)] if statement.loadable else None


def _mended(pieces: list[bytes]) -> list[bytes]:
    """Return rows that are clean (`include.dump.rows`) of pieces, where some joints lay in strings."""
    rows: list[bytes] = []
    begin = 0
    for end, piece in enumerate(pieces, 1):
        if _ends_a_row(piece):
            rows.append(piece if end - begin == 1 else _JOINT.join(pieces[begin:end]))
            begin = end
    return rows


def _ends_a_row(piece: bytes) -> bool:
    """Whether the last byte is that of a row's last value: of a number, NULL, or a string that ends here."""
    if not piece or piece[-1] not in _ENDS:
        return False
    return piece[-1] != _QUOTE or (len(piece) - len(piece[:-1].rstrip(b"\\"))) % 2 == 1


def _keys(rows: list[bytes]) -> list[int] | None:
    """Return the first value of each row; None when one of them is no whole number."""
    try:
        return [int(row[: row.index(b",")]) for row in rows]
    except ValueError:
        return None


def _ascending(before: int | None, keys: list[int]) -> bool:
    """Whether keys come each after the one before it."""
    return (before is None or before < keys[0]) and all(map(operator.lt, keys, keys[1:]))
