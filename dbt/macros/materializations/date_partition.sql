{#- A table with one partition per `snapshot_date`, of which a run replaces exactly the one of its `target_date`, whole.

    Delete and insert are one transaction, so a run that is killed leaves the date as it was, and a second run of the
    same date ends where the first did, also when the date has become empty; dates never depend on their order (I-08).
    The delete walks the primary key, which begins with the date (I-09).

    The table is made from the model's YAML (names and `data_type`s) and its config (`primary_key`, `indexes`), so that
    types and grain do not hang on what one server infers. A column that the YAML gained is added, NULL on older dates.
    `--full-refresh` changes nothing: older dates cannot be made again from today's dump. -#}
{% materialization date_partition, adapter='mysql' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set columns = model.columns.values() | list -%}
    {%- set column_names = columns | map(attribute='name') | join(', ') -%}

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
            alter table {{ target_relation }} add column {{ column.name }} {{ column.data_type }}
        {% endcall %}
    {% endfor %}

    {% call statement('delete') %}
        delete from {{ target_relation }} where snapshot_date = {{ target_date() }}
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
