{#- The calendar date of a DATE or DATETIME that may hold `0000-00-00`, a zero month or day, a day that the month does
    not have (the dump is loaded with ALLOW_INVALID_DATES) or a year beyond 2100: all of these become NULL. -#}
{% macro clean_date(column) -%}
    case
        when
            year({{ column }}) between 1 and 2100
            and month({{ column }}) > 0
            and day({{ column }}) between 1 and day(last_day({{ column }}))
            then date({{ column }})
    end
{%- endmacro %}


{#- A 0/1 flag of the source; NULL counts as 0. -#}
{% macro flag(column) -%}
    coalesce({{ column }}, 0) = 1
{%- endmacro %}


{#- An instant of the source (UTC) as Tokyo wall-clock time; NULL for a day that clean_date refuses, in Tokyo's calendar
    too. Sessions run in UTC. -#}
{% macro jst(column) -%}
    case
        when {{ clean_date(column) }} is not null and {{ column }} < timestamp '2100-12-31 15:00:00'
            then {{ column }} + interval 9 hour
    end
{%- endmacro %}


{#- Both coordinates lie in greater Kanto; missing, zero and swapped ones do not. -#}
{% macro in_kanto(latitude, longitude) -%}
    ({{ latitude }} between 35.0 and 36.0 and {{ longitude }} between 139.0 and 140.5)
{%- endmacro %}
