{{ config(schema='silver') }}

select
    'rent_not_positive' as kind,
    concat(moving_id) as entry_key,
    apartment_id,
    room_id,
    tenant_id,
    moving_id,
    coalesce(concat('rent ', round(monthly_rent)), 'no rent') as found,
    contract_start_date as since_date
from {{ ref('correction_stays') }}
-- the rent of a contract that has ended enters no figure any more
where is_running and coalesce(monthly_rent, 0) <= 0
