"""The report as a workbook of our own and as CSV files."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from include.reports.flash import csv_files, plain
from include.reports.flash.figures import Figures
from include.reports.flash.words import OCCUPIED, TENANT_TYPES, TOTAL
from tests.include.reports.flash.example import counts, differing, figures, opened


def table(sheet: Any) -> list[tuple[Any, ...]]:
    """Return the rows below the header."""
    return list(sheet.iter_rows(min_row=int(sheet.freeze_panes[1:]), values_only=True))


def rows_of(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_our_own_workbook_has_the_figures_of_both_rules() -> None:
    book = opened(plain.report(differing()))
    assert book.sheetnames == [
        "速報 Flash report",
        "旧ルール Earlier rule",
        "突合 Reconciliation",
        "基準値 Benchmarks",
        "部屋別 Rooms",
        "注記 Notes",
    ]
    rows = table(book.worksheets[0])
    assert [row[5:] for row in rows] == [
        (3, 2, 0, 5, 7, -2),
        (1, 1, 1, 3, 3, 0),
        (1, 0, 0, 1, 1, 0),
        (0, 1, 0, 1, 2, -1),
        (1, 1, 0, 2, 2, 0),
        (0, 0, 0, 0, 0, 0),
        (1, 0, 0, 1, 1, 0),
    ]
    assert [[day.date() for day in row[2:5]] for row in rows[2:4]] == [
        [date(2026, 2, 1), date(2026, 2, 27), date(2026, 2, 28)],
        [date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 31)],
    ]
    earlier = {row[1:3]: row[3:] for row in table(book.worksheets[1])}
    assert earlier["Rooms occupied at 00:00 of the 1st", "種別不明"] == (0, 1, -1)
    assert earlier["Move-ins, next month, planned", "個人"] == (0, 1, -1)


def test_a_workbook_without_rooms_and_benchmarks_has_no_sheets_for_them() -> None:
    assert len(opened(plain.report(figures())).sheetnames) == 4


def test_the_reconciliation_says_why_in_words() -> None:
    rows = [row[1:] for row in table(opened(plain.report(differing()))["突合 Reconciliation"])]
    outs = [row for row in rows if row[0] == "Move-outs, this month, completed"]
    assert [row[1:6] for row in outs] == [
        ("数値 figure", None, 2, 4, -2),
        ("理由 class", "final_rent_vs_effective_date", 0, 1, -1),
        ("理由 class", "unexplained", 0, 1, -1),
        ("不明 not explained", None, None, None, 1),
    ]
    assert "The last date of rent and the effective move-out lie in different windows" in outs[1][6]
    assert outs[2][6] == "理由が不明。rooms.csv で確認 / No rule explains the room; look it up in rooms.csv"


def test_nothing_is_planned_at_month_end() -> None:
    rows = table(opened(plain.report(figures(as_of=date(2024, 2, 29)))).worksheets[0])
    this, following = date(2024, 2, 1), date(2024, 3, 1)
    assert [row[2].date() for row in rows] == [this, this, this, following, this, this, following]
    assert rows[1][3:5] == (rows[0][3], rows[1][4])
    assert (rows[1][4].date(), rows[2][3:5], rows[3][4].date()) == (date(2024, 2, 29), (None, None), date(2024, 3, 31))


def test_january_follows_december() -> None:
    made = figures(as_of=date(2025, 12, 1))
    assert made.window("moveins_completed") == (date(2025, 12, 1), date(2025, 12, 1))
    assert made.window("moveins_planned") == (date(2025, 12, 2), date(2025, 12, 31))
    assert made.window("moveouts_planned_next") == (date(2026, 1, 1), date(2026, 1, 31))
    assert made.month("moveouts_planned_next") == date(2026, 1, 1)


def test_metrics_name_their_cells() -> None:
    cells = {("moveins_planned", "individual"): "D12"}
    rows = rows_of(csv_files.metrics(figures(), "Flash Report（2月～）", cells))
    assert len(rows) == 7 * len(TENANT_TYPES)
    row = next(row for row in rows if (row["metric_id"], row["tenant_type"]) == ("moveins_planned", "individual"))
    assert row == {
        "metric_id": "moveins_planned",
        "sheet": "Flash Report（2月～）",
        "cell": "D12",
        "value": "1",
        "value_by_earlier_rule": "1",
        "month": "2026-02-01",
        "tenant_type": "individual",
        "window_start": "2026-02-27",
        "window_end": "2026-02-28",
        "as_of": "2026-02-26",
        "rule": "original move-in after the as-of date to the end of the month, no renewal, tenant in the pipeline",
    }
    assert {(row["sheet"], row["cell"]) for row in rows if row["cell"] != "D12"} == {("", "")}


def test_the_reconciliation_file_has_figures_classes_and_benchmarks() -> None:
    rows = rows_of(csv_files.reconciliation(differing()))
    kinds = [(row["metric_id"], row["kind"], row["difference"]) for row in rows]
    assert ("moveouts_completed", "not explained", "1") in kinds
    assert rows[-1] == {
        "as_of": "2026-02-26",
        "month": "2026-02-01",
        "metric_id": "occupied_0000",
        "tenant_type": "total",
        "kind": "benchmark",
        "class": "the readers",
        "report_rooms": "5",
        "reference_rooms": "20",
        "difference": "-15",
        "tolerance": "10",
        "note": "許容差を超過。出所に数え方を確認 / Out of tolerance; ask who told it by which rule it counts",
    }


def test_rooms_are_listed_by_ids_alone() -> None:
    rows = rows_of(csv_files.rooms(differing()))
    assert len(rows) == 6
    assert list(rows[0]) == [
        "as_of",
        "metric_id",
        "apartment_id",
        "room_id",
        "moving_id",
        "tenant_type",
        "report_date",
        "gold_date",
        "is_in_report",
        "is_in_gold",
        "difference_class",
    ]
    last = ",".join(rows[-1].values())
    assert last == "2026-02-26,moveouts_completed,1,16,116,individual,,2026-02-16,0,1,unexplained"


def test_a_gap_on_the_1st_names_the_last_date_before() -> None:
    rows = counts()
    rows |= {(OCCUPIED, kind): replace(rows[OCCUPIED, kind], rooms=None) for kind in TENANT_TYPES}
    made = figures(counts=rows, last_before=(date(2026, 1, 31), 11_250))
    sheet = opened(plain.report(made)).worksheets[0]
    assert sheet["A2"].value == "2026-02-01 0:00 の稼働室数: 不明(欠測日)。直前のデータは 2026-01-31 の期末 11,250 室"
    assert "unknown, for the date is a gap; at the end of 2026-01-31, the last date before, 11,250" in sheet["A3"].value
    assert table(sheet)[0][8:] == (None, 7, None)
    assert rows_of(csv_files.metrics(made, "", {}))[0]["value"] == ""
    assert replace(made, last_before=None).rate()[1].endswith("unknown, for the date is a gap")


@pytest.mark.parametrize(
    "write", [plain.report, csv_files.reconciliation, csv_files.rooms, lambda made: csv_files.metrics(made, "", {})]
)
def test_the_same_date_gives_the_same_bytes(write: Callable[[Figures], bytes]) -> None:
    first = write(differing())
    if write is plain.report:
        time.sleep(2.1)  # zip counts in two seconds
    assert write(differing()) == first


def test_the_rate_is_of_the_report_s_own_number_of_rooms() -> None:
    rows = counts()
    rows[OCCUPIED, TOTAL] = replace(rows[OCCUPIED, TOTAL], rooms=11_271)
    assert figures(counts=rows).rate()[1] == "Occupancy rate at 00:00 of 2026-02-01: 11,271 / 16,109 = 70.0%"
