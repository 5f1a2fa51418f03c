{{ config(indexes=[{'columns': ['week_start', 'municipality'], 'primary': true}]) }}

select
    week_start,
    municipality,
    {{ churn_columns() }},
    {{ target_date() }} as as_of_date
from {{ ref('move_events') }}
group by week_start, municipality
