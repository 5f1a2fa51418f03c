{#- The Monday of a date's week (domain 3.11). -#}
{% macro week_start(day) -%}
    ({{ day }} - interval weekday({{ day }}) day)
{%- endmacro %}


{#- The first day of a date's month. -#}
{% macro month_start(day) -%}
    ({{ day }} - interval dayofmonth({{ day }}) - 1 day)
{%- endmacro %}


{#- A query for every date from `first` to `last`, both included, as `day`; for use as a CTE's body. -#}
{% macro every_day(first, last) -%}
    with recursive days as (
        select {{ first }} as day
        union all
        select day + interval 1 day from days where day < {{ last }}
    )
    select day from days
{%- endmacro %}
