from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import count
from typing import Any

import pytest

from include.reports.rent_roll.compare import Difference, Result, RoomClass, Rules, compare
from include.reports.rent_roll.normalise import asset_of, tenant_of, unit_of
from include.reports.rent_roll.reader import RentRoll, Row
from include.reports.rent_roll.stock import Holder, Room, Stock
from include.reports.rent_roll.verdict import Verdict, by_asset, figures

AS_OF = date(2026, 2, 28)
LONG_AGO = date(2024, 5, 1)


LINES, IDS = count(2), count(1)


def row(unit: str = "101", tenant: str = "個人 1", asset: str = "J1", occupied: bool = True, **values: Any) -> Row:
    return Row(next(LINES), asset_of(asset), unit_of(unit), tenant_of(tenant), occupied, **values)


def room(unit: str = "101", holder: Holder | None = None, asset: str = "J1", **values: Any) -> Room:
    return Room(next(IDS), asset_of(asset), unit_of(unit), holder=holder, **values)


def held(tenant: int = 1, **values: Any) -> Holder:
    dates = {"movein": LONG_AGO, "first_movein": LONG_AGO}
    return Holder(tenant, tenant + 1000, **({"tenant_type": "individual", "rent": 56000} | dates | values))


def results(rows: list[Row], rooms: list[Room], earlier: Any = None, **rules: Any) -> list[Result]:
    stock = Stock(AS_OF, tuple(rooms), {"J0000001": ""}, frozenset(range(1, 600)) | {777, 778})
    return compare(RentRoll(202602, tuple(rows), earlier or {}), stock, Rules(**rules))


def classes(*given: Any, **rules: Any) -> list[RoomClass]:
    return [result.room_class for result in results(*given, **rules)]


def test_the_worked_example_to_the_cell() -> None:
    rows = [
        row("101", "個人 501", rent=56000),
        row("102", "法人 777", rent=60000),
        row("103", "", occupied=False),
        row("", "法人一棟", "J2", rent=900000),
        row("301", "個人", "J3"),
        row("302", "個人 502", "J3", is_deleted=True),
        row("０３０４", "個人 504", "J3", rent=50000),
        row("305", "", "J3", occupied=False),
        row("306", "", "J3", occupied=False),
    ]
    rooms = [
        room("101", held(501)),
        room("102", held(778, tenant_type="corporate", rent=60000)),
        room("103", held(505, first_movein=date(2026, 2, 27))),
        room("201", held(601), "J2"),
        room("202", held(602), "J2"),
        room("203", None, "J2"),
        room("301", held(506), "J3"),
        room("302", None, "J3"),
        room("303", None, "J3"),
        room("304", held(504, moveout=date(2026, 2, 10), rent=52000), "J3"),
        room("305", None, "J3", reserved=(held(507, first_movein=date(2026, 4, 1)),)),
        room("306", held(508), "J3"),
    ]
    found = results(rows, rooms, {("J0000003", "303"): 202511})
    assert [(result.asset[-1], result.unit, result.room_class, *result.differences) for result in found] == [
        ("1", "101", RoomClass.MATCHED),
        ("1", "102", RoomClass.MATCHED, Difference.TENANT_DIFFERS),
        ("1", "103", RoomClass.TURNOVER),
        ("2", "201", RoomClass.MATCHED),
        ("2", "202", RoomClass.MATCHED),
        ("2", "203", RoomClass.BULK),
        ("3", "301", RoomClass.TYPE_ONLY),
        ("3", "302", RoomClass.VACANT_BOTH),
        ("3", "303", RoomClass.STALE),
        ("3", "304", RoomClass.MATCHED, Difference.RENT_DIFFERS, Difference.MOVEOUT_PASSED),
        ("3", "305", RoomClass.VACANT_BOTH),
        ("3", "306", RoomClass.ONLY_PMS),
    ]
    total = figures(found)
    assert (total.active, total.pms, total.matched, total.unexplained) == (6, 8, 5, 1)
    assert (f"{float(total.share or 0):.1%}", f"{float(total.raw_variance or 0):+.0%}") == ("16.7%", "+33%")
    assert total.verdict is Verdict.CRITICAL
    assert {asset[-1]: part.verdict for asset, part in by_asset(found).items()} == {
        "3": Verdict.CRITICAL,
        "1": Verdict.FINE,
        "2": Verdict.FINE,
    }


