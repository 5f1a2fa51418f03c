"""Rows added to the generated ones: what the business's documents name and sixty days of a small company may not show.

Every edge has buildings, rooms, tenants and contracts of its own, with ids beyond all generated ones.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

from tests.oracle.guesses import Answer, Guesses, Judgement

Changes = dict[str, Any]
FIRST = "2026-01-15"
LAST = "2026-03-20"
LEAP = "2028-02-29"

DEFAULTS: dict[str, Changes] = {
    "apartments": {
        "apartment_name": "東京β 蒲田",
        "prefecture": "東京都",
        "municipality": "大田区",
        "full_address": "東京都大田区蒲田1-1",
        "latitude": "35.562500",
        "longitude": "139.716000",
        "room_count": 2,
        "vacancy_room_count": 0,
        "status": 1,
        "created_at": "2020-01-01 00:00:00",
        "updated_at": "2025-12-01 01:00:00",
    },
    "rooms": {
        "rent": 56000,
        "status": 1,
        "created_at": "2020-01-01 00:00:00",
        "updated_at": "2025-12-01 01:00:00",
    },
    "tenants": {
        "full_name": "山田 花子",
        "last_name": "山田",
        "first_name": "花子",
        "gender_type": 2,
        "birth_date": "1996-06-15",
        "age": 20,
        "nationality": "日本",
        "m_nationality_id": 1,
        "contract_type": 1,
        "media_id": 3,
        "status": 9,
        "created_at": "2025-03-01 00:00:00",
        "updated_at": "2025-12-01 01:00:00",
    },
    "movings": {
        "movein_date": "2025-04-01",
        "original_movein_date": "2025-04-01",
        "movein_decided_date": "2025-03-15 00:00:00",
        "cancel_flag": 0,
        "is_moveout": 0,
        "move_renew_flag": 0,
        "moving_agreement_type": 1,
        "rent": "56000.00",
        "created_at": "2025-03-15 01:30:00",
        "updated_at": "2025-12-01 01:00:00",
    },
    "inquiries": {"created_at": "2023-04-30 03:00:00", "updated_at": "2023-04-30 03:00:00"},
    "m_nationalities": {},
}

Event = tuple[str, int, str, Changes | None]
_events: list[Event] = []


def put(table: str, number: int, when: str = FIRST, **changes: Any) -> int:
    """Enter a row or change it from a date on."""
    _events.append((table, number, when, changes))
    return number


def remove(table: str, number: int, when: str) -> None:
    """Let a row vanish from the dump."""
    _events.append((table, number, when, None))


_used = {"apartments": 9000, "rooms": 90_000, "tenants": 900_000, "movings": 900_000, "inquiries": 9000}


def new(table: str, when: str = FIRST, **changes: Any) -> int:
    """Enter a row with the next free id."""
    _used[table] += 1
    return put(table, _used[table], when, **changes)


def building(**changes: Any) -> int:
    number = _used["apartments"] + 1
    return new("apartments", **{"unique_number": f"J9{number}", **changes})


def room(apartment: int, **changes: Any) -> int:
    return new("rooms", apartment_id=apartment, **{"room_number": str(_used["rooms"] % 1000), **changes})


class Life:
    """A tenant with the current contract."""

    def __init__(self, where: int, when: str = FIRST, status: int | None = 9, **moving: Any) -> None:
        apartment = next(event[3] for event in _events if event[:2] == ("rooms", where))
        assert apartment
        self.tenant = new("tenants", when, status=status)
        self.moving = new(
            "movings", when, tenant_id=self.tenant, apartment_id=apartment["apartment_id"], room_id=where, **moving
        )
        put("tenants", self.tenant, when, moving_id=self.moving)

    def on(self, when: str, status: int | None = None, **moving: Any) -> Life:
        """Change status and contract from a date on."""
        if status is not None:
            put("tenants", self.tenant, when, status=status, updated_at=f"{when} 02:00:00")
        if moving:
            put("movings", self.moving, when, **{"updated_at": f"{when} 02:00:00", **moving})
        return self

    def is_(self, when: str = FIRST, **tenant: Any) -> Life:
        """Change the tenant's own columns."""
        put("tenants", self.tenant, when, **tenant)
        return self

    def again(self, where: int, when: str = FIRST, current: bool = True, **moving: Any) -> Life:
        """Enter a further contract of the same tenant."""
        apartment = next(event[3] for event in _events if event[:2] == ("rooms", where))
        assert apartment
        place = {"apartment_id": apartment["apartment_id"], "room_id": where}
        number = new("movings", when, **{"tenant_id": self.tenant, **place, **moving})
        if current:
            self.moving = number
            put("tenants", self.tenant, when, moving_id=number)
        return self


