{{ config(indexes=[{'columns': ['snapshot_date'], 'primary': true}]) }}

with fact_dates as (
    select business_date
    from {{ ref('business_calendar') }}
    where not is_gap
),

bounds as (
    select max(business_date) as as_of_date
    from fact_dates
),

portfolio as (
    select
        buildings.snapshot_date,
        sum(buildings.new_moveins) as new_moveins,
        sum(buildings.new_moveouts) as new_moveouts,
        sum(buildings.primary_rooms) as occupied_rooms
    from {{ ref('building_occupancy_daily') }} as buildings
    inner join fact_dates on buildings.snapshot_date = fact_dates.business_date
    group by buildings.snapshot_date
),

applications as (
    select
        application_date as snapshot_date,
        count(*) as tenants
    from {{ ref('tenant_applications') }}
    group by application_date
),

planned_moveins as (
    select
        effective_movein_date as snapshot_date,
        count(distinct apartment_id, room_id) as rooms
    from {{ ref('tenant_room_snapshot_daily') }}
    where snapshot_date = (select bounds.as_of_date from bounds)
    group by effective_movein_date
),

planned_moveouts as (
    select
        effective_moveout_date as snapshot_date,
        count(distinct apartment_id, room_id) as rooms
    from {{ ref('tenant_room_snapshot_daily') }}
    where snapshot_date = (select bounds.as_of_date from bounds)
    group by effective_moveout_date
),

outlook_dates as (
    {{ every_day(
        '(select bounds.as_of_date + interval 1 day from bounds)',
        '(select bounds.as_of_date + interval ' ~ var('occupancy_lookahead_days') ~ ' day from bounds)',
    ) | indent(4) }}
),

dates as (
    select
        portfolio.snapshot_date,
        0 as is_projection,
        coalesce(applications.tenants, 0) as applications,
        portfolio.new_moveins,
        portfolio.new_moveouts,
        portfolio.occupied_rooms
    from portfolio
    left join applications on portfolio.snapshot_date = applications.snapshot_date
    union all
    select
        outlook_dates.day as snapshot_date,
        1 as is_projection,
        0 as applications,
        coalesce(planned_moveins.rooms, 0) as new_moveins,
        coalesce(planned_moveouts.rooms, 0) as new_moveouts,
        null as occupied_rooms
    from outlook_dates
    left join planned_moveins on outlook_dates.day = planned_moveins.snapshot_date
    left join planned_moveouts on outlook_dates.day = planned_moveouts.snapshot_date
),

ends as (
    select
        dates.*,
        bounds.as_of_date,
        -- facts are counted; the outlook adds what is planned to the last count
        coalesce(
            dates.occupied_rooms,
            sum(
                case
                    when dates.snapshot_date = bounds.as_of_date then dates.occupied_rooms
                    when dates.is_projection then dates.new_moveins - dates.new_moveouts
                end
            ) over (order by dates.snapshot_date rows unbounded preceding)
        ) as period_end_rooms
    from dates
    cross join bounds
),

chained as (
    select
        ends.*,
        -- only the day before counts: across a gap the start is unknown, never interpolated
        case
            when
                lag(ends.snapshot_date) over (order by ends.snapshot_date) = ends.snapshot_date - interval 1 day
                then lag(ends.period_end_rooms) over (order by ends.snapshot_date)
        end as period_start_rooms,
        case when ends.is_projection then 'outlook' else 'fact' end as phase
    from ends
)

select
    chained.snapshot_date,
    {{ days_before('chained.snapshot_date', 'chained.as_of_date') }} as days_from_as_of,
    {{ days_before('chained.as_of_date', 'chained.snapshot_date') }} as days_before_as_of,
    {{ boolean('chained.is_projection') }} as is_projection,
    chained.phase,
    phase_bucket.sort_order as phase_order,
    phase_bucket.label as phase_label,
    chained.applications,
    chained.new_moveins,
    chained.new_moveouts,
    chained.new_moveins - chained.new_moveouts as occupancy_delta,
    chained.period_start_rooms,
    chained.period_end_rooms,
    chained.period_end_rooms - chained.period_start_rooms - (chained.new_moveins - chained.new_moveouts)
        as unexplained_delta,
    round(chained.period_end_rooms / {{ portfolio_rooms() }}, 4) as occupancy_rate,
    round(year_ago.period_end_rooms / {{ portfolio_rooms() }}, 4) as occupancy_rate_prev_year,
    chained.as_of_date
from chained
-- exactly a year: a gap gives NULL, not the nearest date
left join chained as year_ago
    on chained.snapshot_date - interval 1 year = year_ago.snapshot_date and not year_ago.is_projection
{{ join_bucket('phase', 'chained.phase') }}
