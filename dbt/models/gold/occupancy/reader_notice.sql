{{ config(indexes=[{'columns': ['notice_order'], 'primary': true}]) }}

{%- set lag_days = days_before(target_date(), 'bounds.as_of_date') %}

with bounds as (
    select {{ as_of_date() }} as as_of_date
),

gap_dates as (
    select
        business_date,
        -- the same for all dates of one gap
        business_date - interval row_number() over (order by business_date) day as gap
    from {{ ref('business_calendar') }}
    where is_gap
),

gaps as (
    select
        min(business_date) as from_date,
        max(business_date) as to_date,
        count(*) as gap_days
    from gap_dates
    group by gap
),

found as (
    select
        case when {{ lag_days }} <= 2 then 'warning' else 'critical' end as severity,
        case
            when bounds.as_of_date is null then '実績がまだありません / There are no facts yet'
            else concat(
                '数値は ', bounds.as_of_date, ' 時点です（業務日 ', {{ target_date() }}, ' の', {{ lag_days }}, '日前）',
                ' / Figures end with ', bounds.as_of_date, ' (', {{ lag_days }},
                case {{ lag_days }} when 1 then ' day' else ' days' end,
                ' before the business date ', {{ target_date() }}, ')'
            )
        end as notice_text,
        bounds.as_of_date + interval 1 day as from_date,
        {{ target_date() }} as to_date
    from bounds
    where bounds.as_of_date is null or bounds.as_of_date < {{ target_date() }}

    union all

    select
        'warning' as severity,
        case gaps.gap_days
            when 1 then concat(gaps.from_date, ' は欠測のため実績がありません / No facts for ', gaps.from_date, ' (gap)')
            else concat(
                gaps.from_date, '〜', gaps.to_date, ' は欠測（', gaps.gap_days, '日間）のため実績がありません',
                ' / No facts from ', gaps.from_date, ' to ', gaps.to_date, ' (gap of ', gaps.gap_days, ' days)'
            )
        end as notice_text,
        gaps.from_date,
        gaps.to_date
    from gaps
    cross join bounds
    -- a gap behind the as-of date is what makes the figures old
    where gaps.to_date between bounds.as_of_date - interval 89 day and bounds.as_of_date

    union all

    select
        'warning' as severity,
        concat(
            dates.snapshot_date, ' の稼働室数に記録で説明できない差があります（',
            case when dates.unexplained_delta > 0 then '+' else '' end, dates.unexplained_delta, '室）',
            ' / Occupied rooms of ', dates.snapshot_date, ' differ by ',
            case when dates.unexplained_delta > 0 then '+' else '' end, dates.unexplained_delta,
            ' from what the records explain'
        ) as notice_text,
        dates.snapshot_date as from_date,
        dates.snapshot_date as to_date
    from {{ ref('occupancy_daily_metrics') }} as dates
    cross join bounds
    where
        dates.snapshot_date between bounds.as_of_date - interval 6 day and bounds.as_of_date
        and abs(dates.unexplained_delta) > {{ var('unexplained_rooms_tolerance') }}
),

notices as (
    select * from found

    union all

    -- an empty table shows readers "No data"
    select
        'info' as severity,
        '特になし / Nothing to report' as notice_text,
        bounds.as_of_date as from_date,
        bounds.as_of_date as to_date
    from bounds
    where not exists (select 1 from found)
)

select
    row_number() over (order by severities.sort_order asc, notices.to_date desc, notices.notice_text asc)
        as notice_order,
    notices.severity,
    severities.sort_order as severity_order,
    severities.label as severity_label,
    notices.notice_text,
    notices.from_date,
    notices.to_date,
    bounds.as_of_date
from notices
cross join bounds
left join {{ ref('code_bucket') }} as severities
    on severities.dimension = 'severity' and notices.severity = severities.value
