"""Cell by cell: what the oracle says against what stands in a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.oracle import rules
from tests.oracle.rules import Row


@dataclass
class Comparison:
    """What was compared so far.

    Attributes:
        cells: number of compared cells by model.
        rows: number of compared rows by model.
        unseen: columns of a model about which the oracle says nothing.
        mismatches: model, as of which date, key, column, expected, got.
    """

    cells: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    unseen: dict[str, list[str]] = field(default_factory=dict)
    mismatches: list[tuple[str, date, Any, str, Any, Any]] = field(default_factory=list)

    def table(self, project: Any, model: str, as_of: date, key: Sequence[str], expected: Iterable[Row]) -> None:
        """Compare a whole table; `key` names the columns by which rows find each other."""
        with project.connection.cursor() as cursor:
            cursor.execute(f"select * from {project.relations[model]}.{model}")
            columns = [column[0] for column in cursor.description]
            found = cursor.fetchall()
        self.given(model, as_of, key, expected, columns, found)

    def given(
        self,
        model: str,
        as_of: date,
        key: Sequence[str],
        expected: Iterable[Row],
        columns: Sequence[str],
        found: Iterable[Sequence[Any]],
    ) -> None:
        """Compare rows that were read already."""
        wanted = self._by_key(model, as_of, key, expected)
        got = self._by_key(model, as_of, key, (dict(zip(columns, row, strict=True)) for row in found))
        for missing in wanted.keys() - got.keys():
            self.mismatches.append((model, as_of, missing, "row", "there", "missing"))
        for surplus in got.keys() - wanted.keys():
            self.mismatches.append((model, as_of, surplus, "row", "none", "there"))
        common = wanted.keys() & got.keys()
        compared = list(next(iter(wanted.values()), {}))
        self.unseen[model] = [name for name in columns if name not in compared]
        self.cells[model] = self.cells.get(model, 0) + len(compared) * len(common)
        self.rows[model] = self.rows.get(model, 0) + len(common)
        absent = [name for name in compared if name not in columns] if got else []
        self.mismatches += [(model, as_of, (), name, "a column", "none") for name in absent]
        for row_key in common:
            for name, value in wanted[row_key].items():
                if name in absent:
                    continue
                actual = canonical(got[row_key][name])
                value = rounded_like(value, actual)
                if value != actual:
                    self.mismatches.append((model, as_of, row_key, name, value, actual))

    def _by_key(self, model: str, as_of: date, key: Sequence[str], rows: Iterable[Row]) -> dict[Any, Row]:
        found: dict[Any, Row] = {}
        for row in rows:
            row_key = tuple(canonical(row[name]) for name in key)
            if row_key in found:
                self.mismatches.append((model, as_of, row_key, "key", "one row", "several"))
            found[row_key] = row
        return found

    def report(self, most: int = 10) -> str:
        """Return the number of cells by model and the first mismatches."""
        lines = [f"{'model':34} {'rows':>9} {'cells':>9}  not compared"]
        lines += [
            f"{model:34} {self.rows[model]:9,} {cells:9,}  {', '.join(self.unseen.get(model, ()))}"
            for model, cells in sorted(self.cells.items())
        ]
        lines.append(f"{'all':34} {sum(self.rows.values()):9,} {sum(self.cells.values()):9,}")
        if self.mismatches:
            lines.append(f"{len(self.mismatches)} cells differ:")
            by_place: dict[tuple[str, str], list[Any]] = {}
            for mismatch in self.mismatches:
                by_place.setdefault((mismatch[0], mismatch[3]), []).append(mismatch)
            for (model, column), those in sorted(by_place.items()):
                lines.append(f"  {model}.{column}: {len(those)}")
                lines += [
                    f"    as of {as_of} {' '.join(map(str, row_key))}: expected {expected!r}, got {got!r}"
                    for _, as_of, row_key, _, expected, got in those[:most]
                ]
        return "\n".join(lines)

    def places(self) -> list[str]:
        """Return where something differs, as model.column."""
        return sorted({f"{mismatch[0]}.{mismatch[3]}" for mismatch in self.mismatches})


def canonical(value: Any) -> Any:
    """Return numbers as Decimal, and everything else as it is."""
    if isinstance(value, bool | int):
        return Decimal(value)
    if isinstance(value, datetime | date | str | Decimal) or value is None:
        return value
    return Decimal(str(value))


def rounded_like(expected: Any, actual: Any) -> Any:
    """Return what is expected; a list stands for its mean, with as many places as the table keeps."""
    if isinstance(expected, list):
        places = -int(actual.as_tuple().exponent) if isinstance(actual, Decimal) else 0
        return rules.mean(expected, places)
    return canonical(expected)
