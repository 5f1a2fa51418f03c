{#- The named sets of tenant status codes (dbt/README.md#status-sets). Nothing else in the project lists codes. -#}
{% macro status_in(set_name, column) -%}
    {%- set sets = {
        'PIPELINE_ACTIVE': [4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15],
        'PRESENT': [7, 9, 10, 11, 12, 13, 14, 15],
        'APPLICATION': [4, 5],
        'MOVEIN_DAS': [4, 5, 6, 7, 9, 14, 15],
        'MOVEOUT': [14, 15, 16, 17],
    } -%}
    {%- if set_name not in sets -%}
        {{ exceptions.raise_compiler_error(
            "'" ~ set_name ~ "' is no set of status codes; use one of " ~ sets | join(', ')
        ) }}
    {%- endif -%}
    {{ column }} in ({{ sets[set_name] | join(', ') }})
{%- endmacro %}


{#- A tenant who moves in these days: present, and on the 1st of a month perhaps not yet. -#}
{% macro is_moving_in(column) -%}
    {{ column }} = 7
{%- endmacro %}


{#- Who stands for a room that several tenants hold: 1 is the best claim (dbt/README.md#room-priority). Every PRESENT status comes before
    the reserved ones. -#}
{% macro room_priority(column) -%}
    field({{ column }}, 9, 10, 11, 12, 13, 14, 15, 7, 6, 5, 4)
{%- endmacro %}
