"""Every deliberate fault of the source data, and nothing else.

A fault depends only on the id of its row, so it stays with the row from dump to dump. Functions take the true value and
return what the vendor's database shows instead.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date

from include.dump.contract import KNOWN_DUPLICATES
from infra.local.vendor.chance import Lot
from infra.local.vendor.clock import DAY_SECONDS, day_text
from infra.local.vendor.people import company, leaves_nationality_open
from infra.local.vendor.portfolio import Apartment, Room
from infra.local.vendor.simulation import Moving, Tenant

# Written as `0000-00-00`.
ZERO_DATE = 0

# --- text ------------------------------------------------------------------------------------------------------------

_HALF_WIDTH = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF61, 0xFFA0)}
_KANA = range(0x30A1, 0x30FD)


def full_width(text: str) -> str:
    """Return a text with its ASCII letters and digits in full width."""
    return "".join(chr(ord(char) + 0xFEE0) if char.isascii() and char.isalnum() else char for char in text)


def half_width(text: str) -> str:
    """Return a text with its katakana in half width; a voiced one becomes two characters."""
    parts = (unicodedata.normalize("NFD", char) if ord(char) in _KANA else char for char in text)
    return "".join(_HALF_WIDTH.get(char, char) for part in parts for char in part)


_SPELLINGS: tuple[Callable[[str], str], ...] = (
    lambda text: f"{text}\u3000",
    lambda text: f"\u3000{text}",
    lambda text: f"{text} ",
    lambda text: f" {text}",
    lambda text: f"{text}\u00a0",
    full_width,
    half_width,
    str.lower,
)
_TYPED = {
    column: (Lot(f"text fault of {column}"), share)
    for column, share in (
        ("unique_number", 0.2),
        ("apartment_name", 0.2),
        ("prefecture", 0.08),
        ("municipality", 0.08),
        ("room_number", 0.03),
        ("full_name", 0.02),
        ("nationality", 0.02),
        ("affiliation", 0.02),
        ("personal_identity", 0.03),
    )
}


def typed(column: str, key: int, text: str | None) -> str | None:
    """Return a text as the office types it: now and then with a blank at an end, in another width or in small letters.

    Args:
        column: which column it is in; each has its own share of such rows.
        key: id of the row.
        text: the true value.
    """
    lot, share = _TYPED[column]
    return lot.pick(-key, _SPELLINGS)(text) if text and lot.hits(key, share) else text


# --- tenants ---------------------------------------------------------------------------------------------------------

# While a form was broken, nearly everybody entered was from Lesotho, without gender and affiliation.
LESOTHO_DAYS = range(date(2025, 9, 1).toordinal(), date(2025, 10, 11).toordinal())
_LESOTHO = Lot("lesotho placeholder")
_EMPTY_NATIONALITY = Lot("empty text for no nationality")
_NO_MASTER = Lot("no nationality of the master")
_NO_GENDER = Lot("no gender")
_NAME = Lot("name fault")
_AFFILIATION = Lot("affiliation fault")
_IDENTITY = Lot("identity fault")
_BIRTH = Lot("birth date fault")
_BORN_TODAY = Lot("day of entry as birth date")
_DANGLING = Lot("dangling moving_id")
# The tenant (by order of entry) whose birth date is 2200-01-01.
UNBORN = 600


def is_lesotho(tenant: Tenant) -> bool:
    """Return True for a tenant entered through the broken form."""
    return tenant.created_at // DAY_SECONDS in LESOTHO_DAYS and _LESOTHO.hits(tenant.id, 0.96)


def lacks_gender(tenant: Tenant) -> bool:
    """Return True when gender is NULL: all placeholders and companies, and some of the others."""
    return is_lesotho(tenant) or company(tenant.id) is not None or _NO_GENDER.hits(tenant.id, 0.03)


def lacks_nationality(tenant: Tenant) -> str | None:
    """Return the literal shown in place of a nationality (NULL or empty text) for 2.4 % of tenants, else None.

    A company has none.
    """
    if company(tenant.id) or leaves_nationality_open(tenant.id):
        return "''" if _EMPTY_NATIONALITY.hits(tenant.id, 0.45) else "NULL"
    return None


def master_nationality_id(tenant: Tenant, number: int) -> int | None:
    """Return `tenants.m_nationality_id`; companies, and a third of the persons who lack the text, lack it too."""
    missing = company(tenant.id) or (lacks_nationality(tenant) and _NO_MASTER.hits(tenant.id, 0.33))
    return None if missing else number


def names(tenant: Tenant, last: str, first: str) -> tuple[str, str, str]:
    """Return full, last and first name as stored: text `NULL`, `--`, blanks, a mask, an emoji, SQL in a name.

    A company stands in the field of the family name.
    """
    share = _NAME.share(tenant.id)
    last, first = (company(tenant.id) or last, "" if company(tenant.id) else first)
    full = f"{last} {first}".strip(" ")
    for limit, shown in (
        (0.004, ("NULL", last, first)),
        (0.006, ("", last, first)),
        (0.007, ("--", last, first)),
        (0.009, ("*", "*", "*")),
        (0.010, ("NULL", " ", first)),
        (0.011, (f"{full}🏠", last, f"{first}🏠")),
        (0.012, (f"O'{last}; -- {first}", f"O'{last};", f"-- {first}")),
        (0.013, (f"{last}\\{first}", f"{last}\\", first)),
        (0.014, (f'{full} ("Ken"),(1);', last, f'{first} ("Ken"),(1);')),
    ):
        if share < limit:
            return shown
    return full, last, first


def affiliation(tenant: Tenant, name: str) -> str | None:
    """Return the employer or school: NULL for placeholders, sometimes the text `NULL` or `--` or nothing."""
    if is_lesotho(tenant):
        return None
    share = _AFFILIATION.share(tenant.id)
    for limit, shown in ((0.03, "NULL"), (0.06, "--"), (0.08, ""), (0.10, None)):
        if share < limit:
            return shown
    return name


def personal_identity(tenant: Tenant, code: int) -> str | None:
    """Return the code as text, sometimes the text `NULL`."""
    share = _IDENTITY.share(tenant.id)
    return "NULL" if share < 0.05 else None if share < 0.12 else str(code)


def born_today(tenant: Tenant) -> bool:
    """Return True when the day of entry stands where the birth date belongs."""
    return tenant.number != UNBORN and not company(tenant.id) and _BORN_TODAY.hits(tenant.id, 0.002)


def birth_date(tenant: Tenant, literal: str) -> str:
    """Return the birth date: one tenant is not born yet, a few on the day of entry; 0.2 % are zero, 8 % unknown.

    A company has none.
    """
    share = _BIRTH.share(tenant.id)
    if tenant.number == UNBORN:
        return "'2200-01-01'"
    if born_today(tenant):
        return f"'{day_text(tenant.created_at // DAY_SECONDS)}'"
    if company(tenant.id):
        return "NULL"
    return "'0000-00-00'" if share < 0.002 else "NULL" if share < 0.08 else literal


def current_moving_id(tenant: Tenant) -> int | None:
    """Return `tenants.moving_id`: for one in eleven tenants at status 5 it is NULL or points nowhere."""
    if tenant.moving is None:
        return None
    if tenant.status == 5 and _DANGLING.hits(tenant.id, 0.089):
        return None if _DANGLING.hits(tenant.id, 0.03) else tenant.moving.id + 9_000_000
    return tenant.moving.id


# --- movings ---------------------------------------------------------------------------------------------------------

_RENT = Lot("rent fault")
_CLOSED_EARLY = Lot("closed too early")
_FUTURE_ENTRY = Lot("created in the future")
_FUTURE_SIGNATURE = Lot("signed in the future")
_NULL_FLAG = Lot("flag is null")
_ZERO = Lot("zero date")
_FIRST_MONTH = Lot("first month per rent")
_PLACE = Lot("room fault")
_STILL_VALID = Lot("cancelled without the flag")
_UNDATED = Lot("departure without a date")
_YEAR_LATE = Lot("departure a year late")
_EXPIRY = Lot("expiration date")
MOVEOUT_BEFORE_MOVEIN = 700
MOVEOUT_IN_2302 = 800
# These contracts (by order of entry) exist at every scale.
ZERO_MOVEOUT = 900
# Contracts that ended before have an actual departure but no final rent date: 70 % are null.
DATES_FROM = date(2024, 7, 1).toordinal()
YEAR_2302 = date(2302, 1, 28).toordinal()


# What is added to the id of a building or room that is not there.
NOWHERE = 9_000_000


def place(moving: Moving) -> tuple[int, int]:
    """Return building and room; for 0.3 % of contracts one is not there, or not the room of that building."""
    apartment, room = moving.room.apartment.id, moving.room.id
    share = _PLACE.share(moving.id)
    for limit, shown in (
        (0.001, (apartment, room + NOWHERE)),
        (0.002, (apartment + NOWHERE, room)),
        (0.003, (apartment - 1 or 2, room)),
    ):
        if share < limit:
            return shown
    return apartment, room


def rent(moving: Moving) -> int:
    """Return the monthly rent in yen; 3.5 % are zero or negative."""
    share = _RENT.share(moving.id)
    return 0 if share < 0.033 else -moving.rent if share < 0.035 else moving.rent


def is_moveout(moving: Moving) -> str:
    """Return the flag: 1 although the tenant lives there for 1 % of contracts, NULL for some closed long ago."""
    if moving.closed:
        return "1"
    if _CLOSED_EARLY.hits(moving.id, 0.011):
        return "1"
    return "NULL" if _NULL_FLAG.hits(moving.id, 0.02) else "0"


def cancel_flag(moving: Moving) -> str:
    """Return the flag; NULL stands for 0 now and then, and one cancelled contract in a hundred lacks it."""
    if moving.cancelled:
        return "0" if _STILL_VALID.hits(moving.id, 0.01) else "1"
    return "NULL" if _NULL_FLAG.hits(-moving.id, 0.02) else "0"


def moveout_dates(moving: Moving) -> tuple[int | None, int | None, int | None]:
    """Return final rent date, actual departure and the vendor's integrated date, with a few impossible ones."""
    final, actual = moving.moveout, moving.plans
    if moving.closed and _UNDATED.hits(moving.id, 0.002):
        return None, None, None
    if actual is not None and actual < DATES_FROM:
        final = None
        actual += 365 if _YEAR_LATE.hits(moving.id, 0.004) else 0
    if moving.number == MOVEOUT_BEFORE_MOVEIN:
        actual = moving.movein - 9
    elif moving.number == MOVEOUT_IN_2302:
        actual = YEAR_2302
    elif moving.number == ZERO_MOVEOUT or (actual is None and _ZERO.hits(moving.id, 0.004)):
        actual = ZERO_DATE
    integrated = actual if actual else final
    return final, actual, integrated


