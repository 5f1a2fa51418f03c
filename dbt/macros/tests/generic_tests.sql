{#- Rows share one combination of `columns`. -#}
{% test unique_combination(model, columns) %}
    select {{ columns | join(', ') }}, count(*) as copies
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}


{#- Rows for which `expression` is false; where it is NULL the row passes, as with a CHECK constraint. -#}
{% test expression_is_true(model, expression, column_name=none) %}
    select *
    from {{ model }}
    where not ({{ column_name or '' }} {{ expression }})
{% endtest %}


{#- Lets a test's `where` name the partition of this run: `snapshot_date = __target_date__`. Vars cannot be used there:
    dbt renders that text while parsing, when there is no date yet. -#}
{% macro get_where_subquery(relation) -%}
    {%- set where = config.get('where') -%}
    {%- if where -%}
        (
            select * from {{ relation }}
            where {{ where | replace('__target_date__', target_date()) }}
        ) as tested_rows
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
