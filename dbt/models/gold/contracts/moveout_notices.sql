{{ config(indexes=[{'columns': ['contract_id'], 'primary': true}, {'columns': ['notice_received_date']}]) }}

select
    {{ contract_columns() }},
    cancellation_notice_date as notice_received_date,
    effective_moveout_date as planned_moveout_date,
    notice_lead_time_days,
    case when is_completed_moveout then 'Completed' else 'Pending' end as moveout_status,
    {{ record_columns() }}
from {{ ref('int_contracts') }}
where
    is_valid_contract
    and cancellation_notice_date between
    {{ target_date() }} - interval {{ var('moveout_notice_window_months') }} month and {{ target_date() }}
    and {{ is_located() }}
