"""The rows of a snapshot file, as a LOAD DATA stream and as an INSERT take them.

RE2 proves whole stretches of lines to be plain, so that their bytes go to the server as they are; 1 line in 500 is not
(a quoted name); Python's csv reads it and it is written again. csv reads all of a file that names a tenant twice.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import re2

HEADER = ["tenant_id", "status", "contract_type", "full_name", "snapshot_date"]
# What a column of the table can hold.
NUMBERS = range(-(2**31), 2**31)
NAME_LENGTH = 191
# The type of a tenant without one, as the seed code_contract_type calls it.
NOT_SET = 0
# Numbers that fit whatever their digits, and a name that neither csv nor LOAD DATA reads as anything but itself. It is
# measured in bytes, of which a name has at least as many as letters.
_PLAIN = rb'(?:[0-9]{1,9},-?[0-9]{1,9},-?[0-9]{1,9},[^\x00-\x1f",\\]{0,191},%s\n)*'
_BOM = b"\xef\xbb\xbf"
# How a name is written so that LOAD DATA and a literal of SQL understand the same.
_ESCAPED = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\0", ",": "\\,"})


class SnapshotError(Exception):
    """A snapshot cannot be taken or read; the message says which and what to do."""


@dataclass
class SnapshotFile:
    """A file of a date.

    Args:
        name: what messages call it.
        data: its bytes.
        day: its date.

    Attributes:
        rows: rows that `pieces` has given away so far.
        skipped: rows that it has passed over.

    Raises:
        SnapshotError: it is no snapshot.
    """

    name: str
    data: bytes
    day: date
    rows: int = field(default=0, init=False)
    skipped: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Look at what concerns the whole file."""
        self.data = self.data.removeprefix(_BOM)
        if b"\r" in self.data and b'"' not in self.data:  # else a line feed may be part of a name
            self.data = self.data.replace(b"\r\n", b"\n")
        try:
            self.data.decode()
        except UnicodeDecodeError as error:
            line = self.data.count(b"\n", 0, error.start) + 1
            raise SnapshotError(f"{self.name}, line {line}, is not UTF-8; restore the right file") from None
        self._begin = self.data.find(b"\n") + 1 or len(self.data)
        try:
            header = next(csv.reader([self.data[: self._begin].decode()]), None)
        except csv.Error:
            header = None
        if header != HEADER:
            raise SnapshotError(f"{self.name} does not begin with {','.join(HEADER)}; restore the right file")

    def pieces(self, one_by_one: bool = False) -> Iterator[bytes | memoryview]:
        r"""Yield rows and count them: fields parted by `,`, escaped by `\`; an empty name is none; line feeds end rows.

        Args:
            one_by_one: read every row by itself, so that of two rows of a tenant the first counts. Without it they are
                given away both, and the server notices.

        Raises:
            SnapshotError: a row is beyond reading, or a name too long.
        """
        self.rows = self.skipped = 0
        yield from self._each(self._begin, set()) if one_by_one or b"\r" in self.data else self._stretches()

    def _stretches(self) -> Iterator[bytes | memoryview]:
        plain = re2.compile(_PLAIN % self.day.isoformat().encode())
        at, view = self._begin, memoryview(self.data)
        while at < len(self.data):
            end = plain.match(self.data, at).end()
            if end > at:
                self.rows += self.data.count(b"\n", at, end)
                yield view[at:end]
                at = end
            if at < len(self.data):
                self._end = at
                yield from self._each(at, set(), most=1)
                at = self._end

    def _each(self, at: int, seen: set[int], most: int | None = None) -> Iterator[bytes]:
        """Yield the rows from a place on, `most` of them, and keep where they end."""
        reader = csv.reader(self._lines(at))
        while most is None or most > 0:
            try:
                fields = next(reader)
                row = self._row(fields, seen)
            except StopIteration:
                return
            except (csv.Error, OverflowError) as error:
                line = self.data.count(b"\n", 0, at) + reader.line_num
                raise SnapshotError(f"{self.name}, line {line}: {error}; restore the right file") from None
            if row:
                self.rows += 1
                yield row
            else:
                self.skipped += 1
            if most is not None:
                most -= 1

    def _lines(self, at: int) -> Iterator[str]:
        if b"\r" in self.data:
            yield from io.StringIO(self.data[at:].decode(), newline="")
            return
        while at < len(self.data):
            begin, at = at, self.data.find(b"\n", at) + 1 or len(self.data)
            self._end = at
            yield self.data[begin:at].decode()

    def _row(self, fields: list[str], seen: set[int]) -> bytes | None:
        try:
            tenant, status, kind, name, written = fields
            number, state, type_ = int(tenant), int(status), int(kind or NOT_SET)
        except ValueError:
            return None
        if written != self.day.isoformat() or number in seen:
            return None
        if not all(value in NUMBERS for value in (number, state, type_)):
            return None
        if len(name) > NAME_LENGTH:
            raise OverflowError(f"full_name has more than {NAME_LENGTH} letters")
        seen.add(number)
        return f"{number},{state},{type_},{name.translate(_ESCAPED)},{written}\n".encode()


def literals(piece: bytes | memoryview) -> Iterator[bytes]:
    """Yield the rows of a piece as SQL: numbers and dates were proven, quotes are escaped, so nothing foreign is in."""
    for line in bytes(piece).splitlines():
        number, state, kind, rest = line.split(b",", 3)
        name, day = rest.rsplit(b",", 1)
        quoted = b"'%s'" % name.replace(b"'", b"\\'") if name else b"NULL"
        yield b"(%s,%s,%s,%s,'%s')" % (number, state, kind, quoted, day)
