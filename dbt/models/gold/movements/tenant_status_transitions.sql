{{ config(indexes=[{'columns': ['tenant_id', 'event_date'], 'primary': true}, {'columns': ['event_date']}]) }}

with periods as (
    select
        tenant_id,
        tenant_status_code as status_code,
        contract_type_code as contract_type,
        valid_from as event_date,
        valid_to as end_date,
        days_in_status,
        is_current,
        lag(tenant_status_code) over (partition by tenant_id order by valid_from)
            as previous_status_code
    from {{ ref('tenant_status_history') }}
),

labelled as (
    select
        periods.*,
        {{ label('statuses.label_en', 'periods.status_code') }} as status_label,
        {{ label('previous_statuses.label_en', 'periods.previous_status_code') }} as previous_status_label,
        {{ label('contract_types.label_en', 'periods.contract_type') }} as contract_type_label,
        {{ boolean('periods.status_code <> periods.previous_status_code') }} as is_status_change
    from periods
    left join {{ ref('code_tenant_status') }} as statuses on periods.status_code = statuses.code
    left join {{ ref('code_tenant_status') }} as previous_statuses
        on periods.previous_status_code = previous_statuses.code
    left join {{ ref('code_contract_type') }} as contract_types on periods.contract_type = contract_types.code
)

select
    tenant_id,
    status_code,
    status_label,
    previous_status_code,
    previous_status_label,
    is_status_change,
    case when is_status_change then concat(previous_status_label, ' → ', status_label) end as status_transition,
    contract_type,
    contract_type_label,
    event_date,
    end_date,
    days_in_status,
    is_current,
    {{ as_of_date() }} as as_of_date
from labelled
