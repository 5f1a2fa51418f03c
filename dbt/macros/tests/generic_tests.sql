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


{#- Rows for which `expression` is false, once they are more than the share `tolerated` of all rows; NULL passes. For what
    the vendor's data always has a little of: an absolute number would be too strict for sixty thousand contracts and
    too lax for a thousand. -#}
{% test expression_is_mostly_true(model, expression, tolerated, column_name=none) %}
    with judged as (
        select
            *,
            coalesce(not ({{ column_name or '' }} {{ expression }}), false) as is_wrong
        from {{ model }}
    ),

    total as (
        select
            sum(is_wrong) as wrong_rows,
            count(*) as all_rows
        from judged
    )

    select judged.*
    from judged
    cross join total
    where judged.is_wrong and total.wrong_rows > {{ tolerated }} * total.all_rows
{% endtest %}


{#- One row when the table has no more rows than `minimum`. -#}
{% test more_rows_than(model, minimum) %}
    select count(*) as found_rows
    from {{ model }}
    having count(*) <= {{ minimum }}
{% endtest %}


{#- One row when the business date has more or fewer rows than the day before by more than the share `tolerated`. Silent
    on the first date and after a gap. -#}
{% test rows_change_little(model, tolerated) %}
    with days as (
        select
            sum(snapshot_date = {{ target_date() }}) as rows_today,
            sum(snapshot_date < {{ target_date() }}) as rows_the_day_before
        from {{ model }}
        where snapshot_date between {{ target_date() }} - interval 1 day and {{ target_date() }}
    )

    select *
    from days
    where
        rows_the_day_before > 0
        and abs(rows_today - rows_the_day_before) > {{ tolerated }} * rows_the_day_before
{% endtest %}


{#- Rows whose value is none of its dimension in code_bucket, or has another place than there in the column `order`. The
    dimension is named like the column unless `dimension` says otherwise; NULL passes. -#}
{% test is_a_known_bucket(model, column_name, dimension=none, order=none) %}
    with tested as (
        select * from {{ model }}
    )

    select tested.*
    from tested
    left join {{ ref('code_bucket') }} as buckets
        on buckets.dimension = '{{ dimension or column_name }}' and tested.{{ column_name }} = buckets.value
    where
        tested.{{ column_name }} is not null
        and (buckets.value is null{{ ' or not tested.' ~ order ~ ' <=> buckets.sort_order' if order }})
{% endtest %}


{#- Rows whose contract, or whose contract's tenant, today's dump does not have. -#}
{% test is_a_known_contract(model, column_name) %}
    with tested as (
        select * from {{ model }}
    )

    select tested.*
    from tested
    where
        not exists (
            select 1
            from {{ source('staging', 'movings') }} as movings
            inner join {{ source('staging', 'tenants') }} as tenants on movings.tenant_id = tenants.id
            where movings.id = tested.{{ column_name }}
        )
{% endtest %}


{#- dbt's own not_null and relationships tests show the faulty column only, which for a NULL says nothing; these show the
    rows. -#}
{% macro mysql__test_not_null(model, column_name) %}
    select *
    from {{ model }}
    where {{ column_name }} is null
{% endmacro %}


{% macro mysql__test_relationships(model, column_name, to, field) %}
    with child as (
        select * from {{ model }}
    )

    select child.*
    from child
    where
        child.{{ column_name }} is not null
        and not exists (select 1 from {{ to }} as parent where parent.{{ field }} = child.{{ column_name }})
{% endmacro %}


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
