{#- A table that is built beside the old one and takes its place by one RENAME, which the server does whole or not at
    all. dbt's own `table` drops the old one first, so that for a moment readers find none, and a killed run leaves none.

    With an enforced contract, as in gold, columns and types are those of the model's YAML, on every server the same;
    without, they are those of the query. Keys come from the `indexes` config. The comment names the business date that
    the table was made for. -#}
{% materialization swapped_table, adapter='mysql' %}
    {%- set target_relation = aside(this).incorporate(type='table') -%}
    {%- set existing = adapter.get_relation(none, target_relation.schema, target_relation.identifier) -%}
    {%- set built = make_intermediate_relation(target_relation) -%}
    {%- set replaced = make_backup_relation(target_relation, 'table') -%}
    {%- set columns = declared_columns(sql) -%}

    {{ run_hooks(pre_hooks) }}

    {% call statement('drop_leftovers') %}
        drop table if exists {{ built }}, {{ replaced }}
    {% endcall %}

    {% call statement('create' if columns else 'main') %}
        create table {{ built }}
        {% if columns or keys() %}({{ (columns + keys()) | join(', ') }}){% endif %}
        default character set utf8mb4 collate utf8mb4_unicode_ci
        comment = 'Business date {{ business_date() }}'
        {% if not columns %}
        as
        {{ sql }}
        {% endif %}
    {% endcall %}

    {% if columns %}
        {%- set names = model.columns.keys() | join(', ') -%}
        {% call statement('main') %}
            insert into {{ built }} ({{ names }})
            select {{ names }}
            from (
                {{ sql }}
            ) as contract_rows
        {% endcall %}
    {% endif %}

    {% call statement('show') %}
        rename table
            {% if existing %}{{ target_relation }} to {{ replaced }},{% endif %}
            {{ built }} to {{ target_relation }}
    {% endcall %}

    {% if existing %}
        {% call statement('drop_replaced') %}
            drop {{ existing.type }} {{ replaced }}
        {% endcall %}
    {% endif %}

    {% do adapter.commit() %}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- The columns of an enforced contract as the server reads them, none without one. A query with other columns than its
    contract is an error. -#}
{% macro declared_columns(sql) -%}
    {%- if not config.get('contract').enforced -%}
        {%- do return([]) -%}
    {%- endif -%}
    {%- set asked = run_query('select * from (' ~ sql ~ ') as asked limit 0').column_names | list -%}
    {%- set declared = model.columns.keys() | list -%}
    {%- if asked | sort != declared | sort -%}
        {%- do exceptions.raise_compiler_error(
            model.name ~ ' has the columns ' ~ asked | reject('in', declared) | join(', ') ~ ' that its YAML lacks, and lacks '
            ~ declared | reject('in', asked) | join(', ') ~ ' that its YAML declares; make them agree'
        ) -%}
    {%- endif -%}
    {%- set columns = [] -%}
    {%- for column in model.columns.values() -%}
        {%- do columns.append(column.name ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {%- do return(columns) -%}
{%- endmacro %}
