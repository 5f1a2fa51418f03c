{#- Where dbt-mysql's statements do not fit this project's servers. -#}

{#- dbt puts the query into parentheses, which MariaDB refuses in a view that begins with WITH. -#}
{% macro mysql__create_view_as(relation, sql) -%}
    create view {{ relation }} as
    {{ sql }}
{%- endmacro %}


{#- The collation is named: the default of MySQL 8 does not mix with that of the dump. -#}
{% macro mysql__create_schema(relation) -%}
    {%- call statement('create_schema') -%}
        create schema if not exists {{ relation.without_identifier() }}
        character set utf8mb4 collate utf8mb4_unicode_ci
    {%- endcall -%}
{%- endmacro %}


{#- Gives the `indexes` config of dbt a meaning on MySQL: a list of {columns, primary or unique: true}. One statement,
    so that the table is rebuilt once. -#}
{% macro mysql__create_indexes(relation) -%}
    {%- set additions = [] -%}
    {%- for index in config.get('indexes', []) -%}
        {%- set kind = 'primary key' if index.get('primary') else 'unique key' if index.get('unique') else 'key' -%}
        {%- do additions.append('add ' ~ kind ~ ' (' ~ index['columns'] | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- if additions -%}
        {%- do run_query('alter table ' ~ relation ~ ' ' ~ additions | join(', ')) -%}
    {%- endif -%}
{%- endmacro %}
