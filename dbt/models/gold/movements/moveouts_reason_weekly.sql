{{ config(indexes=[
    {'columns': ['week_start', 'moveout_reason_en', 'tenant_type', 'rent_range'], 'primary': true},
]) }}

select
    week_start,
    moveout_reason_en,
    tenant_type,
    rent_range,
    rent_range_order,
    count(*) as moveout_count,
    {{ target_date() }} as as_of_date
from {{ ref('move_events') }}
where event_type = 'moveout'
group by week_start, moveout_reason_en, tenant_type, rent_range, rent_range_order