def expiration(moving: Moving) -> int | None:
    """Return the expiry: NULL for 63 %, now and then that of the term before."""
    if not _EXPIRY.hits(moving.id, 0.37):
        return None
    return moving.movein - 1 if _EXPIRY.hits(moving.id, 0.003) else moving.expiration


def created_at(moving: Moving) -> int:
    """Return the instant of entry; about 100 rows claim a later one."""
    return moving.created_at + (
        _FUTURE_ENTRY.between(moving.id, 200, 900) * DAY_SECONDS if _FUTURE_ENTRY.hits(moving.id, 0.0016) else 0
    )


def decided(moving: Moving) -> int | None:
    """Return the day of signature: NULL for 20 %, after the dump for one in a thousand."""
    share = _FUTURE_SIGNATURE.share(moving.id)
    return None if share < 0.2 else moving.decided + 900 if share < 0.201 else moving.decided


def first_month_per_rent(moving: Moving) -> str:
    """Return a number, `0` or `--` in a text column."""
    return _FIRST_MONTH.pick(moving.id, ("'--'", "'0'", "'0.5'", "'1'", "'100'", "NULL"))


def odd_date(key: int, day: int | None) -> int | None:
    """Return the date, or the zero date for 0.3 % of rows."""
    return ZERO_DATE if _ZERO.hits(key, 0.003) else day


