{#- No task builds one of its models after the other, so the task check_gold runs it before gold is published. -#}
{{ config(severity='warn', tags=['before_publish']) }}

-- When the business date is gold's newest date, the rooms of flash_report_rooms_daily add up to the report's totals
-- and to the figures of gold beside them. Of the rooms at 00:00 only those that differ are kept, which add up to the
-- difference.
with windows as (
    {{ flash_report_windows() | indent(4) }}
),

shown as (
    select
        metric,
        rooms
    from {{ ref('flash_report_daily') }}
    where snapshot_date = {{ target_date() }} and tenant_type = 'total'
),

listed as (
    select
        metric,
        sum(is_in_report) as report_rooms,
        sum(is_in_gold) as gold_rooms
    from {{ ref('flash_report_rooms_daily') }}
    where snapshot_date = {{ target_date() }}
    group by metric
),

figures as (
    select
        windows.metric,
        sum(case when windows.movement = 'movein' then dates.new_moveins else dates.new_moveouts end) as gold_rooms
    from windows
    inner join {{ ref('occupancy_daily_metrics') }} as dates
        on dates.snapshot_date between windows.first_date and windows.last_date
    where windows.movement <> 'stock'
    group by windows.metric
    union all
    select
        windows.metric,
        kpi.occupancy_room_count_0000 as gold_rooms
    from windows
    inner join {{ ref('kpi_month_end_metrics') }} as kpi on windows.first_date = kpi.snapshot_date
    where windows.movement = 'stock'
)

select
    windows.metric,
    shown.rooms as rooms_of_report,
    listed.report_rooms as listed_of_report,
    figures.gold_rooms as rooms_of_gold,
    listed.gold_rooms as listed_of_gold
from windows
left join shown on windows.metric = shown.metric
left join listed on windows.metric = listed.metric
left join figures on windows.metric = figures.metric
where
    (select max(newest.as_of_date) from {{ ref('occupancy_daily_metrics') }} as newest) = {{ target_date() }}
    and (
        (windows.movement <> 'stock' and coalesce(shown.rooms, -1) <> coalesce(listed.report_rooms, 0))
        or not coalesce(shown.rooms - figures.gold_rooms, 0)
        <=> coalesce(listed.report_rooms, 0) - coalesce(listed.gold_rooms, 0)
    )
