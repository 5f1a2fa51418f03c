{#- A condition on the dates that this run makes: its business date, the dates that it makes from history, or all of them
    when a model that is made from other partitions alone is to be made again. -#}
{% macro made_dates(column) -%}
    {%- if execute and config.get('made_from_partitions') and not asked_history_dates() -%}
        {%- set table = adapter.get_relation(none, this.schema, this.identifier) -%}
        {%- set known = adapter.get_columns_in_relation(table) | map(attribute='name') | list if table else [] -%}
        {%- if is_empty() or should_full_refresh() or model.columns.keys() | reject('in', known) | list -%}
            {%- do return(column ~ ' is not null') -%}
        {%- endif -%}
        {%- do return(column ~ ' = ' ~ target_date()) -%}
    {%- endif -%}
    {%- set dates = asked_history_dates() or (first_history_dates() + [business_date()]) -%}
    {%- do return(column ~ " in (date '" ~ dates | join("', date '") ~ "')") -%}
{%- endmacro %}


{#- The dates that this run makes from the tenants' history instead of its business date, as YYYY-MM-DD
    (`--vars '{rooms_from_history: ["2026-03-01"]}'`, include/recovery/recover_history.py). -#}
{% macro asked_history_dates() -%}
    {%- set dates = var('rooms_from_history', []) | map('string') | list -%}
    {%- for day in dates if execute and not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', day) -%}
        {{ exceptions.raise_compiler_error("rooms_from_history holds '" ~ day ~ "', which is no date YYYY-MM-DD") }}
    {%- endfor -%}
    {%- do return(dates) -%}
{%- endmacro %}


{#- The dates before the business date that the first run of a partitioned model makes from the tenants' history, so that
    an environment that begins today shows a year: as far back as the setting `room_history_days` says, none by default.
    Airflow gives it as an environment variable and people as a variable, as they do the business date (target_date.sql). -#}
{% macro first_history_dates() -%}
    {%- set given = env_var('DBT_ENV_CUSTOM_ENV_ROOM_HISTORY_DAYS', '') if execute else '' -%}
    {%- set days = var('room_history_days', none) or given -%}
    {%- if not (execute and days) or asked_history_dates() or not is_empty() -%}
        {%- do return([]) -%}
    {%- endif -%}
    {%- set dates = run_query(
        'select distinct snapshot_date from ' ~ ref('stg_tenant_daily_snapshots') ~ ' where snapshot_date between '
        ~ target_date() ~ ' - interval ' ~ (days | int) ~ ' day and ' ~ target_date()
        ~ ' - interval 1 day order by snapshot_date'
    ).columns[0].values() -%}
    {%- do return(dates | map('string') | list) -%}
{%- endmacro %}


{#- Whether this model has no rows yet: it is new, or its first run was killed. -#}
{% macro is_empty() -%}
    {%- set table = adapter.get_relation(none, this.schema, this.identifier) -%}
    {%- do return(table is none or not run_query('select 1 from ' ~ table ~ ' limit 1').rows) -%}
{%- endmacro %}
