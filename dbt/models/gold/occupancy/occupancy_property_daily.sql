{{ config(indexes=[{'columns': ['snapshot_date', 'apartment_id'], 'primary': true}]) }}

with room_rows as (
    select
        apartment_id,
        count(*) as rooms
    from {{ ref('stg_rooms') }}
    group by apartment_id
),

buildings as (
    select
        apartments.apartment_id,
        apartments.asset_id_hj,
        apartments.apartment_name,
        apartments.prefecture,
        apartments.municipality,
        apartments.latitude,
        apartments.longitude,
        -- the source's own count may be below its room rows (I-20)
        greatest(coalesce(room_rows.rooms, 0), coalesce(apartments.room_count, 0)) as total_rooms
    from {{ ref('stg_apartments') }} as apartments
    left join room_rows on apartments.apartment_id = room_rows.apartment_id
)

select
    calendar.business_date as snapshot_date,
    buildings.apartment_id,
    buildings.asset_id_hj,
    buildings.apartment_name,
    buildings.prefecture,
    buildings.municipality,
    buildings.latitude,
    buildings.longitude,
    buildings.total_rooms,
    coalesce(occupancy.primary_rooms, 0) as occupied_rooms,
    round(least(cast(coalesce(occupancy.primary_rooms, 0) as decimal(20, 6)) / buildings.total_rooms, 1), 6)
        as occupancy_rate,
    {{ as_of_date() }} as as_of_date
from {{ ref('business_calendar') }} as calendar
cross join buildings
left join {{ ref('building_occupancy_daily') }} as occupancy
    on calendar.business_date = occupancy.snapshot_date and buildings.apartment_id = occupancy.apartment_id
where
    not calendar.is_gap
    and buildings.total_rooms > 0
