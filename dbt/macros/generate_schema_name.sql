{#- Schemas are called silver, gold and seeds in every environment; dbt's own rule would prefix them with the profile's
    schema, which once littered the server with `_silver` and `_gold` (I-02). -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
