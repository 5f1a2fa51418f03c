"""Excel workbooks and CSV files: the same content gives the same bytes, and no text is ever taken for a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from include.plain_text import showable

# What Excel keeps of a text in a cell.
LONGEST_TEXT = 32_767
# What Excel takes as the name of a sheet.
LONGEST_TITLE = 31
DATE = "yyyy-mm-dd"
NUMBER = "#,##0"
PERCENT = "0.0%"
# A spreadsheet reads a text that begins so as a formula: https://owasp.org/www-community/attacks/CSV_Injection.
FORMULA = re.compile(r"[=+\-@\t\r]")
HEADER = {"fill": "1F3864", "font": "FFFFFF"}


@dataclass(frozen=True)
class Column:
    """A column of a sheet.

    Attributes:
        title: text of the header.
        width: in characters of the default font.
        format: Excel's number format of its cells.
        wrap: break long texts into lines.
    """

    title: str
    width: float = 12
    format: str = "General"
    wrap: bool = False


PLAIN = Column("")


@dataclass(frozen=True)
class Sheet:
    """One sheet: notes, a header that stays in view and filters, and rows.

    Attributes:
        title: name of the sheet, at most `LONGEST_TITLE` characters, without brackets, slashes, `:`, `*` and `?`.
        columns: from left to right.
        rows: values of each row: text, numbers, dates, None.
        notes: lines above the header.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    notes: Sequence[str] = ()


def workbook(sheets: Iterable[Sheet], made_for: date) -> bytes:
    """Return sheets as an xlsx file.

    Args:
        sheets: at least one.
        made_for: the date that the file names as its creation, so that its bytes do not depend on the clock.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in sheets:
        _write(book.create_sheet(sheet.title), sheet)
    file = io.BytesIO()
    book.save(file)
    return reproducible(file.getvalue(), made_for)


def reproducible(xlsx: bytes, made_for: date) -> bytes:
    """Return an xlsx file with every time in it replaced by midnight of a date.

    Args:
        xlsx: the file.
        made_for: the date, from 1980 on.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx)) as given, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            body = given.read(name)
            if name == "docProps/core.xml":
                body = re.sub(rb"\d{4}-\d\d-\d\dT[0-9:.]+Z", f"{made_for}T00:00:00Z".encode(), body)
            entry = zipfile.ZipInfo(name, (made_for.year, made_for.month, made_for.day, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            made.writestr(entry, body)
    return file.getvalue()


def csv_file(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return rows as CSV that Excel opens as UTF-8.

    Args:
        columns: names of the columns.
        rows: values of each row.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([_harmless(value) for value in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def _write(worksheet: Any, sheet: Sheet) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    letters = [get_column_letter(number) for number, _ in enumerate(sheet.columns, start=1)]
    header = len(sheet.notes) + 1
    for letter, column in zip(letters, sheet.columns, strict=True):
        worksheet.column_dimensions[letter].width = column.width
    worksheet.freeze_panes = f"A{header + 1}"
    wrapped = Alignment(wrap_text=True, vertical="top")
    top = Alignment(vertical="top") if any(column.wrap for column in sheet.columns) else None

    def cell(value: Any, column: Column = PLAIN) -> Any:
        made = WriteOnlyCell(worksheet, _cut(value))
        made.number_format = column.format
        if isinstance(value, str):
            made.data_type, made.quotePrefix = "s", bool(FORMULA.match(value))
        if top:
            made.alignment = wrapped if column.wrap else top
        return made

    for note in sheet.notes:
        made = cell(note)
        made.font = Font(bold=note is sheet.notes[0])
        worksheet.append([made])
    titles = [cell(column.title) for column in sheet.columns]
    for made in titles:
        made.font = Font(bold=True, color=HEADER["font"])
        made.fill = PatternFill("solid", fgColor=HEADER["fill"])
        made.alignment = wrapped
    worksheet.append(titles)
    last = header
    for row in sheet.rows:
        worksheet.append([cell(value, column) for value, column in zip(row, sheet.columns, strict=True)])
        last += 1
    worksheet.auto_filter.ref = f"A{header}:{letters[-1]}{last}"


def _cut(value: Any) -> Any:
    return showable(value)[:LONGEST_TEXT] if isinstance(value, str) else value


def _harmless(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = showable(value)
    return f"'{text}" if FORMULA.match(text) else text
