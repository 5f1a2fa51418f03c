{#- Values of `by` for which the sum of the column is not the sum of `field` over the rows of `to` that meet `condition`;
    without a column or a field the rows are counted. `to_by` is `by` in the words of `to`. -#}
{% test adds_up_to(model, to, by, column_name='1', field='1', to_by=none, condition='true') %}
    select {{ by }}, sum(counted) as too_many
    from (
        select {{ by }}, {{ column_name }} as counted from {{ model }}
        union all
        select {{ to_by or by }}, -({{ field }}) as counted from {{ to }} where {{ condition }}
    ) as both_sides
    group by {{ by }}
    having sum(counted) <> 0
{% endtest %}


{#- Rows whose value is greater than that of the row before, along `along` within each `by`. -#}
{% test never_rises(model, column_name, along, by) %}
    select *
    from (
        select
            {{ by }},
            {{ along }},
            {{ column_name }},
            lag({{ column_name }}) over (partition by {{ by }} order by {{ along }}) as value_before
        from {{ model }}
    ) as neighbours
    where {{ column_name }} > value_before
{% endtest %}
