{#- dbt's own statement puts the query into parentheses, which MariaDB refuses in a view that begins with WITH. -#}
{% macro mysql__create_view_as(relation, sql) -%}
    create view {{ relation }} as
    {{ sql }}
{%- endmacro %}
