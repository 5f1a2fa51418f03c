"""The property manager's rent roll of a month, made from the same company as the dump, with differences planted.

Each room that the dump shows gets a row that agrees with it; then a known number of rooms is changed for every class
and every difference that a comparison can find, so that what is found can be counted against what was planted.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from include.reports.workbook import reproducible
from infra.local.vendor import quirks
from infra.local.vendor.chance import Lot
from infra.local.vendor.core_rows import display_name
from infra.local.vendor.portfolio import Room
from infra.local.vendor.simulation import Moving, Simulation, Tenant

SHEET = "RR全履歴"
KNOWN = (
    "tenant",
    "unit",
    "asset_id",
    "ocp",
    "delete_flg",
    "period_year_month",
    "contract_start_date",
    "contract_end_date",
    "base_rent_amt",
)
# The real export has 36 columns; what the others are called is not known.
OTHERS = tuple(f"col_{number:02}" for number in range(len(KNOWN) + 1, 37))
HEADER = (*OTHERS[:9], *KNOWN, *OTHERS[9:])
# As the platform groups statuses (dbt/README.md#status-sets), the best claim on a room first.
CLAIMS = (9, 10, 11, 12, 13, 14, 15, 7, 6, 5, 4)
RESERVED = (4, 5, 6)
LEAVING = (14, 15, 16, 17)
CORPORATE, INDIVIDUAL = (2, 3), (1, 6, 7, 9)
NOT_LET = (4, 6)
NEAR_DAYS, DEPARTED_DAYS = 7, 31
LAST_DAY = date(2100, 12, 31).toordinal()
NOBODY_WE_KNOW = "個人 名義未登録"

_ORDER = Lot("rent roll order")
_SPELLING = Lot("rent roll unit")
_WHO = Lot("rent roll tenant")
_FILLING = Lot("rent roll filling")
_UNITS: tuple[Callable[[str], Any], ...] = (
    str,
    int,
    float,
    lambda number: f"{number}号室",
    lambda number: f"0{number}",
    quirks.full_width,
)


@dataclass
class Place:
    """A room as the dump shows it, and its rows in the rent roll.

    Attributes:
        room: the room.
        holder: the tenant who stands for it.
        reserved: tenants who have reserved it.
        left: days on which it was left lately.
        rows: of the rent roll.
    """

    room: Room
    holder: Tenant | None = None
    reserved: list[Tenant] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Planted:
    """A rent roll with planted differences.

    Attributes:
        rows: of the file below the header.
        classes: rooms of each class that a comparison has to find.
        differences: matched rooms of each difference that it has to find.
        places: the rooms as the dump shows them.
        strays: rooms that are not there, and that somebody holds by the dump, whose contract names them by mistake.
    """

    rows: list[list[Any]]
    classes: Counter[str]
    differences: Counter[str]
    places: list[Place]
    strays: list[Place]


def write(planted: Planted, directory: Path, target: date) -> tuple[Path, Path]:
    """Write a rent roll as workbook and as CSV into a directory laid out like the bucket."""
    from openpyxl import Workbook

    stem = directory / "rent-roll" / f"{target:%Y%m}" / f"rent_roll_{target:%Y%m%d}"
    stem.parent.mkdir(parents=True, exist_ok=True)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    for row in (HEADER, *planted.rows):
        sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    stem.with_suffix(".xlsx").write_bytes(reproducible(file.getvalue(), target))
    with stem.with_suffix(".csv").open("w", encoding="cp932", errors="replace", newline="") as text:
        csv.writer(text).writerows([HEADER, *planted.rows])
    return stem.with_suffix(".xlsx"), stem.with_suffix(".csv")


def plant(simulation: Simulation) -> Planted:
    """Return the rent roll of a simulation's month."""
    return _Planting(simulation).planted()


