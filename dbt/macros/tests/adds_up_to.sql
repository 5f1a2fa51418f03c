{#- Values of `by` for which the sum of the column is not the sum of `field` over the rows of `to` that meet
    `condition`. -#}
{% test adds_up_to(model, column_name, to, field, by, condition='true') %}
    select {{ by }}, sum(counted) as too_many
    from (
        select {{ by }}, {{ column_name }} as counted from {{ model }}
        union all
        select {{ by }}, -({{ field }}) as counted from {{ to }} where {{ condition }}
    ) as both_sides
    group by {{ by }}
    having sum(counted) <> 0
{% endtest %}
