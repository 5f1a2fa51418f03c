{{ config(indexes=[{'columns': ['snapshot_date'], 'primary': true}]) }}

with days as (
    select
        calendar.*,
        case when calendar.is_gap then 'gap' when calendar.is_bridge_day then 'bridge' else 'valid' end as day_status
    from {{ ref('business_calendar') }} as calendar
)

select
    days.business_date as snapshot_date,
    {{ month_start('days.business_date') }} as month_start,
    dayofmonth(days.business_date) as day_of_month,
    days.dump_status,
    days.reason,
    days.is_gap,
    days.is_bridge_day,
    days.day_status,
    day_status_bucket.sort_order as day_status_order,
    day_status_bucket.label as day_status_label,
    {{ as_of_date() }} as as_of_date
from days
{{ join_bucket('day_status', 'days.day_status') }}
