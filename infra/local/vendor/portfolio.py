"""Buildings and rooms. They do not change over time; who lives in them does (`simulation.py`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from infra.local.vendor.chance import Lot
from infra.local.vendor.scale import Scale

if TYPE_CHECKING:
    from infra.local.vendor.simulation import Moving

APARTMENTS = 1_202
ROOMS = 16_401
LIVING_ROOMS = 56
UNAVAILABLE_ROOMS = 569
# Rooms that any contract ever refers to: the others are new or kept back.
MARKETED_ROOMS = 14_171

PLACES = (
    # prefecture, municipality, latitude, longitude, weight
    ("東京都", "板橋区", 35.7512, 139.7093, 11),
    ("東京都", "足立区", 35.7750, 139.8044, 11),
    ("東京都", "江戸川区", 35.7066, 139.8683, 9),
    ("東京都", "練馬区", 35.7356, 139.6517, 8),
    ("東京都", "北区", 35.7528, 139.7336, 7),
    ("東京都", "葛飾区", 35.7433, 139.8472, 7),
    ("東京都", "大田区", 35.5614, 139.7161, 7),
    ("東京都", "豊島区", 35.7261, 139.7167, 6),
    ("東京都", "杉並区", 35.6994, 139.6364, 5),
    ("東京都", "中野区", 35.7073, 139.6638, 5),
    ("東京都", "荒川区", 35.7361, 139.7833, 4),
    ("東京都", "墨田区", 35.7107, 139.8015, 4),
    ("東京都", "新宿区", 35.6938, 139.7034, 3),
    ("東京都", "世田谷区", 35.6466, 139.6532, 3),
    ("東京都", "品川区", 35.6092, 139.7302, 2),
    ("東京都", "台東区", 35.7126, 139.7800, 2),
    ("東京都", "八王子市", 35.6664, 139.3160, 2),
    ("神奈川県", "横浜市鶴見区", 35.5083, 139.6824, 4),
    ("神奈川県", "川崎市川崎区", 35.5308, 139.7030, 4),
    ("埼玉県", "川口市", 35.8077, 139.7241, 5),
    ("埼玉県", "蕨市", 35.8256, 139.6797, 2),
    ("千葉県", "市川市", 35.7219, 139.9311, 2),
    ("千葉県", "松戸市", 35.7877, 139.9031, 2),
)
_DECK = tuple(place for place in PLACES for _ in range(place[4]))

_PLACE = Lot("apartment place")
_NORTH = Lot("apartment north")
_EAST = Lot("apartment east")
_SIZE = Lot("apartment size")
_RENT = Lot("apartment rent")
_ROOM_RENT = Lot("room rent")
_ROOM_ORDER = Lot("room order")


@dataclass(slots=True)
class Apartment:
    """One building."""

    id: int
    place: tuple[str, str, float, float, int]
    latitude: float
    longitude: float
    rooms: list[Room] = field(default_factory=list)
    vacancies: int = 0
    updated_at: int = 0


@dataclass(slots=True)
class Room:
    """One room. `holders` counts the contracts that occupy or reserve it, `lease` is the newest of them."""

    id: int
    apartment: Apartment
    number: str
    floor: int
    rent: int
    status: int
    holders: int = 0
    lease: Moving | None = None
    updated_at: int = 0


@dataclass(frozen=True)
class Portfolio:
    """All buildings, all rooms, and the rooms that are let."""

    apartments: tuple[Apartment, ...]
    rooms: tuple[Room, ...]
    marketed: tuple[Room, ...]


def _rent(apartment_id: int, room_id: int) -> int:
    """Return a room's list rent in yen: most are near 56,000, a few much dearer."""
    bell = sum(_RENT.share(apartment_id * 3 + part) for part in range(3)) - 1.5
    own = _ROOM_RENT.share(room_id) - 0.5
    dear = 18_000 if _RENT.hits(apartment_id, 0.035) else 0
    return int(55_900 + bell * 9_000 + own * 6_000 + dear) // 500 * 500


def build(scale: Scale, opened: int) -> Portfolio:
    """Return the portfolio at a scale; `opened` is the instant at which its rows were entered."""
    apartments = []
    for number in range(scale.of(APARTMENTS)):
        apartment_id = number + 1 + number // 40  # a few ids were never used
        place = _PLACE.pick(apartment_id, _DECK)
        north, east = (_NORTH.share(apartment_id) - 0.5) * 0.04, (_EAST.share(apartment_id) - 0.5) * 0.05
        apartments.append(Apartment(apartment_id, place, place[2] + north, place[3] + east, updated_at=opened))
    total = scale.of(ROOMS)
    weights = [_SIZE.between(apartment.id, 5, 22) for apartment in apartments]
    rooms: list[Room] = []
    filled = 0
    for apartment, weight in zip(apartments, weights, strict=True):
        filled += weight
        while len(rooms) < total * filled // sum(weights):
            index = len(apartment.rooms)
            floor = index // 6 + 1
            room_id = len(rooms) + 1 + len(rooms) // 9
            room = Room(
                room_id,
                apartment,
                f"{floor}{index % 6 + 1:02}",
                floor,
                _rent(apartment.id, room_id),
                1,
                updated_at=opened,
            )
            apartment.rooms.append(room)
            rooms.append(room)
    drawn = sorted(rooms, key=lambda room: _ROOM_ORDER.number(room.id))
    kept_back = scale.of(UNAVAILABLE_ROOMS)
    for room in drawn[:kept_back]:
        room.status = 6
    for room in drawn[kept_back : kept_back + scale.of(LIVING_ROOMS)]:
        room.status = 4
    return Portfolio(tuple(apartments), tuple(rooms), tuple(drawn[-scale.of(MARKETED_ROOMS) :]))
