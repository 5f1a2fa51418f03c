{#- A table with one partition per `snapshot_date`, of which a run replaces exactly the one of its `target_date`, whole, or
    those of the dates that it makes from history (`asked_history_dates`, `first_history_dates`).

    Delete and insert are one transaction, so a run that is killed leaves the date as it was, and a second run of the
    same date ends where the first did, also when the date has become empty; dates never depend on their order (I-08).
    The delete walks the primary key, which begins with the date (I-09).

    The table is made from the model's YAML (names and `data_type`s) and its config (`primary_key`, `indexes`), so that
    types and grain do not hang on what one server infers. A column that the YAML gained is added, NULL on older dates;
    one that it lost stays for older dates, NULL on new ones. Either way the older dates keep what they had until they
    are backfilled. `--full-refresh` changes nothing: older dates cannot be made again from today's dump.

    A model that is made from other partitions alone (config `made_from_partitions`, see `made_dates`) is made again on
    all dates when it gains a column, and by `--full-refresh`. -#}
{% materialization date_partition, adapter='mysql' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set columns = model.columns.values() | list -%}
    {%- set column_names = columns | map(attribute='name') | join(', ') -%}
    {%- set made = made_dates('snapshot_date') -%}

    {{ run_hooks(pre_hooks) }}

    {% call statement('create') %}
        create table if not exists {{ target_relation }} (
            {%- for column in columns %}
            {{ column.name }} {{ column.data_type }},
            {%- endfor %}
            {%- for index in config.get('indexes', []) %}
            key ({{ index['columns'] | join(', ') }}),
            {%- endfor %}
            primary key ({{ config.require('primary_key') | join(', ') }})
        ) default character set utf8mb4 collate utf8mb4_unicode_ci
    {% endcall %}

    {%- set existing = adapter.get_columns_in_relation(target_relation) | map(attribute='name') | list -%}
    {% for column in columns if column.name not in existing %}
        {% call statement('add_column') %}
            {#- without NOT NULL, for which the server would put a 0 into every older date -#}
            alter table {{ target_relation }}
            add column {{ column.name }} {{ column.data_type | replace(' not null', '') }}
        {% endcall %}
    {% endfor %}

    {% for name, type in columns_that_demand_a_value(target_relation) if name not in columns | map(attribute='name') %}
        {% call statement('free_column') %}
            alter table {{ target_relation }} modify column {{ name }} {{ type }} null
        {% endcall %}
    {% endfor %}

    {% call statement('delete') %}
        delete from {{ target_relation }} where {{ made }}
    {% endcall %}

    {% call statement('main') %}
        insert into {{ target_relation }} ({{ column_names }})
        select {{ column_names }}
        from (
            {{ sql }}
        ) as partition_rows
    {% endcall %}

    {% do adapter.commit() %}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- Names and types of the columns that an INSERT cannot leave out. -#}
{% macro columns_that_demand_a_value(relation) -%}
    {%- do return(run_query(
        "select column_name, column_type from information_schema.columns where table_schema = '" ~ relation.schema
        ~ "' and table_name = '" ~ relation.identifier ~ "' and is_nullable = 'NO' and column_default is null"
    ).rows) -%}
{%- endmacro %}
