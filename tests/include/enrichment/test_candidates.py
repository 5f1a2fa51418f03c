"""Who has a nationality on record, and who is asked about."""

from __future__ import annotations

from datetime import date

from include.enrichment.candidates import candidates, read_nationalities, read_tenants
from tests.include.enrichment.conftest import MASTER, Warehouse


def test_a_record_by_text_or_by_the_master_makes_no_candidate(warehouse: Warehouse) -> None:
    by_text = warehouse.tenant("A A", "フランス", m_nationality_id=8)
    by_master = warehouse.tenant("B B", "", m_nationality_id=5)
    placeholder_and_master = warehouse.tenant("C C", "ﾚｿﾄ ", m_nationality_id=1)
    asked = [
        warehouse.tenant("D D", " レソト", m_nationality_id=8),
        warehouse.tenant("E E", None),
        warehouse.tenant("F F", "--", m_nationality_id=777),
        warehouse.tenant("NULL", "null", last_name="G", first_name="G"),
    ]
    for nobody in ("*", "", None, "--"):
        warehouse.tenant(nobody)
    tenants = {tenant.tenant_id: tenant for tenant in read_tenants(warehouse.connection)}
    assert tenants[by_text].nationality == "フランス"
    assert tenants[by_master].nationality == "ネパール"
    assert tenants[placeholder_and_master].nationality == "日本"
    assert [tenant.tenant_id for tenant in candidates(tenants.values())] == asked


def test_residents_come_first_then_the_id(warehouse: Warehouse) -> None:
    applied, left, present = (warehouse.tenant(f"T {status}", status=status) for status in (5, 17, 9))
    unknown, notice = warehouse.tenant("T N", status=None), warehouse.tenant("T 14", status=14)
    found = [tenant.tenant_id for tenant in candidates(read_tenants(warehouse.connection))]
    assert found == [present, notice, applied, left, unknown]


def test_dates_that_are_none_are_none(warehouse: Warehouse) -> None:
    warehouse.execute("SET sql_mode = 'ALLOW_INVALID_DATES'")
    for born in ("0000-00-00", "2200-01-01", "1990-02-30", None):
        warehouse.tenant("A A", birth_date=born, created_at="0000-00-00 00:00:00")
    warehouse.tenant("A A", birth_date="1990-02-03", created_at="2025-09-30 15:00:00")
    *odd, true = read_tenants(warehouse.connection)
    assert [(each.birth_date, each.created) for each in odd] == [(None, None)] * 4
    assert (true.birth_date, true.created) == (date(1990, 2, 3), date(2025, 10, 1))


def test_the_placeholder_is_no_answer(warehouse: Warehouse) -> None:
    assert read_nationalities(warehouse.connection) == list(MASTER)
    warehouse.execute("TRUNCATE TABLE staging.m_nationalities")
    assert read_nationalities(warehouse.connection) == []


def test_no_name_shows_when_a_tenant_is_printed(warehouse: Warehouse) -> None:
    warehouse.tenant("SECRET NAME", birth_date="1990-02-03")
    assert "SECRET" not in repr(read_tenants(warehouse.connection))
