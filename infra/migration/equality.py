"""When two values are the same figure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from infra.migration.gold_schema import Column, Kind

FLAGS = {"yes": 1, "no": 0}
MIDNIGHT = re.compile(r"(?: 00:00:00)?(?:\.0+)?$")


def comparable(name: str, earlier: Column, new: Column) -> bool:
    """Return whether values of the two columns can be the same: they are of one kind, or a flag or month as text."""
    if earlier.kind is Kind.TEXT and new.kind is Kind.NUMBER:
        return name.startswith("is_")
    if earlier.kind is Kind.TEXT and new.kind is Kind.TIME:
        return name == "month_start"
    return earlier.kind is new.kind


def equal(earlier: Any, earlier_column: Column, new: Any, new_column: Column) -> bool:
    """Return whether both are NULL or the same value; the columns are `comparable`.

    Two numbers are the same when both can be the rounding of one number to the decimals of their columns. So 0.9876
    equals 0.988, while of two columns with as many decimals only the same digits are equal. A DATE equals its midnight.
    Yes and No equal 1 and 0, and a month as text equals its first day.
    """
    if earlier is None or new is None:
        return earlier is new
    if earlier_column.kind is not new_column.kind:
        if new_column.kind is Kind.TIME:
            return bool(f"{earlier}-01" == plain(new, new_column))
        return bool(FLAGS.get(earlier.lower()) == new)
    if new_column.kind is not Kind.NUMBER:
        return bool(plain(earlier, earlier_column) == plain(new, new_column))
    first, second = Decimal(str(earlier)), Decimal(str(new))
    doubt = _unit(first, earlier_column) + _unit(second, new_column)
    return first == second or abs(first - second) < doubt / 2


def plain(value: Any, column: Column) -> Any:
    """Return the value as it stands in a key and in a message: a time at midnight as its date."""
    return MIDNIGHT.sub("", value) if column.kind is Kind.TIME and value else value


def _unit(value: Decimal, column: Column) -> Decimal:
    """Return how far apart two neighbouring values of the column are."""
    if column.decimals is None:
        return abs(value) * 2 * Decimal(str(column.relative))
    return Decimal(1).scaleb(-column.decimals)
