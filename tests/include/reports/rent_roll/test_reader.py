from __future__ import annotations

import contextlib
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from openpyxl import Workbook

from include.forms import Refused
from include.reports.rent_roll import spreadsheet
from include.reports.rent_roll.normalise import Tenant, TenantKind
from include.reports.rent_roll.reader import FIELDS, Columns, RentRoll, Row, read
from tests.include.reports.rent_roll.lists import COLUMNS, PERIOD, as_csv, as_xlsx, line

ROWS = [line("101"), line("102", tenant="", ocp=0, contract_start_date=None, base_rent_amt=None)]


def given(body: bytes, columns: Columns = COLUMNS) -> RentRoll:
    return read(body, columns, PERIOD)


def repacked(xlsx: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return file.getvalue()


def in_sheet(old: bytes, new: bytes) -> bytes:
    return repacked(
        as_xlsx(ROWS), lambda name, body: body.replace(old, new, 1) if name.startswith("xl/worksheets") else body
    )


@pytest.mark.parametrize(
    "body",
    [
        as_csv(ROWS),
        as_csv(ROWS, "utf-8-sig"),
        as_csv(ROWS, "cp932"),
        as_csv(ROWS, delimiter="\t"),
        as_csv(ROWS).replace(b"\r\n", b"\n") + b"\n",
        as_xlsx(ROWS),
    ],
    ids=["utf-8", "bom", "cp932", "tabs", "unix", "xlsx"],
)
def test_every_format_says_the_same(body: bytes) -> None:
    tenant = Tenant(TenantKind.INDIVIDUAL, 501)
    assert given(body) == RentRoll(
        PERIOD,
        (
            Row(2, "J0000001", "101", tenant, True, False, date(2025, 4, 1), None, 56000),
            Row(3, "J0000001", "102", Tenant(TenantKind.NOBODY), False),
        ),
        lines=2,
    )


def test_cells_of_a_workbook_have_types() -> None:
    typed = line(101.0, contract_start_date=date(2025, 4, 1), period_year_month=date(2026, 2, 1), ocp=True)
    (row,) = given(as_xlsx([typed])).rows
    assert (row.unit, row.start, row.is_occupied) == ("101", date(2025, 4, 1), True)


def test_titles_may_stand_above_the_header_and_other_sheets_beside_it() -> None:
    book = Workbook()
    book.active.append(["表紙"])  # type: ignore[union-attr]
    sheet = book.create_sheet("一覧")
    for row in (["レントロール"], [], [None, *FIELDS], [None, *line()]):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    assert [row.line for row in given(file.getvalue()).rows] == [4]


def test_headers_are_a_setting_and_blind_to_width_case_and_blanks() -> None:
    header = ["ＡＳＳＥＴ＿ＩＤ", " Unit ", "契約者 名", *FIELDS[3:]]
    columns = Columns(json.dumps({name: name for name in FIELDS} | {"契約者名": "tenant", "借主": "tenant"}), "x.json")
    for wanted in (header, [*header[:2], "借主", *FIELDS[3:]]):
        assert len(given(as_csv(ROWS, header=wanted), columns).rows) == 2


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"a": "tenant"}', '{"a": 1}', '{"a": ["b"]}'])
def test_a_setting_that_names_not_every_field_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"^rent-roll/columns\.json "):
        Columns(text, "rent-roll/columns.json")


def test_of_a_history_the_month_counts_and_the_newest_month_before_is_known() -> None:
    months = (202511, 202512, 202601, 202602, 202603)
    history = [line("101", period_year_month=month) for month in months]
    history += [line("102", period_year_month=month) for month in (202601, 202511)]
    roll = given(as_csv(history))
    assert [row.unit for row in roll.rows] == ["101"]
    assert roll.earlier == {("J0000001", "101"): 202601, ("J0000001", "102"): 202601}
    assert roll.lines == 7


def test_a_few_unreadable_cells_are_counted() -> None:
    rows = [line(str(unit)) for unit in range(200)]
    rows[3] = line("3", ocp="?")
    rows[4] = line("4", base_rent_amt="相談", contract_end_date="未定")
    roll = given(as_csv(rows))
    assert roll.unreadable == {"ocp": 1, "base_rent_amt": 1, "contract_end_date": 1}
    assert len(roll.rows) == 199


def test_what_cannot_be_the_number_of_a_building_or_a_room_is_not_kept() -> None:
    names = "例示 太郎 090-0000-0000 東京都"
    roll = given(as_csv([line(asset_id=names), line(names), line(asset_id=None), line("全室")]))
    assert [(row.asset, row.unit) for row in roll.rows] == [
        ("?", "101"),
        ("J0000001", "?"),
        ("?", "101"),
        ("J0000001", "全室"),
    ]
    assert roll.unreadable == {"asset_id": 1, "unit": 1}


def test_no_text_of_a_tenant_is_kept() -> None:
    assert "例示" not in repr(given(as_csv([line(tenant="例示 太郎"), line("2", tenant="株式会社例示")])))


