-- depends_on: {{ source('lists', 'apartment_prefectures') }}, {{ source('lists', 'apartment_municipalities') }}
-- so that the tests against these lists run with this model

with buildings as (
    select
        source_rows.*,
        case
            when upper({{ clean_string('municipality') }}) <> 'UNKNOWN' then {{ clean_string('municipality') }}
        end as recorded_municipality,
        coalesce(
            {{ municipality_of('full_address', 'prefecture') }},
            {{ municipality_of('address', 'prefecture') }}
        ) as municipality_in_address,
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
),

overrides as (
    select
        apartment_id,
        {{ clean_string('municipality') }} as municipality
    from {{ ref('municipality_overrides') }}
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
            overrides.municipality,
            buildings.recorded_municipality,
            buildings.municipality_in_address
        ) as char(191)
    ) collate utf8mb4_bin as municipality,
    case
        when overrides.municipality is not null then 'override'
        when buildings.recorded_municipality is not null then 'original'
        when buildings.municipality_in_address is not null then 'address'
        else 'missing'
    end as municipality_data_source,
    buildings.recorded_municipality,
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
left join overrides on buildings.id = overrides.apartment_id
