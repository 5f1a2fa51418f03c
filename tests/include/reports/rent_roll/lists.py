"""Rent rolls for tests: rows as the property manager's program exports them, as CSV or as a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook

from include.reports.rent_roll.reader import FIELDS, SHIPPED, Columns

COLUMNS = Columns(SHIPPED.read_text(encoding="utf-8"), "columns.json")
PERIOD = 202602


def line(unit: Any = "101", **values: Any) -> list[Any]:
    """One row; what is not named is that of an occupied room."""
    usual = {
        "asset_id": "J0000001",
        "unit": unit,
        "tenant": "個人 501",
        "ocp": 1,
        "delete_flg": None,
        "period_year_month": PERIOD,
        "contract_start_date": "2025-04-01",
        "contract_end_date": None,
        "base_rent_amt": 56000,
    }
    return [(usual | values)[name] for name in FIELDS]


def as_csv(
    rows: Iterable[Sequence[Any]],
    encoding: str = "utf-8",
    delimiter: str = ",",
    header: Sequence[Any] = FIELDS,
) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([header, *rows])
    return file.getvalue().encode(encoding)


def as_xlsx(
    rows: Iterable[Sequence[Any]], header: Sequence[Any] = FIELDS, sheets: Sequence[str] = ("RR全履歴",)
) -> bytes:
    book = Workbook(write_only=True)
    rows = list(rows)
    for name in sheets:
        sheet = book.create_sheet(name)
        for row in (header, *rows):
            sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
