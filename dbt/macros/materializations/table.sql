{#- A table that is built beside the old one and takes its place by one RENAME, which the server does whole or not at
    all. dbt's own drops the old one first, so that for a moment readers find none, and a killed run leaves none.

    Keys come from the `indexes` config. The comment tells which business date the table was made for. -#}
{% materialization table, adapter='mysql' %}
    {%- set target_relation = aside(this).incorporate(type='table') -%}
    {%- set existing = adapter.get_relation(none, target_relation.schema, target_relation.identifier) -%}
    {%- set built = make_intermediate_relation(target_relation) -%}
    {%- set replaced = make_backup_relation(target_relation, 'table') -%}

    {{ run_hooks(pre_hooks) }}

    {% call statement('drop_leftovers') %}
        drop table if exists {{ built }}, {{ replaced }}
    {% endcall %}

    {% call statement('main') %}
        create table {{ built }}
        {% if keys() %}({{ keys() | join(', ') }}){% endif %}
        default character set utf8mb4 collate utf8mb4_unicode_ci
        comment = 'Business date {{ business_date() }}'
        as
        {{ sql }}
    {% endcall %}

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