def moveout(moving: Moving) -> int | None:
    """Return the effective departure as the platform reads it from the dump."""
    final, actual, integrated = quirks.moveout_dates(moving)
    return next((day for day in (actual, integrated, final) if day and day <= LAST_DAY), None)


def _places(simulation: Simulation) -> tuple[list[Place], list[Place]]:
    """Return the rooms as the platform reads them from the dump, and those that contracts name by mistake."""
    day = simulation.day
    places = {(room.apartment.id, room.id): Place(room) for room in simulation.portfolio.rooms}
    there = set(places)
    claims = defaultdict(list)
    for tenant in simulation.tenants:
        moving = tenant.moving
        is_shown = moving is not None and quirks.current_moving_id(tenant) == moving.id
        if (
            moving
            and is_shown
            and tenant.status in CLAIMS
            and not moving.cancelled
            and quirks.is_moveout(moving) != "1"
        ):
            claims[quirks.place(moving)].append(tenant)
    for room, tenants in claims.items():
        first = min(tenants, key=_claim)
        places.setdefault(room, Place(_moving(first).room))
        if first.status in RESERVED:
            places[room].reserved = tenants
        else:
            places[room].holder = first
            places[room].reserved = [tenant for tenant in tenants if tenant.status in RESERVED]
    for moving in simulation.movings:
        left = moveout(moving)
        if left and day - DEPARTED_DAYS <= left <= day and moving.tenant.status in LEAVING and not moving.cancelled:
            places.setdefault(quirks.place(moving), Place(moving.room)).left.append(left)
    strays = [_stray(*room, place) for room, place in places.items() if room not in there and place.holder]
    return sorted((places[room] for room in there), key=lambda place: _ORDER.number(place.room.id)), strays


def _stray(apartment: int, room: int, place: Place) -> Place:
    """Return a room as the platform names one that it does not know."""
    building = replace(place.room.apartment, id=apartment)
    return replace(place, room=replace(place.room, id=room, apartment=building, number=f"room {room}", status=1))


def _claim(tenant: Tenant) -> tuple[int, ...]:
    moving = _moving(tenant)
    return CLAIMS.index(tenant.status), -moving.movein, -moving.updated_at, -moving.id, -tenant.id


def _moving(tenant: Tenant) -> Moving:
    if tenant.moving is None:
        raise AssertionError(f"tenant {tenant.id} has no contract")
    return tenant.moving


