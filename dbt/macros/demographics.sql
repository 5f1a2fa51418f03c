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


{#- Halves of a year up to two, then years. -#}
{% macro tenure_bin(months) -%}
    case
        when {{ months }} is null then 'Unknown'
        when {{ months }} < 6 then '0-6'
        when {{ months }} < 12 then '6-12'
        when {{ months }} < 18 then '12-18'
        when {{ months }} < 24 then '18-24'
        when {{ months }} < 36 then '24-36'
        else '36+'
    end
{%- endmacro %}


{#- Steps of a building's occupancy rate, each from its lower limit on. -#}
{% macro rate_band(rate) -%}
    case
        when {{ rate }} < 0.5 then 'Under 50%'
        when {{ rate }} < 0.7 then '50-70%'
        when {{ rate }} < 0.85 then '70-85%'
        when {{ rate }} < 0.95 then '85-95%'
        else '95%+'
    end
{%- endmacro %}


{#- Steps of a building's mean rent, narrower than those of contracts, because means differ less. -#}
{% macro rent_band(rent) -%}
    case
        when {{ rent }} is null then 'Unknown'
        when {{ rent }} < 45000 then 'Under 45K'
        when {{ rent }} < 55000 then '45K-55K'
        when {{ rent }} < 65000 then '55K-65K'
        when {{ rent }} < 75000 then '65K-75K'
        else '75K+'
    end
{%- endmacro %}


{#- A join that brings order and labels of the buckets in `column` as `{{ dimension }}_bucket`; by the seed's key, so it
    multiplies no row. -#}
{% macro join_bucket(dimension, column) -%}
    left join {{ ref('code_bucket') }} as {{ dimension }}_bucket
        on {{ dimension }}_bucket.dimension = '{{ dimension }}' and {{ column }} = {{ dimension }}_bucket.value
{%- endmacro %}
