{#- A date lies between the first one reported and the business date. -#}
{% macro is_reported(day) -%}
    ({{ day }} between date '{{ var('min_valid_date') }}' and {{ target_date() }})
{%- endmacro %}
