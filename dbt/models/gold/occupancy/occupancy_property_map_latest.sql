{{ config(indexes=[{'columns': ['apartment_id'], 'primary': true}]) }}

select
    latest.snapshot_date,
    latest.apartment_id,
    latest.asset_id_hj,
    latest.apartment_name,
    latest.prefecture,
    latest.municipality,
    latest.latitude,
    latest.longitude,
    latest.total_rooms,
    latest.occupied_rooms,
    latest.occupancy_rate,
    week_ago.occupancy_rate as occupancy_rate_7d_ago,
    latest.occupancy_rate - week_ago.occupancy_rate as occupancy_rate_delta_7d,
    week_ago.occupied_rooms as occupied_rooms_7d_ago,
    latest.occupied_rooms - week_ago.occupied_rooms as occupied_rooms_delta_7d,
    latest.as_of_date
from {{ ref('occupancy_property_daily') }} as latest
-- exactly a week: a gap gives NULL, not the nearest date
left join {{ ref('occupancy_property_daily') }} as week_ago
    on
        latest.snapshot_date - interval 7 day = week_ago.snapshot_date
        and latest.apartment_id = week_ago.apartment_id
where
    latest.snapshot_date = (select max(all_dates.snapshot_date) from {{ ref('occupancy_property_daily') }} as all_dates)
    and latest.latitude is not null
    and latest.longitude is not null
