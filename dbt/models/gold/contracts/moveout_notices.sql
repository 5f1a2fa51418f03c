{{ config(indexes=[{'columns': ['contract_id'], 'primary': true}, {'columns': ['notice_received_date']}]) }}

select
    contract_id,
    asset_id_hj,
    room_number,
    contract_type_ja as contract_system,
    contract_channel,
    original_contract_date,
    contract_date,
    contract_start_date,
    rent_start_date,
    contract_expiration_date,
    is_renewal,
    monthly_rent,
    tenant_type,
    tenant_type_order,
    tenant_type_label,
    gender,
    age,
    nationality,
    nationality_is_predicted,
    affiliation_type_ja as occupation_company,
    residence_status,
    latitude,
    longitude,
    prefecture,
    municipality,
    full_address,
    apartment_name,
    cancellation_notice_date as notice_received_date,
    effective_moveout_date as planned_moveout_date,
    notice_lead_time_days,
    {{ days_before('effective_moveout_date', target_date()) }} as days_until_moveout,
    moveout_status,
    moveout_status_order,
    moveout_status_label,
    {{ target_date() }} as as_of_date,
    created_at,
    updated_at
from {{ ref('int_contracts') }}
where
    is_valid_contract
    and is_located
    and cancellation_notice_date between
    {{ target_date() }} - interval {{ var('moveout_notice_window_months') }} month and {{ target_date() }}
