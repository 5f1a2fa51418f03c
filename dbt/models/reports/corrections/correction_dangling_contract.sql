{{ config(schema='silver') }}

with open_contracts as (
    select
        stays.tenant_id,
        stays.apartment_id,
        stays.room_id,
        stays.moving_id,
        row_number() over (
            partition by stays.tenant_id order by stays.contract_start_date desc, stays.moving_id desc
        ) as recency
    from {{ ref('correction_stays') }} as stays
    where not stays.is_completed_moveout
),

linked as (
    select
        tenants.tenant_id,
        tenants.tenant_status_code,
        tenants.current_moving_id,
        contracts.moving_id,
        contracts.contract_start_date,
        coalesce(contracts.is_valid_contract, 0) as is_valid,
        coalesce(contracts.is_completed_moveout, 0) as is_completed,
        coalesce(contracts.apartment_id, open_contracts.apartment_id) as apartment_id,
        coalesce(contracts.room_id, open_contracts.room_id) as room_id,
        open_contracts.moving_id as open_moving_id,
        {{ boolean(status_in('PIPELINE_ACTIVE', 'tenants.tenant_status_code')) }} as is_active,
        {{ boolean(status_in('APPLICATION', 'tenants.tenant_status_code')) }} as is_applicant,
        {{ boolean(status_in('MOVEOUT', 'tenants.tenant_status_code')) }} as is_leaving
    from {{ ref('stg_tenants') }} as tenants
    left join {{ ref('stg_movings') }} as contracts on tenants.current_moving_id = contracts.moving_id
    left join open_contracts on tenants.tenant_id = open_contracts.tenant_id and open_contracts.recency = 1
),

judged as (
    select
        linked.*,
        case
            when linked.is_active and linked.current_moving_id is not null and linked.moving_id is null
                then 'does not exist'
            -- cancelled, or none at all, which an applicant may have until there is another
            when
                linked.is_active and not linked.is_valid
                and (linked.open_moving_id is not null or not linked.is_applicant)
                then 'is cancelled'
            -- its move-in is counted, though by the status there was none
            when
                not linked.is_active and not linked.is_leaving and linked.is_valid and not linked.is_completed
                and linked.contract_start_date <= {{ target_date() }}
                then concat('is not cancelled, began ', linked.contract_start_date)
        end as verdict
    from linked
)

select
    'dangling_contract' as kind,
    concat(tenant_id) as entry_key,
    apartment_id,
    room_id,
    tenant_id,
    coalesce(current_moving_id, open_moving_id) as moving_id,
    concat(
        coalesce(concat('status ', tenant_status_code), 'no status'),
        ', ',
        coalesce(concat('contract ', current_moving_id, ' ', verdict), 'no contract'),
        case
            when open_moving_id <> coalesce(moving_id, 0) then concat(', open contract ', open_moving_id) else ''
        end
    ) as found,
    case when is_active then null else contract_start_date end as since_date
from judged
where verdict is not null
