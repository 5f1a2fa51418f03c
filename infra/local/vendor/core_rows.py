"""Rows of the six tables that the platform models: movings, tenants, apartments, rooms, m_nationalities, inquiries.

The columns that the platform reads are written here from the state of the simulation, passed through `quirks`; the
remaining columns of the vendor's wide tables get plausible filling (`literals`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from math import ceil
from typing import Any

from infra.local.vendor import quirks
from infra.local.vendor.chance import Lot
from infra.local.vendor.clock import DAY_SECONDS, OPENED, day_text, instant_text
from infra.local.vendor.literals import Line, Recipe, quote, recipe
from infra.local.vendor.people import LESOTHO, LESOTHO_ID, NATIONALITIES, companies, company, person
from infra.local.vendor.portfolio import Apartment, Room
from infra.local.vendor.scale import Scale
from infra.local.vendor.schema import Table
from infra.local.vendor.simulation import Moving, Simulation, Tenant

# The vendor's wide tables are mostly empty.
NULL_SHARE = 0.55

INQUIRIES = 719
# The feed has been dead since, though the office still edits a row every few days.
LAST_INQUIRY = date(2023, 5, 2).toordinal()
FIRST_INQUIRY = date(2019, 4, 1).toordinal()
INQUIRY_EDIT_DAYS = 3.5
# On this day the vendor merged the types 3, 6 and 9 of `tenants.contract_type` into 1.
CONTRACT_TYPES_MERGED = date(2025, 9, 16).toordinal()

Known = dict[str, str]


class CoreRows:
    """The core tables as of the simulation's day."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._inquiries = inquiries(simulation)
        self._inquiry_of = {row["tenant_id"]: row["id"] for row in self._inquiries if row["tenant_id"] != "NULL"}

    def count(self, table: str) -> int:
        """Return the number of rows of a core table."""
        return len(self._entities(table)[0])

    def rows(self, table: Table, first: int, stop: int) -> Iterator[str]:
        """Write rows number `first` up to `stop` (not included), each a parenthesised list of literals."""
        entities, describe = self._entities(table.name)
        filling = Lot(table.name)
        plan: list[tuple[str, Recipe]] = [(column.name, recipe(column, NULL_SHARE)) for column in table.columns]
        for entity in entities[first:stop]:
            known = describe(entity)
            created = known["created_at"]
            line = Line(
                id=int(known["id"]),
                key=filling.number(int(known["id"])),
                day=f"{created[:11]}'" if created != "NULL" else "NULL",
                created=created,
                updated=known["updated_at"],
                moving=0,
                tenant=0,
                apartment=0,
                room=0,
                rent=0,
            )
            yield "(" + ",".join([known[name] if name in known else fill(line) for name, fill in plan]) + ")"

    def max_updated_at(self, table: str) -> int:
        """Return the newest `updated_at` of one of the five tables that the manifest lists, an instant."""
        if table == "inquiries":
            return max(int(row["instant"]) for row in self._inquiries)
        return max(int(entity.updated_at) for entity in self._entities(table)[0])

    def _entities(self, table: str) -> tuple[Sequence[Any], Callable[[Any], Known]]:
        simulation = self._simulation
        choices: dict[str, tuple[Sequence[Any], Callable[[Any], Known]]] = {
            "movings": (simulation.movings, _moving),
            "tenants": (simulation.tenants, self._tenant),
            "apartments": (simulation.portfolio.apartments, _apartment),
            "rooms": (simulation.portfolio.rooms, _room),
            "m_nationalities": (range(1, LESOTHO_ID + 1), _nationality),
            "inquiries": (self._inquiries, lambda row: {name: text for name, text in row.items() if name != "instant"}),
        }
        return choices[table]

    def _tenant(self, tenant: Tenant) -> Known:
        known = _person(tenant)
        moving_id = quirks.current_moving_id(tenant)
        moving = tenant.moving
        known |= {
            "id": str(tenant.id),
            "media_id": str(_MEDIA.between(tenant.id, 1, 12)),
            "contract_type": str(contract_type(tenant, self._simulation.day)),
            "corporate_name": quote(_EMPLOYER.pick(tenant.id, companies())) if tenant.corporate else "NULL",
            "status": str(tenant.status),
            "reason_moveout": _number(tenant.reason_moveout),
            "moving_id": _number(moving_id),
            "inquiry_id": self._inquiry_of.get(str(tenant.id), "NULL"),
            "first_movein_date": _date(tenant.first_movein),
            "renewal_movein_date": _date(moving.movein if moving and moving.renewal else None),
            "renewal_deadline_date": _date(moving.expiration - 60 if moving and tenant.status == 10 else None),
            "application_date": _date(tenant.created_at // DAY_SECONDS),
            "created_at": _instant(tenant.created_at),
            "updated_at": _instant(tenant.updated_at),
        }
        return known


_MEDIA = Lot("media")
_EMPLOYER = Lot("employer")
_TRADE = Lot("affiliation type")
_PAPERS = Lot("personal identity")
_AGE = Lot("stored age")
_PHONE = Lot("phone")
_FEE = Lot("fees")
_INQUIRER = Lot("inquiry")


def display_name(tenant: Tenant) -> str:
    """Return `tenants.full_name` as stored."""
    who = person(tenant.id)
    return quirks.typed("full_name", tenant.id, quirks.names(tenant, who.last_name, who.first_name)[0]) or ""


def contract_type(tenant: Tenant, day: int) -> int:
    """Return `tenants.contract_type` as stored on a day."""
    kind = tenant.agreement_type or 0
    return 1 if kind in (3, 6, 9) and day >= CONTRACT_TYPES_MERGED else kind


def _person(tenant: Tenant) -> Known:
    who = person(tenant.id)
    _, last, first = quirks.names(tenant, who.last_name, who.first_name)
    lesotho = quirks.is_lesotho(tenant)
    entered = date.fromordinal(tenant.created_at // DAY_SECONDS)
    kana = "" if company(tenant.id) else who.kana
    birth = date(who.birth_year, 1, 1).toordinal() + who.birth_day
    nationality = quote(quirks.typed("nationality", tenant.id, LESOTHO if lesotho else who.nationality))
    employer = quirks.affiliation(tenant, _EMPLOYER.pick(tenant.id, companies()))
    papers = quirks.personal_identity(tenant, _PAPERS.between(tenant.id, 1, 8))
    return {
        "full_name": quote(display_name(tenant)),
        "last_name": quote(last),
        "first_name": quote(first),
        "full_name_kana": quote(kana or None),
        "gender_type": "NULL" if quirks.lacks_gender(tenant) else str(who.gender),
        "birth_date": quirks.birth_date(tenant, _date(birth)),
        "age": "NULL" if _AGE.hits(tenant.id, 0.1) else str(entered.year - who.birth_year - 1),
        "nationality": nationality if lesotho else quirks.lacks_nationality(tenant) or nationality,
        "m_nationality_id": _number(
            LESOTHO_ID if lesotho else quirks.master_nationality_id(tenant, who.nationality_id)
        ),
        "contact_nationality_1": "NULL",
        "personal_identity": quote(quirks.typed("personal_identity", tenant.id, papers)),
        "affiliation": quote(quirks.typed("affiliation", tenant.id, employer)),
        "affiliation_type": "NULL" if lesotho else str(_TRADE.between(tenant.id, 1, 18)),
        "last_name_kana": quote(kana.partition(" ")[0] or None),
        "first_name_kana": quote(kana.partition(" ")[2] or None),
        "email_1": f"'tenant{tenant.id}@example.com'",
        "tel_1": f"'090-{_PHONE.number(tenant.id) % 10000:04}-{tenant.id % 10000:04}'",
    }


def _moving(moving: Moving) -> Known:
    final, actual, integrated = quirks.moveout_dates(moving)
    decided = quirks.decided(moving)
    apartment_id, room_id = quirks.place(moving)
    kind = moving.tenant.agreement_type
    return {
        "id": str(moving.id),
        "tenant_id": str(moving.tenant.id),
        "apartment_id": str(apartment_id),
        "room_id": str(room_id),
        "movein_date": _date(moving.movein),
        "movein_decided_date": "NULL" if decided is None else f"'{day_text(decided)} 00:00:00'",
        "original_movein_date": _date(moving.original_movein),
        "rent_start_date": _date(moving.movein if _FEE.hits(moving.id, 0.0002) else None),
        "expiration_date": _date(quirks.expiration(moving)),
        "moveout_receipt_date": _date(moving.notice),
        "moveout_date": _date(final),
        "moveout_plans_date": _date(actual),
        "moveout_date_integrated": _date(integrated),
        "moveout_notice_date": "NULL",
        "cancel_flag": quirks.cancel_flag(moving),
        "is_moveout": quirks.is_moveout(moving),
        "move_renew_flag": str(int(moving.renewal)),
        "moving_agreement_type": _number(kind),
        "tenant_contract_type": _number(kind if _FEE.hits(-moving.id, 0.05) else None),
        "rent": f"{quirks.rent(moving)}.00",
        "condo_fee": str(_FEE.between(moving.room.id, 10, 17) * 1000),
        "administrative_fee": "0",
        "moveout_fee": _number(_FEE.between(moving.id, 15, 40) * 1000 if moving.closed else None),
        "first_month_per_rent": quirks.first_month_per_rent(moving),
        "key_return_flag": str(int(moving.closed)),
        "key_return_date": _date(quirks.odd_date(moving.id, moving.plans)),
        "last_month_pay_date": _date(quirks.odd_date(-moving.id, moving.plans)),
        "next_movein_date": "NULL",
        "created_at": _instant(quirks.created_at(moving)),
        "updated_at": _instant(moving.updated_at),
    }


def _apartment(apartment: Apartment) -> Known:
    prefecture, town = apartment.place[0], apartment.place[1]
    latitude, longitude = quirks.coordinates(apartment)
    block, house = _FEE.between(apartment.id, 1, 6), _FEE.between(-apartment.id, 1, 30)
    name = f"東京β {town}{apartment.id}"
    address, full_address = quirks.addresses(apartment, f"{block}丁目{house}-{house % 9 + 1}")
    return {
        "id": str(apartment.id),
        "unique_number": quote(quirks.typed("unique_number", apartment.id, f"J{apartment.id:06}")),
        "apartment_name": quote(quirks.typed("apartment_name", apartment.id, name)),
        "apartment_name_en": quote(f"TOKYO β No.{apartment.id}"),
        "apartment_name_old": quote(f"シェアハウス{town};旧{apartment.id}" if apartment.id % 9 == 0 else None),
        "prefecture": quote(quirks.typed("prefecture", apartment.id, prefecture)),
        "municipality": quote(quirks.typed("municipality", apartment.id, quirks.municipality(apartment))),
        "address": quote(address),
        "full_address": quote(full_address),
        "zip_code": quote(quirks.postal_code(apartment)),
        "latitude": "NULL" if latitude is None else f"{latitude:.6f}",
        "longitude": "NULL" if longitude is None else f"{longitude:.6f}",
        "room_count": str(quirks.room_count(apartment)),
        "vacancy_room_count": str(apartment.vacancies),
        "movein_count": str(len(apartment.rooms) - apartment.vacancies),
        "status": "1",
        "contract_end_date": quirks.contract_end_date(apartment),
        "created_at": _instant(OPENED * DAY_SECONDS),
        "updated_at": _instant(apartment.updated_at),
    }


def _room(room: Room) -> Known:
    lease = room.lease if room.holders else None
    return {
        "id": str(room.id),
        "apartment_id": str(room.apartment.id),
        "room_number": quote(quirks.typed("room_number", room.id, room.number)),
        "rent": str(room.rent),
        "room_floor": str(room.floor),
        "capacity": "1",
        "status": str(room.status),
        "moving_id": _number(lease.id if lease else None),
        "movein_plan_date": _date(lease.movein if lease and lease.tenant.status in (4, 5, 6) else None),
        "release_date": quirks.release_date(room),
        "created_at": _instant(OPENED * DAY_SECONDS),
        "updated_at": _instant(room.updated_at),
    }


def _nationality(number: int) -> Known:
    opened = _instant(OPENED * DAY_SECONDS)
    return {
        "id": str(number),
        "nationality_name": quote(NATIONALITIES[number - 1]),
        "m_nationality_group_id": "0" if number == LESOTHO_ID else str(min(number, 7)),
        "sort_order": str(number),
        "created_at": opened,
        "updated_at": opened,
    }


def inquiries(simulation: Simulation) -> list[dict[str, Any]]:
    """Return the rows of the dead inquiry feed, with the instant of the last change beside the literals."""
    scale: Scale = simulation.scale
    total = scale.of(INQUIRIES)
    edits: dict[int, int] = {}
    for edit in range(ceil((simulation.day - LAST_INQUIRY) / INQUIRY_EDIT_DAYS)):
        day = LAST_INQUIRY + int(edit * INQUIRY_EDIT_DAYS)
        edits[_INQUIRER.between(-edit, 0, total - 1)] = day * DAY_SECONDS + 7200 + edit % 600
    rows = []
    for number in range(total):
        day = FIRST_INQUIRY + number * (LAST_INQUIRY - FIRST_INQUIRY) // max(1, total - 1)
        created = day * DAY_SECONDS + _INQUIRER.between(number, 0, 36_000)
        before = simulation.created_before(day)
        tenant = simulation.tenants[before].id if before < len(simulation.tenants) else None
        came = _INQUIRER.hits(number + total, 0.6)
        updated = max(created, edits.get(number, 0))
        rows.append(
            {
                "id": str(number + 1),
                "tenant_id": _number(tenant if came else None),
                "inquiry_date": _date(day),
                "wish_movein_date": _date(day + 30),
                "movein_date": _date(day + 35 if came else None),
                "abort_date": _date(None if came else day + 20),
                "created_at": _instant(created),
                "updated_at": _instant(updated),
                "instant": updated,
            }
        )
    return rows


def _number(value: int | None) -> str:
    return "NULL" if value is None else str(value)


def _date(day: int | None) -> str:
    if day is None:
        return "NULL"
    return f"'{day_text(day)}'" if day != quirks.ZERO_DATE else "'0000-00-00'"


def _instant(instant: int) -> str:
    return f"'{instant_text(instant)}'"
