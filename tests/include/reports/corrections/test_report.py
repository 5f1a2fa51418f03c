"""The correction list of a date, from the tables to the files."""

from __future__ import annotations

import csv
import io
import time
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest

from include.forms import Refused
from include.reports.corrections.report import CorrectionList
from include.reports.report import Made, ReportContext, make
from tests.include.reports.conftest import execute, list_corrections

MONDAY, SUNDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 1), date(2026, 2, 27)
XLSX, CSV = "reports/corrections/2026-03-02/corrections.xlsx", "reports/corrections/2026-03-02/corrections.csv"
HEADER = 5


def made_for(context: ReportContext, day: date | None = None) -> Made:
    return make(CorrectionList(), context, {"date": day})


def sheet(context: ReportContext, title: str, key: str = XLSX) -> list[tuple[Any, ...]]:
    """Return the values of a sheet, its notes first."""
    book = openpyxl.load_workbook(io.BytesIO(context.store.get(key)))
    return [tuple(value.date() if hasattr(value, "date") else value for value in row)
            for row in book[title].iter_rows(values_only=True)]  # fmt: skip


def entry(kind: str, tenant: int, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "entry_key": str(tenant), "tenant_id": tenant, "found": f"found {tenant}", **more}


def nationality(*tenants: int, **more: Any) -> list[dict[str, Any]]:
    return [entry("missing_nationality", tenant, **more) for tenant in tenants]


@pytest.fixture
def three_days(kinds: Any) -> Any:
    """On Monday two kinds have entries of every state."""
    list_corrections(kinds, FRIDAY, *nationality(1))
    list_corrections(kinds, SUNDAY, *nationality(1, 2, 3))
    list_corrections(
        kinds,
        MONDAY,
        *nationality(1, listed_since=FRIDAY, first_listed_date=FRIDAY),
        *nationality(2, listed_since=SUNDAY, first_listed_date=FRIDAY, corrected_before=1, since_date=FRIDAY),
        *nationality(4, since_date=SUNDAY, room_id=7, apartment_id=8, moving_id=9),
        *nationality(5, first_listed_date=FRIDAY, corrected_before=1),
        *nationality(6, since_date=MONDAY),
    )
    return kinds


def test_a_kind_has_a_sheet_with_the_newest_entries_first(context: ReportContext, three_days: Any) -> None:
    made_for(context)
    notes, rows = (found := sheet(context, "国籍未入力"))[: HEADER - 1], found[HEADER:]
    assert [note[0] for note in notes[:3]] == [
        "国籍未入力 / Missing nationality",
        "内容 What is wrong: 国籍が空欄です。",
        "対応 What to change: 国籍を入力してください。",
    ]
    assert "5 open (2 new, 1 returned, 1 corrected)" in notes[3][0]
    assert rows == [
        ("新規 New", "found 6", None, None, 6, None, MONDAY, MONDAY, MONDAY),
        ("新規 New", "found 4", 8, 7, 4, 9, SUNDAY, MONDAY, MONDAY),
        ("再発 Returned", "found 5", None, None, 5, None, None, MONDAY, FRIDAY),
        ("再発 Returned", "found 2", None, None, 2, None, FRIDAY, SUNDAY, FRIDAY),
        ("継続 Open", "found 1", None, None, 1, None, None, FRIDAY, FRIDAY),
    ]


def test_a_kind_without_entries_has_its_header_and_a_sentence(context: ReportContext, three_days: Any) -> None:
    made_for(context)
    *_, sentence, header = sheet(context, "契約参照の欠落")
    assert sentence[0] == "該当する記録はありません。 / There is no such record."
    assert header[0] == "状態\nStatus"


def test_the_summary_has_counts_meaning_and_trend(context: ReportContext, three_days: Any) -> None:
    made_for(context)
    header, first, second = sheet(context, "概要 Summary")[-3:]
    assert header[8:] == ("2026\n03-02", "2026\n03-01", "2026\n02-27")
    assert first == (
        *("国籍未入力\nMissing nationality", 5, 2, 2, 1, 1, "国籍が空欄です。", "国籍を入力してください。"),
        *(5, 3, 1),
    )
    assert second[:6] == ("契約参照の欠落\nDangling contract", 0, 0, 0, 0, 0)


def test_the_trend_ends_after_fourteen_dates(context: ReportContext, kinds: Any) -> None:
    for back in range(20):
        list_corrections(kinds, MONDAY - timedelta(days=back))
    made_for(context)
    assert len(sheet(context, "概要 Summary")[-1]) == 8 + 14


def test_the_csv_holds_all_kinds(context: ReportContext, three_days: Any) -> None:
    execute(three_days, "UPDATE silver.correction_entries_daily SET kind = 'dangling_contract' WHERE tenant_id = 4")
    made_for(context)
    rows = list(csv.DictReader(io.StringIO(context.store.get(CSV).decode("utf-8-sig"))))
    assert [(row["kind"], row["tenant_id"], row["status"]) for row in rows] == [
        ("missing_nationality", "6", "new"),
        ("missing_nationality", "5", "returned"),
        ("missing_nationality", "2", "returned"),
        ("missing_nationality", "1", "open"),
        ("dangling_contract", "4", "new"),
    ]
    assert rows[-1] == {
        "snapshot_date": "2026-03-02",
        "kind": "dangling_contract",
        "label_ja": "契約参照の欠落",
        "label_en": "Dangling contract",
        "status": "new",
        "listed_since": "2026-03-02",
        "since_date": "2026-03-01",
        "found": "found 4",
        "apartment_id": "8",
        "room_id": "7",
        "tenant_id": "4",
        "moving_id": "9",
        "first_listed_date": "2026-03-02",
        "entry_key": "4",
        "what_to_change": "契約を登録してください。",
    }


