from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.pagebreak import Break

from include.forms import Refused
from include.reports.flash import package, template
from include.reports.flash.profile import parse, shipped
from include.reports.flash.template import Filled, fill
from infra.local.templates import template as made_template
from tests.include.reports.flash.example import (
    AS_OF,
    edited,
    figures,
    opened,
    parts_of,
    saved,
    with_parts,
    with_text,
    zipped,
)

SHEET = "xl/worksheets/sheet1.xml"
GOOD = made_template("updated", AS_OF)
DATA = GOOD[GOOD.index(b"xl/styles.xml") + 60 :][:20]


def filled(book: bytes, profile: str = "updated", day: date = AS_OF, **changes: Any) -> Filled:
    cells = json.loads(shipped(profile) or b"") | changes
    return fill(f"{profile}.xlsx", book, parse(f"{profile}.json", json.dumps(cells).encode()), figures().rooms_of, day)


def numbers(xlsx: bytes) -> dict[str, Any]:
    cells = (cell for row in opened(xlsx).worksheets[0].iter_rows(min_row=5, max_row=17) for cell in row)
    return {cell.coordinate: cell.value for cell in cells if isinstance(cell.value, int)}


@pytest.mark.parametrize("name", ["legacy", "updated"])
def test_the_worked_example_reaches_the_cells(name: str) -> None:
    made = filled(made_template(name, AS_OF), name)
    rows = {"11": (1, 1), "12": (1, 0), "13": (0, 0), "14": (0, 0), "15": (1, 1), "16": (0, 0), "17": (1, 0)}
    rows |= {{"legacy": "14", "updated": "13"}[name]: (0, 1)}
    cells = {f"{letter}{row}": value for row, pair in rows.items() for letter, value in zip("DE", pair, strict=True)}
    assert numbers(made.xlsx) == {"D5": 5, **cells}
    assert made.cells["moveins_completed", "corporate"] == "E11"
    assert made.sheet == {"legacy": "Flash Report（2月）", "updated": "Flash Report（2月～）"}[name]


def test_merged_cells_hold_the_sum() -> None:
    made = filled(made_template("updated", AS_OF, merged=True))
    values = {"D5": 5, "D11": 2, "D12": 1, "D13": 1, "D14": 0, "D15": 2, "D16": 0, "D17": 1}
    assert numbers(made.xlsx) == values
    assert made.cells["moveins_completed", "corporate"] == "D11"


def test_30_and_9_in_merged_cells_are_39() -> None:
    profile = parse("x.json", shipped("updated") or b"")
    made = fill(
        "x", made_template("updated", merged=True), profile, lambda _, kind: {"individual": 30}.get(kind, 9), AS_OF
    )
    assert numbers(made.xlsx)["D11"] == 39


def test_a_figure_that_is_not_known_leaves_its_cell_empty() -> None:
    profile = parse("x.json", shipped("updated") or b"")
    made = fill("x", GOOD, profile, lambda metric, _: None if metric == "occupied_0000" else 1, AS_OF)
    assert opened(made.xlsx).worksheets[0]["D5"].value is None


def test_the_same_date_gives_the_same_bytes() -> None:
    first = filled(GOOD).xlsx
    time.sleep(2.1)  # zip counts in two seconds
    assert filled(GOOD).xlsx == first
    assert filled(GOOD, day=date(2026, 2, 27)).xlsx != first


def test_excel_is_told_to_compute_formulas_when_it_opens_the_file() -> None:
    by_excel = with_text(GOOD, "xl/workbook.xml", b' fullCalcOnLoad="1"', b"")
    parts = parts_of(filled(by_excel).xlsx)
    assert b'fullCalcOnLoad="1"' in parts["xl/workbook.xml"]
    assert re.search(rb"<f>D5/16109</f><v( ?/>|></v>)", parts[SHEET])  # no old result


