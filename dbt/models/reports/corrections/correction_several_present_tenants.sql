{{ config(schema='silver') }}

-- as tenant_room_snapshot_daily counts them, which takes one of them for the room
with present_tenants as (
    select
        movings.apartment_id,
        movings.room_id,
        movings.moving_id,
        tenants.tenant_id,
        tenants.tenant_status_code,
        movings.effective_movein_date,
        row_number() over (
            partition by movings.apartment_id, movings.room_id
            order by movings.effective_movein_date, tenants.tenant_id
        ) as arrival
    from {{ ref('stg_tenants') }} as tenants
    inner join {{ ref('stg_movings') }} as movings on tenants.current_moving_id = movings.moving_id
    where
        {{ status_in('PRESENT', 'tenants.tenant_status_code') }}
        and movings.is_valid_contract
        and not movings.is_completed_moveout
)

select
    'several_present_tenants' as kind,
    concat_ws('-', apartment_id, room_id) as entry_key,
    apartment_id,
    room_id,
    cast(null as signed) as tenant_id,
    cast(null as signed) as moving_id,
    -- four of them at most, so that `found` has room
    concat(
        group_concat(
            case
                when arrival <= 4
                    then concat(
                        'contract ',
                        moving_id,
                        ' (tenant ',
                        tenant_id,
                        ', status ',
                        tenant_status_code,
                        coalesce(concat(', from ', effective_movein_date), ''),
                        ')'
                    )
            end
            order by arrival separator '; '
        ),
        case when count(*) > 4 then concat('; ', count(*) - 4, ' more') else '' end
    ) as found,
    -- the second arrival, when no arrival is unknown
    case
        when count(*) = count(effective_movein_date) then max(case when arrival = 2 then effective_movein_date end)
    end as since_date
from present_tenants
group by apartment_id, room_id
having count(*) > 1
