{{ config(indexes=[
    {'columns': ['week_start', 'event_type', 'tenant_type', 'rent_range', 'age_group'], 'primary': true},
]) }}

select
    week_start,
    event_type,
    tenant_type,
    rent_range,
    rent_range_order,
    age_group,
    cast(sum(event_count) as signed) as event_count,
    cast(round(avg(monthly_rent), 2) as decimal(12, 2)) as avg_monthly_rent
from {{ ref('move_events') }}
group by week_start, event_type, tenant_type, rent_range, rent_range_order, age_group
