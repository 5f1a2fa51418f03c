"""One table of both sides: merged by key, and everything that differs counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from include.comparison.server import CannotCompare, Kind, Server, Table
from include.comparison.values import equal, plain

ONLY_EARLIER = "rows only in the earlier system"
ONLY_NEW = "rows only in the new system"
REPEATED = "keys with several rows"
EXAMPLES = 3

Values = dict[str, Any]
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
        retyped: columns of another kind, so that values cannot be the same: the two types.
        differences: by column, or `ONLY_EARLIER`, `ONLY_NEW`, `REPEATED`.
        date_column: what `dates` of the differences count by.
    """

    name: str
    rows_earlier: int = 0
    rows_new: int = 0
    only_earlier: list[str] = field(default_factory=list)
    only_new: list[str] = field(default_factory=list)
    retyped: dict[str, tuple[str, str]] = field(default_factory=dict)
    differences: dict[str, Difference] = field(default_factory=dict)
    date_column: str | None = None


def compare(name: str, earlier: Server, old: Table, new: Server, now: Table) -> Comparison:
    """Compare the rows of a table that both sides have; memory does not grow with the table.

    Args:
        name: the table.
        earlier: the earlier system.
        old: the table there.
        new: the new system.
        now: the table there; its primary key says which rows are the same.

    Raises:
        CannotCompare: the key is not on both sides.
    """
    key = now.key
    if not key:
        raise CannotCompare("it has no primary key in the new system; look whether it is a model of gold")
    found = Comparison(name)
    found.only_earlier = [column for column in old.columns if column not in now.columns]
    found.only_new = [column for column in now.columns if column not in old.columns]
    both = [column for column in now.columns if column in old.columns]
    found.retyped = {
        column: (old.columns[column].declared, now.columns[column].declared)
        for column in both
        if old.columns[column].kind is not now.columns[column].kind
    }
    columns = [column for column in both if column not in found.retyped]
    if lost := [column for column in key if column not in columns]:
        raise CannotCompare(f"{', '.join(lost)} of its key is missing in the earlier system or of another type there")
    dated = [name for name in key + now.indexed if name in columns and now.columns[name].kind is Kind.TIME]
    found.date_column = dated[0] if dated else None
    _merge(found, key, columns, _Side(earlier, name, old, columns, key), _Side(new, name, now, columns, key))
    return found


class _Side:
    """The rows of one side, grouped by key; counts and sums what went by."""

    def __init__(self, server: Server, name: str, table: Table, columns: Sequence[str], key: Sequence[str]) -> None:
        self.table = table
        self.columns = columns
        self.key = key
        self.rows = 0
        self.sums = {column: Decimal(0) for column in columns if table.columns[column].kind is Kind.NUMBER}
        self._groups = groupby(self._counted(server.rows(name, table, columns, key)), self._sortable)

    def next(self) -> tuple[Key, list[Values]] | None:
        """Return the next key and its rows, None at the end."""
        found = next(self._groups, None)
        return None if found is None else (found[0], list(found[1]))

    def text(self, row: Values) -> str:
        return ", ".join(f"{column} {plain(row[column], self.table.columns[column])}" for column in self.key)

    def date(self, row: Values, column: str | None) -> str | None:
        return row[column][:10] if column and row[column] else None

    def _counted(self, rows: Iterator[tuple[Any, ...]]) -> Iterator[Values]:
        for row in rows:
            self.rows += 1
            values = dict(zip(self.columns, row, strict=True))
            for column in self.sums:
                if values[column] is not None:
                    self.sums[column] += Decimal(str(values[column]))
            yield values

    def _sortable(self, row: Values) -> Key:
        """The key in the order of the server: NULL first, text by its bytes."""
        parts: list[Any] = []
        for column in self.key:
            value = plain(row[column], self.table.columns[column])
            parts.append((value is not None, value.encode() if isinstance(value, str) else value or 0))
        return tuple(parts)


def _merge(found: Comparison, key: Sequence[str], columns: Sequence[str], earlier: _Side, new: _Side) -> None:
    compared = [column for column in columns if column not in key]
    old, now = earlier.next(), new.next()
    while old or now:
        if old and (now is None or old[0] < now[0]):
            _alone(found, ONLY_EARLIER, earlier, old[1])
            old = earlier.next()
        elif now and (old is None or now[0] < old[0]):
            _alone(found, ONLY_NEW, new, now[1])
            now = new.next()
        elif old and now:
            _pair(found, compared, earlier, old[1], new, now[1])
            old, now = earlier.next(), new.next()
    found.rows_earlier, found.rows_new = earlier.rows, new.rows
    for column, difference in found.differences.items():
        if column in earlier.sums:
            difference.sums = earlier.sums[column], new.sums[column]


def _alone(found: Comparison, aspect: str, side: _Side, rows: list[Values]) -> None:
    difference = found.differences.setdefault(aspect, Difference())
    for row in rows:
        difference.add(side.text(row), side.date(row, found.date_column), None, None)


def _pair(
    found: Comparison, columns: Sequence[str], earlier: _Side, old: list[Values], new: _Side, now: list[Values]
) -> None:
    first, second = old[0], now[0]
    key, date = new.text(second), new.date(second, found.date_column)
    if len(old) > 1 or len(now) > 1:  # which row is meant nobody can say
        found.differences.setdefault(REPEATED, Difference()).add(key, date, f"{len(old)} rows", f"{len(now)} rows")
        return
    for column in columns:
        before, after = earlier.table.columns[column], new.table.columns[column]
        if first[column] != second[column] and not equal(first[column], before, second[column], after):
            found.differences.setdefault(column, Difference()).add(key, date, first[column], second[column])
