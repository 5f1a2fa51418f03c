"""Rows that the server did not take because their key was there already (incident I-12), found again in the dump."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from include.dump.scanner import Statement
from include.warehouse.masking import mask_values

ENTRY = re.compile(r"Duplicate entry '(?P<entry>.*)' for key '(?:[^'.]*\.)?(?P<key>[^']*)'", re.DOTALL)
TOKEN = re.compile(rb"'[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+'|(?P<open>\()|(?P<close>\))|(?P<comma>,)|[^'(),]+", re.DOTALL)
ESCAPE = re.compile(rb"\\(.)|''", re.DOTALL)
ESCAPED = {b"0": b"\0", b"b": b"\b", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"Z": b"\x1a"}


@dataclass(frozen=True)
class Reject:
    """One row that is not in its table.

    Attributes:
        line: of the statement in the dump.
        reason: the server's own words, without the key's values.
        row: as the dump writes it, with its parentheses; empty when it could not be found among its neighbours.
    """

    table: str
    line: int
    reason: str
    row: bytes


def rejected_rows(statement: Statement, reasons: Sequence[str]) -> list[Reject]:
    """Return the rows of an INSERT that the server named as duplicates, in the server's order.

    The first of several rows with the same key is the one that is taken, so the last ones are those that are not.

    Args:
        statement: the INSERT.
        reasons: the texts of the server's warnings 1062, one for each row.
    """
    wanted = Counter(_entry(reason) for reason in reasons)
    places = {key: _places(statement, key) for _, key in wanted}
    found: dict[tuple[str, str], deque[tuple[int, bytes]]] = {}
    for start, row, values in rows_of(statement.data, statement.rows_at):
        for key, columns in places.items():
            entry = ("-".join(_text(values[place]) for place in columns if place < len(values)), key)
            if columns and entry in wanted:
                found.setdefault(entry, deque(maxlen=wanted[entry])).append((start, row))
    rejects = []
    for reason in reasons:
        candidates = found.get(_entry(reason))
        start, row = candidates.popleft() if candidates else (0, b"")
        rejects.append(Reject(statement.table, statement.line_at(start), mask_values(reason), row))
    return rejects


def _entry(reason: str) -> tuple[str, str]:
    match = ENTRY.search(reason)
    return (match["entry"], match["key"]) if match else (reason, "")


def _places(statement: Statement, key: str) -> list[int]:
    """Return where the columns of a key are in the statement's rows; nothing when that is not known."""
    written = statement.column_names
    wanted = statement.definition.key_columns(key)
    return [written.index(name) for name in wanted] if wanted and set(wanted) <= set(written) else []


def rows_of(data: bytes, start: int) -> Iterator[tuple[int, bytes, list[bytes]]]:
    """Yield where each row begins, its bytes and those of its values."""
    begin, value = start, b""
    values: list[bytes] = []
    for token in TOKEN.finditer(data, start):
        if token["open"]:
            begin, values, value = token.start(), [], b""
        elif token["comma"]:
            values.append(value)
            value = b""
        elif token["close"]:
            yield begin, data[begin : token.end()], [*values, value]
        else:
            value += token[0]


def _text(value: bytes) -> str:
    if b"'" in value:
        value = value[value.index(b"'") + 1 : -1]
        value = ESCAPE.sub(lambda match: ESCAPED.get(match[1], match[1]) if match[1] else b"'", value)
    return value.decode("utf-8", "replace")