@pytest.mark.parametrize(
    ("rows", "rooms", "expected"),
    [
        ([row(asset="J9")], [room()], [RoomClass.VACANT_BOTH, RoomClass.UNKNOWN_ASSET]),
        ([row("999")], [room()], [RoomClass.VACANT_BOTH, RoomClass.UNKNOWN_UNIT]),
        ([row("999", occupied=False)], [], [RoomClass.VACANT_BOTH]),
        ([row(start=LONG_AGO), row(start=AS_OF)], [room(holder=held())], [RoomClass.DUPLICATE, RoomClass.MATCHED]),
        ([row(), row()], [room()], [RoomClass.DUPLICATE, RoomClass.ONLY_RENT_ROLL]),
        ([row(is_deleted=True)], [room(holder=held())], [RoomClass.DELETED]),
        ([row(is_deleted=True), row(occupied=False)], [room(holder=held())], [RoomClass.ONLY_PMS]),
        ([row(is_deleted=True), row()], [room(holder=held())], [RoomClass.MATCHED]),
        ([row(tenant="法人")], [room(holder=held())], [RoomClass.TYPE_ONLY]),
        ([row(tenant="法人")], [room()], [RoomClass.VACANT_BOTH]),
        ([], [room(holder=held(moveout=date(2026, 3, 7)))], [RoomClass.TURNOVER]),
        ([], [room(holder=held(moveout=date(2026, 3, 8)))], [RoomClass.ONLY_PMS]),
        ([], [room(holder=held(moveout=date(2026, 2, 21)))], [RoomClass.TURNOVER]),
        ([], [room(holder=held(moveout=date(2026, 2, 20)))], [RoomClass.PAST_MOVEOUT]),
        ([row()], [room(left=(date(2026, 2, 21),))], [RoomClass.TURNOVER]),
        ([row()], [room(left=(date(2026, 2, 20),))], [RoomClass.DEPARTED]),
        ([row()], [room(reserved=(held(first_movein=date(2026, 3, 7)),))], [RoomClass.TURNOVER]),
        ([row()], [room(reserved=(held(first_movein=date(2026, 3, 8)),))], [RoomClass.RESERVED]),
        ([row()], [room(is_lettable=False)], [RoomClass.NOT_LETTABLE]),
        ([], [room(holder=held(), is_lettable=False)], [RoomClass.NOT_LETTABLE]),
        ([row()], [room()], [RoomClass.ONLY_RENT_ROLL]),
        ([row(tenant="")], [room(holder=held())], [RoomClass.ONLY_PMS]),
        ([], [room(holder=held())], [RoomClass.ONLY_PMS]),
    ],
)
def test_each_class(rows: list[Row], rooms: list[Room], expected: list[RoomClass]) -> None:
    assert classes(rows, rooms) == expected


def test_a_row_for_the_whole_building_stands_for_lettable_rooms_that_are_not_listed() -> None:
    rooms = [room("101"), room("102", held()), room("103", is_lettable=False), room("104", held())]
    found = results([row("", "法人一棟"), row("104", "", occupied=False)], rooms)
    assert {result.unit: result.room_class for result in found} == {
        "101": RoomClass.BULK,
        "102": RoomClass.MATCHED,
        "103": RoomClass.VACANT_BOTH,
        "104": RoomClass.ONLY_PMS,
    }
    assert figures(found).active == 2


@pytest.mark.parametrize("unit", ["", "全室"])
def test_a_building_that_the_system_does_not_know_or_that_comes_twice(unit: str) -> None:
    rows = [row(unit, "法人一棟", "J9"), row(unit, "法人一棟", "J9", start=AS_OF)]
    assert sorted(classes(rows, [])) == [RoomClass.DUPLICATE, RoomClass.UNKNOWN_ASSET]


def test_rooms_that_each_say_whole_building_stand_for_themselves() -> None:
    found = results([row("101", "法人一棟"), row("102", "法人一棟")], [room("101", held()), room("102"), room("103")])
    assert [result.room_class for result in found] == [
        RoomClass.MATCHED,
        RoomClass.ONLY_RENT_ROLL,
        RoomClass.VACANT_BOTH,
    ]


