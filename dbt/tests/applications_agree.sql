{#- No task builds one of its models after the other, so the task check_gold runs it before gold is published. -#}
{{ config(tags=['before_publish']) }}

-- The two tables that show applications show the same number on every date with facts.
with summary as (
    select
        activity_date,
        sum(applications_count) as applications
    from {{ ref('daily_activity_summary') }}
    where not is_planned
    group by activity_date
)

select
    occupancy.snapshot_date,
    occupancy.applications as occupancy_applications,
    summary.applications as activity_applications
from {{ ref('occupancy_daily_metrics') }} as occupancy
left join summary on occupancy.snapshot_date = summary.activity_date
where
    not occupancy.is_projection
    and occupancy.snapshot_date between date '{{ var('min_valid_date') }}' and {{ target_date() }}
    and not occupancy.applications <=> summary.applications
