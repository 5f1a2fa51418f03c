{#- No task builds one of its models after the other, so the task check_gold runs it before gold is published. -#}
{{ config(tags=['before_publish']) }}

-- On the business date and every later one, which a run makes, the buildings, together with the rooms of buildings that
-- the source does not have or has without rooms, add up to the portfolio, to the room.
with shown as (
    select
        snapshot_date,
        sum(occupied_rooms) as rooms
    from {{ ref('occupancy_property_daily') }}
    where snapshot_date >= {{ target_date() }}
    group by snapshot_date
),

lacking as (
    select
        counted.snapshot_date,
        sum(counted.primary_rooms) as rooms
    from {{ ref('building_occupancy_daily') }} as counted
    left join {{ ref('occupancy_property_daily') }} as buildings
        on counted.snapshot_date = buildings.snapshot_date and counted.apartment_id = buildings.apartment_id
    where counted.snapshot_date >= {{ target_date() }} and buildings.apartment_id is null
    group by counted.snapshot_date
)

select
    occupancy.snapshot_date,
    occupancy.period_end_rooms,
    shown.rooms as rooms_of_buildings,
    lacking.rooms as rooms_of_lacking_buildings
from {{ ref('occupancy_daily_metrics') }} as occupancy
left join shown on occupancy.snapshot_date = shown.snapshot_date
left join lacking on occupancy.snapshot_date = lacking.snapshot_date
where
    not occupancy.is_projection
    and occupancy.snapshot_date >= {{ target_date() }}
    and occupancy.period_end_rooms <> coalesce(shown.rooms, 0) + coalesce(lacking.rooms, 0)
