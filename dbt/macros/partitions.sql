{#- A condition on the dates that this run makes: its business date, or all of them when a model that is made from other
    partitions alone is to be made again. -#}
{% macro made_dates(column) -%}
    {%- if execute and config.get('made_from_partitions') -%}
        {%- set table = adapter.get_relation(none, this.schema, this.identifier) -%}
        {%- set known = adapter.get_columns_in_relation(table) | map(attribute='name') | list if table else [] -%}
        {%- if table and (should_full_refresh() or model.columns.keys() | reject('in', known) | list) -%}
            {%- do return(column ~ ' is not null') -%}
        {%- endif -%}
    {%- endif -%}
    {%- do return(column ~ ' = ' ~ target_date()) -%}
{%- endmacro %}
