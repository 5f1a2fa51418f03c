{{ config(schema='silver', indexes=[{'columns': ['moving_id'], 'primary': true}, {'columns': ['room_id']}]) }}

with ranked as (
    select
        -- no more than is asked for: the server sorts these rows for each kind that reads them
        movings.moving_id,
        movings.tenant_id,
        movings.apartment_id,
        movings.room_id,
        movings.contract_date,
        movings.contract_start_date,
        movings.contract_expiration_date,
        movings.effective_movein_date,
        movings.effective_moveout_date,
        movings.is_completed_moveout,
        movings.monthly_rent,
        tenants.tenant_status_code,
        {{ boolean('tenants.tenant_id is not null') }} as has_tenant,
        {{ boolean('movings.moving_id = tenants.current_moving_id') }} as is_current,
        row_number() over (
            partition by movings.tenant_id, movings.apartment_id, movings.room_id
            order by
                movings.moving_id <=> tenants.current_moving_id desc,
                movings.contract_start_date desc,
                movings.updated_at desc,
                movings.moving_id desc
        ) as recency
    from {{ ref('stg_movings') }} as movings
    left join {{ ref('stg_tenants') }} as tenants on movings.tenant_id = tenants.tenant_id
    where movings.is_valid_contract
),

stays as (
    select
        ranked.*,
        {{ boolean(
            "is_current and not is_completed_moveout and " ~ status_in('PIPELINE_ACTIVE', 'tenant_status_code')
        ) }} as is_held
    from ranked
    where ranked.recency = 1
)

select
    moving_id,
    tenant_id,
    apartment_id,
    room_id,
    tenant_status_code,
    contract_date,
    contract_start_date,
    contract_expiration_date,
    effective_movein_date,
    effective_moveout_date,
    is_completed_moveout,
    monthly_rent,
    has_tenant,
    is_held,
    {{ boolean("is_held and " ~ status_in('PRESENT', 'tenant_status_code')) }} as is_present,
    {{ boolean(
        status_in('PIPELINE_ACTIVE', 'tenant_status_code') ~ " or " ~ status_in('MOVEOUT', 'tenant_status_code')
    ) }} as has_claim,
    {{ boolean(
        "is_held or (not is_completed_moveout"
        ~ " and (not has_tenant or " ~ status_in('PIPELINE_ACTIVE', 'tenant_status_code') ~ ")"
        ~ " and coalesce(effective_moveout_date, " ~ target_date() ~ ") >= " ~ target_date() ~ ")"
    ) }} as is_running
from stays
