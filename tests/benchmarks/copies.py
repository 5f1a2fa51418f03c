"""Copies of a dump for the benchmark: one that the plain client can load, and the same company a day later."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from include.dump.errors import DumpError
from include.dump.inventory import Inventory, take_inventory
from include.dump.scanner import Kind, Statement
from include.dump.source import LocalDump

SECONDS = re.compile(rb"'[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}'")
"""A time of which the last digit can be any other: always a valid time, and never part of a unique key."""
ROW = re.compile(rb"(?<=,)\([0-9]+,")
"""Where a row may begin, but the first; strings may look like it too."""
ROWS_IN_A_ROW = 8
"""As many places are tried as the begin of the row before."""


@dataclass(frozen=True)
class Scanned:
    """A dump of which it is known where it can be edited.

    Attributes:
        path: the file, not compressed.
        inventory: its tables.
        repeats: where rows stand that come a second time, and how long they are with the comma before them, in bytes.
        digits: where in the first rows of a table a digit can be changed; tables without such a place are not there.
    """

    path: Path
    inventory: Inventory
    repeats: Sequence[tuple[int, int]]
    digits: Mapping[str, int]

    @property
    def bytes(self) -> int:
        """Size of the file."""
        return self.inventory.dump.size


def scan(path: Path) -> Scanned:
    """Scan a dump.

    Raises:
        DumpError: it is not one, or it is compressed.
    """
    repeats: list[tuple[int, int]] = []
    digits: dict[str, int] = {}

    def see(statement: Statement) -> None:
        if statement.kind is Kind.INSERT:
            repeats.extend((statement.offset + place, size) for place, size in repeated_rows(statement.data))
            if statement.table not in digits and (time := SECONDS.search(statement.data, statement.rows_at)):
                digits[statement.table] = statement.offset + time.end() - 2

    inventory = take_inventory(LocalDump(path), see=see)
    if inventory.compression != "none":
        raise DumpError(f"{path} is compressed, and the plain client cannot read that; unpack it")
    return Scanned(path, inventory, repeats, digits)


def repeated_rows(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the rows of an INSERT that are a repetition of the row before: place and size, with the comma before."""
    before: deque[tuple[int, bytes]] = deque(maxlen=ROWS_IN_A_ROW)
    done = 0
    for match in ROW.finditer(data):
        comma, key = match.start() - 1, match[0]
        for begin, other in before if comma >= done else ():
            if key == other and data.startswith(row := data[begin - 1 : comma], comma):
                done = comma + len(row)
                yield comma, len(row)
                break
        before.append((match.start(), key))


def for_the_plain_client(source: Scanned, path: Path) -> None:
    """Write the dump without the rows that come twice (I-12).

    The plain client stops at the first of them. An INSERT IGNORE would not do: with `unique_checks` off, as the dump
    has it, MariaDB drops all rows of such a statement without a word.
    """
    _edit(source.path, path, [(place, size, b"") for place, size in source.repeats])


def tables_of_a_share(source: Scanned, share: float) -> list[str]:
    """Return tables that make up nearly, and not more than, a share of the dump's bytes.

    They are the biggest that fit, but none makes up more than a third of the share: on a real day, too, it is not one
    table that changes. Where none fits it is the smallest one.
    """
    total = share * sum(table.bytes for table in source.inventory.tables.values())
    left = total
    chosen = []
    tables = [table for table in source.inventory.tables.values() if table.name in source.digits]
    tables.sort(key=lambda table: table.bytes, reverse=True)
    for table in tables:
        if table.bytes <= min(left, total / 3):
            chosen.append(table.name)
            left -= table.bytes
    return chosen or [tables[-1].name]


def a_day_later(source: Scanned, tables: Sequence[str], path: Path) -> None:
    """Write the dump with one row changed in each of these tables."""
    places = sorted(source.digits[table] for table in tables)
    edits = []
    with source.path.open("rb") as file:
        for place in places:
            file.seek(place)
            edits.append((place, 1, b"%d" % ((int(file.read(1)) + 1) % 10)))
    _edit(source.path, path, edits)


def only(source: Scanned, tables: Sequence[str], path: Path) -> None:
    """Write a dump that holds nothing but these tables, for the plain client, with the session that it needs."""
    with path.open("wb") as out:
        out.write(b"SET NAMES utf8mb4;\nSET TIME_ZONE='+00:00';\nSET SQL_MODE='NO_AUTO_VALUE_ON_ZERO';\n")

        def see(statement: Statement) -> None:
            if statement.table in tables:
                at = 0
                for place, size in repeated_rows(statement.data):
                    out.write(statement.data[at:place])
                    at = place + size
                out.write(statement.data[at:] + b";\n")

        take_inventory(LocalDump(source.path), see=see)


def _edit(source: Path, target: Path, edits: Sequence[tuple[int, int, bytes]]) -> None:
    """Copy a file; each edit is a place, ascending, the bytes to leave out there, and those to put there."""
    with source.open("rb") as old, target.open("wb") as new:
        at = 0
        for place, out, put in edits:
            new.write(old.read(place - at))
            old.seek(out, 1)
            new.write(put)
            at = place + out
        while piece := old.read(1 << 20):
            new.write(piece)
