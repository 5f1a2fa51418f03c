{#- Return the rows whose value is not on a list of the source; none when the list is empty (I-03). sources.yml names the
    column of the list, else its first text column is taken: a list that the vendor changes must not stop the day. -#}
{% test is_on_the_list(model, column_name, list) %}
    {%- set named = dict() -%}
    {%- if execute -%}
        {%- set found = run_query(
            "select column_name from information_schema.columns where table_schema = '" ~ list.schema ~ "' and table_name = '"
            ~ list.identifier ~ "' and data_type in ('char', 'varchar', 'tinytext', 'text')"
            ~ " order by right(column_name, 5) = '_name' desc, ordinal_position limit 1"
        ) -%}
        {%- if found -%}{%- do named.update(column=found.columns[0].values()[0]) if found.rows -%}{%- endif -%}
    {%- endif -%}
    with listed as (
        {% if named -%}
        select distinct {{ clean_string(named.column) }} as name from {{ list }}
        {%- else -%}
        select cast(null as char(1)) collate utf8mb4_bin as name
        {%- endif %}
    )

    select *
    from {{ model }}
    where
        {{ column_name }} not in (select listed.name from listed where listed.name is not null)
        and exists (select 1 from listed where listed.name is not null)
{% endtest %}
