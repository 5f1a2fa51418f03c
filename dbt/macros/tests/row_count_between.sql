{#- One row when the table has fewer rows than `minimum` or more than `maximum`. -#}
{% test row_count_between(model, minimum, maximum) %}
    select count(*) as row_count
    from {{ model }}
    having count(*) not between {{ minimum }} and {{ maximum }}
{% endtest %}