# --- buildings -------------------------------------------------------------------------------------------------------

ODD_BUILDING = 7
_COORDINATES = Lot("coordinates fault")
_MUNICIPALITY = Lot("municipality fault")
_POSTAL_CODE = Lot("postal code")
_ROOM_COUNT = Lot("room count fault")


def coordinates(apartment: Apartment) -> tuple[float | None, float | None]:
    """Return latitude and longitude; about 3 % are missing, zero, swapped or elsewhere."""
    share = _COORDINATES.share(apartment.id)
    for limit, shown in (
        (0.010, (None, None)),
        (0.018, (0.0, 0.0)),
        (0.026, (99.999999, apartment.latitude)),  # swapped: DECIMAL(8,6) cannot hold 139
        (0.032, (34.693738, 135.502165)),
    ):
        if share < limit:
            return shown
    return apartment.latitude, apartment.longitude


# The first buildings were entered when the form had one line for the whole address.
EARLY = range(1, 15)


def municipality(apartment: Apartment) -> str | None:
    """Return the municipality; missing in the first buildings and in some others, in three ways."""
    share = _MUNICIPALITY.share(apartment.id) * (0.016 if apartment.id in EARLY else 1)
    return None if share < 0.006 else "" if share < 0.012 else "Unknown" if share < 0.016 else apartment.place[1]


