{#- Whole years from birth to `on_date` when that is plausible for a tenant, else the age the source stored when that is,
    else NULL. -#}
{% macro age(birth_date, stored_age, on_date) -%}
    case
        when timestampdiff(year, {{ birth_date }}, {{ on_date }}) between 18 and 100
            then timestampdiff(year, {{ birth_date }}, {{ on_date }})
        when {{ stored_age }} between 18 and 100 then {{ stored_age }}
    end
{%- endmacro %}


{#- What is not known is a bucket of its own, so that every breakdown adds up to its total. -#}
{% macro age_group(age) -%}
    case
        when {{ age }} is null then 'Unknown'
        when {{ age }} < 25 then 'Under 25'
        when {{ age }} < 35 then '25-34'
        when {{ age }} < 45 then '35-44'
        when {{ age }} < 55 then '45-54'
        else '55+'
    end
{%- endmacro %}


{% macro rent_range(rent) -%}
    case
        when {{ rent }} is null then 'Unknown'
        when {{ rent }} < 50000 then 'Under 50K'
        when {{ rent }} < 70000 then '50K-70K'
        when {{ rent }} < 100000 then '70K-100K'
        when {{ rent }} < 150000 then '100K-150K'
        else '150K+'
    end
{%- endmacro %}


{% macro tenure_category(months) -%}
    case
        when {{ months }} is null then 'Unknown'
        when {{ months }} < 6 then 'Short (<6mo)'
        when {{ months }} < 12 then 'Medium (6-12mo)'
        when {{ months }} < 24 then 'Long (1-2yr)'
        else 'Very Long (2yr+)'
    end
{%- endmacro %}


{% macro lead_time_bucket(days) -%}
    case
        when {{ days }} between 0 and 7 then '0-7'
        when {{ days }} between 8 and 30 then '8-30'
        when {{ days }} between 31 and 60 then '31-60'
        when {{ days }} > 60 then '61+'
        else 'Unknown'
    end
{%- endmacro %}


{#- Place of a bucket among those of its dimension; the seed code_bucket has the same order, which a test compares. -#}
{% macro bucket_order(dimension, column) -%}
    {%- set values = {
        'age_group': ['Under 25', '25-34', '35-44', '45-54', '55+', 'Unknown'],
        'rent_range': ['Under 50K', '50K-70K', '70K-100K', '100K-150K', '150K+', 'Unknown'],
        'tenure_category': ['Short (<6mo)', 'Medium (6-12mo)', 'Long (1-2yr)', 'Very Long (2yr+)', 'Unknown'],
        'lead_time_bucket': ['0-7', '8-30', '31-60', '61+', 'Unknown'],
    }[dimension] -%}
    field({{ column }}, '{{ values | join("', '") }}')
{%- endmacro %}
