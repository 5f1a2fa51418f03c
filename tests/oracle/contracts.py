"""Contracts with tenant, building and room, and the figures made of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from tests.oracle import rules
from tests.oracle.guesses import Answer, Guesses
from tests.oracle.rooms import contract, order, the_room
from tests.oracle.rules import Row
from tests.oracle.source import Bronze, Raw

Pair = tuple[Decimal | None, Decimal | None]


def properties(bronze: Bronze, backup: Mapping[int, tuple[str, str]]) -> dict[int, Row]:
    """Return the buildings, cleaned, by id."""
    return {number: _property(number, raw, backup) for number, raw in bronze["apartments"].items()}


def _property(number: int, raw: Raw, backup: Mapping[int, tuple[str, str]]) -> Row:
    latitude, longitude = coordinates(raw, backup.get(number))
    return {
        "apartment_id": number,
        "asset_id_hj": rules.asset_id(raw["unique_number"]),
        "apartment_name": rules.text(raw["apartment_name"]),
        "apartment_name_en": rules.text(raw["apartment_name_en"]),
        "prefecture": rules.text(raw["prefecture"]),
        "municipality": rules.municipality(raw["municipality"], raw["prefecture"], raw["full_address"], raw["address"]),
        "full_address": rules.text(raw["full_address"]),
        "zip_code": rules.text(raw["zip_code"]),
        "latitude": latitude,
        "longitude": longitude,
        "room_count": rules.whole(raw["room_count"]),
        "vacancy_room_count": rules.whole(raw["vacancy_room_count"]),
        "property_status": rules.whole(raw["status"]),
        "apartment_type": rules.whole(raw["apartment_type"]),
        "building_type": rules.whole(raw["building_type"]),
        "created_at": rules.moment(raw["created_at"]),
        "updated_at": rules.moment(raw["updated_at"]),
    }


def coordinates(raw: Raw, known: tuple[str, str] | None) -> Pair:
    """Return the pair of the dump when both are in the box, else the last good one, else none."""
    pair = rules.number(raw["latitude"]), rules.number(raw["longitude"])
    if rules.in_kanto(*pair):
        return pair
    return (Decimal(known[0]), Decimal(known[1])) if known else (None, None)


def nationality(tenant: Raw, masters: Mapping[int, Raw], guess: Answer | None) -> Row:
    """Resolve a nationality: as entered, as the master has it, neither the placeholder; as guessed; else other."""
    master = masters.get(rules.whole(tenant["m_nationality_id"]) or 0)
    records = (rules.text(tenant["nationality"]), rules.text(master["nationality_name"] if master else None))
    recorded = next((name for name in records if name and name not in rules.PLACEHOLDERS), None)
    is_guess = recorded is None and guess is not None and guess.source != "not_a_person"
    return {
        "nationality": recorded or (guess.nationality if guess else "その他"),
        "nationality_is_predicted": int(is_guess),
        **rules.named("nationality_basis", "recorded" if recorded else "predicted" if is_guess else "none"),
    }


def person(tenant: Raw, today: date, masters: Mapping[int, Raw], guess: Answer | None) -> Row:
    """Return what a contract shows of its tenant."""
    status = rules.whole(tenant["status"])
    reason = rules.code(tenant["reason_moveout"])
    gender = rules.whole(tenant["gender_type"])
    industry = rules.both_labels(rules.INDUSTRIES, rules.whole(tenant["affiliation_type"]))
    document = rules.both_labels(rules.DOCUMENTS, rules.code(tenant["personal_identity"]))
    reasons = rules.both_labels(rules.REASONS, reason)
    channel = rules.whole(tenant["media_id"])
    return {
        "gender_code": gender,
        "gender": rules.both_labels(rules.GENDERS, gender)[1],
        "gender_label": rules.side_by_side(rules.GENDERS, gender, rules.UNKNOWN),
        "age": rules.age(rules.day(tenant["birth_date"]), rules.whole(tenant["age"]), today),
        **nationality(tenant, masters, guess),
        "affiliation_type_ja": industry[0],
        "affiliation_type_en": industry[1],
        "residence_status_ja": document[0],
        "residence_status": document[1],
        "contract_channel": channel,
        "contract_channel_label": rules.UNKNOWN if channel is None else f"チャンネル Channel {channel}",
        "tenant_status_code": status,
        "tenant_status_en": rules.label(rules.STATUS_EN, status),
        "is_active_lease": int(status in rules.ACTIVE_LEASE),
        "is_physically_present": int(status in rules.PRESENT),
        "moveout_reason_code": reason,
        "moveout_reason_ja": reasons[0],
        "moveout_reason_en": reasons[1],
        "moveout_reason_label": rules.side_by_side(rules.REASONS, reason or 0, ""),
        "moveout_reason_order": min(reason, 98) if reason else 99,
    }


def terms(moving: Raw) -> Row:
    """Return what a contract says by itself."""
    row = contract(moving)
    begin, end = row["effective_movein_date"], row["effective_moveout_date"]
    signed, first_signed = rules.day(moving["movein_decided_date"]), rules.day(moving["original_movein_date"])
    notice = rules.day(moving["moveout_receipt_date"])
    kind = row["contract_type_code"]
    labels = rules.both_labels(rules.CONTRACT_TYPES, kind)
    both = begin is not None and end is not None
    return {
        "contract_id": row["moving_id"],
        "tenant_id": row["tenant_id"],
        "apartment_id": row["apartment_id"],
        "room_id": row["room_id"],
        "contract_date": signed,
        "contract_start_date": row["movein_date"],
        "rent_start_date": rules.day(moving["rent_start_date"]),
        "contract_expiration_date": rules.day(moving["expiration_date"]),
        "original_contract_date": first_signed,
        "cancellation_notice_date": notice,
        "effective_movein_date": row["effective_movein_date"],
        "effective_moveout_date": end,
        "contract_type_code": kind,
        "contract_type_ja": labels[0],
        "contract_type_en": labels[1],
        "is_renewal": row["is_renewal"],
        "is_valid_contract": int(not row["cancelled"]),
        "is_completed_moveout": int(row["completed"]),
        "monthly_rent": row["monthly_rent"],
        "condo_fee": rules.whole(moving["condo_fee"]),
        "administrative_fee": rules.whole(moving["administrative_fee"]),
        "moveout_fee": rules.whole(moving["moveout_fee"]),
        "total_stay_days": (end - begin).days if both else None,
        "total_stay_months": rules.completed_months(begin, end) if both else None,
        "notice_lead_time_days": (end - notice).days if end and notice else None,
        "lead_time_days": lead_time(begin, first_signed if row["is_renewal"] and first_signed else signed),
        "created_at": rules.moment(moving["created_at"]),
        "updated_at": row["updated_at"],
    }


def lead_time(movein: date | None, applied: date | None) -> int | None:
    """Return the days from one to the other; what has no beginning, or ends before it, is not known."""
    if movein is None or applied is None or movein < applied:
        return None
    return (movein - applied).days


def contracts(today: date, bronze: Bronze, buildings: Mapping[int, Row], guesses: Guesses) -> list[Row]:
    """int_contracts: of each tenant and room the latest contract."""
    complete = [
        contract(moving) | {"raw": moving}
        for moving in bronze["movings"].values()
        if rules.whole(moving["tenant_id"]) in bronze["tenants"]
        and rules.whole(moving["apartment_id"]) in buildings
        and rules.whole(moving["room_id"]) in bronze["rooms"]
    ]
    rows = []
    for row in rules.best_of(complete, lambda row: (row["tenant_id"], *the_room(row)), order).values():
        where = buildings[row["apartment_id"]]
        tenant = bronze["tenants"][row["tenant_id"]]
        rows.append(
            person(tenant, today, bronze["m_nationalities"], guesses.best(tenant, today))
            | {
                name: where[name]
                for name in (
                    "asset_id_hj",
                    "apartment_name",
                    "apartment_name_en",
                    "latitude",
                    "longitude",
                    "prefecture",
                    "municipality",
                    "full_address",
                )
            }
            | {
                "room_number": rules.text(bronze["rooms"][row["room_id"]]["room_number"]),
                "property_total_rooms": where["room_count"],
                "property_vacant_rooms": where["vacancy_room_count"],
            }
            | terms(row["raw"])
        )
    return [row | classes(row) for row in rows]


def classes(row: Row) -> Row:
    """Return the classes of a contract, each with its place and its label."""
    return {
        **rules.named("tenant_type", rules.tenant_type(row["contract_type_code"])),
        **rules.named("renewal", "renewal" if row["is_renewal"] else "new"),
        **rules.named("moveout_status", "Completed" if row["is_completed_moveout"] else "Pending"),
        **rules.step("rent_range", row["monthly_rent"]),
        **rules.step("age_group", row["age"]),
        **rules.step("tenure_category", row["total_stay_months"]),
        **rules.step("tenure_bin", row["total_stay_months"]),
        **rules.step("lead_time_bucket", row["lead_time_days"]),
    }


def for_readers(today: date, known: list[Row]) -> dict[str, list[Row]]:
    """Return the tables of contracts: which are shown, and how far from today."""
    shown = [
        row | {"as_of_date": today, "contract_system": row["contract_type_ja"]} | _work(row)
        for row in known
        if row["is_valid_contract"] and row["latitude"] is not None
    ]
    moved_out = [row for row in shown if row["is_completed_moveout"]]
    notices = rules.months_earlier(today, rules.NOTICE_MONTHS)
    return {
        "new_contracts": _dated(shown, "contract_date", today),
        "movein_analysis": [
            row | {"movein_date": row["effective_movein_date"]} for row in _dated(shown, "effective_movein_date", today)
        ],
        "moveout_analysis": [
            row | {"moveout_date": row["effective_moveout_date"], "stay_revenue_jpy": _revenue(row)}
            for row in _dated(moved_out, "effective_moveout_date", today)
        ],
        "moveout_notices": [
            row
            | {
                "notice_received_date": row["cancellation_notice_date"],
                "planned_moveout_date": row["effective_moveout_date"],
                "days_until_moveout": leaving and (leaving - today).days,
            }
            for row in shown
            for leaving in (row["effective_moveout_date"],)
            if row["cancellation_notice_date"] and notices <= row["cancellation_notice_date"] <= today
        ],
    }


def _work(row: Row) -> Row:
    return {"occupation_company": row["affiliation_type_ja"], "occupation_industry": row["affiliation_type_en"]}


def _dated(rows: list[Row], name: str, today: date) -> list[Row]:
    """Return the rows whose date is reported, with its distance from today."""
    return [
        row | rules.distance(row[name], today) for row in rows if row[name] and rules.FIRST_DATE <= row[name] <= today
    ]


def _revenue(row: Row) -> Decimal | None:
    rent, months = row["monthly_rent"], row["total_stay_months"]
    return None if rent is None or months is None else rent * months
