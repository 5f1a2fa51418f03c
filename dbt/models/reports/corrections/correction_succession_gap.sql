{{ config(schema='silver') }}

with successions as (
    select
        later.apartment_id,
        later.room_id,
        earlier.tenant_id,
        earlier.moving_id,
        earlier.tenant_status_code,
        later.moving_id as next_moving_id,
        later.effective_movein_date as next_movein_date,
        row_number() over (
            partition by earlier.moving_id order by later.effective_movein_date, later.moving_id
        ) as nearness
    from {{ ref('correction_stays') }} as later
    inner join {{ ref('correction_stays') }} as earlier on {{ succeeds('later', 'earlier') }}
    where earlier.effective_moveout_date is null
)

select
    'succession_gap' as kind,
    concat_ws('-', room_id, tenant_id) as entry_key,
    apartment_id,
    room_id,
    tenant_id,
    moving_id,
    concat(
        'status ',
        tenant_status_code,
        ', contract ',
        moving_id,
        ' without a move-out date, contract ',
        next_moving_id,
        ' begins ',
        next_movein_date
    ) as found,
    next_movein_date as since_date
from successions
where nearness = 1
