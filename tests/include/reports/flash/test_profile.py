from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from include.forms import Refused
from include.reports.flash.profile import LONGEST, cells_of, parse, shipped

DAY = date(2026, 2, 28)
GOOD: dict[str, Any] = {
    "sheet": "Flash Report（*月）",
    "cells": {"occupied_0000": {"total": "D5"}, "moveins_completed": {"individual": "D11", "corporate": "E11"}},
    "fixed": {"D14": 0},
    "protected": ["E5", "H9:H15"],
}


def text(**changes: Any) -> bytes:
    return json.dumps(GOOD | changes).encode()


FAULTS = {
    "malformed": (b'{"sheet": ', "Expecting value"),
    "no object": (b"[]", "'cells' must be an object"),
    "no UTF-8": (b'{"sheet": "\xff"}', "can't decode byte"),
    "endless": (b"[" * 90_000, "recursion"),
    "too long": (b" " * (LONGEST + 1), "more than 100,000 bytes"),
    "named twice": (b'{"sheet": "a", "sheet": "b"}', "'sheet' is named twice"),
    "unknown key": (text(cell={}), "'cell' is no part of a cell map"),
    "no sheet": (text(sheet=""), "'sheet' must be the pattern"),
    "no figure": (text(cells={}), "it maps no figure"),
    "unknown metric": (text(cells={"movein": {"total": "D5"}}), "'movein' is no figure of the report"),
    "unknown type": (text(cells={"occupied_0000": {"all": "D5"}}), "'all' is no tenant type"),
    "no types": (text(cells={"occupied_0000": "D5"}), "'occupied_0000' must be an object of tenant types"),
    "no cell": (text(cells={"occupied_0000": {"total": "D5:E5"}}), "'D5:E5' is no cell"),
    "a number": (text(cells={"occupied_0000": {"total": 5}}), "5 is no cell"),
    "far away": (text(cells={"occupied_0000": {"total": "XFD1048576"}}), "'XFD1048576' does not lie within"),
    "one cell twice": (text(fixed={"D11": 0}), "D11 is named for more than one value"),
    "protected": (text(protected=["C9:D11"]), "D11 is both written and protected"),
    "endless area": (text(protected=["A1:XFD1048576"]), "'A1:XFD1048576' does not lie within"),
    "no area": (text(protected=["H9-H15"]), "'H9-H15' is neither a cell"),
    "area backwards": (text(protected=["H15:H9"]), "'H15:H9' does not lie within"),
    "no list": (text(protected="E5"), "'protected' must be a list"),
    "fixed text": (text(fixed={"D14": "0"}), "fixed value of D14 must be a whole number"),
    "fixed flag": (text(fixed={"D14": True}), "fixed value of D14 must be a whole number"),
}


def test_a_good_cell_map_is_read_with_a_byte_order_mark_too() -> None:
    assert parse("x.json", b"\xef\xbb\xbf" + text()) == parse("x.json", text(about="for people"))
    assert [(each.cell, each.metric, each.tenant_type, each.fixed) for each in parse("x.json", text()).targets] == [
        ("D5", "occupied_0000", "total", 0),
        ("D11", "moveins_completed", "individual", 0),
        ("E11", "moveins_completed", "corporate", 0),
        ("D14", "", "", 0),
    ]


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_and_nothing_else(fault: str) -> None:
    content, sentence = FAULTS[fault]
    with pytest.raises(Refused, match=r"^the cell map x\.json cannot be used: .*; correct the file$") as refused:
        parse("x.json", content)
    assert sentence in str(refused.value)
    others = {other for _, other in FAULTS.values() if other in str(refused.value)}
    assert others == {sentence}


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("Flash Report（{month}月）", "Flash Report（2月）"),
        ("Flash Report（{month}月{day}日）", "Flash Report（2月28日）"),
        ("Flash Report（*月～）", "Flash Report（3月～）"),
        ("Flash Report(*月~)", "Flash Report（3月～）"),  # half width beside full width
    ],
)
def test_a_pattern_names_one_sheet(pattern: str, fits: str) -> None:
    sheets = ["Flash Report（2月）", "Flash Report（2月28日）", "Flash Report（3月～）", "説明"]
    assert parse("x.json", text(sheet=pattern)).sheet_in(sheets, DAY) == fits


def test_a_pattern_for_none_or_several_sheets_is_refused_with_their_names() -> None:
    with pytest.raises(Refused, match=r"'Flash Report（3月）' of x.json fits no sheet among Flash Report（2月）, 説明"):
        parse("x.json", text(sheet="Flash Report（{month}月）")).sheet_in(
            ["Flash Report（2月）", "説明"], date(2026, 3, 1)
        )
    with pytest.raises(Refused, match=r"fits 2 sheets \(1日, 2日\); correct `sheet` there, or rename the sheet"):
        parse("x.json", text(sheet="*日")).sheet_in(["1日", "2日", "3月"], DAY)


@pytest.mark.parametrize(("name", "sums", "next_month"), [("legacy", "H", "14"), ("updated", "I", "13")])
def test_shipped_profiles_have_the_readers_cells(name: str, sums: str, next_month: str) -> None:
    profile = parse(name, shipped(name) or b"")
    cells = {(each.metric, each.tenant_type): each.cell for each in profile.targets if each.metric}
    rows = {"moveins_completed": "11", "moveins_planned": "12", "moveins_planned_next": next_month}
    rows |= {"moveouts_completed": "15", "moveouts_planned": "16", "moveouts_planned_next": "17"}
    assert cells == {
        ("occupied_0000", "total"): "D5",
        **{(metric, "individual"): f"D{row}" for metric, row in rows.items()},
        **{(metric, "corporate"): f"E{row}" for metric, row in rows.items()},
    }
    fixed = {"legacy": {"D13", "E13"}, "updated": {"D14", "E14"}}[name]
    assert {(each.cell, each.fixed) for each in profile.targets if not each.metric} == {(cell, 0) for cell in fixed}
    never = {"E5", "D21", "E21", "D25", "E25", "D29", "E29", *cells_of(f"{sums}9:{sums}15")}
    assert profile.protected == never


def test_other_names_have_no_shipped_profile() -> None:
    assert shipped("other") is None
    assert shipped("../profiles/legacy") is None
