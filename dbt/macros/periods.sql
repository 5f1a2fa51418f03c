{#- The Monday of a date's week. -#}
{% macro week_start(day) -%}
    ({{ day }} - interval weekday({{ day }}) day)
{%- endmacro %}


{#- Calendar weeks, from Monday, from a date's week to that of the as-of date: 0 in the same week, negative after it. -#}
{% macro weeks_before(as_of, day) -%}
    datediff({{ week_start(as_of) }}, {{ week_start(day) }}) div 7
{%- endmacro %}


{#- The first day of a date's month. -#}
{% macro month_start(day) -%}
    ({{ day }} - interval dayofmonth({{ day }}) - 1 day)
{%- endmacro %}


{#- Days from a date to the as-of date; negative for a date after it. -#}
{% macro days_before(as_of, day) -%}
    datediff({{ as_of }}, {{ day }})
{%- endmacro %}


{#- Whole calendar months from a date's month to that of the as-of date: 0 in the same month, negative after it. -#}
{% macro months_before(as_of, day) -%}
    period_diff(extract(year_month from {{ as_of }}), extract(year_month from {{ day }}))
{%- endmacro %}


{#- A query for every date from `first` to `last`, both included, as `day`; for use as a CTE's body; 27 years at most.
    Two digits to the base of a hundred, because MySQL lets no recursion go on for more than a thousand rows. -#}
{% macro every_day(first, last) -%}
    with recursive digits as (
        select 0 as digit
        union all
        select digit + 1 from digits where digit < 99
    )
    select {{ first }} + interval hundreds.digit * 100 + ones.digit day as day
    from digits as hundreds
    cross join digits as ones
    where hundreds.digit * 100 + ones.digit <= datediff({{ last }}, {{ first }})
{%- endmacro %}