def test_who_made_the_template_stays_unknown() -> None:
    book = opened(GOOD)
    book.properties.creator = book.properties.lastModifiedBy = "山田 花子"
    assert "山田" not in "".join(body.decode() for body in parts_of(filled(saved(book)).xlsx).values())


@pytest.mark.parametrize("name", ["legacy", "updated"])
def test_libreoffice_computes_the_formulas(name: str, tmp_path: Path) -> None:
    if not shutil.which("soffice"):
        pytest.skip("needs LibreOffice (package libreoffice-calc)")
    file = tmp_path / "filled.xlsx"
    file.write_bytes(filled(made_template(name, AS_OF), name).xlsx)
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", tmp_path / "out", file], check=True, capture_output=True, timeout=120)
    sheet = opened((tmp_path / "out" / file.name).read_bytes(), data_only=True).worksheets[0]
    assert sheet["E5"].value == pytest.approx(5 / 16109)
    sums = "H" if name == "legacy" else "I"
    totals = (
        {9: 3, 10: 2, 11: 2, 12: 1, 13: 0, 14: 1, 15: 2}
        if name == "legacy"
        else {9: 3, 10: 2, 11: 2, 12: 1, 13: 1, 14: 0, 15: 2}
    )
    assert {row: sheet[f"{sums}{row}"].value for row in totals} == totals
    assert [sheet[cell].value for cell in ("D21", "E21", "D25", "E25", "D29", "E29")] == [0, 0, 1, 0, 1, 0]
    errors = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "e"]
    assert errors == []


def merge(area: str) -> Callable[[Any], Any]:
    return lambda sheet: sheet.merge_cells(area)


def put(cell: str, value: Any) -> Callable[[Any], Any]:
    return lambda sheet: sheet.__setitem__(cell, value)


def extended(content: bytes) -> bytes:
    x14 = b'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"'
    return with_text(
        GOOD,
        SHEET,
        b"</worksheet>",
        b"<extLst><ext uri='{05C60535-1F16-4fd2-B633-F4F36F0B64E0}' "
        + x14
        + b">"
        + content
        + b"</ext></extLst></worksheet>",
    )


def copied(book: bytes) -> bytes:
    made = opened(book)
    made.copy_worksheet(made.worksheets[0]).title = "Flash Report（3月～）"
    return saved(made)


def encrypted(book: bytes) -> bytes:
    at = book.index(b"PK\x01\x02") + 8  # flags of the first entry of the directory
    return book[:at] + bytes([book[at] | 1]) + book[at + 1 :]


def doubled(book: bytes) -> bytes:
    file = zipped({**parts_of(book), "xl/styles.xm_": b"<x/>"})
    return file.replace(b"xl/styles.xm_", b"xl/styles.xml")


