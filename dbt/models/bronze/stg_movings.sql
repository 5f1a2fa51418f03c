-- depends_on: {{ ref('code_bucket') }}
-- (the tests of classes and buckets read it; a task runs only tests of what its model descends from)
with cleaned as (
    select
        id as moving_id,
        tenant_id,
        apartment_id,
        room_id,
        moving_agreement_type as contract_type_code,
        {{ clean_date('movein_decided_date') }} as contract_date,
        {{ clean_date('movein_date') }} as contract_start_date,
        {{ clean_date('rent_start_date') }} as rent_start_date,
        {{ clean_date('expiration_date') }} as contract_expiration_date,
        {{ clean_date('original_movein_date') }} as original_contract_date,
        {{ clean_date('moveout_receipt_date') }} as cancellation_notice_date,
        {{ clean_date('moveout_date_integrated') }} as moveout_date_integrated,
        {{ clean_date('moveout_plans_date') }} as moveout_plans_date,
        {{ clean_date('moveout_date') }} as moveout_final_rent_date,
        {{ flag('move_renew_flag') }} as is_renewal,
        {{ flag('cancel_flag') }} as is_cancelled,
        {{ flag('is_moveout') }} as is_completed_moveout,
        rent as monthly_rent,
        condo_fee,
        administrative_fee,
        moveout_fee,
        {{ jst('created_at') }} as created_at,
        {{ jst('updated_at') }} as updated_at
    from {{ source('staging', 'movings') }}
)

select
    cleaned.moving_id,
    cleaned.tenant_id,
    cleaned.apartment_id,
    cleaned.room_id,
    cleaned.contract_type_code,
    {{ label('contract_types.label_ja', 'cleaned.contract_type_code') }} as contract_type_ja,
    {{ label('contract_types.label_en', 'cleaned.contract_type_code') }} as contract_type_en,
    coalesce(contract_types.tenant_type, 'unknown') as tenant_type,
    cleaned.contract_date,
    cleaned.contract_start_date,
    cleaned.rent_start_date,
    cleaned.contract_expiration_date,
    cleaned.original_contract_date,
    cleaned.cancellation_notice_date,
    -- a renewal is no move-in
    coalesce(cleaned.original_contract_date, cleaned.contract_start_date) as effective_movein_date,
    -- the plans date is the actual departure despite its name, and the actual date wins
    coalesce(cleaned.moveout_plans_date, cleaned.moveout_date_integrated, cleaned.moveout_final_rent_date)
        as effective_moveout_date,
    cleaned.moveout_date_integrated,
    cleaned.moveout_plans_date,
    cleaned.moveout_final_rent_date,
    {{ boolean('cleaned.is_renewal') }} as is_renewal,
    {{ boolean('not cleaned.is_cancelled') }} as is_valid_contract,
    {{ boolean('cleaned.is_completed_moveout') }} as is_completed_moveout,
    cleaned.monthly_rent,
    cleaned.condo_fee,
    cleaned.administrative_fee,
    cleaned.moveout_fee,
    cleaned.created_at,
    cleaned.updated_at
from cleaned
left join {{ ref('code_contract_type') }} as contract_types on cleaned.contract_type_code = contract_types.code
