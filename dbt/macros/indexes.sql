{#- Gives the `indexes` config of dbt a meaning on MySQL: a list of {columns, primary or unique: true}. -#}
{% macro mysql__get_create_index_sql(relation, index_dict) -%}
    {%- set columns = index_dict['columns'] | join(', ') -%}
    {%- set kind = 'primary key' if index_dict.get('primary') else 'unique key' if index_dict.get('unique') else 'key' -%}
    alter table {{ relation }} add {{ kind }} ({{ columns }})
{%- endmacro %}
