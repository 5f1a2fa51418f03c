with buildings as (
    select
        source_rows.*,
        {{ clean_string('municipality') }} as stored_municipality,
        {{ in_kanto('latitude', 'longitude') }} as is_located
    from {{ source('staging', 'apartments') }} as source_rows
),

last_known_good as (
    select
        apartment_id,
        latitude,
        longitude
    from {{ source('ops', 'property_geo_latlon_backup') }}
    where {{ in_kanto('latitude', 'longitude') }}
)

select
    buildings.id as apartment_id,
    {{ asset_id('buildings.unique_number') }} as asset_id_hj,
    {{ clean_string('buildings.apartment_name') }} as apartment_name,
    {{ clean_string('buildings.apartment_name_en') }} as apartment_name_en,
    {{ clean_string('buildings.apartment_name_old') }} as apartment_name_old,
    {{ clean_string('buildings.prefecture') }} as prefecture,
    -- with a length, without which it could be in no key
    cast(
        coalesce(
            case when upper(buildings.stored_municipality) <> 'UNKNOWN' then buildings.stored_municipality end,
            {{ municipality_of('buildings.full_address') }},
            {{ municipality_of('buildings.address') }}
        ) as char(191)
    ) collate utf8mb4_bin as municipality,
    {{ clean_string('buildings.address') }} as address,
    {{ clean_string('buildings.full_address') }} as full_address,
    {{ clean_string('buildings.zip_code') }} as zip_code,
    -- the pair comes from one place: never this latitude with that longitude; MySQL would else leave each its own scale
    cast(
        case when buildings.is_located then buildings.latitude else last_known_good.latitude end as decimal(11, 8)
    ) as latitude,
    cast(
        case when buildings.is_located then buildings.longitude else last_known_good.longitude end as decimal(11, 8)
    ) as longitude,
    buildings.room_count,
    buildings.vacancy_room_count,
    buildings.apartment_type,
    buildings.building_type,
    buildings.status as property_status,
    {{ jst('buildings.created_at') }} as created_at,
    {{ jst('buildings.updated_at') }} as updated_at
from buildings
left join last_known_good on buildings.id = last_known_good.apartment_id
