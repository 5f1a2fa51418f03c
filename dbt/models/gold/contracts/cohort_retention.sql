{{ config(indexes=[{'columns': ['cohort_month', 'months_stayed'], 'primary': true}]) }}

{%- set months = 24 %}
{#- The month that is not whole yet; on the last day of a month the next one. -#}
{%- set unfinished_month = month_start('(' ~ target_date() ~ ' + interval 1 day)') %}

with recursive months as (
    select 0 as months_stayed
    union all
    select months_stayed + 1
    from months
    where months_stayed < {{ months }} - 1
),

moveins as (
    select
        {{ month_start('effective_movein_date') }} as cohort_month,
        -- NULL for who is still there
        case when is_completed_moveout then total_stay_months end as completed_months
    from {{ ref('int_contracts') }}
    where
        is_reportable_movein
        and effective_movein_date >= {{ unfinished_month }} - interval {{ months }} month
),

stays as (
    select
        cohort_month,
        completed_months,
        count(*) as tenants
    from moveins
    group by cohort_month, completed_months
),

cohorts as (
    select
        stays.cohort_month,
        months.months_stayed,
        sum(stays.tenants) as cohort_size,
        sum(
            case
                when coalesce(stays.completed_months, months.months_stayed) >= months.months_stayed then stays.tenants
                else 0
            end
        ) as stayed
    from stays
    inner join months
        on last_day(stays.cohort_month) + interval months.months_stayed month <= {{ target_date() }}
    group by stays.cohort_month, months.months_stayed
)

select
    cohort_month,
    months_stayed,
    cohort_size,
    stayed,
    round(cast(stayed as decimal(20, 6)) / cohort_size, 6) as retention_rate,
    {{ months_before(target_date(), 'cohort_month') }} as months_before_as_of,
    {{ target_date() }} as as_of_date
from cohorts
