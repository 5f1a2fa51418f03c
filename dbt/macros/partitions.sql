{#- A condition on the dates that this run makes: its business date, the dates that it makes from history, or all of them
    when a model that is made from other partitions alone is to be made again. -#}
{% macro made_dates(column) -%}
    {%- if history_dates() -%}
        {%- do return(column ~ " in (date '" ~ history_dates() | join("', date '") ~ "')") -%}
    {%- endif -%}
    {%- if execute and config.get('made_from_partitions') -%}
        {%- set table = adapter.get_relation(none, this.schema, this.identifier) -%}
        {%- set known = adapter.get_columns_in_relation(table) | map(attribute='name') | list if table else [] -%}
        {%- if table and (should_full_refresh() or model.columns.keys() | reject('in', known) | list) -%}
            {%- do return(column ~ ' is not null') -%}
        {%- endif -%}
    {%- endif -%}
    {%- do return(column ~ ' = ' ~ target_date()) -%}
{%- endmacro %}


{#- The dates that this run makes from the tenants' history, as YYYY-MM-DD; none in a run of a business date
    (`--vars '{rooms_from_history: ["2026-03-01"]}'`, include/recovery/recover_history.py). -#}
{% macro history_dates() -%}
    {%- set dates = var('rooms_from_history', []) | map('string') | list -%}
    {%- for day in dates if execute and not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', day) -%}
        {{ exceptions.raise_compiler_error("rooms_from_history holds '" ~ day ~ "', which is no date YYYY-MM-DD") }}
    {%- endfor -%}
    {%- do return(dates) -%}
{%- endmacro %}
