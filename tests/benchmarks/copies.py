"""A copy of a dump for the benchmark, which the plain client can load."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from include.dump.errors import DumpError
from include.dump.inventory import Inventory, take_inventory
from include.dump.scanner import Kind, Statement
from include.dump.source import LocalDump

ROW = re.compile(rb"(?<=,)\([0-9]+,")
"""Where a row may begin, but the first; strings may look like it too."""
ROWS_IN_A_ROW = 8
"""As many places are tried as the begin of the row before."""


@dataclass(frozen=True)
class Scanned:
    """A dump of which it is known which rows come twice.

    Attributes:
        path: the file, not compressed.
        inventory: its tables.
        repeats: where rows stand that come a second time, and how long they are with the comma before them, in bytes.
    """

    path: Path
    inventory: Inventory
    repeats: Sequence[tuple[int, int]]

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

    def see(statement: Statement) -> None:
        if statement.kind is Kind.INSERT:
            repeats.extend((statement.offset + place, size) for place, size in repeated_rows(statement.data))

    inventory = take_inventory(LocalDump(path), see=see)
    if inventory.compression != "none":
        raise DumpError(f"{path} is compressed, and the plain client cannot read that; unpack it")
    return Scanned(path, inventory, repeats)


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
    with source.path.open("rb") as old, path.open("wb") as new:
        at = 0
        for place, size in source.repeats:
            new.write(old.read(place - at))
            old.seek(size, 1)
            at = place + size
        while piece := old.read(1 << 20):
            new.write(piece)