class _Planting:
    def __init__(self, simulation: Simulation) -> None:
        self._day = simulation.day
        self._period = int(f"{date.fromordinal(simulation.day):%Y%m}")
        self._places, self._strays = _places(simulation)
        self._untouched = list(self._places)
        self._others: list[dict[str, Any]] = []
        self._classes: Counter[str] = Counter()
        self._differences: Counter[str] = Counter()
        for place in self._places:
            place.rows = [self._row(place)]

    def planted(self) -> Planted:
        self._whole_building()
        self._classes_of_rooms()
        self._rows_too_many()
        self._unknown()
        self._stale()
        self._matched()
        for place in self._untouched:
            self._classes["matched" if place.holder else "vacant_both"] += 1
            if place.holder:
                self._differences["rent_missing"] += quirks.rent(_moving(place.holder)) <= 0
                self._differences["moveout_passed"] += self._has_left(place)
        self._classes += Counter(map(self._class_of_stray, self._strays))
        rows = [row for place in self._places for row in place.rows] + self._others
        rows.sort(key=lambda row: (str(row["asset_id"]), str(row["period_year_month"])))
        return Planted(
            [_cells(number, row) for number, row in enumerate(rows)],
            +self._classes,
            +self._differences,
            self._places,
            self._strays,
        )

    def _class_of_stray(self, place: Place) -> str:
        """Return the class of a room that only the system has."""
        if self._is_near(*self._moves(place)):
            return "turnover"
        return "past_moveout" if self._has_left(place) else "only_pms"

    # --- rows that agree with the dump ---------------------------------------------------------------------------

    def _row(self, place: Place) -> dict[str, Any]:
        room, holder = place.room, place.holder
        row = dict.fromkeys(KNOWN)
        row |= {
            "asset_id": f"J{room.apartment.id:07}",
            "unit": _SPELLING.pick(room.id, _UNITS)(room.number),
            "period_year_month": self._period,
            "ocp": 0,
        }
        return row | _of(holder) if holder else row

    # --- which rooms can be changed ------------------------------------------------------------------------------

    def _take(self, number: int, fits: Callable[[Place], bool]) -> Iterator[Place]:
        """Take rooms that nothing was planted in yet."""
        for place in [place for place in self._untouched if fits(place)][:number]:
            self._untouched.remove(place)
            yield place

    def _is_near(self, *days: int | None) -> bool:
        return any(day is not None and abs(day - self._day) <= NEAR_DAYS for day in days)

    def _moves(self, place: Place) -> list[int | None]:
        people = [tenant for tenant in (place.holder, *place.reserved) if tenant]
        moves = [day for tenant in people for day in (_moving(tenant).original_movein, moveout(_moving(tenant)))]
        return [*moves, *place.left]

    def _has_left(self, place: Place) -> bool:
        left = moveout(_moving(place.holder)) if place.holder else None
        return left is not None and left < self._day

    def _is_quiet(self, place: Place) -> bool:
        """Somebody lives there, nothing is wrong, and nobody moves."""
        if not place.holder or self._is_near(*self._moves(place)) or self._has_left(place):
            return False
        return quirks.rent(_moving(place.holder)) > 0 and place.room.status not in NOT_LET

    def _is_empty(self, place: Place) -> bool:
        return not (place.holder or place.reserved or place.left) and place.room.status not in NOT_LET

    # --- what is planted -----------------------------------------------------------------------------------------

    def _classes_of_rooms(self) -> None:
        vacant = {"tenant": None, "ocp": 0}
        taken = {"tenant": NOBODY_WE_KNOW, "ocp": 1, "base_rent_amt": 50_000}
        plan: dict[str, tuple[int, Callable[[Place], bool], dict[str, Any]]] = {
            "turnover": (3, lambda place: bool(place.holder) and self._is_near(*self._moves(place)), vacant),
            "past_moveout": (
                3,
                lambda place: self._has_left(place) and not self._is_near(*self._moves(place)),
                vacant,
            ),
            "reserved": (
                2,
                lambda place: bool(place.reserved) and not (place.holder or self._is_near(*self._moves(place))),
                taken,
            ),
            "departed": (
                2,
                lambda place: (
                    bool(place.left) and not (place.holder or place.reserved or self._is_near(*self._moves(place)))
                ),
                taken,
            ),
            "not_lettable": (2, lambda place: not place.holder and place.room.status in NOT_LET, taken),
            "type_only": (3, self._is_quiet, {"tenant": "個人"}),
            "deleted": (3, self._is_quiet, {"delete_flg": 1}),
            "only_rent_roll": (4, self._is_empty, taken),
            "only_pms": (4, self._is_quiet, vacant),
        }
        for name, (number, fits, change) in plan.items():
            for place in self._take(number, fits):
                place.rows[0] |= change
                self._classes[name] += 1

    def _rows_too_many(self) -> None:
        for place in self._take(3, self._is_quiet):
            place.rows.append(place.rows[0] | {"contract_start_date": date(2020, 1, 1), "tenant": NOBODY_WE_KNOW})
            self._classes["matched"] += 1
            self._classes["duplicate"] += 1
        for place in self._take(2, self._is_quiet):
            place.rows = [place.rows[0] | {"unit": zeros + place.room.number} for zeros in ("", "0")]
            self._classes["ambiguous_unit"] += 2

    def _unknown(self) -> None:
        known = self._row(self._places[0]) | {"tenant": NOBODY_WE_KNOW, "ocp": 1}
        self._others += [known | {"asset_id": "J9999998", "unit": unit} for unit in ("101", "102")]
        self._others += [known | {"unit": unit} for unit in ("Z01", "Z02", "Z03")]
        self._classes += Counter(unknown_asset=2, unknown_unit=3)

    def _stale(self) -> None:
        before = self._period - (1 if self._period % 100 > 1 else 89)
        for place in [*self._take(2, self._is_empty), *self._take(1, self._is_quiet)]:
            place.rows = [place.rows[0] | {"period_year_month": before}]
            self._classes["stale"] += 1

    def _whole_building(self) -> None:
        rooms = defaultdict(list)
        for place in self._places:
            rooms[place.room.apartment.id].append(place)
        building = next(
            places
            for places in rooms.values()
            if any(place.holder for place in places) and any(self._is_empty(place) for place in places)
        )
        self._others.append(
            building[0].rows[0] | {"unit": None, "tenant": "法人一棟", "ocp": 1, "base_rent_amt": 900_000}
        )
        for place in building:
            self._untouched.remove(place)
            place.rows = []
            is_let = place.room.status not in NOT_LET
            self._classes["matched" if place.holder else "bulk" if is_let else "vacant_both"] += 1

    def _matched(self) -> None:
        def has_end(place: Place) -> bool:
            return self._is_quiet(place) and place.rows[0]["contract_end_date"] is not None

        def has_kind(place: Place) -> bool:
            return self._is_quiet(place) and _kind(place.holder) != ""

        plan: dict[str, tuple[int, Callable[[Place], bool], Callable[[Place], dict[str, Any]]]] = {
            "rent_differs": (5, self._is_quiet, lambda place: {"base_rent_amt": place.rows[0]["base_rent_amt"] + 1500}),
            "start_differs": (4, self._is_quiet, lambda place: {"contract_start_date": date(2017, 1, 9)}),
            "end_differs": (4, has_end, lambda place: {"contract_end_date": date(2031, 1, 9)}),
            "end_unknown": (
                4,
                lambda place: self._is_quiet(place) and not has_end(place),
                lambda place: {"contract_end_date": date(2031, 1, 9)},
            ),
            "type_differs": (
                3,
                has_kind,
                lambda place: {"tenant": "法人 例" if _kind(place.holder) == "個人" else "個人 例"},
            ),
            "tenant_differs": (
                3,
                has_kind,
                lambda place: {"tenant": f"{_kind(place.holder)} {self._somebody_else(place)}"},
            ),
        }
        for name, (number, fits, change) in plan.items():
            for place in self._take(number, fits):
                place.rows[0] |= change(place)
                self._classes["matched"] += 1
                self._differences[name] += 1

    def _somebody_else(self, place: Place) -> int:
        return next(other.holder.id for other in self._places if other.holder and other.holder is not place.holder)


def _of(holder: Tenant) -> dict[str, Any]:
    moving = _moving(holder)
    end = moveout(moving) or quirks.expiration(moving)
    kind = _kind(holder) or "個人"
    who = _WHO.pick(holder.id, (str(holder.id), str(holder.id), display_name(holder) or holder.id))
    return {
        "tenant": f"{kind} {who}",
        "ocp": 1,
        "contract_start_date": date.fromordinal(moving.movein),
        "contract_end_date": date.fromordinal(end) if end else None,
        "base_rent_amt": moving.rent,
    }


def _kind(tenant: Tenant | None) -> str:
    """Return what a rent roll calls the tenant; empty when the contract does not say."""
    if tenant is None:
        return ""
    if tenant.agreement_type in CORPORATE:
        return "法人"
    return "個人" if tenant.agreement_type in INDIVIDUAL else ""


def _cells(number: int, row: dict[str, Any]) -> list[Any]:
    return [
        row[name] if name in row else _FILLING.between(number * len(HEADER) + place, 0, 99_999)
        for place, name in enumerate(HEADER)
    ]
