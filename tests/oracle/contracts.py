"""Contracts with tenant, building and room, and the figures made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tests.oracle import rules
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
        "municipality": rules.municipality(raw["municipality"], raw["full_address"]),
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


def nationality(tenant: Raw, masters: Mapping[int, Raw], predicted: str | None) -> str:
    """Resolve a nationality: as entered, as predicted, as the master has it, none of them the placeholder."""
    master = masters.get(rules.whole(tenant["m_nationality_id"]) or 0)
    candidates = (
        rules.text(tenant["nationality"]),
        predicted,
        rules.text(master["nationality_name"] if master else None),
    )
    return next((name for name in candidates if name and name not in rules.PLACEHOLDERS), "その他")


def person(tenant: Raw, today: date, masters: Mapping[int, Raw], predicted: str | None) -> Row:
    """Return what a contract shows of its tenant."""
    status = rules.whole(tenant["status"])
    reason = rules.code(tenant["reason_moveout"])
    gender = rules.whole(tenant["gender_type"])
    industry = rules.both_labels(rules.INDUSTRIES, rules.whole(tenant["affiliation_type"]))
    document = rules.both_labels(rules.DOCUMENTS, rules.code(tenant["personal_identity"]))
    reasons = rules.both_labels(rules.REASONS, reason)
    return {
        "gender_code": gender,
        "gender": rules.both_labels(rules.GENDERS, gender)[1],
        "age": rules.age(rules.day(tenant["birth_date"]), rules.whole(tenant["age"]), today),
        "nationality": nationality(tenant, masters, predicted),
        "occupation_company": rules.text(tenant["affiliation"]),
        "affiliation_type_ja": industry[0],
        "affiliation_type_en": industry[1],
        "residence_status_ja": document[0],
        "residence_status": document[1],
        "contract_channel": rules.whole(tenant["media_id"]),
        "tenant_status_code": status,
        "tenant_status_en": rules.label(rules.STATUS_EN, status),
        "is_active_lease": int(status in rules.ACTIVE_LEASE),
        "is_physically_present": int(status in rules.PRESENT),
        "moveout_reason_code": reason,
        "moveout_reason_ja": reasons[0],
        "moveout_reason_en": reasons[1],
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
        "tenant_type": rules.tenant_type(kind),
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


def contracts(today: date, bronze: Bronze, buildings: Mapping[int, Row], predictions: Mapping[int, str]) -> list[Row]:
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
            person(tenant, today, bronze["m_nationalities"], predictions.get(row["tenant_id"]))
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
    return rows


SHARED = (
    "contract_id",
    "asset_id_hj",
    "room_number",
    "contract_channel",
    "original_contract_date",
    "contract_date",
    "contract_start_date",
    "rent_start_date",
    "contract_expiration_date",
    "is_renewal",
    "monthly_rent",
    "tenant_type",
    "gender",
    "age",
    "nationality",
    "occupation_company",
    "residence_status",
    "latitude",
    "longitude",
    "prefecture",
    "municipality",
    "full_address",
    "apartment_name",
    "created_at",
    "updated_at",
)


def shared(today: date, row: Row) -> Row:
    """Return the columns that all tables of contracts have."""
    return {name: row[name] for name in SHARED} | {
        "contract_system": row["contract_type_ja"],
        "as_of_date": today,
    }


def _located(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["latitude"] is not None and row["longitude"] is not None]


def new_contracts(today: date, rows: Iterable[Row]) -> list[Row]:
    return [
        shared(today, row)
        for row in _located(rows)
        if row["is_valid_contract"] and row["contract_date"] and rules.FIRST_DATE <= row["contract_date"] <= today
    ]


def _departed(today: date, rows: Iterable[Row]) -> list[Row]:
    return [
        row
        for row in _located(rows)
        if row["is_completed_moveout"]
        and row["is_valid_contract"]
        and row["effective_moveout_date"]
        and rules.FIRST_DATE <= row["effective_moveout_date"] <= today
    ]


def moveouts(today: date, rows: Iterable[Row]) -> list[Row]:
    return [
        shared(today, row)
        | {"moveout_date": row["effective_moveout_date"]}
        | {
            name: row[name]
            for name in (
                "cancellation_notice_date",
                "total_stay_days",
                "total_stay_months",
                "notice_lead_time_days",
                "moveout_reason_ja",
                "moveout_reason_en",
            )
        }
        for row in _departed(today, rows)
    ]


def moveout_notices(today: date, rows: Iterable[Row]) -> list[Row]:
    begin = rules.months_before(today, 24)
    return [
        shared(today, row)
        | {
            "notice_received_date": row["cancellation_notice_date"],
            "planned_moveout_date": row["effective_moveout_date"],
            "notice_lead_time_days": row["notice_lead_time_days"],
            "moveout_status": "Completed" if row["is_completed_moveout"] else "Pending",
        }
        for row in _located(rows)
        if row["is_valid_contract"]
        and row["cancellation_notice_date"]
        and begin <= row["cancellation_notice_date"] <= today
    ]


def _profile(row: Row) -> Row:
    label, rank = rules.rent_range(row["monthly_rent"])
    return {"rent_range": label, "rent_range_order": rank, "age_group": rules.age_group(row["age"])}


def moveout_analysis(today: date, rows: Iterable[Row]) -> list[Row]:
    """The rows of moveouts, with their buckets and the tenant's industry."""
    departed = _departed(today, rows)
    return [
        rules.with_places(
            plain
            | _profile(row)
            | {
                "tenure_category": rules.tenure_category(row["total_stay_months"]),
                "occupation_industry": row["affiliation_type_en"],
            }
        )
        for plain, row in zip(moveouts(today, departed), departed, strict=True)
    ]


