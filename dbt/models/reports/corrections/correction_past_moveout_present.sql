{{ config(schema='silver') }}

select
    'past_moveout_present' as kind,
    concat_ws('-', tenants.tenant_id, movings.moving_id) as entry_key,
    movings.apartment_id,
    movings.room_id,
    tenants.tenant_id,
    movings.moving_id,
    concat(
        'status ',
        tenants.tenant_status_code,
        coalesce(concat(', move-out ', movings.effective_moveout_date), ', no move-out date'),
        case when movings.is_completed_moveout then ', completed' else '' end
    ) as found,
    case when movings.effective_moveout_date < {{ target_date() }} then movings.effective_moveout_date end as since_date
from {{ ref('stg_tenants') }} as tenants
inner join {{ ref('stg_movings') }} as movings on tenants.current_moving_id = movings.moving_id
where
    {{ status_in('PRESENT', 'tenants.tenant_status_code') }}
    and movings.is_valid_contract
    -- a completed contract does not occupy its room, whatever the tenant's status says
    and (movings.effective_moveout_date < {{ target_date() }} or movings.is_completed_moveout)
