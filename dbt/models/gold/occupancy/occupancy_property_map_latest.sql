{{ config(indexes=[{'columns': ['apartment_id'], 'primary': true}]) }}

with newest as (
    select max(snapshot_date) as snapshot_date
    from {{ ref('occupancy_property_daily') }}
),

rents as (
    select
        rooms.apartment_id,
        -- one division and one rounding
        round(sum(rooms.monthly_rent) / count(*)) as mean_rent_jpy
    from {{ ref('tenant_room_snapshot_daily') }} as rooms
    where
        rooms.snapshot_date = (select newest.snapshot_date from newest)
        and rooms.is_room_primary
        and rooms.monthly_rent > 0
    group by rooms.apartment_id
),

buildings as (
    select
        latest.*,
        week_ago.occupancy_rate as occupancy_rate_7d_ago,
        week_ago.occupied_rooms as occupied_rooms_7d_ago,
        rents.mean_rent_jpy,
        {{ rate_band('latest.occupancy_rate') }} as rate_band,
        {{ rent_band('rents.mean_rent_jpy') }} as rent_band
    from {{ ref('occupancy_property_daily') }} as latest
    -- exactly a week: a gap gives NULL, not the nearest date
    left join {{ ref('occupancy_property_daily') }} as week_ago
        on
            latest.snapshot_date - interval 7 day = week_ago.snapshot_date
            and latest.apartment_id = week_ago.apartment_id
    left join rents on latest.apartment_id = rents.apartment_id
    where
        latest.snapshot_date = (select newest.snapshot_date from newest)
        and latest.latitude is not null
        and latest.longitude is not null
)

select
    buildings.snapshot_date,
    buildings.apartment_id,
    buildings.asset_id_hj,
    buildings.apartment_name,
    buildings.prefecture,
    buildings.municipality,
    buildings.latitude,
    buildings.longitude,
    buildings.total_rooms,
    buildings.occupied_rooms,
    least(buildings.occupied_rooms, buildings.total_rooms) as counted_rooms,
    buildings.occupancy_rate,
    buildings.rate_band,
    rate_band_bucket.sort_order as rate_band_order,
    rate_band_bucket.label as rate_band_label,
    buildings.occupancy_rate_7d_ago,
    buildings.occupancy_rate - buildings.occupancy_rate_7d_ago as occupancy_rate_delta_7d,
    buildings.occupied_rooms_7d_ago,
    buildings.occupied_rooms - buildings.occupied_rooms_7d_ago as occupied_rooms_delta_7d,
    buildings.mean_rent_jpy,
    buildings.rent_band,
    rent_band_bucket.sort_order as rent_band_order,
    rent_band_bucket.label as rent_band_label,
    buildings.as_of_date
from buildings
{{ join_bucket('rate_band', 'buildings.rate_band') }}
{{ join_bucket('rent_band', 'buildings.rent_band') }}