def shifted(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


# --- who stands for a room -------------------------------------------------------------------------------------------

house = building(room_count=1)  # stored count below the real one (I-20)
Life(room(house), status=7)  # present since just now
Life(room(house), status=4)  # a reservation alone does not fill a room
Life(room(house), status=6)
turnover = room(house)  # the next tenant is in while the last is still in the books
Life(turnover, status=15, movein_date="2024-05-01")
Life(turnover, status=9, when="2026-01-28", movein_date="2026-01-28", original_movein_date="2026-01-28")
shared = room(house)  # same status: the later start, then the later change, then the higher id decides
Life(shared, movein_date="2025-05-01", rent="50000.00", moving_agreement_type=2)
Life(shared, movein_date="2025-06-01", rent="60000.00", moving_agreement_type=3)
Life(shared, movein_date=None, rent="70000.00")
tied = room(house)
Life(tied, rent="51000.00", updated_at="2026-01-02 00:00:00")
Life(tied, rent="52000.00", updated_at="2026-01-01 00:00:00")
tied_again = room(house)
Life(tied_again, rent="53000.00")
Life(tied_again, rent="54000.00")
Life(room(house), is_moveout=1)  # said to be gone
Life(room(house), is_moveout=None)
Life(room(house), cancel_flag=None)
Life(room(house), cancel_flag=1)
Life(room(house), status=8)
Life(room(house)).is_(moving_id=None)  # tenant without a contract
Life(room(house)).is_(moving_id=99_999_999)  # and with one that is not there

# --- moving in -------------------------------------------------------------------------------------------------------

estate = building()
renewed = room(estate)  # a renewal starts on the day and is no move-in, on an ordinary day and on a month's last one
for start in ("2026-01-20", "2026-01-31", "2026-02-28", "2026-03-20"):
    Life(
        room(estate),
        movein_date=start,
        original_movein_date="2024-01-20",
        move_renew_flag=1,
        movein_decided_date="2026-01-05 00:00:00",
    )
for start in ("2026-01-20", "2026-01-31", "2026-02-28", "2026-03-07", "2026-03-20"):  # known beforehand, in on the day
    Life(
        room(estate),
        status=5,
        movein_date=start,
        original_movein_date=start,
        movein_decided_date="2026-01-10 00:00:00",
        rent="120000.00",
    ).on(start, 9)
Life(room(estate), status=9, movein_date="2026-02-28", original_movein_date=None)  # the only start there is
Life(room(estate), status=9, movein_date=None, original_movein_date=None)
Life(room(estate), status=7, movein_date="2302-01-28", original_movein_date="0000-00-00")
Life(room(estate), status=9, movein_date="2026-03-25", original_movein_date="2026-03-25")  # in before the contract
for delta in (1, 45, 90, 91):  # the edges of the outlook, seen from two dates
    for seen_from in ("2026-02-28", LAST):
        ahead = shifted(seen_from, delta)
        Life(room(estate), "2026-02-20", 5, movein_date=ahead, original_movein_date=ahead)
        Life(room(estate), "2026-02-20", 14, moveout_date=ahead, moveout_date_integrated=ahead)
        Life(room(estate), "2026-02-20", 9, moveout_date=ahead, moveout_date_integrated=None)  # no notice, only a date
for came, left in (("2026-02-02", "2026-03-05"), ("2026-02-20", "2026-02-27")):
    flat = room(estate)  # two who move in and out together are one room
    for _ in range(2):
        Life(flat, status=5, movein_date=came, original_movein_date=came).on(came, 9).on(
            left, 16, is_moveout=1, moveout_plans_date=left, moveout_date_integrated=left
        )

# --- moving out ------------------------------------------------------------------------------------------------------

tower = building()
for left in ("2026-01-20", "2026-01-31", "2026-02-28", "2026-03-04", "2026-03-20"):
    Life(room(tower), status=14, moveout_date=left, moveout_date_integrated=left, moveout_receipt_date="2026-01-02").on(
        left, 16, is_moveout=1, moveout_plans_date=left
    )  # flipped to 16 by the night batch of the day itself
    Life(room(tower), status=14, moveout_date=left, moveout_date_integrated=left)  # nobody has closed the contract yet
for left in ("2026-01-25", "2026-02-23"):  # three dates that differ: the actual one wins
    Life(
        room(tower),
        status=15,
        moveout_plans_date=left,
        moveout_date_integrated=shifted(left, 3),
        moveout_date=shifted(left, 9),
    ).on(left, 16, is_moveout=1)
Life(room(tower), status=15, moveout_date_integrated="2026-01-29", moveout_date="2026-02-04").on("2026-01-29", 17)
Life(room(tower), status=15, moveout_plans_date="0000-00-00", moveout_date_integrated="2302-01-28").on(
    "2026-02-06", 16, moveout_date="2026-02-06"
)
for left in ("2026-02-09", "2026-02-26"):
    Life(room(tower), status=14, cancel_flag=1, moveout_plans_date=left)
    Life(room(tower), status=14, cancel_flag=None, moveout_plans_date=left)
    Life(room(tower), status=9, moveout_plans_date=left)  # nobody has said so: the status decides
    Life(room(tower), status=16, is_moveout=1, moveout_plans_date=left).again(
        room(tower), moveout_plans_date="2027-01-01"
    )  # a contract of old; the tenant's current one is another
for on_one_day in ("2026-02-02", "2026-02-23"):  # in and out within a day
    Life(room(tower), "2026-01-30", 5, movein_date=on_one_day, original_movein_date=on_one_day).on(
        on_one_day, 14, moveout_plans_date=on_one_day
    )
Life(room(tower), movein_date="2025-12-31", moveout_plans_date="2025-12-22", status=17, is_moveout=1)  # wrong way round
for begin, end in (("2025-01-31", "2025-02-28"), ("2024-02-29", "2025-02-28"), ("2025-01-15", "2025-02-15")):
    Life(
        room(tower),
        movein_date=begin,
        original_movein_date=begin,
        moveout_plans_date=end,
        is_moveout=1,
        status=17,
        moveout_receipt_date=begin,
    )  # completed months
for end in ("2017-12-31", "2018-01-01", "2026-03-20", "2026-03-21"):
    Life(room(tower), movein_date="2017-01-01", moveout_plans_date=end, is_moveout=1, status=17)

# --- contracts and notices -------------------------------------------------------------------------------------------

block = building()
for signed in ("2017-12-31", "2018-01-01", "2026-02-28", "2026-03-01", "2026-03-20", "2026-03-21"):
    Life(room(block), movein_decided_date=f"{signed} 23:30:00")
for seen_from, two_years in (
    ("2026-01-31", "2024-01-31"),
    ("2026-02-28", "2024-02-28"),
    (LAST, "2024-03-20"),
    (LEAP, "2026-02-28"),
):
    for notice in (seen_from, shifted(seen_from, 1), two_years, shifted(two_years, -1), shifted(two_years, 20)):
        Life(
            room(block),
            status=14,
            moveout_receipt_date=notice,
            moveout_date=shifted(notice, 30),
            moveout_date_integrated=shifted(notice, 30),
        )
Life(room(block), status=14, moveout_receipt_date="2026-01-10", moveout_date="2026-02-26").on(
    "2026-02-26", 16, is_moveout=1, moveout_plans_date="2026-02-26"
)  # pending, then completed
doubled = room(block)  # of several contracts of one tenant and room the latest start, change, id
Life(doubled, movein_date="2024-04-01", rent="1.00").again(doubled, movein_date="2026-01-01", rent="2.00").again(
    doubled, movein_date=None, current=False, rent="3.00"
)
redone = room(block)
Life(redone, updated_at="2026-01-03 00:00:00", rent="1.00").again(redone, rent="2.00", current=False).again(
    redone, rent="3.00", current=False, cancel_flag=1
)
for kind in (None, 0, 2, 3, 4, 5, 6, 7, 8, 9, 77):
    Life(
        room(block),
        moving_agreement_type=kind,
        movein_date="2026-02-01",
        original_movein_date="2026-02-01",
        movein_decided_date="2026-01-25 00:00:00",
        moveout_date="2026-03-18",
        moveout_date_integrated="2026-03-18",
    ).on("2026-03-18", 16, is_moveout=1)
for rent in (None, "0.00", "-56000.00", "49999.99", "50000.00", "70000.00", "100000.00", "150000.00"):
    Life(
        room(block), rent=rent, movein_decided_date="2026-01-03 00:00:00", movein_date="2026-01-10"
    )  # on either side of each limit of the rent ranges
for lead in (-1, 0, 7, 8, 30, 31, 60, 61):
    came = shifted("2026-01-02", lead)
    Life(room(block), movein_decided_date="2026-01-02 00:00:00", movein_date=came, original_movein_date=came)
orphans = Life(room(block))
orphans.again(room(block), current=False, apartment_id=8_888)
orphans.again(room(block), current=False, room_id=88_888)
new("movings", tenant_id=888_888, apartment_id=block, room_id=room(block))
Life(room(block)).is_(moving_id=orphans.moving)  # the contract of somebody else
for came in ("2017-12-31", "2018-01-01", "2026-02-17", "2026-02-28", "2026-03-01"):  # nobody noted the signing
    Life(room(block), movein_date=came, original_movein_date=came, movein_decided_date=None)
for original in ("2023-02-20", None):  # who renewed stayed since the first move-in, as far as it is known
    renewal = {
        "movein_date": "2025-08-20",
        "original_movein_date": original,
        "movein_decided_date": "2025-08-01 00:00:00",
        "move_renew_flag": 1,
    }
    Life(room(block), **renewal)
    Life(room(block), status=17, is_moveout=1, moveout_plans_date="2026-02-18", **renewal)
Life(
    room(block),
    status=17,
    is_moveout=1,
    cancel_flag=1,
    moveout_plans_date="2026-02-18",
    moveout_receipt_date="2026-01-18",
)  # cancelled and moved out: a record to correct
Life(room(block), cancel_flag=1, moveout_receipt_date="2026-01-18", moveout_date="2026-04-18")
impossible = {  # days that the calendar does not have
    "movein_date": "2026-02-31",
    "original_movein_date": "2025-02-29",
    "movein_decided_date": "2025-02-30 10:00:00",
    "rent_start_date": "2025-04-31",
    "expiration_date": "2026-06-31",
    "moveout_receipt_date": "2025-11-31",
    "moveout_plans_date": "2025-09-31",
    "moveout_date_integrated": "2025-06-31",
    "moveout_date": "2025-02-29",
}
Life(room(block), **impossible)
for column in impossible:
    possible = {"movein_date": "2025-03-15", "moveout_date": "2025-12-15", "moveout_receipt_date": "2025-11-15"}
    Life(room(block), status=17, is_moveout=1, **{**possible, column: impossible[column]})

# --- where -----------------------------------------------------------------------------------------------------------

for latitude, longitude in (
    ("35.000000", "139.000000"),
    ("36.000000", "140.500000"),
    ("34.999999", "139.700000"),
    ("35.600000", "140.500001"),
    ("35.666400", "139.316000"),  # outside the narrow box of old
    (None, "139.700000"),
    ("0.000000", "0.000000"),
    ("99.999999", "35.600000"),
):
    place = building(latitude=latitude, longitude=longitude)
    Life(room(place), moveout_receipt_date="2026-01-10")
    Life(room(place), is_moveout=1, moveout_plans_date="2026-01-12", status=17, moveout_receipt_date="2026-01-01")
BACKED_UP = building(latitude=None, longitude=None)  # the last known good ones are kept
Life(room(BACKED_UP), moveout_receipt_date="2026-01-10")
for municipality in (None, "", " Unknown ", "NULL", "unknown", "川口市"):
    place = building(municipality=municipality)
    Life(room(place))
    Life(room(place), is_moveout=1, moveout_plans_date="2026-01-12", status=17)
for address in (
    None,
    "大田区蒲田1-1",
    "東京都 大田区蒲田1-1",
    "　東京都\t大　田区\u00a0ｶﾏﾀ1",
    "〒144-0052 大田区蒲田1-1",
    "１４４－００５２東京都大田区蒲田1-1",
    "東京都青ヶ島村無番地",
    "東京都西多摩郡奥多摩町氷川1",
):
    Life(room(building(municipality=None, full_address=address)))
    Life(room(building(municipality="Unknown", full_address=None, address=address)))
Life(room(building(municipality=None, prefecture="神奈川県", full_address="神奈川県横浜市鶴見区生麦1-1")))
Life(room(building(municipality=None, prefecture="　神奈川県", full_address="蒲田1-1", address="横浜市鶴見区生麦1-1")))
Life(room(building(unique_number=None)))
Life(room(building(unique_number=" ")))
building(room_count=0)  # nobody lives there, and it has no rooms
room(building(room_count=None))
Life(new("rooms", apartment_id=8_889, room_number="1"))  # the building is missing

# --- who -------------------------------------------------------------------------------------------------------------

home = building(room_count=40)
for born, stored in (
    ("2000-02-29", None),
    ("2007-03-20", None),
    ("2008-03-20", 20),
    ("2008-03-21", 20),
    ("2008-03-21", None),
    ("1925-03-20", 30),
    ("1925-03-19", 101),
    ("0000-00-00", 44),
    ("2200-01-01", 18),
    (None, 17),
    (None, None),
    ("1991-03-21", 60),
    ("1991-03-20", 60),
    ("1971-03-20", 1),
):
    Life(room(home), moveout_plans_date="2026-03-01", is_moveout=1, status=17).is_(birth_date=born, age=stored)
for changes in (
    {"nationality": "レソト", "m_nationality_id": 200},
    {"nationality": " レソト ", "m_nationality_id": 2},
    {"nationality": None, "m_nationality_id": 3},
    {"nationality": " null ", "m_nationality_id": None},
    {"nationality": "--", "m_nationality_id": 200},
    {"nationality": " ベトナム"},
    {"affiliation": " Null", "affiliation_type": 17, "personal_identity": "8"},
    {"affiliation": " 会社 ", "affiliation_type": 99, "personal_identity": "null"},
    {"affiliation_type": 0, "personal_identity": "99", "gender_type": 9},
    {"personal_identity": " 3 ", "gender_type": 3},
    {"personal_identity": "0", "gender_type": None},
    {"full_name": "NULL", "last_name": " ", "first_name": " 太郎"},
    {"full_name": " -- ", "last_name": "O'Neil", "first_name": None},
    {"media_id": None, "reason_moveout": 6},
    {"reason_moveout": 42},
):
    Life(room(home), moveout_plans_date="2026-02-02", is_moveout=1, status=17).is_(**changes)
    Life(room(home), status=11).is_(**changes)
PREDICTED = [Life(room(home)).is_(nationality="レソト", m_nationality_id=5).tenant for _ in range(2)]
answers: list[Answer] = []


def guessed(name: str, *said: Answer, **tenant: Any) -> None:
    """Enter a tenant about whose nationality something was said."""
    nothing = {"nationality": "レソト", "m_nationality_id": None}
    Life(room(home)).is_(**{"full_name": name, "birth_date": "1990-05-06", **nothing, **tenant})
    answers.extend(said)


EARLY, MIDDLE, LATE = date(2026, 1, 10), date(2026, 2, 25), date(2026, 3, 15)
BORN = date(1990, 5, 6)
guessed("SITA RAI", Answer("SITA RAI", "llm", "ネパール", EARLY))
guessed("　SITA RAI ", nationality=None)
guessed("Sita Rai")
guessed("ON RECORD 1", Answer("ON RECORD 1", "llm", "ネパール", EARLY), nationality="日本")
guessed("ON RECORD 2", Answer("ON RECORD 2", "llm", "ネパール", EARLY), nationality="--", m_nationality_id=2)
guessed("NULL", Answer("RAI O'NEIL", "llm", "ネパール", EARLY), last_name="RAI", first_name="O'NEIL")
guessed("MIDDLE", Answer("MIDDLE", "llm", "ネパール", MIDDLE))
guessed("LATER", Answer("LATER", "llm", "ネパール", EARLY), Answer("LATER", "llm", "インド", MIDDLE, version="0"))
guessed("LATEST", Answer("LATEST", "name_model", "ネパール", LATE), Answer("LATEST", "llm", "インド", EARLY))
guessed("EQUAL", *(Answer("EQUAL", "llm", place, EARLY, version=place) for place in ("Z", "A")))
guessed("UNSURE", Answer("UNSURE", "llm", "ネパール", EARLY, "0.799"))
guessed("SURE", Answer("SURE", "llm", "ネパール", EARLY, "0.8"))
guessed("BOTH", Answer("BOTH", "name_model", "ネパール", EARLY, "0.8"), Answer("BOTH", "llm", "インド", MIDDLE))
guessed("MODEL", Answer("MODEL", "name_model", "ネパール", EARLY))
guessed("UNKNOWN", Answer("UNKNOWN", "llm", None, MIDDLE), Answer("UNKNOWN", "llm", "インド", EARLY, version="0"))
guessed("PLACEHOLDER", Answer("PLACEHOLDER", "llm", "レソト", EARLY))
guessed("FORGOTTEN", Answer("FORGOTTEN", "llm", "ネパール", EARLY), Answer("FORGOTTEN", "forgotten", None, LATE, "0"))
guessed("株式会社花", Answer("株式会社花", "not_a_person", "その他", EARLY), Answer("株式会社花", "llm", "日本", EARLY))
for kind, place in (("same_person", "中国"), ("name_model", "台湾")):
    answers.append(Answer("王 芳", kind, place, EARLY, born=BORN if kind == "same_person" else None))
for born in ("1990-05-06", "1990-05-07", None):
    guessed("王 芳", birth_date=born)
answers.append(Answer("山田 花子", "llm", "ブータン", EARLY))

# --- the history of a tenant -----------------------------------------------------------------------------------------

past = building()
Life(room(past)).on("2026-02-03", 10).on("2026-02-04", 9)  # a period of one day
Life(room(past)).is_("2026-02-20", contract_type=2)  # another type, the same status
Life(room(past)).is_("2026-02-20", contract_type=2, status=14).is_("2026-02-21", contract_type=1, status=9)
for when in ("2026-02-01", "2026-02-23"):
    remove("tenants", Life(room(past)).tenant, when)
returning = Life(room(past))
remove("tenants", returning.tenant, "2026-01-20")
put("tenants", returning.tenant, "2026-02-20", status=9, moving_id=returning.moving)
over_a_gap = Life(room(past))  # last seen before a gap, missed after it
remove("tenants", over_a_gap.tenant, "2026-03-08")
within_a_gap = Life(room(past), "2026-03-08", 5).on("2026-03-09", 6)
at_the_end = Life(room(past))
remove("tenants", at_the_end.tenant, LAST)
Life(room(past)).on("2026-01-22", 14).on("2026-01-23", 9)  # a change that only a missing date saw

# --- applications ----------------------------------------------------------------------------------------------------

desk = building()
Life(room(desk), status=4).on("2026-02-03", 5)  # there since the first date: not counted
Life(room(desk), "2026-01-18", 4).on("2026-01-25", 5)  # counted once
Life(room(desk), "2026-01-18", 5).on("2026-01-28", 9).on("2026-02-25", 5)  # a second time is no first
Life(room(desk), "2026-01-18", 5).again(room(desk), "2026-01-26")  # another room: another pair
Life(room(desk), "2026-01-18", 3).on("2026-01-22", 4)  # on a date that is missing, seen a day later
Life(room(desk), "2026-02-12", 4)  # on a date declared a gap
Life(room(desk), "2026-02-12", 4).on("2026-02-18", 9)  # and gone again before it ends
Life(room(desk), "2026-01-18", 4, moving_agreement_type=3).is_("2026-01-18", contract_type=3)
Life(room(desk), "2026-01-18", 6).on("2026-02-24", 5)
Life(room(desk), "2026-02-19", 5).again(room(desk), "2026-02-26")
applicants = room(desk)
Life(applicants, "2026-01-18", 5)
Life(applicants, "2026-01-18", 5)  # two pairs, one room
Life(room(desk), "2026-01-16", 5, cancel_flag=1).on("2026-01-19", 8)
Life(room(desk), "2026-02-19", 4).is_("2026-02-23", contract_type=2)  # another type of contract is no second time
Life(room(desk), "2026-02-24", 4).on("2026-02-25", 8)  # an applicant on a declared gap only
for code in (99, -1):
    Life(room(desk)).is_("2026-02-20", status=code, contract_type=code).is_("2026-02-26", status=9, contract_type=1)
for created in ("2026-01-19 14:59:59", "2026-01-19 15:00:00", "2017-12-31 14:59:59", "2017-12-31 15:00:00"):
    Life(room(desk)).is_(created_at=created)  # Tokyo's midnight
    new("inquiries", created_at=created, updated_at=created)
new("inquiries", created_at="2022-05-05 15:30:00", tenant_id=PREDICTED[0])
new("inquiries", created_at="2022-05-05 15:30:00", tenant_id=888_888)
asker = Life(  # several contracts, of which an inquiry led to one
    room(desk), movein_date="2025-09-01", original_movein_date="2025-09-01", moving_agreement_type=2
)
asker.again(room(desk), current=False, movein_date="2025-06-01", original_movein_date="2025-06-01")
asker.again(room(desk), current=False, movein_date="2025-06-11", original_movein_date="2025-06-11")
asker.again(room(desk), current=False, movein_date="2026-05-01", original_movein_date="2026-05-01", cancel_flag=None)
asker.again(room(desk), current=False, movein_date="2025-07-01", original_movein_date="2025-07-01", cancel_flag=1)
for asked in ("2025-05-20", "2025-06-01", "2025-06-02", "2025-06-06", "2025-06-11", "2025-06-12"):
    new("inquiries", created_at=f"{asked} 00:00:00", tenant_id=asker.tenant)
renewing = Life(room(desk), movein_date="2025-06-01", original_movein_date="2023-06-01", move_renew_flag=1)
new("inquiries", created_at="2024-01-31 15:00:00", tenant_id=renewing.tenant)

# --- nasty text and bounds -------------------------------------------------------------------------------------------

ASSET_IDS = (  # the first five are one
    *("J77001", "j77001", "　J77001", "Ｊ７７００１", "J77001\u00a0\t"),
    *(
        "J77002　",
        "ｊ77００３",
        "棟-1",
        "棟－１",
        "ﾊｲﾂ1",
        "ハイツ1",
        "バイツ1",
        "ﾊﾞｲﾂ1",
        "ハ\u3099イツ1",
        "ﾊ゚1",
        "b 1",
        "b　1",
    ),
)
NAMES = (  # of which a collation that knows no case, width or marks would call most the same
    *("ハイツ", "バイツ", "パイツ", "ﾊｲﾂ", "ﾊﾞｲﾂ", "はいつ", "ハ\u3099イツ", "ハイッ", "ハイツ🏠", "ハイツ🏡"),
    *(
        "ハイツ　",
        "\u00a0ハイツ \t",
        "\r\nハイツ\n",
        "ハイ\u200bツ",
        "ハイツ\u200b",
        "ハ イツ",
        "ハ　イツ",
        "ハ\u00a0イツ",
    ),
    *(
        "e",
        "é",
        "e\u0301",
        "E",
        "É",
        "ｅ",
        "Ⅲ",
        "III",
        "1",
        "１",
        "①",
        "ß",
        "ss",
        "𠮷",
        "吉",
        "\u200b",
        "a\\b",
        "O'b; --",
    ),
    *(
        "ＮＵＬＬ",
        "nULL",
        "－－",
        "--",
        "　",
        "Unknown",
        "UNKNOWN",
        "ｕｎｋｎｏｗｎ",
        "unknown　",
        "その他",
        "不明\x01",
    ),
)


def odd_house(**changes: Any) -> Life:
    """Enter a building out of which one tenant has moved and in which another lives, who is returned."""
    place = building(**changes)
    gone = Life(room(place), moveout_plans_date="2026-02-17", is_moveout=1, status=17, movein_decided_date="2025-03-20")
    gone.is_(nationality=changes.get("apartment_name", "日本"))
    return Life(room(place))


for asset in ASSET_IDS:
    odd_house(unique_number=asset)
for name in NAMES:
    guest = odd_house(apartment_name=name, prefecture=name, municipality=name)
    guest.is_(nationality=name, affiliation=name, full_name=name, last_name=name, first_name=name, full_name_kana=name)
    new("inquiries", created_at="2022-06-06 03:00:00", tenant_id=guest.tenant)
    master = 1000 + NAMES.index(name)
    put("m_nationalities", master, nationality_name=name)
    lodger = Life(room(home, room_number=name), moveout_plans_date="2026-02-18", is_moveout=1, status=17)
    lodger.is_(nationality="ﾚｿﾄ　", m_nationality_id=master)
for identity in (
    "８",
    "　3\n",
    "３ ",
    "０",
    "1２",
    "9",
    "99",
    "77",
    "0x1",
    "-1",
    "1.0",
    "1e1",
    "٣",
    "①",
    "123456789012",
):
    Life(room(home), moveout_plans_date="2026-02-18", is_moveout=1, status=17).is_(personal_identity=identity)
for unknown in (9, 77, 99):
    Life(room(home)).is_(gender_type=unknown, affiliation_type=unknown, contract_type=unknown)
    Life(room(home), moveout_plans_date="2026-02-18", is_moveout=1, status=17).is_(reason_moveout=unknown)
    Life(room(home), moving_agreement_type=unknown, movein_decided_date="2026-02-10 00:00:00")
for stranger in (18, 77, 99):
    Life(room(home), moveout_plans_date="2026-02-18", status=stranger)
Life(room(home), status=9).on("2026-02-18", 99).on("2026-02-19", 9)
for column in (
    *("movein_date", "original_movein_date", "movein_decided_date", "rent_start_date", "expiration_date"),
    *("moveout_receipt_date", "moveout_date", "moveout_plans_date", "moveout_date_integrated"),
):
    for odd in (
        "2026-02-31",
        "2025-02-29",
        "2026-00-10",
        "2026-02-00",
        "2099-12-31",
        "2100-12-31",
        "2101-01-01",
        "9999-12-31",
    ):
        # MySQL takes a zero day or month only into what it calls an invalid date, DATETIME included
        Life(room(home), **{column: odd})
        Life(room(home), status=14, **{column: odd})
        Life(room(home), status=16, is_moveout=1, **{"moveout_date": "2026-02-19", column: odd})
for odd in ("2026-02-31", "2000-02-30", "2099-12-31", "2100-12-31", "9999-12-31", "1000-01-01"):
    Life(room(home)).is_(birth_date=odd, age=33)
Life(room(home), updated_at="2037-12-31 15:00:00").is_(created_at="2037-12-31 15:00:00")

# --- the flash report, whose dump is newer than the partitions of its month -------------------------------------------

hall = building()
CAME, LEFT, LATER = "2026-02-20", "2026-02-23", "2026-02-26"


def comer(**moving: Any) -> Life:
    """Enter a tenant who moves in and whose contract is known beforehand."""
    dates = {"movein_date": CAME, "original_movein_date": CAME, **moving}
    return Life(room(hall), "2026-02-19", 5, **dates).on(CAME, 9)


def leaver(**moving: Any) -> Life:
    """Enter a tenant who moves out and has said so."""
    return Life(room(hall), "2026-02-19", 14, **{"moveout_plans_date": LEFT, "moveout_date": LEFT, **moving})


comer()
for changes in (
    {"cancel_flag": 1},
    {"move_renew_flag": 1},
    {"original_movein_date": None},
    {"original_movein_date": "2026-03-05"},
    {"movein_date": "2026-03-05"},
    {"movein_date": None},
    {"room_id": room(hall)},
    {"moving_agreement_type": 2},
):
    comer().on(LATER, **changes)
for table in ("tenants", "movings"):
    someone = comer()
    remove(table, someone.tenant if table == "tenants" else someone.moving, LATER)
comer(original_movein_date="2026-02-22").on(LATER, original_movein_date=CAME)
comer().on(LATER, 8)  # a cancelled tenant of a contract that is not
Life(room(hall), LATER, 9, movein_date=CAME, original_movein_date=CAME, created_at=f"{LATER} 00:00:00")
Life(room(hall), "2026-02-19", 3, movein_date=CAME, original_movein_date=CAME).on(LATER, 9)
mover = comer()
mover.again(room(hall), "2026-02-19", current=False, movein_date=CAME, original_movein_date=CAME)
for came in (CAME, LEFT):  # twice into one room, and two types of tenants at once
    shared = room(hall)
    Life(shared, CAME, 9, movein_date=CAME, original_movein_date=CAME, moving_agreement_type=2)
    Life(shared, CAME, 9, movein_date=came, original_movein_date=came)
leaver()
for changes in (
    {"cancel_flag": 1},
    {"moveout_date": None},
    {"moveout_date": "2026-03-02"},
    {"moveout_plans_date": "2026-01-31"},
    {"room_id": room(hall)},
):
    leaver().on(LATER, **changes)
leaver().on(LATER, 9)  # stays after all
leaver(moveout_plans_date="2026-02-27", moveout_date="2026-02-27").on(LATER, moveout_plans_date=LEFT, moveout_date=LEFT)
Life(room(hall), "2026-02-19", 9, moveout_date=LEFT).on(LATER, 16, is_moveout=1)
for planned in ("2026-02-28", "2026-03-31", "2026-04-01"):
    leaver(moveout_plans_date=None, moveout_date=planned)
    leaver(moveout_plans_date=None, moveout_date=planned).is_("2026-02-19", status=16)
    leaver(moveout_plans_date=None, moveout_date=planned).is_("2026-02-19", status=9)
    leaver(moveout_plans_date=None, moveout_date=planned, is_moveout=1)
    lender = Life(room(hall), status=17, movein_date=planned, original_movein_date=planned, moveout_date=planned)
    Life(room(hall), status=5).is_(moving_id=lender.moving)
    Life(room(hall), "2026-02-19", 5, movein_date=planned, original_movein_date=planned)
    Life(room(hall), "2026-02-19", 5, movein_date=planned, original_movein_date=None)
    Life(room(hall), "2026-02-19", 5, movein_date=planned, original_movein_date=planned, is_moveout=1)
for begin in ("2026-02-01", "2026-03-01", "2028-02-01", "2028-03-01"):
    for status in (7, 9):
        Life(room(hall), status=status, movein_date=begin, original_movein_date=begin)
        Life(room(hall), status=status, movein_date=begin, original_movein_date="2024-03-01", move_renew_flag=1)
        Life(room(hall), status=status, movein_date=shifted(begin, 4), original_movein_date=shifted(begin, 4))
    successor = room(hall)
    Life(successor, status=14, moveout_plans_date=begin).on(begin, 16, is_moveout=1)
    Life(successor, status=7, movein_date=begin, original_movein_date=begin)

GEO_BACKUP = {BACKED_UP: ("35.61000000", "139.71000000")}
"""Last known good coordinates by building."""
GUESSES = Guesses(
    tuple(answers),
    (
        Judgement("name_model", date(2026, 2, 1), True),
        Judgement("name_model", date(2026, 2, 24), False),
        Judgement("name_model", date(2026, 3, 5), True),
        Judgement("llm", date(2026, 1, 1), False),
        Judgement("llm", date(2026, 1, 2), True),
        Judgement("llm", date(2030, 1, 1), False),
    ),
)
"""Guessed nationalities, and whether those who guessed were used."""


@cache
def edge_rows(table: str, today: date) -> dict[int, dict[str, str | None]]:
    """Return the added rows of a table as of a day, every value as the text that the server would show."""
    rows: dict[int, Changes] = {}
    for name, number, when, changes in sorted(_events, key=lambda event: event[2]):
        if name != table or when > today.isoformat():
            continue
        if changes is None:
            rows.pop(number, None)
        else:
            rows.setdefault(number, {"id": number, **DEFAULTS[table]}).update(changes)
    return {
        number: {column: None if value is None else str(value) for column, value in row.items()}
        for number, row in rows.items()
    }
