{{ config(schema='silver') }}

select
    'contract_without_room' as kind,
    concat(stays.moving_id) as entry_key,
    stays.apartment_id,
    stays.room_id,
    stays.tenant_id,
    stays.moving_id,
    concat_ws(
        ', ',
        case when apartments.apartment_id is null then concat('no building ', stays.apartment_id) end,
        case when rooms.room_id is null then concat('no room ', stays.room_id) end,
        case
            when rooms.apartment_id <> stays.apartment_id
                then concat('room ', stays.room_id, ' is of building ', rooms.apartment_id)
        end,
        case when not stays.has_tenant then concat('no tenant ', stays.tenant_id) end
    ) as found,
    stays.contract_start_date as since_date
from {{ ref('correction_stays') }} as stays
left join {{ ref('stg_apartments') }} as apartments on stays.apartment_id = apartments.apartment_id
left join {{ ref('stg_rooms') }} as rooms on stays.room_id = rooms.room_id
where
    stays.is_running
    and (
        apartments.apartment_id is null
        or rooms.room_id is null
        or rooms.apartment_id <> stays.apartment_id
        or not stays.has_tenant
    )
