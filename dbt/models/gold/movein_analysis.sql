{{ config(indexes=[{'columns': ['contract_id'], 'primary': true}, {'columns': ['movein_date']}]) }}

select
    {{ contract_columns() }},
    -- not the start of this contract, which for a renewal is no move-in
    effective_movein_date as movein_date,
    affiliation_type_en as occupation_industry,
    {{ rent_range('monthly_rent') }} as rent_range,
    {{ bucket_order('rent_range', rent_range('monthly_rent')) }} as rent_range_order,
    {{ age_group('age') }} as age_group,
    datediff(effective_movein_date, contract_date) as lead_time_days,
    {{ lead_time_bucket('datediff(effective_movein_date, contract_date)') }} as lead_time_bucket,
    timestampdiff(month, contract_start_date, contract_expiration_date) as planned_stay_months
from {{ ref('int_contracts') }}
where
    {{ is_new_contract() }}
    and effective_movein_date between date '{{ var('min_valid_date') }}' and {{ target_date() }}
    and monthly_rent is not null