def test_what_was_made_is_said_and_recorded(context: ReportContext, three_days: Any) -> None:
    made = made_for(context)
    assert made.lines == (
        "Records to correct as of 2026-03-02: 5 (2 new, 1 returned, 1 corrected)",
        "  Missing nationality: 5 (2 new, 1 returned, 1 corrected)",
        "  Dangling contract: 0 (0 new, 0 returned, 0 corrected)",
    )
    assert [file.rpartition("reports/")[2] for file in made.files] == [
        key.rpartition("reports/")[2] for key in (XLSX, CSV)
    ]
    assert made.mail is None
    with three_days.cursor() as cursor:
        cursor.execute("SELECT name, outcome FROM ops.reports")
        assert cursor.fetchall() == (("corrections", str(made)),)


def test_an_older_date_is_made_again_to_the_byte(context: ReportContext, three_days: Any) -> None:
    key = XLSX.replace("2026-03-02", "2026-03-01")
    three_days.query("DELETE FROM silver.correction_entries_daily WHERE snapshot_date = '2026-03-02'")
    three_days.query("DELETE FROM reports.correction_counts WHERE snapshot_date = '2026-03-02'")
    made_for(context)
    first = context.store.get(key)
    list_corrections(three_days, MONDAY, *nationality(9))
    time.sleep(2.1)  # times in a zip file have steps of two seconds
    made_for(context, SUNDAY)
    assert context.store.get(key) == first


def test_a_date_on_which_nothing_is_wrong_has_a_list_too(context: ReportContext, kinds: Any) -> None:
    list_corrections(kinds, SUNDAY, *nationality(1))
    list_corrections(kinds, MONDAY)
    assert made_for(context).lines[0] == "Records to correct as of 2026-03-02: 0 (0 new, 0 returned, 1 corrected)"


def test_after_gold_dbt_makes_the_list_of_its_date(
    context: ReportContext, three_days: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[tuple[str, date]] = []
    monkeypatch.setattr(ReportContext, "build", lambda self, folder, target: built.append((folder, target)))
    execute(
        three_days,
        "INSERT INTO ops.load_ledger (schema_name, target_date, state, loaded_by, started_at, dump_object, dump_bytes) "
        "VALUES ('staging', '2026-02-27', 'published', 'loader', '2026-02-26 22:00:00', 's3://x', 5)",
    )
    assert "2026-02-27" in make(CorrectionList(), replace(context, target=FRIDAY), {"date": None}).lines[0]
    assert built == [("corrections", FRIDAY)]
    with pytest.raises(Refused, match="staging holds 2026-02-27"):
        make(CorrectionList(), replace(context, target=MONDAY), {"date": None})
    assert built == [("corrections", FRIDAY)]


def test_a_date_without_a_list_names_the_nearest(context: ReportContext, three_days: Any) -> None:
    with pytest.raises(Refused, match="no correction list of 2026-02-20; the nearest is that of 2026-02-27"):
        made_for(context, date(2026, 2, 20))


def test_before_the_first_list_it_says_what_makes_one(context: ReportContext, kinds: Any) -> None:
    for prepare in ("DO 0", "DROP DATABASE reports"):
        execute(kinds, prepare)
        with pytest.raises(Refused, match="no correction list was made yet; the next run of gghouse_daily"):
            made_for(context)


def test_a_kind_that_jumps_is_a_finding(context: ReportContext, kinds: Any) -> None:
    list_corrections(kinds, SUNDAY, *nationality(*range(200)))
    list_corrections(kinds, MONDAY, *nationality(*range(301)))
    (finding,) = made_for(context).findings
    assert finding.subject == "Missing nationality"
    assert "301 records as of 2026-03-02, 200 as of 2026-03-01" in finding.sentence
    list_corrections(kinds, date(2026, 3, 3), *nationality(*range(301)))
    assert made_for(context).findings == ()
    assert made_for(context, MONDAY).findings == (), "an old list that is made again warns nobody"


@pytest.mark.parametrize(("before", "now"), [(0, 100), (300, 450), (300, 100)])
def test_an_ordinary_change_is_none(context: ReportContext, kinds: Any, before: int, now: int) -> None:
    list_corrections(kinds, SUNDAY, *nationality(*range(before)))
    list_corrections(kinds, MONDAY, *nationality(*range(now)))
    assert made_for(context).findings == ()


def test_the_first_list_of_all_jumps_from_nothing(context: ReportContext, kinds: Any) -> None:
    list_corrections(kinds, MONDAY, *nationality(*range(500)))
    assert made_for(context).findings == ()


def test_a_label_that_excel_refuses_as_a_name_is_mended(context: ReportContext, three_days: Any) -> None:
    execute(
        three_days, f"UPDATE seeds.code_correction_kind SET label_ja = '賃料[0/以下]?{'長' * 40}' WHERE sort_order = 1"
    )
    made_for(context)
    book = openpyxl.load_workbook(io.BytesIO(context.store.get(XLSX)))
    assert book.sheetnames[1] == f"賃料・0・以下・・{'長' * 22}"