def bomb(name: str) -> bytes:
    body = as_xlsx(ROWS)
    file = io.BytesIO(body)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as parts, parts.open(name, "w", force_zip64=True) as part:
        for _ in range(7):
            part.write(bytes(1024 * 1024))
    return file.getvalue()


def formulas(computed: bool) -> bytes:
    value = b"<v>1</v>" if computed else b"<v></v>"
    return repacked(
        as_xlsx(ROWS),
        lambda name, body: (
            re.sub(rb'(<c r="D\d+") t="n"><v>1</v>', rb"\1><f>1+0</f>" + value, body)
            if name.startswith("xl/worksheets")
            else body
        ),
    )


def test_formulas_count_by_their_stored_result() -> None:
    assert len(given(formulas(computed=True)).rows) == 2


REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "cut workbook": (as_xlsx(ROWS)[:-100], "cut off on its way"),
    "damaged workbook": (as_xlsx(ROWS).replace(b"PK\x01\x02", b"PK\x01\x09", 1), "damaged"),
    "damaged part": (in_sheet(b"</row>", b"</r"), "damaged"),
    "cut csv": (as_csv(ROWS)[:-6], "cut off on its way"),
    "cut csv in a quoted text": (as_csv([line(base_rent_amt="1,000")])[:-4], "cut off on its way"),
    "cut by Excel, csv": (
        as_csv([]) + b",,,,,,,,\r\n" * 1_048_575,
        "cut off by Excel at 1,048,576 rows; export one month",
    ),
    "cut by Excel": (in_sheet(b"<sheetPr>", b'<dimension ref="A1:AJ1048576"/><sheetPr>'), "cut off by Excel"),
    "last row in use": (in_sheet(b'<row r="3"', b'<row r="1048576"'), "cut off by Excel"),
    "column missing": (
        as_csv([row[1:] for row in ROWS], header=[*FIELDS[1:-1], "賃料"]),
        "column asset_id, base_rent_amt is missing; found are unit, .*賃料; ",
    ),
    "column twice": (as_csv([[*row, 1] for row in ROWS], header=[*FIELDS, "OCP"]), "column ocp is there twice"),
    "other month": (as_csv([line(period_year_month=202601)]), "no row of 202602; found are 202601;"),
    "header alone": (as_csv([]), "no row of 202602; found are none"),
    "two sheets": (as_xlsx(ROWS, sheets=("1月", "2月")), "sheets '1月' and '2月' both have the header"),
    "two headers": (as_csv([*ROWS, list(FIELDS), *ROWS]), "line 4 is a header again"),
    "unreadable month": (as_csv([*ROWS, line(period_year_month="Feb")]), "1 of 3 rows have no readable period_year"),
    "unreadable ocp": (as_csv([*ROWS, line(ocp=None)]), "1 of 3 rows have no readable ocp"),
    "formulas without a result": (formulas(computed=False), "1 of 2 rows have no readable ocp; formulas must be"),
    "unknown layout": (as_csv([["例示 太郎", 1]], header=["氏名", "部屋"]), "layout is unknown"),
    "pdf": (b"%PDF-1.7 \xe2\xe3", "no spreadsheet"),
    "utf-16": (as_csv(ROWS, "utf-16"), "no spreadsheet"),
    "neither encoding": (as_csv(ROWS) + b"\x81\xff", "neither UTF-8 nor CP932"),
    "old or encrypted": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "encrypted or an old .xls"),
    "entities": (
        in_sheet(b"<worksheet", b"<!DOCTYPE a []><worksheet"),
        "parts that Excel would not write",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_one_sentence(name: str) -> None:
    body, sentence = REFUSED[name]
    with pytest.raises(Refused, match=sentence) as refused:
        given(body)
    assert "\n" not in str(refused.value)
    assert ";" in str(refused.value)
    assert "例示" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "limit"), [("xl/worksheets/sheet9.xml", "UNPACKED_LIMIT"), ("xl/sharedStrings.xml", "OTHER_PARTS_LIMIT")]
)
def test_a_file_that_unpacks_to_very_much_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, limit: str) -> None:
    monkeypatch.setattr(spreadsheet, limit, 5 * spreadsheet.MEGABYTE)
    with pytest.raises(Refused, match="unpacks to 7 MB, more than is read; export one month"):
        given(bomb(name))


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("word/document.xml", "<a/>")
    with pytest.raises(Refused, match=r"is no \.xlsx; save"):
        given(file.getvalue())


def test_an_encrypted_part_is_refused() -> None:
    body = bytearray(as_xlsx(ROWS))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(mark) + offset] |= 1
    with pytest.raises(Refused, match="encrypted; save it without"):
        given(bytes(body))


@pytest.mark.parametrize("seed", range(60))
def test_damaged_files_are_read_or_refused(seed: int) -> None:
    """Random damage never ends in another error."""
    chance = random.Random(seed)
    body = bytearray(as_xlsx(ROWS) if seed % 2 else as_csv(ROWS, "cp932"))
    for _ in range(4):
        body[chance.randrange(len(body))] = chance.randrange(256)
    with contextlib.suppress(Refused):
        given(bytes(body))
