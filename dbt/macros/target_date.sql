{#- The JST business date of this run as a SQL literal. It is an argument, never the clock: the server's CURDATE is UTC
    and was one day early at 07:00 JST (I-27). -#}
{% macro target_date() -%}
    {%- set value = var('target_date', '') | string -%}
    {%- if execute and not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', value) -%}
        {{ exceptions.raise_compiler_error(
            "The business date is missing or no date (target_date = '" ~ value ~ "'); add, for example, "
            ~ "--vars '{target_date: 2026-03-02}'"
        ) }}
    {%- endif -%}
    date '{{ value or '1970-01-01' }}'
{%- endmacro %}
