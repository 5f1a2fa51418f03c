"""Which columns go how far: into mails, into gold, into a data set of QuickSight."""

from __future__ import annotations

import pytest

from include.dbt.personal_data import is_personal, stays_in_gold, stays_in_silver

FAR = ("contract_id", "tenant_type", "age_group", "nationality", "gender", "municipality", "apartment_name")
"""What readers see in dashboards."""


@pytest.mark.parametrize("column", FAR)
def test_a_column_that_names_nobody_goes_anywhere(column: str) -> None:
    assert not is_personal(column)
    assert not stays_in_silver(column)
    assert not stays_in_gold(column)


@pytest.mark.parametrize(
    "column",
    ["room_number", "full_address", "occupation_company", "residence_status", "personal_identity_en"],
)
def test_what_points_at_a_person_without_a_name_stays_in_gold(column: str) -> None:
    assert not stays_in_silver(column)
    assert stays_in_gold(column)


@pytest.mark.parametrize("column", ["full_name", "birth_date", "phone_1", "email_2", "affiliation", "account_number"])
def test_what_stays_in_silver_is_in_no_data_set_either(column: str) -> None:
    assert is_personal(column)
    assert stays_in_silver(column)
    assert stays_in_gold(column)
