{#- Text without its stand-ins for "nothing": empty, blank (also full-width), `--` and `NULL` in any case become NULL
    (domain 3.10). -#}
{% macro clean_string(column) -%}
    case
        when upper(trim(replace({{ column }}, '　', ' '))) in ('', 'NULL', '--') then null
        else trim({{ column }})
    end
{%- endmacro %}


{#- The calendar date of a DATE or DATETIME that may hold `0000-00-00`, a zero month or day, a day that the month does
    not have (the dump is loaded with ALLOW_INVALID_DATES) or a year beyond 2100: all of these become NULL
    (domain 3.3). -#}
{% macro clean_date(column) -%}
    case
        when
            year({{ column }}) between 1 and 2100
            and month({{ column }}) > 0
            and day({{ column }}) between 1 and day(last_day({{ column }}))
            then date({{ column }})
    end
{%- endmacro %}


{#- A 0/1 flag of the source; NULL counts as 0 (domain 3.4). -#}
{% macro flag(column) -%}
    coalesce({{ column }}, 0) = 1
{%- endmacro %}


{#- A TIMESTAMP of the source as Tokyo wall-clock time; sessions run in UTC. -#}
{% macro jst(column) -%}
    case when year({{ column }}) between 1 and 2100 then {{ column }} + interval 9 hour end
{%- endmacro %}


{#- Both coordinates lie in greater Kanto (domain 3.8); missing, zero and swapped ones do not. -#}
{% macro in_kanto(latitude, longitude) -%}
    ({{ latitude }} between 35.0 and 36.0 and {{ longitude }} between 139.0 and 140.5)
{%- endmacro %}


{#- A code that the source keeps as text among other text; compared with a number, `?` would count as 0. -#}
{% macro code_in_text(column) -%}
    case when trim({{ column }}) regexp '^[0-9]{1,9}$' then cast({{ column }} as unsigned) end
{%- endmacro %}
