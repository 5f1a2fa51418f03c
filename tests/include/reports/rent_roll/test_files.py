from __future__ import annotations

import csv
import io
from datetime import date

import openpyxl

from include.reports.rent_roll.compare import Rules, compare
from include.reports.rent_roll.files import Comparison, files
from include.reports.rent_roll.reader import RentRoll
from include.reports.rent_roll.stock import Holder, Room, Stock
from tests.include.reports.rent_roll.test_compare import AS_OF, held, room, row


def written(rent: int | None, holder: Holder | None) -> dict[str, bytes]:
    rooms: tuple[Room, ...] = (room(holder=holder),)
    roll, stock = RentRoll(202602, (row(rent=rent),), lines=1), Stock(AS_OF, rooms, {"J0000001": "=HYPERLINK(1)"})
    return files(Comparison("rent-roll/202602/x.csv", roll, stock, Rules(), compare(roll, stock)))


def corrections(rent: int | None, holder: Holder) -> list[str]:
    sheet = openpyxl.load_workbook(io.BytesIO(written(rent, holder)["report.xlsx"]))["修正 Corrections"]
    return [str(cells[2]) for cells in sheet.iter_rows(values_only=True) if cells[0] == "J0000001"]


def test_only_what_is_wrong_in_the_system_is_to_be_corrected_there() -> None:
    assert corrections(56000, held(rent=0)) == ["rent_missing"]
    assert corrections(None, held()) == []
    assert corrections(56000, held(moveout=date(2026, 2, 1))) == ["moveout_passed"]
    assert corrections(60000, held()) == []


def test_a_building_without_active_rooms_has_no_share() -> None:
    made = written(None, None)
    (portfolio, asset) = csv.DictReader(io.StringIO(made["summary.csv"].decode("utf-8-sig")))
    assert (portfolio["unexplained_share"], asset["verdict"]) == ("1.0", "critical")
    roll = RentRoll(202602, (row(occupied=False),), lines=1)
    stock = Stock(AS_OF, (room(holder=held()),))
    made = files(Comparison("x", roll, stock, Rules(), compare(roll, stock)))
    (portfolio, _) = csv.DictReader(io.StringIO(made["summary.csv"].decode("utf-8-sig")))
    assert (portfolio["unexplained_share"], portfolio["raw_variance"], portfolio["verdict"]) == ("", "", "critical")
