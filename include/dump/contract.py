"""What the platform needs from the vendor's database: tables, and the columns that models read.

Column names are the vendor's. A missing one stops the load (incidents I-03 and I-13); tables and columns that are not
listed here are loaded as well, and reported when they are new.
"""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Modelled tables and the columns that models read.
SOURCE_COLUMNS: dict[str, frozenset[str]] = {
    "movings": _names("""
        id tenant_id apartment_id room_id movein_date movein_decided_date original_movein_date rent_start_date
        expiration_date moveout_receipt_date moveout_date moveout_plans_date moveout_date_integrated cancel_flag
        is_moveout move_renew_flag moving_agreement_type rent condo_fee administrative_fee moveout_fee created_at
        updated_at
    """),
    "tenants": _names("""
        id full_name last_name first_name full_name_kana gender_type birth_date age nationality m_nationality_id
        personal_identity affiliation affiliation_type media_id contract_type status reason_moveout moving_id inquiry_id
        email_1 email_2 tel_1 tel_2 account_number created_at updated_at
    """),
    "apartments": _names("""
        id unique_number apartment_name apartment_name_en apartment_name_old prefecture municipality address
        full_address zip_code latitude longitude room_count vacancy_room_count apartment_type building_type status
        created_at updated_at
    """),
    "rooms": _names("""
        id apartment_id room_number rent condo_fee room_floor capacity gender_type bed_type status moving_id created_at
        updated_at
    """),
    "m_nationalities": _names("id nationality_name"),
    "inquiries": _names("id tenant_id created_at updated_at"),
}

# The 81 tables of the vendor's database on 2026-02-05 (include/dump/README.md#tables).
EXPECTED_TABLES = (
    # with rows, active within a year
    _names("""
        payments clearings bank_deposits Fundhing_Request proof_lists pl_actuals_annual Costs_items Costs utility_bills
        movings tenants moveouts rooms paysle_charges apartment_histories reports introducers cleared_balances Deposits
        tenant_black_lists previews bank_accounts gmo_order_numbers ry renewals ju m_agent_tenants apartments
        deposit_accounts withdrawal_accounts refunds suppliers_items inquiries m_corporate_names suppliers
        apartment_owners m_owners applications m_agents mapping_definition m_sales_types items
        m_apartment_history_corporations m_apartment_history_services approvers
    """)
    # with rows, static
    | _names("""
        apartment_payees m_nationalities m_black_list_reasons m_moving_sites m_personal_identities m_moving_reasons
        m_next_apartments cash currency m_systems
    """)
    # with rows, without dates
    | _names("""
        paysle_charge_responses bank_account_tenants tenant_reports prime_one_accounts apartment_municipalities
        proof_list_executions apartment_prefectures m_data_types options apartment_corporate_names
    """)
    # always empty
    | _names("""
        Arrears_Management Arrears_Snapshot Orders approvals gmo_proof_lists m_corporate_name_contracts order_items
        other_clearings pmc work_reports
    """)
    # counted differently by different documents
    | _names("tenant_histories moves payment_deletions paysle_csv_lines tenant_counts api_requests")
)

# Tables that change every day, so that their newest `updated_at` tells how old the content is (incident I-08).
FRESH_TABLES = ("movings", "tenants")

# Rows of a table that the dump is known to hold with a key that another row has (I-12), the synthetic source too.
#
# More are a warning, whose mail says how many there are; what proves harmless is declared here. Other tables have none.
KNOWN_DUPLICATES = {"Costs_items": 5, "Deposits": 4, "Fundhing_Request": 5}
