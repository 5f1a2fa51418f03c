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
from typing import Any

from include.reports.store import XLSX, FolderStore, Store
from include.reports.workbook import reproducible

FOLDER = "templates/flash_report"
SHEETS = {"legacy": "Flash Report（{month}月）", "updated": "Flash Report（{month}月～）"}
MADE = date(2026, 2, 1)
_FONT, _LINE = "游ゴシック", "808080"
_GREY, _BLUE, _YELLOW = "D9D9D9", "DDEBF7", "FFF2CC"
_COUNT, _RATE, _CHANGE = "#,##0", "0.0%", '+#,##0;"▲"#,##0;0'
_INS = {
    "legacy": ("入居（当月・完了）", "入居（当月・予定）", "入居（翌月・完了）", "入居（翌月・予定）"),
    "updated": ("入居（当月・完了）", "入居（当月・予定）", "入居（翌月・予定）", "法人短期（固定）"),
}
_OUTS = ("退去（当月・完了）", "退去（当月・予定）", "退去（翌月・予定）")
_NET = {
    21: ("純増（当月・完了）", "={0}11-{0}15"),
    25: ("純増（当月・予定）", "={0}12-{0}16"),
    29: ("純増（当月・合計）", "={0}21+{0}25"),
}


def template(profile: str, as_of: date = MADE, *, merged: bool = False) -> bytes:
    """Return a template.

    Args:
        profile: `legacy` or `updated`, the cell map that fits it.
        as_of: a date in the month that the sheet names.
        merged: whether each row has one cell for individuals and companies together.
    """
    from openpyxl import Workbook

    book = Workbook()
    sheet: Any = book.active
    sheet.title = SHEETS[profile].format(month=as_of.month)
    notes = book.create_sheet("説明")
    notes["A1"] = "黄色のセルはデータ基盤が記入する。青いセルは数式のため、変更しないこと。"
    for cell, content in _cells(profile).items():
        _style(sheet[cell], *content)
    if merged:
        for row in range(11, 18):
            sheet.merge_cells(f"D{row}:E{row}")
    _lay_out(sheet, (2, 2, 24, 12, 12, 3, 22, 12, 12) if profile == "legacy" else (2, 2, 24, 12, 12, 3, 3, 22, 12))
    file = io.BytesIO()
    book.save(file)
    return reproducible(file.getvalue(), MADE)


def _cells(profile: str) -> dict[str, tuple[Any, str, str]]:
    """Return content, fill and number format of each cell."""
    heads = {"C4": "稼働", "D4": "室数", "E4": "稼働率", "C10": "入退去", "D10": "個人", "E10": "法人"}
    labels = (*_INS[profile], *_OUTS)
    made: dict[str, tuple[Any, str, str]] = {cell: (text, _GREY, "General") for cell, text in heads.items()}
    made |= {
        "C5": ("1日 0:00 稼働室数", "", "General"),
        "D5": (None, _YELLOW, _COUNT),
        "E5": ("=D5/16109", _BLUE, _RATE),
    }
    for row, label in enumerate(labels, start=11):
        made |= {
            f"C{row}": (label, "", "General"),
            f"D{row}": (None, _YELLOW, _COUNT),
            f"E{row}": (None, _YELLOW, _COUNT),
        }
    beside, sums = "GH" if profile == "legacy" else "HI"
    totals = {"入居 当月計": "=SUM(D11:E12)", "退去 当月計": "=SUM(D15:E16)"}
    totals |= {label: f"=D{row}+E{row}" for row, label in enumerate(labels[:5], start=11)}
    made |= {f"{beside}8": ("個人・法人計", _GREY, "General"), f"{sums}8": ("室数", _GREY, "General")}
    for row, (label, formula) in enumerate(totals.items(), start=9):
        made |= {f"{beside}{row}": (label, "", "General"), f"{sums}{row}": (formula, _BLUE, _COUNT)}
    for row, (label, formula) in _NET.items():
        made |= {f"C{row}": (label, "", "General")}
        made |= {f"{letter}{row}": (formula.format(letter), _BLUE, _CHANGE) for letter in "DE"}
    return made


def _style(cell: Any, value: Any, fill: str, number_format: str) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    line = Side("thin", color=_LINE)
    cell.value, cell.number_format, cell.border = value, number_format, Border(line, line, line, line)
    cell.font = Font(_FONT, 11, bold=fill == _GREY)
    cell.alignment = Alignment(horizontal="left" if number_format == "General" else "right")
    if fill:
        cell.fill = PatternFill("solid", fgColor=fill)


def _lay_out(sheet: Any, widths: tuple[int, ...]) -> None:
    from openpyxl.formatting.rule import CellIsRule
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.datavalidation import DataValidation

    for letter, width in zip("ABCDEFGHI", widths, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.merge_cells("C2:E2")
    sheet["C2"], sheet["C31"] = sheet.title, "GG追記"
    sheet["C2"].font, sheet["C2"].alignment = Font(_FONT, 16, bold=True), Alignment(horizontal="center")
    sheet["C31"].font = Font(_FONT, 9, italic=True, color=_LINE)
    sheet.row_dimensions[2].height = 30
    made: Any = CellIsRule  # has no types
    negative = made(operator="lessThan", formula=["0"], font=Font(color="C00000"))
    sheet.conditional_formatting.add("D21:E29", negative)
    rooms = DataValidation(type="whole", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
    rooms.add("D11:E17")
    sheet.add_data_validation(rooms)
    sheet.print_area, sheet.freeze_panes = "C2:I31", "D5"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.sheet_view.showGridLines = False
    sheet.oddFooter.center.text = "&P / &N"


def put(store: Store, profile: str, as_of: date) -> str:
    """Put a template where reports find it and return its address."""
    return store.put(f"{FOLDER}/{profile}.xlsx", template(profile, as_of), XLSX)


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    from infra.local.report_command import bucket
    from infra.local.state import State

    parser = argparse.ArgumentParser(prog="python -m infra.local.templates", description=__doc__)
    parser.add_argument("profile", choices=SHEETS)
    parser.add_argument(
        "--month", type=date.fromisoformat, default=MADE, help="a date in the month that the sheet names"
    )
    parser.add_argument(
        "--folder", type=Path, help="put it below this folder; default: the bucket of the local platform"
    )
    options = parser.parse_args(arguments)
    store: Store = FolderStore(options.folder) if options.folder else bucket(State.from_environment())
    print(put(store, options.profile, options.month))
    return 0


if __name__ == "__main__":
    sys.exit(main())
