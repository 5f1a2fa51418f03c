{{ config(indexes=[{'columns': ['week_start', 'municipality'], 'primary': true}]) }}

select
    week_start,
    municipality,
    {{ churn_columns() }}
from {{ ref('move_events') }}
group by week_start, municipality
