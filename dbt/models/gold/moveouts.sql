{{ config(indexes=[{'columns': ['contract_id'], 'primary': true}, {'columns': ['moveout_date']}]) }}

select
    {{ contract_columns() }},
    cancellation_notice_date,
    effective_moveout_date as moveout_date,
    total_stay_days,
    total_stay_months,
    notice_lead_time_days,
    moveout_reason_ja,
    moveout_reason_en
from {{ ref('int_contracts') }}
where
    is_completed_moveout
    and effective_moveout_date between date '{{ var('min_valid_date') }}' and {{ target_date() }}
    and latitude is not null
    and longitude is not null
