-- depends_on: {{ ref('stg_tenant_daily_snapshots') }}
{{ config(
    materialized='date_partition',
    primary_key=['snapshot_date', 'tenant_id', 'apartment_id', 'room_id'],
) }}

-- A tenant points at one moving, so there is one row per tenant and room without any choosing; the primary key says so.
with assignments as (
    select
        tenants.snapshot_date,
        tenants.tenant_id,
        movings.apartment_id,
        movings.room_id,
        movings.moving_id,
        tenants.tenant_status_code,
        movings.contract_type_code,
        movings.contract_start_date as movein_date,
        movings.effective_movein_date,
        movings.effective_moveout_date,
        movings.moveout_plans_date,
        movings.is_renewal,
        movings.monthly_rent,
        row_number() over (
            partition by tenants.snapshot_date, movings.apartment_id, movings.room_id
            order by
                {{ room_priority('tenants.tenant_status_code') }},
                movings.contract_start_date desc,
                movings.updated_at desc,
                movings.moving_id desc,
                tenants.tenant_id desc  -- two tenants may point at one contract
        ) as claim
    from {{ tenants_of_the_date() }} as tenants
    inner join {{ ref('stg_movings') }} as movings on tenants.current_moving_id = movings.moving_id
    where
        {{ status_in('PIPELINE_ACTIVE', 'tenants.tenant_status_code') }}
        and movings.is_valid_contract
        -- who moved out since was still there on a date of history
        and (tenants.is_from_history or not movings.is_completed_moveout)
)

select
    assignments.*,
    -- a room that is only reserved has no primary (I-20)
    {{ boolean("assignments.claim = 1 and " ~ status_in('PRESENT', 'assignments.tenant_status_code')) }}
        as is_room_primary
from assignments
