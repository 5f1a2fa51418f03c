{{ config(indexes=[{'columns': ['business_date'], 'primary': true}]) }}

select
    {{ target_date() }} as business_date,
    datediff({{ target_date() }}, max(as_of_date)) as lag_days,
    max(snapshot_date) as gold_occupancy_max_snapshot_date,
    {{ portfolio_rooms() }} as total_physical_rooms,
    max(as_of_date) as as_of_date
from {{ ref('occupancy_daily_metrics') }}
