{{ config(tags=['heavy', 'freshness'], fail_calc='coalesce(max(days_behind), 0)', warn_if='> 0', error_if='> 1') }}

-- How many days the tables are behind the business date of this check. A dump is taken at 05:30, so at 09:00, when the
-- check is due, one day behind is more than a day old and two are more than two (domain 5.7).
with newest as (
    select
        'tenant_room_snapshot_daily' as tested_table,
        max(snapshot_date) as newest_date
    from {{ ref('tenant_room_snapshot_daily') }}
    union all
    select
        'occupancy_daily_metrics' as tested_table,
        max(snapshot_date) as newest_date
    from {{ ref('occupancy_daily_metrics') }}
    where is_projection = 0
)

select
    tested_table,
    newest_date,
    -- never built is as late as can be
    coalesce(datediff({{ target_date() }}, newest_date), 9999) as days_behind
from newest
where newest_date is null or newest_date < {{ target_date() }}
