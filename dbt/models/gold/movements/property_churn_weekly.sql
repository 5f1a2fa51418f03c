{{ config(indexes=[{'columns': ['week_start', 'asset_id_hj', 'apartment_name'], 'primary': true}]) }}

select
    week_start,
    coalesce(asset_id_hj, 'Unknown') as asset_id_hj,
    coalesce(apartment_name, 'Unknown') as apartment_name,
    sum(case when event_type = 'movein' then 1 else 0 end) as movein_count,
    sum(case when event_type = 'moveout' then 1 else 0 end) as moveout_count,
    sum(case when event_type = 'movein' then 1 else -1 end) as net_change,
    {{ weeks_before(target_date(), 'week_start') }} as weeks_before_as_of,
    {{ target_date() }} as as_of_date
from {{ ref('move_events') }}
group by week_start, coalesce(asset_id_hj, 'Unknown'), coalesce(apartment_name, 'Unknown')
