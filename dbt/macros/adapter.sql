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


{#- The keys of the `indexes` config, a list of {columns, primary or unique: true}, as MySQL writes them. -#}
{% macro keys() -%}
    {%- set found = [] -%}
    {%- for index in config.get('indexes', []) -%}
        {%- set kind = 'primary key' if index.get('primary') else 'unique key' if index.get('unique') else 'key' -%}
        {%- do found.append(kind ~ ' (' ~ index['columns'] | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- do return(found) -%}
{%- endmacro %}


{#- dbt calls this after a seed. One statement, so that the table is rebuilt once. -#}
{% macro mysql__create_indexes(relation) -%}
    {%- if keys() -%}
        {%- do run_query('alter table ' ~ relation ~ ' add ' ~ keys() | join(', add ')) -%}
    {%- endif -%}
{%- endmacro %}
