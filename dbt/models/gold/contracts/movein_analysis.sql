{{ config(indexes=[{'columns': ['contract_id'], 'primary': true}, {'columns': ['movein_date']}]) }}

select
    {{ contract_columns() }},
    -- not the start of this contract, which for a renewal is no move-in
    effective_movein_date as movein_date,
    affiliation_type_en as occupation_industry,
    {{ rent_range('monthly_rent') }} as rent_range,
    {{ bucket_order('rent_range', rent_range('monthly_rent')) }} as rent_range_order,
    {{ age_group('age') }} as age_group,
    {{ bucket_order('age_group', age_group('age')) }} as age_group_order,
    lead_time_days,
    {{ lead_time_bucket('lead_time_days') }} as lead_time_bucket,
    {{ bucket_order('lead_time_bucket', lead_time_bucket('lead_time_days')) }} as lead_time_bucket_order,
    timestampdiff(month, contract_start_date, contract_expiration_date) as planned_stay_months,
    {{ record_columns() }}
from {{ ref('int_contracts') }}
where {{ is_movein() }}
