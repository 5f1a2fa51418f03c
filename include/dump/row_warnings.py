"""What the server's warnings about the rows of one statement mean: keys that were there already, or rows changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from include.dump.audit import check_rejects
from include.dump.errors import DumpError
from include.dump.rejects import rows_of
from include.dump.rows import Form
from include.dump.scanner import Statement
from include.dump.transport import changed_row
from include.warehouse.server_errors import DUPLICATE_KEY

DATA_TRUNCATED = 1265
# MySQL keeps 1,024 warnings of a statement, and more only for those who may ask for it.
KEPT_BY_EVERY_SERVER = 1000
_PLACE = re.compile(r"Data truncated for column '(?P<column>.*)' at row (?P<row>\d+)")


class TooManyWarnings(Exception):
    """The server had more warnings than it kept, so some of them are unknown.

    Args:
        count: how many there were.
        kept: codes of those that it kept.
    """

    def __init__(self, count: int, kept: Collection[int]) -> None:
        super().__init__(f"{count:,} warnings, more than the server keeps")
        self._count = count
        self._kept = frozenset(kept)

    def refusal(self, source: str, statement: Statement, rows: int) -> DumpError:
        """Return what that means for the load.

        Args:
            source: what messages call the dump.
            statement: the INSERT.
            rows: rows of its table in the dump.

        Raises:
            AuditFailed: they are about keys, and more than a table may have.
        """
        if self._kept == {DUPLICATE_KEY}:
            check_rejects(statement.table, self._count, rows)
        return changed_row(source, statement, min(self._kept, default=0), str(self))


def duplicates(source: str, statement: Statement, warnings: Sequence[tuple[int, str]]) -> list[str]:
    """Return what the server says about rows whose key was there already.

    An ENUM column holds '' where its source once got a value that is none of its members. Such a row comes back as it
    was, and the server remarks on it.

    Args:
        source: what messages call the dump.
        statement: the INSERT.
        warnings: codes and texts, without those that say nothing about rows.

    Raises:
        StatementRefused: a row was stored as something else than the dump says.
    """
    found = [text for code, text in warnings if code == DUPLICATE_KEY]
    others = [(code, text) for code, text in warnings if code != DUPLICATE_KEY]
    if others:
        innocent = _error_values(statement, [text for code, text in others if code == DATA_TRUNCATED])
        for code, text in others:
            if code != DATA_TRUNCATED or text not in innocent:
                raise changed_row(source, statement, code, text)
    return found


def _error_values(statement: Statement, texts: Sequence[str]) -> frozenset[str]:
    """Return those of the warnings that are about a '' in an ENUM column which has no such member."""
    names = statement.column_names
    enums = {name: names.index(name) for name in _enums(statement) if name in names}
    wanted: dict[int, list[tuple[str, int]]] = {}
    for text in texts:
        if (place := _PLACE.fullmatch(text)) and place["column"] in enums:
            wanted.setdefault(int(place["row"]), []).append((text, enums[place["column"]]))
    innocent = set()
    for number, (_, _, values) in enumerate(rows_of(statement.data, statement.rows_at) if wanted else (), 1):
        for text, at in wanted.get(number, ()):
            if at < len(values) and values[at].strip() == b"''":
                innocent.add(text)
    return frozenset(innocent)


def _enums(statement: Statement) -> list[str]:
    return [column.name for column in statement.definition.columns if column.type == "enum"]


def has_error_values(statement: Statement) -> bool:
    """Whether a column is an ENUM, so that every row may draw a remark."""
    return bool(_enums(statement)) and b"''" in statement.data


def pieces(statement: Statement) -> Iterator[Statement]:
    """Yield the statement in pieces of so few rows that the server keeps every warning."""
    head = statement.data[: statement.rows_at]
    form = Form.LOADABLE if statement.loadable else Form.LITERAL
    rows = rows_of(statement.data, statement.rows_at)
    size = max(1, KEPT_BY_EVERY_SERVER // len(_enums(statement)))
    while some := list(islice(rows, size)):
        line = statement.line_at(some[0][0])
        yield replace(statement, data=head + b",".join(row for _, row, _ in some), line=line, form=form, parts=())
