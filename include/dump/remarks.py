"""What a server remarks about definitions without refusing them, reported once however often it repeats them."""

from __future__ import annotations

import re
from collections import Counter

from include.warehouse.masking import mask_values

# Names in a remark: the same remark about another column is no other one.
NAME = re.compile(r"'[^']*'|`[^`]*`")


class Remarks:
    """Warnings of a server, counted."""

    def __init__(self) -> None:
        self._first: dict[tuple[int, str], tuple[str, str]] = {}
        self._tables: dict[tuple[int, str], Counter[str]] = {}

    def add(self, table: str, code: int, text: str) -> None:
        """Take one warning about a table's definition."""
        key = code, NAME.sub("", text)
        self._first.setdefault(key, (table, mask_values(text)))
        self._tables.setdefault(key, Counter())[table] += 1

    def lines(self) -> list[str]:
        """Return one line for each remark: the first table, and how often it was made."""
        return [
            f"{table}: server warning {key[0]}: {text}{_often(self._tables[key])}"
            for key, (table, text) in self._first.items()
        ]


def _often(tables: Counter[str]) -> str:
    times = tables.total()
    if times == 1:
        return ""
    return f" ({times:,} times in {len(tables):,} table{'s' if len(tables) > 1 else ''})"
