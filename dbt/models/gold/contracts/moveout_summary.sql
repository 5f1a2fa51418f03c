{{ config(indexes=[
    {'columns': ['event_date', 'rent_range', 'prefecture', 'tenant_type'], 'primary': true},
    {'columns': ['month_start']},
]) }}

{#- One count for each value of a breakdown, the unknown ones included, so that they add up to moveout_count. -#}
{%- set breakdowns = {
    'gender_male_count': "gender = 'Male'",
    'gender_female_count': "gender = 'Female'",
    'gender_other_count': "gender = 'Other'",
    'gender_unknown_count': "gender is null or gender not in ('Male', 'Female', 'Other')",
    'age_under_25_count': "age_group = 'Under 25'",
    'age_25_34_count': "age_group = '25-34'",
    'age_35_44_count': "age_group = '35-44'",
    'age_45_54_count': "age_group = '45-54'",
    'age_55_plus_count': "age_group = '55+'",
    'age_unknown_count': "age_group = 'Unknown'",
    'tenure_short_count': "tenure_category = 'Short (<6mo)'",
    'tenure_medium_count': "tenure_category = 'Medium (6-12mo)'",
    'tenure_long_count': "tenure_category = 'Long (1-2yr)'",
    'tenure_very_long_count': "tenure_category = 'Very Long (2yr+)'",
    'tenure_unknown_count': "tenure_category = 'Unknown'",
    'renewal_yes_count': "is_renewal",
    'renewal_no_count': "not is_renewal",
} %}

select
    moveout_date as event_date,
    {{ month_start('moveout_date') }} as month_start,
    rent_range,
    rent_range_order,
    coalesce(prefecture, 'Unknown') as prefecture,
    tenant_type,
    count(*) as moveout_count,
    round(avg(monthly_rent), 2) as avg_monthly_rent,
    min(monthly_rent) as min_monthly_rent,
    max(monthly_rent) as max_monthly_rent,
    round(avg(total_stay_months), 2) as avg_tenure_months,
    round(avg(total_stay_days), 2) as avg_tenure_days,
    {% for name, condition in breakdowns.items() %}
        count(case when {{ condition }} then 1 end) as {{ name }},
    {% endfor %}
    count(distinct moveout_reason_en) as distinct_moveout_reasons,
    {{ target_date() }} as as_of_date
from {{ ref('moveout_analysis') }}
group by moveout_date, rent_range, rent_range_order, coalesce(prefecture, 'Unknown'), tenant_type
