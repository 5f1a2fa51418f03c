"""The faults of the real source (infra/local/vendor/quirks.py), counted at a tenth of the real size."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest

from include.enrichment.names import is_company
from infra.local.vendor import quirks
from infra.local.vendor.clock import REFERENCE
from infra.local.vendor.core_rows import CoreRows
from infra.local.vendor.people import (
    COMPANY_FORMS,
    COMPANY_NAMES,
    company,
    first_stay,
    namesake,
    person,
    truth,
)
from infra.local.vendor.portfolio import Apartment
from infra.local.vendor.schema import tables

YEAR_2100 = date(2100, 1, 1).toordinal()


@pytest.fixture(scope="module")
def rows(medium, parse):
    core = CoreRows(medium)

    def of(name):
        names = [column.name for column in tables()[name].columns]
        return [dict(zip(names, parse(row), strict=True)) for row in core.rows(tables()[name], 0, core.count(name))]

    return {name: of(name) for name in ("movings", "tenants", "apartments", "rooms", "m_nationalities")}


def share(rows, test):
    return sum(map(test, rows)) / len(rows)


def test_lesotho_placeholder(rows):
    lesotho = [row for row in rows["tenants"] if row["nationality"] == "レソト"]
    assert len(lesotho) / len(rows["tenants"]) == pytest.approx(0.0142, rel=0.3)
    for row in lesotho:
        assert (row["m_nationality_id"], row["gender_type"], row["affiliation"]) == ("200", None, None)
        assert row["created_at"][:7] in {"2025-09", "2025-10"}


def test_nationality_master_ends_with_the_placeholder(rows):
    assert len(rows["m_nationalities"]) == 200
    assert len({row["nationality_name"] for row in rows["m_nationalities"]}) == 200
    last = rows["m_nationalities"][-1]
    assert (last["id"], last["nationality_name"], last["m_nationality_group_id"]) == ("200", "レソト", "0")


def test_missing_nationality(rows):
    missing = share(rows["tenants"], lambda row: row["nationality"] in (None, ""))
    assert missing == pytest.approx(1_199 / 50_297, abs=0.008)
    assert {row["nationality"] for row in rows["tenants"]} >= {None, ""}


def people(rows):
    """Tenants by the name that they sign with and their birth date, where both are known."""
    found = {}
    for row in rows["tenants"]:
        if row["birth_date"] and row["full_name"] not in (None, "NULL", "", "--", "*"):
            found.setdefault((row["full_name"], row["birth_date"]), []).append(row)
    return found


def test_some_persons_come_back_and_are_entered_again(rows):
    again = [same for same in people(rows).values() if len(same) > 1]
    assert len(again) / len(rows["tenants"]) == pytest.approx(0.007, abs=0.003)
    for same in again:
        assert len({truth(int(row["id"])) for row in same}) == 1
    ids = {int(row["id"]) for row in rows["tenants"]}
    later = {tenant: first_stay(tenant) for tenant in ids if first_stay(tenant) != tenant}
    assert all(first < tenant for tenant, first in later.items())
    unrecorded = [row for row in rows["tenants"] if row["nationality"] in (None, "") and not company(int(row["id"]))]
    assert share(unrecorded, lambda row: later.get(int(row["id"])) in ids) > 0.05


def test_some_namesakes_are_others_of_another_country(medium):
    shared = {tenant.id: namesake(tenant.id) for tenant in medium.tenants if namesake(tenant.id)}
    assert shared
    for tenant, other in shared.items():
        one, two = person(tenant), person(other)
        if first_stay(tenant) == tenant and first_stay(other) == other and not namesake(other):
            assert (one.last_name, one.first_name) == (two.last_name, two.first_name)
            assert (one.birth_year, one.birth_day) != (two.birth_year, two.birth_day)
            assert one.nationality != two.nationality


def test_some_tenants_are_companies_without_a_nationality(rows):
    companies = [row for row in rows["tenants"] if company(int(row["id"]))]
    assert share(rows["tenants"], lambda row: company(int(row["id"])) is not None) == pytest.approx(0.0025, abs=0.0015)
    for row in companies:
        assert truth(int(row["id"])) is None
        assert row["nationality"] in (None, "", "レソト")
        assert row["m_nationality_id"] in (None, "200")
        assert (row["gender_type"], row["full_name_kana"]) == (None, None)
        assert not (row["birth_date"] or "").startswith("19")
    persons = [row for row in rows["tenants"] if not company(int(row["id"]))]
    assert not any(is_company(row["full_name"] or "") for row in persons)
    known = [row for row in companies if row["full_name"] not in ("NULL", "", "--", "*")]
    assert len({row["full_name"] for row in known}) > 8
    assert all(is_company(row["full_name"]) for row in known)


def test_every_form_of_a_company_carries_its_mark():
    names = {name for tenant in range(1, 400_000) if (name := company(tenant))}
    assert len(names) == len(COMPANY_NAMES) * len(COMPANY_FORMS)
    assert all(map(is_company, names))


def test_odd_names(rows):
    names = {row["full_name"] for row in rows["tenants"]}
    assert {"NULL", "", "--", "*"} <= names
    assert any("🏠" in name for name in names)
    assert any("\\'" in name for name in names)
    assert share(rows["tenants"], lambda row: row["full_name"] in ("NULL", "", "--", "*")) < 0.03
    assert {"NULL", "--"} <= {row["affiliation"] for row in rows["tenants"]}
    assert "NULL" in {row["personal_identity"] for row in rows["tenants"]}
    assert all(row["last_name"] is not None for row in rows["tenants"])


def test_ids_are_sparse(rows):
    for name, step in (("tenants", 2.0), ("movings", 1.5)):
        ids = [int(row["id"]) for row in rows[name]]
        assert ids == sorted(set(ids))
        assert ids[-1] / len(ids) == pytest.approx(step, rel=0.03)


def test_moving_id_of_applicants_dangles(rows):
    known = {row["id"] for row in rows["movings"]}
    applicants = [row for row in rows["tenants"] if row["status"] == "5"]
    assert 0 < share(applicants, lambda row: row["moving_id"] not in known) < 0.4
    settled = [row for row in rows["tenants"] if row["status"] == "9"]
    assert all(row["moving_id"] in known for row in settled)


def test_old_contracts_stay_open(rows):
    current = {row["moving_id"] for row in rows["tenants"]}
    left = [
        row
        for row in rows["movings"]
        if row["is_moveout"] != "1" and row["cancel_flag"] != "1" and row["id"] not in current
    ]
    assert len(left) * 10 == pytest.approx(3_500, rel=0.2)
    assert share(left, lambda row: row["moving_agreement_type"] in ("2", "3")) > 0.7


def test_active_tenants_with_a_past_moveout(medium):
    past = [
        tenant
        for tenant in medium.tenants
        if tenant.status in {4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15}
        and tenant.moving
        and (quirks.moveout_dates(tenant.moving)[2] or YEAR_2100) < REFERENCE
    ]
    assert len(past) * 10 == pytest.approx(2_821, rel=0.15)


def test_turnover_rooms(medium):
    holders = {}
    for tenant in medium.tenants:
        if tenant.status in {7, 9, 10, 11, 12, 13, 14, 15} and tenant.moving and not tenant.moving.closed:
            holders.setdefault(tenant.moving.room.id, []).append(tenant)
    shared = [tenants for tenants in holders.values() if len(tenants) > 1]
    between_strangers = [tenants for tenants in shared if not any(tenant.corporate for tenant in tenants)]
    assert 3 <= len(between_strangers) <= 20
    assert len(shared) > len(between_strangers)


def test_contract_faults(rows):
    movings = rows["movings"]
    assert share(movings, lambda row: float(row["rent"]) <= 0) == pytest.approx(0.035, abs=0.008)
    assert share(movings, lambda row: row["rent_start_date"] is None) > 0.99
    assert share(movings, lambda row: row["cancel_flag"] == "1") == pytest.approx(0.085, abs=0.02)
    assert share(movings, lambda row: row["movein_decided_date"] is None) == pytest.approx(0.2, abs=0.03)
    assert share(movings, lambda row: row["expiration_date"] is None) == pytest.approx(0.63, abs=0.04)
    assert share(movings, lambda row: row["moveout_date"] is None) == pytest.approx(0.70, abs=0.08)
    assert share(movings, lambda row: row["moveout_receipt_date"] is None) == pytest.approx(0.40, abs=0.1)
    assert {"--", "0"} <= {row["first_month_per_rent"] for row in movings}
    assert {None, "0", "1"} == {row["cancel_flag"] for row in movings} == {row["is_moveout"] for row in movings}
    assert None in {row["moving_agreement_type"] for row in movings}


def test_impossible_dates(rows):
    movings = rows["movings"]
    dates = [date for row in movings for name, date in row.items() if name.endswith("_date") and date]
    assert dates.count("0000-00-00") / len(dates) < 0.01
    assert "0000-00-00" in {row["moveout_plans_date"] for row in movings}
    assert sum((row["moveout_plans_date"] or "") == "2302-01-28" for row in movings) == 1
    backwards = [
        row
        for row in movings
        if any("1" < (row[name] or "9") < row["movein_date"] for name in ("moveout_plans_date", "moveout_date"))
    ]
    assert 1 <= len(backwards) <= 2
    assert 0 < share(movings, lambda row: row["created_at"] > "2026-02-06") < 0.004
    assert any((row["movein_decided_date"] or "") > "2026-02-06" for row in movings)
    assert "2200-01-01" in {row["birth_date"] for row in rows["tenants"]}


def test_renewals_keep_the_original_move_in(rows):
    renewals = [row for row in rows["movings"] if row["move_renew_flag"] == "1"]
    assert renewals
    assert all(row["original_movein_date"] < row["movein_date"] for row in renewals)
    first = [row for row in rows["movings"] if row["move_renew_flag"] == "0"]
    assert all(row["original_movein_date"] == row["movein_date"] for row in first)


def test_plans_reach_half_a_year_ahead_but_not_the_actual_departure(rows):
    starts = [row["movein_date"] for row in rows["movings"]]
    assert "2026-03-15" < max(starts) < "2026-08-10"
    assert any("2026-03" < (row["moveout_date"] or "") < "2026-08" for row in rows["movings"])
    future = [row for row in rows["movings"] if "2026-02-05" < (row["moveout_plans_date"] or "") < "2100"]
    assert not future


def test_rooms_and_buildings(rows, medium):
    status = [room["status"] for room in rows["rooms"]]
    assert (status.count("4"), status.count("6")) == (6, 57)
    assert all(room["moving_id"] is None for room in rows["rooms"] if room["status"] != "1")
    counted = {apartment.id: len(apartment.rooms) for apartment in medium.portfolio.apartments}
    fewer = [row for row in rows["apartments"] if int(row["room_count"]) < counted[int(row["id"])]]
    assert len(fewer) <= 5


def test_coordinates_and_municipalities_over_many_buildings(medium):
    place = medium.portfolio.apartments[0].place
    shown = [quirks.coordinates(Apartment(number, place, 35.7, 139.7)) for number in range(1, 1_236)]
    bad = [pair for pair in shown if not (pair[0] and 35 <= pair[0] <= 36 and 139 <= pair[1] <= 140.5)]
    assert len(bad) / len(shown) == pytest.approx(0.03, abs=0.012)
    assert {(None, None), (0.0, 0.0), (99.999999, 35.7)} <= set(bad)
    towns = [quirks.municipality(Apartment(number, place, 35.7, 139.7)) for number in range(1, 1_236)]
    assert {None, "", "Unknown", place[1]} == set(towns)


def test_an_address_is_written_in_any_of_seven_ways_where_the_municipality_is_missing(rows, medium):
    towns = {str(apartment.id): apartment.place[:2] for apartment in medium.portfolio.apartments}
    shapes = set()
    for row in rows["apartments"]:
        prefecture, town = towns[row["id"]]
        full, address = row["full_address"], row["address"]
        if (row["municipality"] or "").strip() == town:
            assert full.startswith(prefecture + town)
            assert town not in address
            continue
        where = full if town in (full or "") else address
        begins = "prefecture" if prefecture in where else "town"
        code = where[: where.index(prefecture if begins == "prefecture" else town)]
        shapes.add((where is full, begins, "〒" if "〒" in code else "digits" if code else "no code"))
    assert shapes == {
        *((True, begins, code) for begins in ("prefecture", "town") for code in ("no code", "〒")),
        *((False, begins, "no code") for begins in ("prefecture", "town")),
        (False, "town", "digits"),
    }


def test_the_lists_of_places_hold_the_portfolio(medium, small_rows, parse):
    prefectures = {row[0]: row[1] for row in map(parse, small_rows["apartment_prefectures"])}
    municipalities = [parse(row) for row in small_rows["apartment_municipalities"]]
    assert (len(prefectures), len(municipalities)) == (7, 62)
    listed = {(prefectures[row[1]], row[2]) for row in municipalities}
    assert len(listed) == 62
    assert {apartment.place[:2] for apartment in medium.portfolio.apartments} <= listed


TYPED = {
    "apartments": ("unique_number", "apartment_name", "prefecture", "municipality"),
    "rooms": ("room_number",),
    "tenants": ("nationality", "affiliation", "personal_identity", "full_name"),
}


def test_text_is_typed_with_blanks_in_other_widths_and_in_small_letters(rows):
    for table, columns in TYPED.items():
        for column in columns:
            texts = [row[column] for row in rows[table] if row[column]]
            blank = [text for text in texts if text != text.strip()]
            assert 0 < len(blank) / len(texts) < 0.2, column
    ids = [row["unique_number"] for row in rows["apartments"]]
    assert any("１" in number for number in ids)
    assert any("j" in number for number in ids)
    assert len({unicodedata.normalize("NFKC", number).strip().upper() for number in ids}) == len(ids)
    nationalities = {row["nationality"] for row in rows["tenants"]}
    assert any("\uff66" <= char <= "\uff9f" for nationality in nationalities for char in nationality or "")
    assert any(row["personal_identity"] in set("１２３４５６７８") for row in rows["tenants"])
