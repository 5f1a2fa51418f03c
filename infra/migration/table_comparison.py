"""One table of both sides: merged by key, and everything that differs counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from infra.migration.equality import comparable, equal, plain
from infra.migration.gold_schema import CannotCompare, Kind, Server, Table

ONLY_EARLIER = "rows only in the earlier system"
ONLY_NEW = "rows only in the new system"
REPEATED = "keys with several rows"
# Columns that part rows of the earlier system, which has none of them; rows are told apart without.
FINER = frozenset(("nationality_is_predicted",))
EXAMPLES = 3

Row = tuple[Any, ...]
Key = tuple[Any, ...]


@dataclass
class Difference:
    """One thing in which the tables differ: a column's values, or rows that are on one side only.

    Attributes:
        rows: how many rows.
        examples: key, value of the earlier system, value of the new one, of the first few.
        dates: rows by date.
        sums: of the whole column on both sides, for a column of numbers.
    """

    rows: int = 0
    examples: list[tuple[str, Any, Any]] = field(default_factory=list)
    dates: Counter[str] = field(default_factory=Counter)
    sums: tuple[Decimal, Decimal] | None = None

    def add(self, key: str, date: str | None, earlier: Any, new: Any) -> None:
        """Count one more row."""
        self.rows += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append((key, earlier, new))
        if date:
            self.dates[date] += 1


@dataclass
class Comparison:
    """What was found about one table.

    Attributes:
        name: the table.
        rows_earlier: rows of the earlier system.
        rows_new: rows of the new system.
        only_earlier: columns that only the earlier system has.
        only_new: columns that only the new system has.
        renamed: columns that the earlier system calls otherwise: its name by the new one.
        retyped: columns of another kind, so that values cannot be the same: the two types.
        differences: by column, or `ONLY_EARLIER`, `ONLY_NEW`, `REPEATED`.
        date_column: what `dates` of the differences count by.
    """

    name: str
    rows_earlier: int = 0
    rows_new: int = 0
    only_earlier: list[str] = field(default_factory=list)
    only_new: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    retyped: dict[str, tuple[str, str]] = field(default_factory=dict)
    differences: dict[str, Difference] = field(default_factory=dict)
    date_column: str | None = None


def compare(name: str, earlier: Server, old: Table, new: Server, now: Table) -> Comparison:
    """Compare the rows of a table that both sides have; memory does not grow with the table.

    Args:
        name: the table.
        earlier: the earlier system.
        old: the table there, under the names of the new system.
        new: the new system.
        now: the table there; its primary key says which rows are the same.

    Raises:
        CannotCompare: the key is not on both sides.
    """
    key = [column for column in now.key if column not in FINER or column in old.columns]
    if not key:
        raise CannotCompare("it has no primary key in the new system; look whether it is a model of gold")
    found = Comparison(name)
    found.only_earlier = [column for column in old.columns if column not in now.columns]
    found.only_new = [column for column in now.columns if column not in old.columns]
    found.renamed = {column: old.names[column] for column in now.columns if column in old.names}
    both = [column for column in now.columns if column in old.columns]
    found.retyped = {
        column: (old.columns[column].declared, now.columns[column].declared)
        for column in both
        if not comparable(column, old.columns[column], now.columns[column])
    }
    kinds = {column: old.columns[column].kind for column in both}
    if lost := [column for column in key if kinds.get(column) is not now.columns[column].kind]:
        raise CannotCompare(f"{', '.join(lost)} of its key is missing in the earlier system or of another type there")
    columns = [*key, *(column for column in both if column not in key and column not in found.retyped)]
    dated = [column for column in key + now.indexed if column in columns and now.columns[column].kind is Kind.TIME]
    found.date_column = dated[0] if dated else None
    _merge(found, _Side(earlier, name, old, columns, len(key)), _Side(new, name, now, columns, len(key)))
    for column, difference in found.differences.items():
        if column in columns and {old.columns[column].kind, now.columns[column].kind} == {Kind.NUMBER}:
            difference.sums = earlier.total(name, old, column), new.total(name, now, column)
    return found


class _Side:
    """The rows of one side, grouped by key, which comes first in each; counts what went by."""

    def __init__(self, server: Server, name: str, table: Table, columns: Sequence[str], key: int) -> None:
        self.names = columns
        self.columns = [table.columns[column] for column in columns]
        self.key = key
        self.rows = 0
        self._groups = groupby(self._counted(server.rows(name, table, columns, columns[:key])), self._sortable)

    def next(self) -> tuple[Key, list[Row]] | None:
        """Return the next key and its rows, None at the end."""
        found = next(self._groups, None)
        return None if found is None else (found[0], list(found[1]))

    def text(self, row: Row) -> str:
        """Return the key for a message."""
        parts = zip(self.names[: self.key], row, self.columns, strict=False)
        return ", ".join(f"{name} {plain(value, column)}" for name, value, column in parts)

    def date(self, row: Row, column: str | None) -> str | None:
        """Return the date of a row."""
        value = row[self.names.index(column)] if column else None
        return value[:10] if value else None

    def _counted(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            self.rows += 1
            yield row

    def _sortable(self, row: Row) -> Key:
        """The key in the order of the server: NULL first, text by its bytes."""
        parts: list[Any] = []
        for value, column in zip(row[: self.key], self.columns, strict=False):
            if column.kind is not Kind.NUMBER and value is not None:
                value = plain(value, column).encode()
            parts.append((False, 0) if value is None else (True, value))
        return tuple(parts)


def _merge(found: Comparison, earlier: _Side, new: _Side) -> None:
    old, now = earlier.next(), new.next()
    while old or now:
        if old and (now is None or old[0] < now[0]):
            _alone(found, ONLY_EARLIER, earlier, old[1])
            old = earlier.next()
        elif now and (old is None or now[0] < old[0]):
            _alone(found, ONLY_NEW, new, now[1])
            now = new.next()
        elif old and now:
            if old[1] != now[1] or len(now[1]) > 1:
                _pair(found, earlier, old[1], new, now[1])
            old, now = earlier.next(), new.next()
    found.rows_earlier, found.rows_new = earlier.rows, new.rows


def _alone(found: Comparison, aspect: str, side: _Side, rows: list[Row]) -> None:
    difference = found.differences.setdefault(aspect, Difference())
    for row in rows:
        difference.add(side.text(row), side.date(row, found.date_column), None, None)


def _pair(found: Comparison, earlier: _Side, old: list[Row], new: _Side, now: list[Row]) -> None:
    first, second = old[0], now[0]
    key, date = new.text(second), new.date(second, found.date_column)
    if len(old) > 1 or len(now) > 1:  # several rows have this key
        found.differences.setdefault(REPEATED, Difference()).add(key, date, f"{len(old)} rows", f"{len(now)} rows")
        return
    for index in range(new.key, len(new.names)):
        before, after = first[index], second[index]
        if before != after and not equal(before, earlier.columns[index], after, new.columns[index]):
            found.differences.setdefault(new.names[index], Difference()).add(key, date, before, after)
