{{ config(schema='silver') }}

with contracts as (
    -- the contracts that the figures take
    select
        stays.apartment_id,
        stays.room_id,
        stays.tenant_id,
        stays.moving_id,
        case
            when stays.effective_moveout_date < stays.effective_movein_date
                then concat('move-in ', stays.effective_movein_date, ', move-out ', stays.effective_moveout_date)
        end as movement,
        case
            when stays.contract_expiration_date < stays.contract_start_date
                then concat('start ', stays.contract_start_date, ', expiry ', stays.contract_expiration_date)
        end as term,
        case
            when stays.contract_date > {{ target_date() }} then concat('signed ', stays.contract_date)
        end as signature,
        -- the fact alone: a birth date is nobody's business
        case
            when
                stays.is_held
                and timestampdiff(year, tenants.birth_date, stays.effective_movein_date) not between 10 and 100
                then 'impossible age at the move-in by the birth date'
        end as age
    from {{ ref('correction_stays') }} as stays
    left join {{ ref('stg_tenants') }} as tenants on stays.tenant_id = tenants.tenant_id

    union all

    select
        apartment_id,
        room_id,
        tenant_id,
        moving_id,
        concat('cancelled, and moved out', coalesce(concat(' ', effective_moveout_date), '')) as movement,
        null as term,
        null as signature,
        null as age
    from {{ ref('stg_movings') }}
    where not is_valid_contract and is_completed_moveout
)

select
    'contradicting_dates' as kind,
    concat(moving_id) as entry_key,
    apartment_id,
    room_id,
    tenant_id,
    moving_id,
    concat_ws('; ', movement, term, signature, age) as found,
    cast(null as date) as since_date
from contracts
where coalesce(movement, term, signature, age) is not null
