"""Rows that the server did not take because their key was there already (incident I-12), found again in the dump."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from include.dump.scanner import Statement
from include.dump.table import TableDefinition

ENTRY = re.compile(r"Duplicate entry '(?P<entry>.*)' for key '(?:[^'.]*\.)?(?P<key>[^']*)'", re.DOTALL)
TOKEN = re.compile(rb"'[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+'|(?P<open>\()|(?P<close>\))|(?P<comma>,)|[^'(),]+", re.DOTALL)
ESCAPE = re.compile(rb"\\(.)|''", re.DOTALL)
ESCAPED = {b"0": b"\0", b"b": b"\b", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"Z": b"\x1a"}


@dataclass(frozen=True)
class Reject:
    """One row that is not in its table.

    Attributes:
        line: of the statement in the dump.
        reason: the server's own words.
        row: as the dump writes it, with its parentheses; empty when it could not be told from its neighbours.
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
    rows = list(_rows(statement.data, statement.rows_at))
    by_entry: dict[tuple[str, str], list[bytes]] = {}
    wanted = Counter(_entry(reason) for reason in reasons)
    for key in {key for _, key in wanted}:
        places = _places(statement, key)
        found: dict[str, list[bytes]] = defaultdict(list)
        for row, values in rows if places else ():
            found["-".join(_text(values[place]) for place in places if place < len(values))].append(row)
        for entry, count in ((entry, count) for (entry, name), count in wanted.items() if name == key):
            by_entry[entry, key] = found.get(entry, [])[-count:]
    rejects = []
    for reason in reasons:
        candidates = by_entry.get(_entry(reason), [])
        rejects.append(Reject(statement.table, statement.line, reason, candidates.pop(0) if candidates else b""))
    return rejects


def _entry(reason: str) -> tuple[str, str]:
    match = ENTRY.search(reason)
    return (match["entry"], match["key"]) if match else (reason, "")


def _places(statement: Statement, key: str) -> list[int]:
    """Return where the columns of a key are in the statement's rows; nothing when that is not known."""
    table: TableDefinition = statement.definition
    written = re.findall(rb"`([^`]+)`", statement.columns) or [column.name for column in table.columns]
    wanted = table.key_columns(key.encode())
    return [written.index(name) for name in wanted] if wanted and set(wanted) <= set(written) else []


def _rows(data: bytes, start: int) -> Iterator[tuple[bytes, list[bytes]]]:
    """Yield each row's bytes and those of its values."""
    begin, value = start, b""
    values: list[bytes] = []
    for token in TOKEN.finditer(data, start):
        if token["open"]:
            begin, values, value = token.start(), [], b""
        elif token["comma"]:
            values.append(value)
            value = b""
        elif token["close"]:
            yield data[begin : token.end()], [*values, value]
        else:
            value += token[0]


def _text(value: bytes) -> str:
    if b"'" in value:
        value = value[value.index(b"'") + 1 : -1]
        value = ESCAPE.sub(lambda match: ESCAPED.get(match[1], match[1]) if match[1] else b"'", value)
    return value.decode("utf-8", "replace")
