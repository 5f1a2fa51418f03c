{{ config(indexes=[{'columns': ['contract_id'], 'primary': true}, {'columns': ['moveout_date']}]) }}

select
    {{ contract_columns() }},
    {{ moveout_columns() }},
    affiliation_type_en as occupation_industry,
    {{ rent_range('monthly_rent') }} as rent_range,
    {{ bucket_order('rent_range', rent_range('monthly_rent')) }} as rent_range_order,
    {{ age_group('age') }} as age_group,
    {{ bucket_order('age_group', age_group('age')) }} as age_group_order,
    {{ tenure_category('total_stay_months') }} as tenure_category,
    {{ bucket_order('tenure_category', tenure_category('total_stay_months')) }} as tenure_category_order,
    {{ record_columns() }}
from {{ ref('int_contracts') }}
where {{ is_moveout() }}
