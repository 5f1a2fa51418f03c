{{ config(indexes=[{'columns': ['tenant_id'], 'primary': true}, {'columns': ['moving_id']}]) }}

select
    tenants.tenant_status_code as management_status_code,
    statuses.label_ui as management_status,
    tenants.tenant_id,
    tenants.full_name as tenant_name,
    tenants.full_name_kana as tenant_name_kana,
    apartments.apartment_name as property,
    rooms.room_number,
    movings.contract_type_code,
    coalesce(contract_types.category_ui, not_set.category_ui) as contract_category,
    -- the screens know two genders
    case when tenants.gender_code in (1, 2) then tenants.gender_ja end as gender,
    concat({{ age('tenants.birth_date', 'tenants.stored_age', target_date()) }}, '歳') as age_display,
    tenants.original_nationality as nationality,
    tenants.phone_1,
    tenants.phone_2,
    tenants.email_1,
    tenants.email_2,
    tenants.account_number,
    movings.monthly_rent as fixed_rent,
    movings.effective_movein_date as move_in_date,
    movings.contract_start_date,
    movings.effective_moveout_date as moveout_date,
    movings.moveout_plans_date,
    cast(
        greatest(
            datediff(
                least(coalesce(movings.effective_moveout_date, {{ target_date() }}), {{ target_date() }}),
                movings.effective_movein_date
            ),
            0
        ) as signed
    ) as days_stayed,
    movings.moving_id
-- A tenant points at one moving, so there is one row per tenant and room without any choosing; the primary key says so.
from {{ ref('stg_tenants') }} as tenants
inner join {{ ref('stg_movings') }} as movings on tenants.current_moving_id = movings.moving_id
left join {{ ref('stg_apartments') }} as apartments on movings.apartment_id = apartments.apartment_id
left join {{ ref('stg_rooms') }} as rooms on movings.room_id = rooms.room_id
left join {{ ref('code_tenant_status') }} as statuses on tenants.tenant_status_code = statuses.code
left join {{ ref('code_contract_type') }} as contract_types on movings.contract_type_code = contract_types.code
left join {{ ref('code_contract_type') }} as not_set on not_set.code = 0
where
    {{ status_in('PIPELINE_ACTIVE', 'tenants.tenant_status_code') }}
    and movings.is_valid_contract
    and not movings.is_completed_moveout
