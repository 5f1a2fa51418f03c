{{ config(indexes=[{'columns': ['week_start', 'asset_id_hj', 'apartment_name'], 'primary': true}]) }}

select
    week_start,
    coalesce(asset_id_hj, 'Unknown') as asset_id_hj,
    coalesce(apartment_name, 'Unknown') as apartment_name,
    {{ churn_columns() }},
    {{ target_date() }} as as_of_date
from {{ ref('move_events') }}
group by week_start, coalesce(asset_id_hj, 'Unknown'), coalesce(apartment_name, 'Unknown')
