{{ config(indexes=[{'columns': ['snapshot_date'], 'primary': true}]) }}

with days as (
    select
        snapshot_date,
        sum(is_room_primary) as period_end_rooms
    from {{ ref('tenant_room_snapshot_daily') }}
    group by snapshot_date
),

moveins as (
    select
        snapshot_date,
        count(distinct apartment_id, room_id) as rooms
    from {{ ref('tenant_room_snapshot_daily') }}
    where effective_movein_date = snapshot_date
    group by snapshot_date
),

moveouts as (
    select
        snapshot_date,
        count(*) as rooms
    from {{ ref('room_departures_daily') }}
    group by snapshot_date
),

first_applications as (
    select min(snapshot_date) as snapshot_date
    from {{ ref('tenant_room_snapshot_daily') }}
    where {{ status_in('APPLICATION', 'tenant_status_code') }}
    group by tenant_id, apartment_id, room_id
),

applications as (
    select
        snapshot_date,
        count(*) as pairs
    from first_applications
    group by snapshot_date
),

bounds as (
    select
        min(snapshot_date) as first_date,
        max(snapshot_date) as as_of_date
    from days
),

facts as (
    select
        days.snapshot_date,
        bounds.as_of_date,
        -- who already was an applicant when the records begin did not apply on that day
        case when days.snapshot_date > bounds.first_date then coalesce(applications.pairs, 0) else 0 end
            as applications,
        coalesce(moveins.rooms, 0) as new_moveins,
        coalesce(moveouts.rooms, 0) as new_moveouts,
        -- only the day before counts: across a gap the start is unknown, never interpolated
        day_before.period_end_rooms as period_start_rooms,
        days.period_end_rooms
    from days
    cross join bounds
    left join days as day_before on days.snapshot_date = day_before.snapshot_date + interval 1 day
    left join moveins on days.snapshot_date = moveins.snapshot_date
    left join moveouts on days.snapshot_date = moveouts.snapshot_date
    left join applications on days.snapshot_date = applications.snapshot_date
)

select
    snapshot_date,
    as_of_date,
    0 as is_projection,
    cast(applications as signed) as applications,
    cast(new_moveins as signed) as new_moveins,
    cast(new_moveouts as signed) as new_moveouts,
    cast(new_moveins - new_moveouts as signed) as occupancy_delta,
    cast(period_start_rooms as signed) as period_start_rooms,
    cast(period_end_rooms as signed) as period_end_rooms,
    cast(period_end_rooms - period_start_rooms - (new_moveins - new_moveouts) as signed) as unexplained_delta,
    cast(round(period_end_rooms / {{ var('total_physical_rooms') }}, 4) as decimal(5, 4)) as occupancy_rate
from facts
