{#- The JST business date of this run, as YYYY-MM-DD. It is an argument, never the clock: the server's CURDATE is UTC and
    was one day early at 07:00 JST (I-27). People give it as a variable. Airflow gives it as an environment variable,
    because new variables make dbt parse the whole project again. -#}
{% macro business_date() -%}
    {%- set value = var('target_date', '') or (env_var('DBT_ENV_CUSTOM_ENV_TARGET_DATE', '') if execute else '') -%}
    {%- if execute and not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', value | string) -%}
        {{ exceptions.raise_compiler_error(
            "The business date is missing or no date (target_date = '" ~ value ~ "'); add, for example, "
            ~ "--vars '{target_date: 2026-03-02}'"
        ) }}
    {%- endif -%}
    {{ value or '1970-01-01' }}
{%- endmacro %}


{#- The same as a SQL literal. -#}
{% macro target_date() -%}
    date '{{ business_date() }}'
{%- endmacro %}