def test_units_of_one_key_are_never_merged() -> None:
    both = [RoomClass.AMBIGUOUS_UNIT, RoomClass.AMBIGUOUS_UNIT]
    assert classes([row("101"), row("0101")], [room("101", held()), room("0101", held(2))]) == both
    assert classes([], [room("101", held()), room("0101", held(2))]) == both
    assert classes([row("101"), row("0101", occupied=False)], [room("101")]) == both[:1]
    assert classes([], [room("101"), room("0101")]) == [RoomClass.VACANT_BOTH, RoomClass.VACANT_BOTH]


@pytest.mark.parametrize(
    ("listed", "holder", "expected"),
    [
        ({"rent": 56000}, {}, []),
        ({"rent": 56001}, {}, ["rent_differs"]),
        ({"rent": 56000}, {"rent": 0}, ["rent_missing"]),
        ({"rent": 56000}, {"rent": -56000}, ["rent_missing"]),
        ({"rent": None}, {}, ["rent_missing"]),
        ({"start": LONG_AGO}, {"movein": AS_OF}, []),
        ({"start": AS_OF}, {"movein": AS_OF}, []),
        ({"start": date(2025, 1, 1)}, {}, ["start_differs"]),
        ({"end": AS_OF}, {"expiration": AS_OF}, []),
        ({"end": AS_OF}, {"moveout": AS_OF, "expiration": LONG_AGO}, []),
        ({"end": AS_OF}, {"expiration": LONG_AGO}, ["end_differs"]),
        ({"end": AS_OF}, {}, ["end_unknown"]),
        ({"end": None}, {"expiration": LONG_AGO}, []),
        ({"tenant": "法人 1"}, {}, ["type_differs"]),
        ({"tenant": "法人 1"}, {"tenant_type": "unknown"}, []),
        ({"tenant": "例示 1x"}, {"tenant_type": "corporate"}, []),
        ({"tenant": "個人 2"}, {}, ["tenant_differs"]),
        ({"tenant": "個人 9999"}, {}, []),  # numbers that are no tenants mean something else
        ({}, {"moveout": date(2026, 2, 27)}, ["moveout_passed"]),
        ({}, {"moveout": AS_OF}, []),
    ],
)
def test_what_differs_in_a_matched_room(listed: Any, holder: Any, expected: list[str]) -> None:
    (found,) = results([row(**{"rent": 56000} | listed)], [room(holder=held(**holder))])
    assert found.room_class is RoomClass.MATCHED
    assert list(found.differences) == expected


def test_tolerances_are_the_askers() -> None:
    (found,) = results([row(rent=56500)], [room(holder=held())], rent_tolerance=500)
    assert not found.differences
    assert classes([], [room(holder=held(moveout=date(2026, 3, 7)))], days=6) == [RoomClass.ONLY_PMS]


def test_numbers_count_as_tenants_when_nearly_all_are() -> None:
    def found(strangers: int) -> Counter[Difference]:
        rows = [row(str(unit), f"個人 {unit}") for unit in range(101, 120)]
        rows += [row(str(unit), f"個人 {unit}") for unit in range(9001, 9001 + strangers)]
        rooms = [room(str(unit), held(599, rent=None)) for unit in range(101, 120)]
        return figures(results(rows, rooms)).differences

    assert found(1)[Difference.TENANT_DIFFERS] == 19
    assert found(2)[Difference.TENANT_DIFFERS] == 0


@pytest.mark.parametrize(
    ("unexplained", "active", "verdict"),
    [
        (4, 100, Verdict.FINE),
        (5, 100, Verdict.INVESTIGATE),
        (15, 100, Verdict.INVESTIGATE),
        (16, 100, Verdict.CRITICAL),
        (0, 0, Verdict.FINE),
        (1, 0, Verdict.CRITICAL),
    ],
)
def test_the_bands_of_the_verdict(unexplained: int, active: int, verdict: Verdict) -> None:
    listed = [Result("J1", str(unit), RoomClass.MATCHED, is_active=True) for unit in range(active)]
    missing = [Result("J1", f"x{unit}", RoomClass.ONLY_PMS) for unit in range(unexplained)]
    assert figures([*listed, *missing]).verdict is verdict
