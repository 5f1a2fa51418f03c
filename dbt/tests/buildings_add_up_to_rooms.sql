{{ config(tags=['heavy']) }}

-- Every date's figures by building are those of its rooms; the figures of gold are added up from the buildings.
with counted as (
    select
        snapshot_date,
        apartment_id,
        primary_rooms,
        new_moveouts
    from {{ ref('building_occupancy_daily') }}
    union all
    select
        snapshot_date,
        apartment_id,
        -cast(is_room_primary as signed) as primary_rooms,
        0 as new_moveouts
    from {{ ref('tenant_room_snapshot_daily') }}
    union all
    select
        snapshot_date,
        apartment_id,
        0 as primary_rooms,
        -1 as new_moveouts
    from {{ ref('room_departures_daily') }}
)

select
    snapshot_date,
    apartment_id,
    sum(primary_rooms) as primary_rooms_too_many,
    sum(new_moveouts) as new_moveouts_too_many
from counted
group by snapshot_date, apartment_id
having sum(primary_rooms) <> 0 or sum(new_moveouts) <> 0
