{{ config(indexes=[{'columns': ['tenant_type', 'rent_range'], 'primary': true}]) }}

with bounds as (
    select {{ as_of_date() }} as as_of_date
),

rooms as (
    select
        held.snapshot_date,
        coalesce(contract_types.tenant_type, 'unknown') as tenant_type,
        {{ rent_range('held.monthly_rent') }} as rent_range
    from {{ ref('tenant_room_snapshot_daily') }} as held
    left join {{ ref('code_contract_type') }} as contract_types on held.contract_type_code = contract_types.code
    where
        held.snapshot_date = (select bounds.as_of_date from bounds)
        and held.is_room_primary
),

mix as (
    select
        snapshot_date,
        tenant_type,
        rent_range,
        count(*) as occupied_rooms
    from rooms
    group by snapshot_date, tenant_type, rent_range
)

select
    mix.snapshot_date,
    mix.tenant_type,
    tenant_types.sort_order as tenant_type_order,
    tenant_types.label as tenant_type_label,
    mix.rent_range,
    rent_ranges.sort_order as rent_range_order,
    rent_ranges.label as rent_range_label,
    mix.occupied_rooms,
    mix.snapshot_date as as_of_date
from mix
left join {{ ref('code_bucket') }} as tenant_types
    on tenant_types.dimension = 'tenant_type' and mix.tenant_type = tenant_types.value
left join {{ ref('code_bucket') }} as rent_ranges
    on rent_ranges.dimension = 'rent_range' and mix.rent_range = rent_ranges.value
