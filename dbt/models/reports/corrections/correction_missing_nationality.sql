{{ config(schema='silver') }}

select
    'missing_nationality' as kind,
    concat(tenants.tenant_id) as entry_key,
    movings.apartment_id,
    movings.room_id,
    tenants.tenant_id,
    movings.moving_id,
    concat(
        'status ',
        tenants.tenant_status_code,
        case when tenants.original_nationality is null then ', nationality empty' else ', nationality a placeholder' end
    ) as found,
    date(tenants.created_at) as since_date
from {{ ref('stg_tenants') }} as tenants
left join {{ ref('stg_movings') }} as movings on tenants.current_moving_id = movings.moving_id
where
    {{ status_in('PRESENT', 'tenants.tenant_status_code') }}
    -- a prediction of ours corrects no record
    and not tenants.is_nationality_recorded
