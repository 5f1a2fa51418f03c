{{ config(indexes=[{'columns': ['contract_id'], 'primary': true}, {'columns': ['contract_date']}]) }}

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
    gender,
    age,
    nationality,
    affiliation_type_ja as occupation_company,
    residence_status,
    latitude,
    longitude,
    prefecture,
    municipality,
    full_address,
    apartment_name,
    {{ target_date() }} as as_of_date,
    created_at,
    updated_at
from {{ ref('int_contracts') }}
where is_reportable_contract
