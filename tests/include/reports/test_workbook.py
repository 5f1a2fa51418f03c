from __future__ import annotations

import csv
import io
import time
from datetime import date

import openpyxl
import pytest

from include.reports.workbook import DATE, NUMBER, Column, Sheet, csv_file, reproducible, workbook

DAY = date(2026, 2, 28)
COLUMNS = (Column("部屋", 20), Column("日付", 12, DATE), Column("賃料", 10, NUMBER))
HOSTILE = ('=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "#N/A", "a\x07b", "\u202eabc", "日本\n語", "x" * 40_000)


def opened(xlsx: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(xlsx))


def test_a_sheet_has_notes_a_header_that_filters_and_typed_cells() -> None:
    made = opened(workbook([Sheet("一覧", COLUMNS, [("101", DAY, 56000)], ("2026-02-28", "second"))], DAY))["一覧"]
    assert [made["A1"].value, made["A2"].value] == ["2026-02-28", "second"]
    assert [cell.value for cell in made[3]] == ["部屋", "日付", "賃料"]
    assert [cell.number_format for cell in made[4]] == ["General", DATE, NUMBER]
    assert (made["B4"].value.date(), made["C4"].value) == (DAY, 56000)
    assert (made.freeze_panes, made.auto_filter.ref) == ("A4", "A3:C4")
    assert made.column_dimensions["A"].width == 20


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text(text: str) -> None:
    cell = opened(workbook([Sheet("s", (Column("x"),), [(text,)])], DAY))["s"]["A2"]
    assert cell.data_type == "s"
    assert len(cell.value) == min(len(text), 32_767) or "\\" in cell.value


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_text_in_csv_begins_no_formula(text: str) -> None:
    _, (cell, number) = csv.reader(io.StringIO(csv_file(["a", "b"], [(text, -5)]).decode("utf-8-sig")))
    assert (cell, number) == (f"'{text}", "-5")


def test_csv_is_opened_as_utf_8_by_excel() -> None:
    assert csv_file(["部屋"], [("１０１",)]) == "\ufeff部屋\r\n１０１\r\n".encode()


def test_the_same_content_gives_the_same_bytes() -> None:
    def make() -> bytes:
        return workbook([Sheet("s", COLUMNS, [("101", DAY, 1)])], DAY)

    first = make()
    time.sleep(2.1)  # times in a zip file have steps of two seconds
    assert make() == first
    assert reproducible(first, DAY) == first
    assert opened(first).properties.created.date() == DAY


def test_an_empty_sheet_still_has_its_header() -> None:
    assert opened(workbook([Sheet("s", COLUMNS, [])], DAY))["s"].auto_filter.ref == "A1:C1"


def test_long_texts_break_into_lines_where_the_column_says_so() -> None:
    columns = (Column("number"), Column("日本\ntext", 40, wrap=True))
    rows = [(1, "long " * 30), (2, "長" * 30), (3, "a\nb"), (4, None)]
    made = opened(workbook([Sheet("s", columns, rows)], DAY))["s"]
    assert [(cell.alignment.wrap_text, cell.alignment.vertical) for cell in made[2]] == [(None, "top"), (True, "top")]
    assert [made.row_dimensions[row].height for row in range(1, 6)] == [30, 60, 30, 30, 15]


def test_a_printed_page_holds_all_columns_below_the_header() -> None:
    made = opened(workbook([Sheet("s", COLUMNS, [], ("note",))], DAY))["s"]
    assert (made.page_setup.orientation, made.page_setup.fitToHeight) == ("landscape", 0)
    assert made.sheet_properties.pageSetUpPr.fitToPage
    assert made.print_title_rows == "$2:$2"
