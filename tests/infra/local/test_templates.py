from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from include.reports.flash.profile import parse, shipped
from infra.local.templates import SHEETS, main, template


@pytest.mark.parametrize("profile", SHEETS)
def test_a_template_fits_its_cell_map(profile: str) -> None:
    cells = parse(profile, shipped(profile) or b"")
    book = openpyxl.load_workbook(io.BytesIO(template(profile, date(2026, 12, 3))))
    sheet = book[cells.sheet_in(book.sheetnames, date(2026, 12, 31))]
    assert {cell for cell in cells.protected if sheet[cell].data_type == "f"} == cells.protected
    assert {target.cell for target in cells.targets if sheet[target.cell].value is None} == {
        target.cell for target in cells.targets
    }
    assert sheet["E5"].value == "=D5/16109"


def test_a_template_has_the_same_bytes_each_time() -> None:
    assert template("legacy") == template("legacy")


def test_it_is_put_where_reports_look_for_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["updated", "--folder", str(tmp_path)]) == 0
    file = tmp_path / "templates" / "flash_report" / "updated.xlsx"
    assert capsys.readouterr().out == f"{file}\n"
    assert file.read_bytes() == template("updated")
