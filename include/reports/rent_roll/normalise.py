"""The values of a rent roll's cells as comparable values; both sides of the comparison go through here.

Cells hold what somebody typed or a program exported: text in any width, numbers, dates, or one written as another.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

# Excel counts days from here (1900 was no leap year, which Excel does not know).
EXCEL_ZERO = date(1899, 12, 30)
EXCEL_DAYS = range(32_874, 73_416)  # 1990 to 2100, so that no YYYYMM is taken for a day
LAST_YEAR = 2100
NOTHING = {"", "-", "--", "NULL", "N/A", "#N/A"}
INDIVIDUAL, CORPORATE = "個人", "法人"
COMPANY = re.compile(r"法人|会社|\((?:株|有|合|同|社|財|学)\)|\b(?:CO|LTD|INC|LLC|CORP|K\.?K)\b")
NUMBER = re.compile(rf"(?:{INDIVIDUAL}|{CORPORATE})?\W*(\d{{1,9}})")


class Unreadable(ValueError):
    """A cell holds something, but not what its column is for."""


class TenantKind(StrEnum):
    """What kind of tenant a rent roll names; the name itself is not kept."""

    NOBODY = "nobody"
    INDIVIDUAL = "individual"
    CORPORATE = "corporate"
    BULK = "bulk"  # one company holds the building
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class Tenant:
    """What is kept of the text that names a tenant.

    Attributes:
        kind: of tenant, as far as the text tells.
        number: in the text, perhaps the tenant's id.
        is_only_kind: the text is 個人 or 法人 and no more, which names nobody.
    """

    kind: TenantKind
    number: int | None = None
    is_only_kind: bool = False


def text_of(value: Any) -> str:
    """Return a cell as text in NFKC without blanks at its ends; empty when it stands for nothing."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFKC", "" if value is None else str(value)).strip()
    return "" if text.upper() in NOTHING else text


def asset_of(value: Any) -> str:
    """Return an asset id as `J` and seven digits, and any other text in capitals."""
    text = "".join(text_of(value).upper().split())
    return f"J{int(text[1:]):07}" if re.fullmatch(r"J\d{1,9}", text, re.ASCII) else text


def unit_of(value: Any) -> str:
    """Return the number of a room in capitals, without a decimal part, 号室 or 号."""
    text = "".join(text_of(value).upper().split())
    return re.sub(r"(?:号室|号)$", "", re.sub(r"\.0+$", "", text))


def key_of(unit: str) -> str:
    """Return what rooms are compared by: their number without zeros in front."""
    return unit.lstrip("0") or unit[:1]


def tenant_of(value: Any) -> Tenant:
    """Return what is kept of the text that names a tenant."""
    text = text_of(value).upper()
    if not text:
        return Tenant(TenantKind.NOBODY)
    if "一棟" in text:
        return Tenant(TenantKind.BULK)
    kind = TenantKind.UNTOLD
    if text.startswith(INDIVIDUAL):
        kind = TenantKind.INDIVIDUAL
    elif COMPANY.search(text):
        kind = TenantKind.CORPORATE
    number = NUMBER.fullmatch(text)
    return Tenant(kind, int(number[1]) if number else None, text in (INDIVIDUAL, CORPORATE))


def yen_of(value: Any) -> int | None:
    """Return an amount in whole yen, None for none.

    Raises:
        Unreadable: the cell holds something else.
    """
    text = re.sub(r"[\s,¥\\円]", "", text_of(value))
    try:
        return int(Decimal(text).quantize(Decimal(1), ROUND_HALF_UP)) if text else None
    except (InvalidOperation, ValueError, OverflowError):
        raise Unreadable from None


def flag_of(value: Any) -> bool | None:
    """Return 1 or 0 as truth, None for an empty cell.

    Raises:
        Unreadable: the cell holds something else.
    """
    text = re.sub(r"\.0+$", "", text_of(value).upper())
    if text not in ("", "0", "1", "TRUE", "FALSE"):
        raise Unreadable
    return text in ("1", "TRUE") if text else None


def period_of(value: Any) -> int:
    """Return a month as YYYYMM.

    Raises:
        Unreadable: the cell holds no month.
    """
    if isinstance(value, date):  # a datetime is one
        return value.year * 100 + value.month
    text = text_of(value)
    found = re.match(r"(20\d\d)[-/.年]?(0[1-9]|1[0-2]|[1-9](?!\d))(?:\D|$|[0-3]\d$)", text, re.ASCII)
    if not found:
        return period_of(_counted(text))
    return int(found[1]) * 100 + int(found[2])


def date_of(value: Any) -> date | None:
    """Return a day; None for none, the zero date, and what lies beyond the year 2100.

    Raises:
        Unreadable: the cell holds something else.
    """
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date):
        text = text_of(value)
        if not text or text.startswith("0000"):
            return None
        value = _written(text) or _counted(text)
    return value if value.year <= LAST_YEAR else None


def _written(text: str) -> date | None:
    found = re.match(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})(?!\d)|(\d\d)(\d\d)(?!\d))", text, re.ASCII)
    if not found:
        return None
    try:
        return date(*(int(part) for part in found.groups() if part))
    except ValueError:
        raise Unreadable from None


def _counted(text: str) -> date:
    """Return the day of a number of Excel's."""
    number = re.fullmatch(r"(\d{5})(?:\.\d+)?", text, re.ASCII)
    if not number or int(number[1]) not in EXCEL_DAYS:
        raise Unreadable
    return EXCEL_ZERO + timedelta(days=int(number[1]))
