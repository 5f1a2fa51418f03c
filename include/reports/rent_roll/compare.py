"""A rent roll and the rooms of a date, compared room by room: which class each room falls into, and what differs.

The grain is the room, not the tenant, so that both sides count the same thing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import zip_longest

from include.reports.rent_roll.normalise import TenantKind
from include.reports.rent_roll.reader import Key, RentRoll, Row
from include.reports.rent_roll.stock import Holder, Room, Stock

# Numbers in the tenants' texts count as tenant ids when nearly all of them are.
SHARE_OF_TENANT_IDS = 0.95


class RoomClass(StrEnum):
    """What the comparison of a room comes to; the first that fits, but for `stale`, which needs a row of the month."""

    MATCHED = "matched"
    VACANT_BOTH = "vacant_both"
    AMBIGUOUS_UNIT = "ambiguous_unit"
    UNKNOWN_ASSET = "unknown_asset"
    UNKNOWN_UNIT = "unknown_unit"
    DUPLICATE = "duplicate"
    BULK = "bulk"
    STALE = "stale"
    TYPE_ONLY = "type_only"
    DELETED = "deleted"
    TURNOVER = "turnover"
    PAST_MOVEOUT = "past_moveout"
    RESERVED = "reserved"
    DEPARTED = "departed"
    NOT_LETTABLE = "not_lettable"
    ONLY_RENT_ROLL = "only_rent_roll"
    ONLY_PMS = "only_pms"


AGREED = frozenset({RoomClass.MATCHED, RoomClass.VACANT_BOTH})
UNEXPLAINED = frozenset(
    {
        RoomClass.AMBIGUOUS_UNIT,
        RoomClass.UNKNOWN_ASSET,
        RoomClass.UNKNOWN_UNIT,
        RoomClass.DUPLICATE,
        RoomClass.DELETED,
        RoomClass.ONLY_RENT_ROLL,
        RoomClass.ONLY_PMS,
    }
)


class Difference(StrEnum):
    """What differs although the room is occupied on both sides, and what is to be corrected besides."""

    RENT_DIFFERS = "rent_differs"
    RENT_MISSING = "rent_missing"
    START_DIFFERS = "start_differs"
    END_DIFFERS = "end_differs"
    END_UNKNOWN = "end_unknown"
    TYPE_DIFFERS = "type_differs"
    TENANT_DIFFERS = "tenant_differs"
    MOVEOUT_PASSED = "moveout_passed"


@dataclass(frozen=True, slots=True)
class Result:
    """What the comparison of one room, or of one surplus row, comes to.

    Attributes:
        asset: asset id of the building.
        unit: number of the room.
        room_class: the class.
        row: what the rent roll says, None when it does not list the room.
        room: what the system says, None when it does not know the room.
        is_active: the rent roll counts the room as occupied.
        differences: of a matched room.
    """

    asset: str
    unit: str
    room_class: RoomClass
    row: Row | None = None
    room: Room | None = None
    is_active: bool = False
    differences: tuple[Difference, ...] = ()

    @property
    def is_occupied(self) -> bool:
        """The system counts the room as occupied."""
        return self.room is not None and self.room.holder is not None and self.room_class is not RoomClass.DUPLICATE


@dataclass(frozen=True)
class Rules:
    """How much the two sides may differ.

    Attributes:
        rent_tolerance: in yen.
        days: around the date in which a move explains a difference.
    """

    rent_tolerance: int = 0
    days: int = 7


def is_active(row: Row) -> bool:
    """Return whether a row says that somebody holds the room."""
    names_somebody = row.tenant.kind is not TenantKind.NOBODY and not row.tenant.is_only_kind
    return row.is_occupied and not row.is_deleted and names_somebody


def compare(roll: RentRoll, stock: Stock, rules: Rules | None = None) -> list[Result]:
    """Compare a rent roll with the rooms of a date.

    Args:
        roll: the rent roll.
        stock: the rooms.
        rules: how much the two may differ.

    Returns:
        One result for each room of either side, and one for each row that is too many; by building and room.
    """
    return sorted(
        _Comparison(roll, stock, rules or Rules()).results(),
        key=lambda result: (result.asset, result.unit, result.room_class, result.row.line if result.row else 0),
    )


class _Comparison:
    def __init__(self, roll: RentRoll, stock: Stock, rules: Rules) -> None:
        self._roll, self._as_of, self._tenants, self._rules = roll, stock.as_of, stock.tenants, rules
        self._rooms: dict[Key, list[Room]] = defaultdict(list)
        for room in stock.rooms:
            self._rooms[room.key].append(room)
        self._assets = {asset for asset, _ in self._rooms} | set(stock.buildings)
        self._rows: dict[Key, list[Row]] = defaultdict(list)
        self._bulk: dict[str, list[Row]] = defaultdict(list)
        for row in roll.rows:
            if self._is_of_building(row):
                self._bulk[row.asset].append(row)
            elif row.unit:
                self._rows[row.key].append(row)
        numbers = [row.tenant.number for row in roll.rows if is_active(row) and row.tenant.number is not None]
        known = sum(number in self._tenants for number in numbers)
        self._numbers_are_tenants = bool(numbers) and known >= SHARE_OF_TENANT_IDS * len(numbers)

    def _is_of_building(self, row: Row) -> bool:
        bulk = row.tenant.kind is TenantKind.BULK and row.key not in self._rooms
        return is_active(row) and (bulk or not row.unit)

    def results(self) -> Iterator[Result]:
        whole = {}
        for asset, rows in self._bulk.items():
            whole[asset], *surplus = _newest_first(rows)
            yield from (Result(asset, "", RoomClass.DUPLICATE, row) for row in surplus)
            if asset not in self._assets:
                yield Result(asset, "", RoomClass.UNKNOWN_ASSET, whole[asset], is_active=True)
        earlier = self._roll.earlier.keys() - {row.key for row in self._roll.rows}
        for key in self._rooms.keys() | self._rows.keys() | {key for key in earlier if key[1]}:
            rows, rooms = self._rows.get(key, []), self._rooms.get(key, [])
            if len(rooms) > 1 or len({row.unit for row in rows}) > 1:
                yield from self._ambiguous(key, rows, rooms)
            elif not rows and key[0] in whole and rooms and rooms[0].is_lettable:
                yield self._of_building(whole[key[0]], rooms[0])
            elif not rows and key in earlier:
                yield Result(key[0], rooms[0].unit if rooms else key[1], RoomClass.STALE, room=next(iter(rooms), None))
            else:
                yield from self._unit(key, rows, next(iter(rooms), None))

    def _ambiguous(self, key: Key, rows: Sequence[Row], rooms: Sequence[Room]) -> Iterator[Result]:
        """Two units have one key: nobody can tell which is which, so nothing is merged."""
        active = list({row.unit: row for row in rows if is_active(row)}.values())
        occupied = [room for room in rooms if room.holder]
        if not active and not occupied:
            yield from (Result(key[0], room.unit, RoomClass.VACANT_BOTH, room=room) for room in rooms)
        for row, room in zip_longest(active, occupied):
            unit = row.unit if row else room.unit
            yield Result(key[0], unit, RoomClass.AMBIGUOUS_UNIT, row, room, is_active=row is not None)

    @staticmethod
    def _of_building(row: Row, room: Room) -> Result:
        """Return the result of a room that a row for the whole building covers; its rent and dates are not compared."""
        room_class = RoomClass.MATCHED if room.holder else RoomClass.BULK
        return Result(room.asset, room.unit, room_class, row, room, is_active=True)

    def _unit(self, key: Key, rows: Sequence[Row], room: Room | None) -> Iterator[Result]:
        active = _newest_first([row for row in rows if is_active(row)])
        row = next(iter([*active, *rows]), None)
        unit = room.unit if room else row.unit if row else key[1]
        yield from (Result(key[0], unit, RoomClass.DUPLICATE, surplus, room) for surplus in active[1:])
        holder = room.holder if room else None
        if active and holder:
            differences = tuple(self._differences(active[0], holder))
            yield Result(key[0], unit, RoomClass.MATCHED, row, room, True, differences)
        else:
            yield Result(key[0], unit, self._class(key, rows, bool(active), room), row, room, bool(active))

    def _class(self, key: Key, rows: Sequence[Row], active: bool, room: Room | None) -> RoomClass:
        """Return the class of a room that is not occupied on both sides."""
        if not active and (room is None or not room.holder):
            return RoomClass.VACANT_BOTH
        if room is None:
            return RoomClass.UNKNOWN_UNIT if key[0] in self._assets else RoomClass.UNKNOWN_ASSET
        rules: Mapping[RoomClass, bool] = {
            RoomClass.TYPE_ONLY: not active
            and any(row.is_occupied and not row.is_deleted and row.tenant.is_only_kind for row in rows),
            RoomClass.DELETED: not active and bool(rows) and all(row.is_deleted for row in rows),
            RoomClass.TURNOVER: any(self._is_near(day) for day in _moves(room)),
            RoomClass.PAST_MOVEOUT: not active and self._has_left(room.holder),
            RoomClass.RESERVED: active and bool(room.reserved),
            RoomClass.DEPARTED: active and bool(room.left),
            RoomClass.NOT_LETTABLE: not room.is_lettable,
            RoomClass.ONLY_RENT_ROLL: active,
        }
        return next((room_class for room_class, fits in rules.items() if fits), RoomClass.ONLY_PMS)

    def _is_near(self, day: date) -> bool:
        return abs((day - self._as_of).days) <= self._rules.days

    def _has_left(self, holder: Holder | None) -> bool:
        return holder is not None and holder.moveout is not None and holder.moveout < self._as_of

    def _differences(self, row: Row, holder: Holder) -> Iterator[Difference]:
        if not row.rent or not holder.rent or min(row.rent, holder.rent) < 0:
            yield Difference.RENT_MISSING
        elif abs(row.rent - holder.rent) > self._rules.rent_tolerance:
            yield Difference.RENT_DIFFERS
        starts = {holder.movein, holder.first_movein} - {None}
        if row.start and starts and row.start not in starts:
            yield Difference.START_DIFFERS
        ends = {holder.expiration, holder.moveout} - {None}
        if row.end and row.end not in ends:
            yield Difference.END_DIFFERS if ends else Difference.END_UNKNOWN
        told = {TenantKind.INDIVIDUAL: "individual", TenantKind.CORPORATE: "corporate", TenantKind.BULK: "corporate"}
        if told.get(row.tenant.kind, holder.tenant_type) != holder.tenant_type != "unknown":
            yield Difference.TYPE_DIFFERS
        if self._numbers_are_tenants and row.tenant.number not in (None, holder.tenant_id):
            yield Difference.TENANT_DIFFERS
        if self._has_left(holder):
            yield Difference.MOVEOUT_PASSED


def _newest_first(rows: Sequence[Row]) -> list[Row]:
    """Return rows by their start, the latest first; of the same start the last one of the file."""
    return sorted(rows, key=lambda row: (row.start or date.min, row.line), reverse=True)


def _moves(room: Room) -> Iterator[date]:
    """Return the dates on which somebody moves into the room or out of it."""
    for holder in (*((room.holder,) if room.holder else ()), *room.reserved):
        yield from (day for day in (holder.first_movein, holder.moveout) if day)
    yield from room.left
