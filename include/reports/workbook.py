"""Excel workbooks and CSV files: the same content gives the same bytes, and no text is ever taken for a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any
from unicodedata import east_asian_width

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
LINE_POINTS = 15
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


def both(ja: str, en: str) -> str:
    """Return a text for the readers of either language."""
    return f"{ja} / {en}"


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
    from openpyxl.styles import Alignment, PatternFill
    from openpyxl.utils import get_column_letter

    header = len(sheet.notes) + 1
    _lay_out(worksheet, sheet, header)
    for number, note in enumerate(sheet.notes):
        made = _cell(worksheet, note)
        made.font = _font(bold=number == 0)
        worksheet.append([made])
    titles = [_cell(worksheet, column.title) for column in sheet.columns]
    for made in titles:
        made.font, made.fill = _font(bold=True, color=HEADER["font"]), PatternFill("solid", fgColor=HEADER["fill"])
        made.alignment = Alignment(wrap_text=True, horizontal="center", vertical="center")
    _set_height(worksheet, header, [column.title for column in sheet.columns], sheet.columns)
    worksheet.append(titles)
    top, wrapped = Alignment(vertical="top"), Alignment(wrap_text=True, horizontal="left", vertical="top", indent=1)
    has_long_texts = any(column.wrap for column in sheet.columns)
    last = header
    for last, row in enumerate(sheet.rows, start=header + 1):
        cells = [_cell(worksheet, value, column) for value, column in zip(row, sheet.columns, strict=True)]
        if has_long_texts:
            for made, column in zip(cells, sheet.columns, strict=True):
                made.alignment = wrapped if column.wrap else top
            _set_height(worksheet, last, row, sheet.columns)
        worksheet.append(cells)
    worksheet.auto_filter.ref = f"A{header}:{get_column_letter(len(sheet.columns))}{last}"


def _lay_out(worksheet: Any, sheet: Sheet, header: int) -> None:
    """Set widths, what stays in view, and what a printed page holds: all columns, below the header."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties
    from openpyxl.worksheet.worksheet import Worksheet

    for number, column in enumerate(sheet.columns, start=1):
        worksheet.column_dimensions[get_column_letter(number)].width = column.width
    worksheet.freeze_panes = f"A{header + 1}"
    worksheet.print_title_rows = f"{header}:{header}"
    worksheet.page_setup.orientation, worksheet.page_setup.paperSize = "landscape", Worksheet.PAPERSIZE_A4
    worksheet.page_setup.fitToHeight, worksheet.sheet_properties.pageSetUpPr = 0, PageSetupProperties(fitToPage=True)


def _cell(worksheet: Any, value: Any, column: Column = PLAIN) -> Any:
    from openpyxl.cell import WriteOnlyCell

    made = WriteOnlyCell(worksheet, _cut(value))
    made.number_format = column.format
    if isinstance(value, str):
        made.data_type, made.quotePrefix = "s", bool(FORMULA.match(value))
    return made


def _font(bold: bool, color: str | None = None) -> Any:
    """Return the font of ordinary cells, bold or in a colour."""
    from openpyxl.styles.fonts import DEFAULT_FONT, Font

    return Font(name=DEFAULT_FONT.name, size=DEFAULT_FONT.size, family=DEFAULT_FONT.family, bold=bold, color=color)


def _set_height(worksheet: Any, row: int, values: Sequence[Any], columns: Sequence[Column]) -> None:
    """Make a row as high as its longest text needs; not every program does that by itself."""
    lines = max(_lines(value, column.width) for value, column in zip(values, columns, strict=True))
    worksheet.row_dimensions[row].height = LINE_POINTS * lines


def _lines(value: Any, width: float) -> int:
    if not isinstance(value, str):
        return 1
    wide = [sum(1 + (east_asian_width(char) in "WF") for char in line) for line in value.split("\n")]
    return sum(max(1, ceil(length / width)) for length in wide)


def _cut(value: Any) -> Any:
    return showable(value)[:LONGEST_TEXT] if isinstance(value, str) else value


def _harmless(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = showable(value)
    return f"'{text}" if FORMULA.match(text) else text
