-- depends_on: {{ ref('stg_tenant_daily_snapshots') }}
{{ config(
    materialized='date_partition',
    primary_key=['snapshot_date', 'metric', 'tenant_type'],
) }}

with windows as (
    {{ flash_report_windows() | indent(4) }}
),

moved as (
    {{ flash_report_contracts('windows') | indent(4) }}
),

present as (
    select
        movings.apartment_id,
        movings.room_id,
        movings.tenant_type,
        row_number() over (
            partition by movings.apartment_id, movings.room_id
            order by
                {{ room_priority('tenants.tenant_status_code') }},
                movings.contract_start_date desc,
                movings.updated_at desc,
                movings.moving_id desc
        ) as claim
    from {{ ref('stg_movings') }} as movings
    inner join {{ ref('stg_tenants') }} as tenants on movings.tenant_id = tenants.tenant_id
    where
        movings.is_valid_contract
        and not movings.is_completed_moveout
        and {{ status_in('PRESENT', 'tenants.tenant_status_code') }}
        and not {{ moves_in_this_month('tenants.tenant_status_code', 'movings.contract_start_date') }}
),

counted as (
    select
        metric,
        tenant_type,
        apartment_id,
        room_id,
        is_counted and recency = 1 as is_counted,
        recency_by_old_rule = 1 as is_counted_by_old_rule
    from moved

    union all

    -- who stands for the room, and nobody in his place
    select
        'occupied_0000' as metric,
        coalesce(contract_types.tenant_type, 'unknown') as tenant_type,
        held.apartment_id,
        held.room_id,
        1 as is_counted,
        0 as is_counted_by_old_rule
    from {{ ref('tenant_room_snapshot_daily') }} as held
    left join {{ ref('code_contract_type') }} as contract_types on held.contract_type_code = contract_types.code
    where
        held.snapshot_date = {{ month_start(target_date()) }}
        and held.is_room_primary
        and not {{ moves_in_this_month('held.tenant_status_code', 'held.movein_date') }}

    union all

    -- the earlier system's count was of the day it ran on, not of the 1st
    select
        'occupied_0000' as metric,
        tenant_type,
        apartment_id,
        room_id,
        0 as is_counted,
        1 as is_counted_by_old_rule
    from present
    where claim = 1
),

tenant_types as (
    select value as tenant_type
    from {{ ref('code_bucket') }}
    where dimension = 'tenant_type'
    union all
    select 'total' as tenant_type
),

-- a room under two types is one room of the total
figures as (
    select
        counted.metric,
        tenant_types.tenant_type,
        count(
            distinct
            case when counted.is_counted then counted.apartment_id end,
            case when counted.is_counted then counted.room_id end
        ) as rooms,
        count(
            distinct
            case when counted.is_counted_by_old_rule then counted.apartment_id end,
            case when counted.is_counted_by_old_rule then counted.room_id end
        ) as rooms_by_old_rule
    from counted
    inner join tenant_types on tenant_types.tenant_type in (counted.tenant_type, 'total')
    group by counted.metric, tenant_types.tenant_type
)

select
    {{ target_date() }} as snapshot_date,
    windows.metric,
    windows.month,
    tenant_types.tenant_type,
    case
        when windows.movement <> 'stock' or known.business_date is not null then coalesce(figures.rooms, 0)
    end as rooms,
    coalesce(figures.rooms_by_old_rule, 0) as rooms_by_old_rule
from windows
cross join tenant_types
left join figures on windows.metric = figures.metric and tenant_types.tenant_type = figures.tenant_type
left join {{ ref('business_calendar') }} as known on windows.month = known.business_date and not known.is_gap
