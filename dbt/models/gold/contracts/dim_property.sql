{{ config(indexes=[{'columns': ['apartment_id'], 'primary': true}, {'columns': ['asset_id_hj']}]) }}

select
    apartment_id,
    asset_id_hj,
    apartment_name,
    apartment_name_en,
    prefecture,
    municipality,
    full_address,
    zip_code,
    latitude,
    longitude,
    room_count,
    vacancy_room_count,
    property_status,
    apartment_type,
    building_type,
    {{ target_date() }} as as_of_date,
    created_at,
    updated_at
from {{ ref('stg_apartments') }}
where asset_id_hj is not null
