"""Who holds or held which room on a date, as the property-management system says."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from include.forms import Refused
from include.reports.rent_roll.normalise import asset_of, key_of, unit_of

if TYPE_CHECKING:
    import MySQLdb

# Days before the date in which a departure explains that the rent roll still lists somebody.
DEPARTED_DAYS = 31
# Status of rooms that are not let: living rooms, and rooms that are closed.
NOT_LET = (4, 6)


@dataclass(frozen=True, slots=True)
class Holder:
    """A tenant who holds or has reserved a room.

    Attributes:
        tenant_id: the tenant.
        moving_id: the contract.
        tenant_type: individual, corporate or unknown.
        movein: start of the contract.
        first_movein: start of the original contract.
        moveout: effective departure.
        expiration: of the contract, as of today.
        rent: monthly, in yen.
    """

    tenant_id: int
    moving_id: int
    tenant_type: str = "unknown"
    movein: date | None = None
    first_movein: date | None = None
    moveout: date | None = None
    expiration: date | None = None
    rent: int | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """A room on the date.

    Attributes:
        room_id: the room.
        asset: asset id of its building.
        unit: its number.
        is_lettable: it can be let at all.
        holder: who stands for it, None when it is vacant.
        reserved: who has reserved it.
        left: dates on which it was left lately.
    """

    room_id: int
    asset: str
    unit: str
    is_lettable: bool = True
    holder: Holder | None = None
    reserved: tuple[Holder, ...] = ()
    left: tuple[date, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What the room is compared by."""
        return self.asset, key_of(self.unit)


@dataclass(frozen=True)
class Stock:
    """All rooms on a date.

    Attributes:
        as_of: the date.
        rooms: all that there are.
        buildings: names by asset id.
        tenants: ids of all tenants.
    """

    as_of: date
    rooms: tuple[Room, ...]
    buildings: Mapping[str, str] = field(default_factory=dict)
    tenants: frozenset[int] = frozenset()


def date_to_compare(connection: MySQLdb.Connection, period: int, asked: date | None) -> date:
    """Return the date whose rooms a rent roll is compared with.

    Args:
        connection: of the login that owns silver.
        period: month of the rent roll, YYYYMM; its last date with facts is taken.
        asked: a date that is wanted instead.

    Raises:
        Refused: there are no facts; the message names the nearest dates that have some.
    """
    first = date(period // 100, period % 100, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    known: list[date] = [
        day for (day,) in _rows(connection, "SELECT business_date FROM silver.business_calendar WHERE NOT is_gap")
    ]
    found = [day for day in known if first <= day <= last] if asked is None else [day for day in known if day == asked]
    if found:
        return max(found)
    begin, end = (asked, asked) if asked else (first, last)
    before, after = [day for day in known if day < begin], [day for day in known if day > end]
    nearest = " and ".join(str(day) for day in (*sorted(before)[-1:], *sorted(after)[:1]))
    raise Refused(
        f"{f'{asked} has no facts' if asked else f'no date of {period} has facts'}; the nearest with facts: "
        f"{nearest or 'none'}; choose one as as_of"
    )


def read_stock(connection: MySQLdb.Connection, as_of: date) -> Stock:
    """Return all rooms on a date.

    Args:
        connection: of the login that owns silver and gold.
        as_of: the date.
    """
    buildings = {
        apartment: (asset_of(asset) or f"apartment {apartment}", name or "")
        for apartment, asset, name in _rows(
            connection, "SELECT apartment_id, asset_id_hj, apartment_name FROM silver.stg_apartments"
        )
    }
    holders, reserved = _holders(connection, as_of)
    left = defaultdict(list)
    for room, apartment, day in _rows(
        connection,
        "SELECT room_id, apartment_id, snapshot_date FROM silver.room_departures_daily "
        "WHERE snapshot_date BETWEEN %s AND %s ORDER BY snapshot_date",
        as_of - timedelta(days=DEPARTED_DAYS),
        as_of,
    ):
        left[apartment, room].append(day)
    known = {
        (apartment, room): (unit_of(number), status not in NOT_LET)
        for room, apartment, number, status in _rows(
            connection, "SELECT room_id, apartment_id, room_number, room_status FROM silver.stg_rooms"
        )
    }
    rooms = (
        Room(
            place[1],
            buildings.get(place[0], (f"apartment {place[0]}", ""))[0],
            known.get(place, ("", False))[0] or f"room {place[1]}",
            known.get(place, ("", True))[1],
            holders.get(place),
            tuple(reserved.get(place, ())),
            tuple(left.get(place, ())),
        )
        for place in sorted(known.keys() | holders.keys())
    )
    return Stock(
        as_of,
        tuple(rooms),
        dict(buildings.values()),
        frozenset(tenant for (tenant,) in _rows(connection, "SELECT tenant_id FROM silver.stg_tenants")),
    )


Places = dict[tuple[int, int], Any]


def _holders(connection: MySQLdb.Connection, as_of: date) -> tuple[Places, Places]:
    """Return who stands for each room, and who has reserved it, by building and room."""
    holders: Places = {}
    reserved: Places = defaultdict(list)
    for apartment, room, is_primary, is_reserved, *holding in _rows(
        connection,
        """
        SELECT
            snapshots.apartment_id, snapshots.room_id, snapshots.is_room_primary,
            snapshots.tenant_status_code IN (4, 5, 6), snapshots.tenant_id,
            snapshots.moving_id, COALESCE(types.tenant_type, 'unknown'), snapshots.movein_date,
            snapshots.effective_movein_date, snapshots.effective_moveout_date,
            movings.contract_expiration_date, CAST(snapshots.monthly_rent AS SIGNED)
        FROM silver.tenant_room_snapshot_daily AS snapshots
        LEFT JOIN silver.stg_movings AS movings ON snapshots.moving_id = movings.moving_id
        LEFT JOIN seeds.code_contract_type AS types ON snapshots.contract_type_code = types.code
        WHERE snapshots.snapshot_date = %s
        ORDER BY snapshots.tenant_id
        """,
        as_of,
    ):
        holder = Holder(*holding)
        if is_primary:
            holders[apartment, room] = holder
        elif is_reserved:
            reserved[apartment, room].append(holder)
    return holders, reserved


def _rows(connection: MySQLdb.Connection, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
    with contextlib.closing(connection.cursor()) as cursor:
        cursor.execute(statement, arguments or None)
        return list(cursor.fetchall())
