-- depends_on: {{ ref('stg_tenant_daily_snapshots') }}
{{ config(
    materialized='date_partition',
    primary_key=['snapshot_date', 'apartment_id', 'room_id'],
) }}

with departures as (
    select
        tenants.snapshot_date,
        movings.apartment_id,
        movings.room_id,
        movings.tenant_id,
        movings.moving_id,
        tenants.tenant_status_code,
        movings.contract_type_code,
        movings.effective_movein_date,
        movings.monthly_rent,
        row_number() over (
            partition by tenants.snapshot_date, movings.apartment_id, movings.room_id
            order by movings.contract_start_date desc, movings.updated_at desc, movings.moving_id desc
        ) as recency
    -- by tenant, not by the tenant's current moving, which may already be the next room
    from {{ ref('stg_movings') }} as movings
    inner join {{ tenants_of_the_date() }} as tenants on movings.tenant_id = tenants.tenant_id
    where
        movings.is_valid_contract
        and {{ status_in('MOVEOUT', 'tenants.tenant_status_code') }}
        and movings.effective_moveout_date = tenants.snapshot_date
)

select *
from departures
where recency = 1
