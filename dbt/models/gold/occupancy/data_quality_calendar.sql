{{ config(indexes=[{'columns': ['snapshot_date'], 'primary': true}]) }}

select
    business_date as snapshot_date,
    dump_status,
    reason,
    is_gap,
    is_bridge_day,
    {{ as_of_date() }} as as_of_date
from {{ ref('business_calendar') }}
