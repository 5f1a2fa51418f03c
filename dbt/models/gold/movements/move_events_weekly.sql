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
    age_group_order,
    count(*) as event_count,
    round(avg(monthly_rent), 2) as avg_monthly_rent,
    {{ target_date() }} as as_of_date
from {{ ref('move_events') }}
group by week_start, event_type, tenant_type, rent_range, rent_range_order, age_group, age_group_order
