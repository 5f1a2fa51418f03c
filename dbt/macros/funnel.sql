{#- The measures that all tables of the funnel share, from the expressions that count them. -#}
{% macro funnel_columns(inquiries, moveins) -%}
    cast({{ inquiries }} as signed) as inquiry_count,
    cast({{ moveins }} as signed) as inquiry_to_movein_count,
    cast(round({{ moveins }} / {{ inquiries }}, 4) as decimal(12, 4)) as inquiry_to_movein_rate
{%- endmacro %}
