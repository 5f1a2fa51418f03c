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


{#- A seed's table is emptied and filled again, and created again only when the file has other columns, which dbt would
    put into the table of yesterday. Creating all again each time ends in deadlocks on MySQL when two seeds run side by side. -#}
{% macro mysql__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {%- set existing = adapter.get_columns_in_relation(old_relation) | map(attribute='name') | list -%}
    {%- if not full_refresh and existing == agate_table.column_names | list -%}
        {%- do adapter.truncate_relation(old_relation) -%}
        {%- do return('truncate table ' ~ old_relation) -%}
    {%- endif -%}
    {%- do adapter.drop_relation(old_relation) -%}
    {%- set sql = create_csv_table(model, agate_table) -%}
    {%- if not full_refresh -%}
        {%- do create_indexes(old_relation) -%}
    {%- endif -%}
    {%- do return(sql) -%}
{%- endmacro %}
