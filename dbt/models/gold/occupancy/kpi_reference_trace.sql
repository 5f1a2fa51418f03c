{{ config(indexes=[{'columns': ['business_date'], 'primary': true}]) }}

with newest_kpi as (
    select max(snapshot_date) as as_of_date
    from {{ ref('kpi_month_end_metrics') }}
),

calendar as (
    select max(business_date) as silver_snapshot_max_date
    from {{ ref('business_calendar') }}
)

select
    meta.business_date,
    '{{ var('kpi_definition_version') }}' as kpi_definition_version,
    '{{ var('same_day_policy') }}' as same_day_moveout_policy,
    meta.as_of_date as occupancy_as_of_date,
    datediff(meta.business_date, newest_kpi.as_of_date) as freshness_lag_days,
    calendar.silver_snapshot_max_date,
    meta.gold_occupancy_max_snapshot_date,
    newest_kpi.as_of_date
from newest_kpi
cross join calendar
cross join {{ ref('occupancy_kpi_meta') }} as meta