def addresses(apartment: Apartment, street: str) -> tuple[str | None, str | None]:
    """Return `address` and `full_address`, which where the municipality is missing are written in any of seven ways.

    Args:
        apartment: the building.
        street: what follows the municipality.
    """
    prefecture, town = apartment.place[:2]
    if municipality(apartment) == town:
        return street, f"{prefecture}{town}{street}"
    code = postal_code(apartment)
    mark = f"〒{code[:3]}-{code[3:]}"
    shapes = (
        (street, f"{prefecture}{town}{street}"),
        (street, f"{mark} {prefecture}{town}{street}"),
        (street, f"{town}{street}"),
        (street, f"{mark}　{town}{street}"),
        (f"{town}{street}", None),
        (f"{prefecture}{town}{street}", ""),
        (full_width(f"{code[:3]}－{code[3:]}{town}{street}"), street),
    )
    return shapes[apartment.id % len(shapes)]


def postal_code(apartment: Apartment) -> str:
    """Return the seven digits of a postal code."""
    return f"{_POSTAL_CODE.between(apartment.id, 100, 359)}{_POSTAL_CODE.between(-apartment.id, 1, 99):04}"


def room_count(apartment: Apartment) -> int:
    """Return the stored number of rooms, below the real one for a few buildings (incident I-20)."""
    return len(apartment.rooms) - (3 if _ROOM_COUNT.hits(apartment.id, 0.012) else 0)


def contract_end_date(apartment: Apartment) -> str:
    """Return the end of the master lease; one building's lies in 2100."""
    return "'2100-01-01'" if apartment.id == ODD_BUILDING else "NULL"


def release_date(room: Room) -> str:
    """Return the date from which a room can be let again; closed ones sometimes say 2030."""
    return "'2030-12-31'" if room.status == 6 and room.id % 10 == 0 else "NULL"


# --- other tables ----------------------------------------------------------------------------------------------------

# How many rows of a table come twice, with the same primary key (incident I-12): as many as are declared.
REPEATED = KNOWN_DUPLICATES

# One row of each of these columns has a date from another century.
ABSURD_DATES = {
    ("payments", "payment_date"): "'2203-12-01'",
    ("cleared_balances", "balance_date"): "'5300-11-12'",
}
ABSURD_ROW = 77


def is_repeated(table: str, number: int) -> bool:
    """Return True when row `number` (from 0) of a table is written a second time."""
    return table in REPEATED and number % 23 == 11 and number // 23 < REPEATED[table]
