{{ config(indexes=[{'columns': ['activity_date', 'tenant_type'], 'primary': true}]) }}

with tenants as (
    select
        tenants.tenant_id,
        date(tenants.created_at) as registration_date,
        coalesce(movings.tenant_type, 'unknown') as tenant_type
    from {{ ref('stg_tenants') }} as tenants
    left join {{ ref('stg_movings') }} as movings on tenants.current_moving_id = movings.moving_id
),

histories as (
    {{ movements_on_record() | indent(4) }}
),

recording as (
    {{ first_recorded_date() | indent(4) }}
),

events as (
    select
        inquiries.inquiry_date as activity_date,
        coalesce(tenants.tenant_type, 'unknown') as tenant_type,
        'inquiry' as activity
    from {{ ref('stg_inquiries') }} as inquiries
    left join tenants on inquiries.tenant_id = tenants.tenant_id
    union all
    select
        tenants.registration_date as activity_date,
        tenants.tenant_type,
        'registration' as activity
    from tenants
    union all
    select
        applications.application_date as activity_date,
        coalesce(tenants.tenant_type, 'unknown') as tenant_type,
        'application' as activity
    from {{ ref('tenant_applications') }} as applications
    left join tenants on applications.tenant_id = tenants.tenant_id
    union all
    select
        contracts.contract_date as activity_date,
        contracts.tenant_type,
        'signing' as activity
    from {{ ref('int_contracts') }} as contracts
    where contracts.is_valid_contract
    union all
    select
        contracts.effective_movein_date as activity_date,
        contracts.tenant_type,
        'movein' as activity
    from {{ ref('int_contracts') }} as contracts
    cross join recording
    left join histories on contracts.tenant_id = histories.tenant_id
    where
        contracts.is_valid_contract
        and (contracts.effective_movein_date < recording.first_date or histories.has_moved_in)
    union all
    select
        contracts.effective_moveout_date as activity_date,
        contracts.tenant_type,
        'moveout' as activity
    from {{ ref('int_contracts') }} as contracts
    cross join recording
    left join histories on contracts.tenant_id = histories.tenant_id
    where
        contracts.is_valid_contract
        and (contracts.effective_moveout_date < recording.first_date or histories.has_moved_out)
),

every_date as (
    {{ every_day("date '" ~ var('min_valid_date') ~ "'", target_date()) | indent(4) }}
),

dates_and_events as (
    -- a day on which nothing happened is a row of zeros
    select distinct
        every_date.day as activity_date,
        contract_types.tenant_type,
        'none' as activity
    from every_date
    cross join {{ ref('code_contract_type') }} as contract_types
    union all
    select
        activity_date,
        tenant_type,
        activity
    from events
    where
        activity_date >= date '{{ var('min_valid_date') }}'
        -- only move-ins and move-outs can be planned, and a wrong year far ahead must not widen the axis of a chart
        and (
            activity_date <= {{ target_date() }}
            or (
                activity in ('movein', 'moveout')
                and activity_date <= {{ target_date() }} + interval {{ var('occupancy_lookahead_days') }} day
            )
        )
)

select
    dates_and_events.activity_date,
    dates_and_events.tenant_type,
    tenant_type_bucket.sort_order as tenant_type_order,
    tenant_type_bucket.label as tenant_type_label,
    {{ boolean('dates_and_events.activity_date > ' ~ target_date()) }} as is_planned,
    {{ days_before(target_date(), 'dates_and_events.activity_date') }} as days_before_as_of,
    {{ months_before(target_date(), 'dates_and_events.activity_date') }} as months_before_as_of,
    sum(dates_and_events.activity = 'inquiry') as inquiries_count,
    sum(dates_and_events.activity = 'registration') as registrations_count,
    sum(dates_and_events.activity = 'application') as applications_count,
    sum(dates_and_events.activity = 'signing') as contracts_signed_count,
    sum(dates_and_events.activity = 'movein') as confirmed_moveins_count,
    sum(dates_and_events.activity = 'moveout') as confirmed_moveouts_count,
    sum(dates_and_events.activity = 'movein') - sum(dates_and_events.activity = 'moveout') as net_occupancy_delta,
    {{ target_date() }} as as_of_date
from dates_and_events
{{ join_bucket('tenant_type', 'dates_and_events.tenant_type') }}
group by
    dates_and_events.activity_date,
    dates_and_events.tenant_type,
    tenant_type_bucket.sort_order,
    tenant_type_bucket.label
