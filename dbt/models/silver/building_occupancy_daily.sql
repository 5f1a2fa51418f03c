{{ config(
    materialized='date_partition',
    made_from_partitions=true,
    primary_key=['snapshot_date', 'apartment_id'],
) }}

-- Who holds a room and who left it on the date, each with the move-in before, on or after that date. An unknown move-in
-- was before it.
with claims as (
    select
        held.snapshot_date,
        held.apartment_id,
        held.room_id,
        case when held.is_room_primary then 'primary' else 'other' end as claim,
        case
            when held.effective_movein_date > held.snapshot_date then 'after'
            when held.effective_movein_date = held.snapshot_date then 'on'
            else 'before'
        end as movein,
        held.monthly_rent
    from {{ ref('tenant_room_snapshot_daily') }} as held
    where {{ made_dates('held.snapshot_date') }}

    union all

    -- a building whose last tenant left has no other row
    select
        departed.snapshot_date,
        departed.apartment_id,
        departed.room_id,
        'departure' as claim,
        case
            when departed.effective_movein_date > departed.snapshot_date then 'after'
            when departed.effective_movein_date = departed.snapshot_date then 'on'
            else 'before'
        end as movein,
        departed.monthly_rent
    from {{ ref('room_departures_daily') }} as departed
    where {{ made_dates('departed.snapshot_date') }}
),

-- a room has at most one primary row and one departure
room_claims as (
    select
        snapshot_date,
        apartment_id,
        room_id,
        max(case when claim = 'primary' then movein end) as primary_movein,
        max(case when claim = 'primary' then monthly_rent end) as primary_rent,
        max(case when claim = 'departure' then movein end) as departure_movein,
        max(case when claim = 'departure' then monthly_rent end) as departure_rent,
        -- several tenants may move into one room
        max(case when claim <> 'departure' and movein = 'on' then 1 else 0 end) as is_new_movein
    from claims
    group by snapshot_date, apartment_id, room_id
),

rooms as (
    select
        snapshot_date,
        apartment_id,
        is_new_movein,
        {{ boolean("primary_movein is not null") }} as is_primary,
        {{ boolean("departure_movein is not null") }} as is_departure,
        {{ boolean("primary_movein = 'before' or departure_movein = 'before'") }} as is_at_0000,
        {{ boolean("primary_movein = 'on' or departure_movein = 'on'") }} as is_same_day_movein,
        case
            when primary_movein = 'before' then primary_rent
            when departure_movein = 'before' then departure_rent
        end as rent_at_0000,
        -- left on the date and held all the same, unless one tenant followed the other
        {{ boolean("primary_movein is not null and departure_movein is not null"
            ~ " and not (primary_movein = 'on' and departure_movein = 'before')"
            ~ " and not (primary_movein = 'before' and departure_movein = 'on')") }} as is_held_after_leaving,
        {{ boolean("primary_movein = 'after' and departure_movein is null") }} as is_not_yet_moved_in,
        -- dates that contradict each other
        {{ boolean("departure_movein = 'after' and coalesce(primary_movein, 'after') = 'after'") }}
            as is_left_before_movein
    from room_claims
)

select
    snapshot_date,
    apartment_id,
    sum(is_primary) as primary_rooms,
    sum(is_at_0000) as rooms_at_0000,
    sum(case when rent_at_0000 > 0 then 1 else 0 end) as rent_rooms_at_0000,
    sum(case when rent_at_0000 > 0 then rent_at_0000 else 0 end) as rent_sum_at_0000,
    sum(is_new_movein) as new_moveins,
    sum(is_departure) as new_moveouts,
    sum(is_same_day_movein) as same_day_moveins,
    sum(is_held_after_leaving + is_not_yet_moved_in + is_left_before_movein) as late_status_rooms
from rooms
group by snapshot_date, apartment_id
