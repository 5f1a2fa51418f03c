"""Each planted difference of a synthetic rent roll is found, and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from include.reports.rent_roll.compare import Difference, RoomClass, compare
from include.reports.rent_roll.normalise import asset_of, unit_of
from include.reports.rent_roll.reader import read
from include.reports.rent_roll.stock import NOT_LET, Holder, Room, Stock
from include.reports.rent_roll.verdict import figures
from infra.local.vendor import quirks
from infra.local.vendor.quirks import expiration
from infra.local.vendor.rent_roll import HEADER, Planted, moveout, write
from infra.local.vendor.simulation import Tenant
from tests.include.reports.rent_roll.conftest import AS_OF
from tests.include.reports.rent_roll.lists import COLUMNS, PERIOD


def day(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)


def holder(tenant: Tenant) -> Holder:
    moving = tenant.moving
    assert moving
    types = dict.fromkeys((2, 3), "corporate") | dict.fromkeys((1, 6, 7, 9), "individual")
    return Holder(
        tenant.id,
        moving.id,
        types.get(tenant.agreement_type or 0, "unknown"),
        day(moving.movein),
        day(moving.original_movein),
        day(moveout(moving)),
        day(expiration(moving)),
        quirks.rent(moving),
    )


def shown(planted: Planted) -> Stock:
    """The rooms as the dump shows them; test_with_server.py reads them from the warehouse instead."""
    rooms = (
        Room(
            place.room.id,
            asset_of(f"J{place.room.apartment.id:06}"),
            place.room.number if place in planted.strays else unit_of(place.room.number),
            place.room.status not in NOT_LET,
            place.holder and holder(place.holder),
            tuple(map(holder, place.reserved)),
            tuple(map(date.fromordinal, place.left)),
        )
        for place in (*planted.places, *planted.strays)
    )
    return Stock(AS_OF, tuple(rooms), tenants=frozenset(place.holder.id for place in planted.places if place.holder))


def test_every_class_and_every_difference_is_planted(planted: Planted) -> None:
    assert set(planted.classes) == set(RoomClass)
    assert set(planted.differences) == set(Difference)
    assert len(HEADER) == len(set(HEADER)) == 36


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_what_was_planted_is_found_and_nothing_else(planted: Planted, tmp_path: Path, suffix: str) -> None:
    (file,) = [path for path in write(planted, tmp_path, AS_OF) if path.suffix == suffix]
    roll = read(file.read_bytes(), COLUMNS, PERIOD)
    assert (roll.lines, roll.unreadable) == (len(planted.rows), {})
    found = figures(compare(roll, shown(planted)))
    assert found.classes == planted.classes
    assert found.differences == planted.differences
