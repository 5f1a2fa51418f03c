"""When two values are the same figure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from include.comparison.server import Column, Kind

MIDNIGHT = re.compile(r"(?: 00:00:00)?(?:\.0+)?$")


def equal(earlier: Any, earlier_column: Column, new: Any, new_column: Column) -> bool:
    """Return whether both are NULL or the same value; the columns are of one kind.

    Two numbers are the same when both can be the rounding of one number to the decimals of their columns. So 0.9876
    equals 0.988, while of two columns with as many decimals only the same digits are equal. A DATE equals its midnight.
    """
    if earlier is None or new is None:
        return earlier is new
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
