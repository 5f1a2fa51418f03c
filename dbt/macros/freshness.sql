{#- How old a source is at 09:00 Tokyo time of the business date, for `dbt source freshness` by hand; every day
    gghouse_watch looks at more, by the same limits (include/freshness/expectations.py). dbt's
    own macro asks the server's clock, so that a day that is run again would always be late, and takes a time from the
    future for news.

    A `loaded_at_field` that ends with `_date` is a Tokyo day, which begins nine hours before that of UTC; any other is a
    time in UTC. The bare column is asked for, so that an index answers. -#}
{% macro mysql__collect_freshness(source, loaded_at_field, filter) %}
    {%- do run_query("set session time_zone = '+00:00'") -%}
    {%- set is_date = loaded_at_field.endswith('_date') -%}
    {#- nine in the morning in Tokyo is midnight in UTC -#}
    {%- set due = 'cast(' ~ target_date() ~ ' as datetime)' -%}
    {% call statement('collect_freshness', fetch_result=True, auto_begin=False) %}
        select
            cast(max({{ loaded_at_field }}) as datetime) {{ '- interval 9 hour' if is_date }} as max_loaded_at,
            {{ due }} as snapshotted_at
        from {{ source }}
        where
            {{ loaded_at_field }} <= {{ due }}
            {{ 'and (' ~ filter ~ ')' if filter }}
    {% endcall %}
    {{ return(load_result('collect_freshness')) }}
{% endmacro %}
