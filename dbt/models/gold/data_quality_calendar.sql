{{ config(indexes=[{'columns': ['check_date'], 'primary': true}]) }}

select
    business_date as check_date,
    dump_status,
    reason,
    is_gap,
    is_bridge_day
from {{ ref('business_calendar') }}
