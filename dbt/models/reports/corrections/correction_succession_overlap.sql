{{ config(schema='silver') }}

select
    'succession_overlap' as kind,
    concat_ws('-', later.room_id, earlier.tenant_id, later.tenant_id) as entry_key,
    later.apartment_id,
    later.room_id,
    later.tenant_id,
    later.moving_id,
    concat(
        'contract ',
        earlier.moving_id,
        ' ends ',
        earlier.effective_moveout_date,
        ', contract ',
        later.moving_id,
        ' begins ',
        later.effective_movein_date
    ) as found,
    later.effective_movein_date as since_date
from {{ ref('correction_stays') }} as later
inner join {{ ref('correction_stays') }} as earlier on {{ succeeds('later', 'earlier') }}
where earlier.effective_moveout_date > later.effective_movein_date