def movein_analysis(today: date, rows: Iterable[Row]) -> list[Row]:
    """Valid contracts whose effective move-in has come, whether or not signing and rent are on record."""
    found = []
    for row in _located(rows):
        begin = row["effective_movein_date"]
        if not row["is_valid_contract"] or begin is None or not rules.FIRST_DATE <= begin <= today:
            continue
        start, expiry = row["contract_start_date"], row["contract_expiration_date"]
        found.append(
            rules.with_places(
                shared(today, row)
                | _profile(row)
                | {
                    "movein_date": begin,
                    "lead_time_days": row["lead_time_days"],
                    "lead_time_bucket": rules.lead_time_bucket(row["lead_time_days"]),
                    "occupation_industry": row["affiliation_type_en"],
                    "planned_stay_months": rules.completed_months(start, expiry) if start and expiry else None,
                }
            )
        )
    return found


def moveout_summary(analysis: Iterable[Row]) -> list[Row]:
    """Return the counts of departures by date, rent range, prefecture and tenant type."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in analysis:
        key = row["moveout_date"], row["rent_range"], row["prefecture"] or "Unknown", row["tenant_type"]
        groups.setdefault(key, []).append(row)
    return [_summary(key, rows) for key, rows in groups.items()]


def _summary(key: tuple[Any, ...], rows: list[Row]) -> Row:
    rents = [row["monthly_rent"] for row in rows if row["monthly_rent"] is not None]
    months = [row["total_stay_months"] for row in rows if row["total_stay_months"] is not None]
    days = [row["total_stay_days"] for row in rows if row["total_stay_days"] is not None]
    genders = Counter(row["gender"] for row in rows)
    ages = Counter(row["age_group"] for row in rows)
    tenures = Counter(row["tenure_category"] for row in rows)
    renewals = Counter(row["is_renewal"] for row in rows)
    return {
        "event_date": key[0],
        "month_start": key[0].replace(day=1),
        "rent_range": key[1],
        "rent_range_order": rows[0]["rent_range_order"],
        "prefecture": key[2],
        "tenant_type": key[3],
        "moveout_count": len(rows),
        "min_monthly_rent": min(rents, default=None),
        "max_monthly_rent": max(rents, default=None),
        "avg_monthly_rent": rents,
        "avg_tenure_months": months,
        "avg_tenure_days": days,
        "gender_male_count": genders["Male"],
        "gender_female_count": genders["Female"],
        "gender_other_count": genders["Other"],
        "gender_unknown_count": sum(
            count for label, count in genders.items() if label is None or label.startswith("Unknown (")
        ),
        "age_under_25_count": ages["Under 25"],
        "age_25_34_count": ages["25-34"],
        "age_35_44_count": ages["35-44"],
        "age_45_54_count": ages["45-54"],
        "age_55_plus_count": ages["55+"],
        "age_unknown_count": ages["Unknown"],
        "tenure_short_count": tenures["Short (<6mo)"],
        "tenure_medium_count": tenures["Medium (6-12mo)"],
        "tenure_long_count": tenures["Long (1-2yr)"],
        "tenure_very_long_count": tenures["Very Long (2yr+)"],
        "tenure_unknown_count": tenures["Unknown"],
        "renewal_yes_count": renewals[1],
        "renewal_no_count": renewals[0],
        "distinct_moveout_reasons": len({row["moveout_reason_en"] for row in rows} - {None}),
        "as_of_date": rows[0]["as_of_date"],
    }
