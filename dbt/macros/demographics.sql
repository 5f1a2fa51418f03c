{#- Whole years from birth to `on_date` when that is plausible for a tenant, else the age the source stored when that is,
    else NULL (domain 3.9, 9-C14). -#}
{% macro age(birth_date, stored_age, on_date) -%}
    case
        when timestampdiff(year, {{ birth_date }}, {{ on_date }}) between 18 and 100
            then timestampdiff(year, {{ birth_date }}, {{ on_date }})
        when {{ stored_age }} between 18 and 100 then {{ stored_age }}
    end
{%- endmacro %}
