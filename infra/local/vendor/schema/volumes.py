"""How many rows each table holds on 2026-02-05 at full scale, and how that number moves."""

from __future__ import annotations

from infra.local.vendor.clock import REFERENCE
from infra.local.vendor.scale import Scale

# Tables whose rows come out of the simulation itself.
CORE = frozenset({"movings", "tenants", "apartments", "rooms", "m_nationalities", "inquiries"})

# Histories: rows are only ever appended.
GROWING = {
    "payments": 990_735,
    "clearings": 751_096,
    "bank_deposits": 283_853,
    "Fundhing_Request": 278_696,
    "proof_lists": 254_358,
    "pl_actuals_annual": 105_672,
    "Costs_items": 96_465,
    "Costs": 95_472,
    "utility_bills": 79_043,
    "moveouts": 25_256,
    "paysle_charges": 13_843,
    "apartment_histories": 12_413,
    "reports": 12_111,
    "introducers": 11_563,
    "cleared_balances": 8_925,
    "Deposits": 7_744,
    "tenant_black_lists": 6_975,
    "previews": 6_092,
    "bank_accounts": 6_040,
    "gmo_order_numbers": 5_271,
    "ry": 4_593,
    "renewals": 4_252,
    "ju": 2_617,
    "m_agent_tenants": 1_312,
    "refunds": 836,
    "applications": 135,
    "paysle_charge_responses": 20_269,
    "bank_account_tenants": 12_380,
    "tenant_reports": 3_833,
}

# Histories that ended in January 2022. The real ones were counted twice: no row in the last year, and the optimizer's
# estimate of all rows. Both are true of a table that is no longer written.
DEAD = {
    "tenant_histories": 1_199_272,
    "payment_deletions": 78_995,
    "paysle_csv_lines": 2_316,
    "tenant_counts": 2_605,
    "api_requests": 2_013,
}

# Lookups and masters: the same at every scale and on every day.
STATIC = {
    "deposit_accounts": 1_202,
    "withdrawal_accounts": 1_201,
    "prime_one_accounts": 1_211,
    "suppliers_items": 819,
    "m_corporate_names": 615,
    "suppliers": 218,
    "apartment_owners": 205,
    "apartment_payees": 204,
    "m_owners": 164,
    "m_agents": 131,
    "mapping_definition": 113,
    "apartment_municipalities": 62,
    "m_sales_types": 35,
    "items": 29,
    "proof_list_executions": 22,
    "m_black_list_reasons": 13,
    "m_apartment_history_corporations": 11,
    "m_moving_sites": 10,
    "m_apartment_history_services": 8,
    "m_personal_identities": 8,
    "m_moving_reasons": 7,
    "apartment_prefectures": 7,
    "m_data_types": 6,
    "m_next_apartments": 4,
    "options": 3,
    "apartment_corporate_names": 2,
    "cash": 2,
    "currency": 1,
    "m_systems": 1,
    "approvers": 1,
}

# Tables that never hold a row.
EMPTY = frozenset(
    {
        "Arrears_Management",
        "Arrears_Snapshot",
        "Orders",
        "approvals",
        "gmo_proof_lists",
        "m_corporate_name_contracts",
        "moves",
        "order_items",
        "other_clearings",
        "pmc",
        "work_reports",
    }
)

# Age of the histories on the reference day: older rows were archived, so a dump grows by about 1.2 MB each day.
HISTORY_DAYS = 768
HISTORY_START = REFERENCE - HISTORY_DAYS
# The dead histories run from January 2018 to January 2022.
DEAD_START, DEAD_END = HISTORY_START - 2180, HISTORY_START - 706


def rows_before(table: str, day: int, scale: Scale) -> int:
    """Return how many rows a secondary table has when `day` begins.

    The count of a history is a straight line through the reference day, so a later dump only ever has more rows.
    """
    if table in GROWING:
        return max(0, scale.of(GROWING[table]) * (day - HISTORY_START) // HISTORY_DAYS)
    if table in DEAD:
        return scale.of(DEAD[table])
    return STATIC.get(table, 0)
