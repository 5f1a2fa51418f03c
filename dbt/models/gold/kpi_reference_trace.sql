{{ config(indexes=[{'columns': ['calendar_today'], 'primary': true}]) }}

with newest_kpi as (
    select max(as_of_date) as as_of_date
    from {{ ref('kpi_month_end_metrics') }}
),

calendar as (
    select max(business_date) as silver_snapshot_max_date
    from {{ ref('business_calendar') }}
)

select
    newest_kpi.as_of_date,
    '{{ var('kpi_definition_version') }}' as kpi_definition_version,
    '{{ var('same_day_policy') }}' as same_day_moveout_policy,
    meta.as_of_snapshot_date as occupancy_meta_as_of_snapshot_date,
    meta.calendar_today,
    datediff(meta.calendar_today, newest_kpi.as_of_date) as freshness_lag_days,
    calendar.silver_snapshot_max_date,
    meta.gold_occupancy_max_snapshot_date
from newest_kpi
cross join calendar
cross join {{ ref('occupancy_kpi_meta') }} as meta
