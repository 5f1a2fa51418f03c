"""Templates of the flash report as the readers keep them: `python -m infra.local.templates --help`.

The real ones belong to their readers and are not in the project; these have their cells, formulas and habits: a merged
title, labels in Japanese, sums that Excel computes, a rate over 16,109 rooms, print settings.
"""

from __future__ import annotations

import argparse
import io
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.reports.store import XLSX, FolderStore, S3Store, Store
from include.reports.workbook import reproducible
from include.settings import Settings

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

FOLDER = "templates/flash_report"
SHEETS = {"legacy": "Flash Report（{month}月）", "updated": "Flash Report（{month}月～）"}
MADE = date(2026, 2, 1)
_GREY, _BLUE, _YELLOW = "D9D9D9", "DDEBF7", "FFF2CC"
_COUNT, _RATE, _CHANGE = "#,##0", "0.0%", '+#,##0;"▲"#,##0;0'
_ROWS = {
    "legacy": ("入居（当月・完了）", "入居（当月・予定）", "入居（翌月・完了）", "入居（翌月・予定）"),
    "updated": ("入居（当月・完了）", "入居（当月・予定）", "入居（翌月・予定）", "法人短期（固定）"),
}
_OUTS = ("退去（当月・完了）", "退去（当月・予定）", "退去（翌月・予定）")


def template(profile: str, as_of: date = MADE, *, merged: bool = False) -> bytes:
    """Return a template.

    Args:
        profile: `legacy` or `updated`, the cell map that fits it.
        as_of: a date in the month that the sheet names.
        merged: whether each row has one cell for individuals and companies together.
    """
    from openpyxl import Workbook

    book = Workbook()
    notes = book.active
    assert notes is not None  # noqa: S101  # a new workbook has a sheet
    notes.title = "説明"
    notes["A1"] = "数値は GGHouse データ基盤から転記。数式のセルは変更しないこと。"
    sheet = book.create_sheet(SHEETS[profile].format(month=as_of.month), 0)
    _write(sheet, profile)
    if merged:
        for row in range(11, 18):
            sheet.merge_cells(f"D{row}:E{row}")
    book.active = 0
    file = io.BytesIO()
    book.save(file)
    return reproducible(file.getvalue(), MADE)


def _write(sheet: Worksheet, profile: str) -> None:
    from openpyxl.formatting.rule import CellIsRule
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.worksheet.datavalidation import DataValidation

    base, line = "游ゴシック", Side("thin", color="808080")
    box = Border(left=line, right=line, top=line, bottom=line)

    def put(cell: str, value: Any, fill: str = "", number: str = "General", *, bold: bool = False) -> None:
        made = sheet[cell]
        made.value, made.number_format, made.border = value, number, box
        made.font = Font(base, 11, bold=bold)
        made.alignment = Alignment(horizontal="left" if isinstance(value, str) and value[0] != "=" else "right")
        if fill:
            made.fill = PatternFill("solid", fgColor=fill)

    for letter, width in zip("ABCDEFGHI", (2, 6, 26, 13, 13, 3, 22, 13, 13), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.merge_cells("B2:E2")
    sheet["B2"] = sheet.title
    sheet["B2"].font, sheet["B2"].alignment = Font(base, 16, bold=True), Alignment(horizontal="center")
    sheet.row_dimensions[2].height = 30
    for cell, text in {
        "C4": "稼働",
        "D4": "室数",
        "E4": "稼働率",
        "C10": "入退去",
        "D10": "個人",
        "E10": "法人",
    }.items():
        put(cell, text, _GREY, bold=True)
    put("C5", "1日 0:00 稼働室数")
    put("D5", None, _YELLOW, _COUNT)
    put("E5", "=D5/16109", _BLUE, _RATE)
    for row, label in enumerate((*_ROWS[profile], *_OUTS), start=11):
        put(f"C{row}", label)
        for letter in "DE":
            put(f"{letter}{row}", None, _YELLOW, _COUNT)
    sums = "H" if profile == "legacy" else "I"
    put(f"{sums}8", "合計", _GREY, bold=True)
    # row 9: ins of the month, row 10: outs of the month, then each row of the table
    totals = ("=SUM(D11:E12)", "=SUM(D15:E16)", *(f"=D{row}+E{row}" for row in range(11, 16)))
    for row, formula in enumerate(totals, start=9):
        put(f"{sums}{row}", formula, _BLUE, _COUNT)
    blocks = {21: ("当月純増（完了）", "={0}11-{0}15"), 25: ("当月純増（予定）", "={0}12-{0}16")}
    for row, (label, formula) in {**blocks, 29: ("当月純増（合計）", "={0}21+{0}25")}.items():
        put(f"C{row}", label)
        for letter in "DE":
            put(f"{letter}{row}", formula.format(letter), _BLUE, _CHANGE)
    sheet["C31"] = "GG追記"
    sheet["C31"].font = Font(base, 9, italic=True, color="808080")
    sheet.conditional_formatting.add(
        "D21:E29", CellIsRule(operator="lessThan", formula=["0"], font=Font(color="C00000"))
    )
    whole = DataValidation(type="whole", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
    whole.add("D11:E17")
    sheet.add_data_validation(whole)
    sheet.print_area = "B2:I31"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 1
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.sheet_view.showGridLines = False
    sheet.freeze_panes = "D5"
    sheet.oddFooter.center.text = "&P / &N"


def put(store: Store, profile: str, as_of: date) -> str:
    """Put a template where reports find it and return its address."""
    return store.put(f"{FOLDER}/{profile}.xlsx", template(profile, as_of), XLSX)


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    from infra.local.aws import account
    from infra.local.state import State

    parser = argparse.ArgumentParser(prog="python -m infra.local.templates", description=__doc__)
    parser.add_argument("profile", choices=SHEETS)
    parser.add_argument(
        "--month", type=date.fromisoformat, default=MADE, help="a date in the month that the sheet names"
    )
    parser.add_argument(
        "--folder", type=Path, help="put it below this folder; default: the bucket of the platform that runs"
    )
    options = parser.parse_args(arguments)
    if options.folder:
        store: Store = FolderStore(options.folder)
    else:
        s3 = account.client(account.endpoint_url(State.from_environment()), "s3")
        store = S3Store(s3, Settings.from_environment({"AIRFLOW__GGHOUSE__BUCKET": account.BUCKET}))
    print(put(store, options.profile, options.month))
    return 0


if __name__ == "__main__":
    sys.exit(main())
