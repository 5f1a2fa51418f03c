{{ config(indexes=[{'columns': ['calendar_today'], 'primary': true}]) }}

select
    max(as_of_date) as as_of_snapshot_date,
    {{ target_date() }} as calendar_today,
    datediff({{ target_date() }}, max(as_of_date)) as lag_days,
    max(snapshot_date) as gold_occupancy_max_snapshot_date,
    {{ var('total_physical_rooms') }} as total_physical_rooms
from {{ ref('occupancy_daily_metrics') }}