PATTERN = "'Flash Report（*月～）' of updated.json"
EXTERNAL = (
    b'<Relationships xmlns="x"><Relationship Type="x/image" TargetMode="External" Target="http://x"/></Relationships>'
)
WHERE = "{} on sheet Flash Report（2月～） of updated.xlsx holds a "
XLSX = b"openxmlformats-officedocument.spreadsheetml.sheet.main"
XLSM = b"ms-excel.sheet.macroEnabled.main"
FAULTS: dict[str, tuple[Callable[[], bytes], str]] = {
    "chart": (lambda: with_parts(GOOD, "xl/charts/chart1.xml", "xl/drawings/drawing1.xml"), "holds charts,"),
    "image": (lambda: with_parts(GOOD, "xl/media/image1.png", "xl/drawings/drawing1.xml"), "holds images,"),
    "shape": (lambda: with_parts(GOOD, "xl/drawings/drawing1.xml"), "holds drawings,"),
    "pivot": (lambda: with_parts(GOOD, "xl/pivotTables/p1.xml", "xl/pivotCache/c1.xml"), "holds pivot tables,"),
    "macro": (lambda: with_parts(GOOD, "xl/vbaProject.bin"), "holds macros,"),
    "xlsm": (
        lambda: with_text(GOOD, "[Content_Types].xml", XLSX, XLSM),
        "holds macros,",
    ),
    "external link": (
        lambda: with_parts(GOOD, "xl/externalLinks/externalLink1.xml"),
        "holds links to other workbooks,",
    ),
    "comment": (
        lambda: with_parts(GOOD, "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"),
        "holds comments or buttons,",
    ),
    "control": (lambda: with_parts(GOOD, "xl/ctrlProps/ctrlProp1.xml"), "holds form controls,"),
    "embedded": (lambda: with_parts(GOOD, "xl/embeddings/oleObject1.bin"), "holds embedded files,"),
    "query": (lambda: with_parts(GOOD, "xl/connections.xml"), "holds data connections,"),
    "slicer": (lambda: with_parts(GOOD, "xl/slicers/slicer1.xml"), "holds slicers,"),
    "table": (lambda: with_parts(GOOD, "xl/tables/table1.xml"), "holds tables,"),
    "dynamic array": (lambda: with_parts(GOOD, "xl/metadata.xml"), "holds dynamic arrays,"),
    "news": (lambda: with_parts(GOOD, "xl/news/news1.xml"), "holds xl/news/news1.xml,"),
    "sparkline": (
        lambda: extended(b"<x14:sparklineGroups><x14:sparklineGroup/></x14:sparklineGroups>"),
        "without losing sparklines",
    ),
    "new format": (
        lambda: extended(b"<x14:conditionalFormattings/>"),
        "without losing conditional formats of newer kinds",
    ),
    "unknown element": (lambda: extended(b"<x14:something/>"), "without losing <something>"),
    "phonetics shown": (
        lambda: with_text(GOOD, SHEET, b'<c r="C5"', b'<c ph="1" r="C5"'),
        "without losing phonetic guides that are shown",
    ),
    "remote": (
        lambda: zipped(parts_of(GOOD) | {"xl/worksheets/_rels/sheet1.xml.rels": EXTERNAL}),
        "refers to other files",
    ),
    "entities": (lambda: with_text(GOOD, SHEET, b"<worksheet", b"<!DOCTYPE x><worksheet"), "is no Excel workbook"),
    "not XML": (lambda: with_text(GOOD, SHEET, b"</worksheet>", b""), "is no Excel workbook"),
    "endless merge": (
        lambda: with_text(GOOD, SHEET, b'ref="C2:E2"', b'ref="C2:XFD99999"'),
        "joins or links more than 100,000 cells",
    ),
    "endless link": (
        lambda: with_text(
            GOOD, SHEET, b"<pageMargins", b'<hyperlinks><hyperlink ref="A1:XFD9999"/></hyperlinks><pageMargins'
        ),
        "joins or links more than 100,000 cells",
    ),
    "formula": (lambda: edited(GOOD, put("D11", "=1+1")), WHERE.format("D11") + "formula"),
    "array formula": (
        lambda: edited(GOOD, put("C11", ArrayFormula("C11:D11", "=A1:B1"))),
        WHERE.format("D11") + "formula",
    ),
    "merged with a formula": (
        lambda: edited(GOOD, lambda s: (put("C5", "=1")(s), merge("C5:D5")(s))),
        WHERE.format("C5") + "formula",
    ),
    "text": (lambda: edited(GOOD, put("E11", "未定")), WHERE.format("E11") + "text"),
    "date": (lambda: edited(GOOD, put("E12", AS_OF)), WHERE.format("E12") + "text or a date"),
    "merged with its label": (lambda: edited(GOOD, merge("C12:D12")), WHERE.format("C12") + "text"),
    "no sheet": (
        lambda: edited(GOOD, lambda s: setattr(s, "title", "3月")),
        f"{PATTERN} fits no sheet among 3月, 説明",
    ),
    "two sheets": (lambda: copied(GOOD), f"{PATTERN} fits 2 sheets (Flash Report（2月～）, Flash Report（3月～）)"),
    "no file": (lambda: b"", "is no Excel workbook"),
    "text file": (lambda: b"month,rooms\n2,1\n", "is no Excel workbook"),
    "cut off": (lambda: GOOD[:-200], "is no Excel workbook"),
    "bytes changed": (lambda: GOOD.replace(DATA, bytes(20)), "is no Excel workbook"),
    "another zip": (lambda: zipped({"[Content_Types].xml": b"<Types/>"}), "is no Excel workbook"),
    "no styles": (
        lambda: zipped({k: v for k, v in parts_of(GOOD).items() if "styles" not in k}),
        "is no Excel workbook",
    ),
    "part twice": (lambda: doubled(GOOD), "is no Excel workbook"),
    "password": (lambda: package.OLE + b"EncryptedPackage", "is encrypted, or an .xls file"),
    "zip password": (lambda: encrypted(GOOD), "is encrypted; save it"),
    "bomb": (lambda: zipped(parts_of(GOOD) | {"xl/worksheets/sheet9.xml": b" " * 11_000_000}), "unpacks to"),
    "many parts": (lambda: with_parts(GOOD, *(f"customXml/{n}" for n in range(600))), "unpacks to"),
    "too large": (lambda: b"PK" + bytes(package.LARGEST_FILE), "a template has at most 2,000,000"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_template_fault_is_refused_and_nothing_else(fault: str) -> None:
    make, words = FAULTS[fault]
    with pytest.raises(Refused) as refused:
        filled(make())
    said = str(refused.value)
    assert words in said
    assert all(other in words for _, other in FAULTS.values() if other in said), said
    assert "; " in said  # the remedy


def test_a_cell_joined_with_a_protected_one_is_not_written() -> None:
    book = edited(GOOD, lambda sheet: (put("C12", None)(sheet), merge("C12:D12")(sheet)))
    with pytest.raises(Refused, match=r"C12 on sheet .* is protected, and a cell joined with it is to be written"):
        filled(book, protected=["C12"])


@pytest.mark.parametrize("value", [0, 4, 1.5, "－", "-", ""])
def test_a_number_or_a_dash_in_a_mapped_cell_is_overwritten(value: Any) -> None:
    assert numbers(filled(edited(GOOD, put("D11", value))).xlsx)["D11"] == 1


@pytest.mark.parametrize(
    "part", ["xl/printerSettings/printerSettings1.bin", "customXml/item1.xml", "xl/persons/person.xml"]
)
def test_parts_that_no_reader_sees_are_left_out(part: str) -> None:
    assert part not in parts_of(filled(with_parts(GOOD, part)).xlsx)


def test_bold_words_within_a_cell_stay() -> None:
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    book = edited(GOOD, put("C31", CellRichText("GG", TextBlock(InlineFont(b=True), "追記"))))
    assert str(opened(filled(book).xlsx, rich_text=True).worksheets[0]["C31"].value[1].font.b) == "True"


def red(sheet: Any) -> None:
    sheet.conditional_formatting.add("A1:B2", CellIsRule(operator="equal", formula=["1"], font=Font(color="FF0000")))


def checked(sheet: Any) -> None:
    rule = DataValidation(type="whole", formula1="1")
    rule.add("A1")
    sheet.add_data_validation(rule)


def change(path: str, value: Any) -> Callable[[Any], Any]:
    """Set an attribute of the sheet."""

    def edit(sheet: Any) -> None:
        *way, last = path.split(".")
        for step in way:
            sheet = getattr(sheet, step)
        setattr(sheet, last, value)

    return edit


def style(name: str, value: Any) -> Callable[[Any], Any]:
    return lambda sheet: setattr(sheet["C5"], name, value)


CHANGES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "sheet name": (change("title", "x"), "its sheets"),
    "hidden sheet": (lambda sheet: setattr(sheet.parent.worksheets[1], "sheet_state", "hidden"), "its sheets"),
    "name": (lambda s: s.parent.defined_names.add(DefinedName("x", attr_text="1")), "its defined names"),
    "book protection": (lambda s: setattr(s.parent.security, "lockStructure", True), "its protection"),
    "merge": (lambda s: s.unmerge_cells("C2:E2"), "merged cells of"),
    "formula": (put("E5", "=D5/16108"), "formulas of"),
    "formula gone": (put("E5", 0), "formulas of"),
    "label": (put("C11", "x"), "contents of"),
    "number format": (style("number_format", "0.00"), "number formats of"),
    "font": (style("font", Font(name="x")), "fonts of"),
    "fill": (style("fill", PatternFill("solid", fgColor="FF0000")), "fills of"),
    "border": (style("border", Border(left=Side("thick"))), "borders of"),
    "alignment": (style("alignment", Alignment(horizontal="center")), "alignments of"),
    "lock": (style("protection", Protection(locked=False)), "protections of"),
    "width": (lambda s: setattr(s.column_dimensions["C"], "width", 99), "column widths of"),
    "hidden column": (lambda s: setattr(s.column_dimensions["C"], "hidden", True), "column widths of"),
    "height": (lambda s: setattr(s.row_dimensions[2], "height", 99), "row heights of"),
    "hidden row": (lambda s: setattr(s.row_dimensions[3], "hidden", True), "row heights of"),
    "validation": (checked, "data validations of"),
    "conditional format": (red, "conditional formats of"),
    "sheet's name": (lambda s: s.defined_names.add(DefinedName("x", attr_text="1")), "defined names of"),
    "print area": (change("print_area", "A1:B2"), "print area and titles of"),
    "print titles": (change("print_title_rows", "1:2"), "print area and titles of"),
    "orientation": (change("page_setup.orientation", "portrait"), "print settings of"),
    "margins": (change("page_margins.left", 3), "print settings of"),
    "footer": (change("oddFooter.left.text", "x"), "header and footer of"),
    "page break": (lambda s: s.row_breaks.append(Break(9)), "page breaks of"),
    "frozen": (change("freeze_panes", "A1"), "view of"),
    "tab colour": (change("sheet_properties.tabColor", "FF0000"), "view of"),
    "sheet protection": (change("protection.sheet", True), "view of"),
    "link": (lambda s: setattr(s["C31"], "hyperlink", "http://x"), "links of"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_copy_that_differs_in_one_thing_is_refused_for_it(what: str) -> None:
    edit, words = CHANGES[what]
    with pytest.raises(Refused, match=r"x\.xlsx cannot be filled without changing ") as refused:
        template._check_copy("x.xlsx", GOOD, edited(GOOD, edit), "Flash Report（2月～）", set())
    said = {other for _, other in CHANGES.values() if f"changing {other}" in str(refused.value)}
    assert said == {words}


def test_a_copy_that_differs_in_written_cells_alone_is_right() -> None:
    copy = edited(GOOD, put("D11", 5))
    template._check_copy("x.xlsx", GOOD, copy, "Flash Report（2月～）", {"D11"})
    with pytest.raises(Refused, match="changing contents of"):
        template._check_copy("x.xlsx", GOOD, copy, "説明", {"D11"})


def test_flags_that_are_off_may_be_left_out() -> None:
    """LibreOffice writes them, openpyxl does not."""
    book = with_text(
        GOOD, "xl/styles.xml", b'<alignment horizontal="center"', b'<alignment wrapText="0" horizontal="center"'
    )
    assert numbers(filled(book).xlsx)["D5"] == 5


def test_a_cell_far_away_costs_nothing() -> None:
    assert numbers(filled(edited(GOOD, put("XFD1048576", 1))).xlsx)["D5"] == 5


def test_a_workbook_without_anything_special_is_filled() -> None:
    book = Workbook()
    book.worksheets[0].title = "Flash Report（3月～）"
    assert numbers(filled(saved(book)).xlsx)["D5"] == 5
