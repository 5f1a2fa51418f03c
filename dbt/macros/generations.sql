{#- Gold is built aside, in `gold_next`, and shown to readers as a whole once every model and test of the day is green
    (`include/warehouse/gold.py` renames it). Everything else is built where it is read. -#}
{% macro aside(relation) -%}
    {%- do return(
        relation.incorporate(path={'schema': 'gold_next'}) if relation.schema == 'gold' else relation
    ) -%}
{%- endmacro %}


{#- Where `relation` is newest: in the generation that is being built, or, when only a part of it is built again, in the
    one that readers see. -#}
{% macro newest(relation) -%}
    {%- if execute and relation.schema == 'gold' -%}
        {%- do return(adapter.get_relation(none, aside(relation).schema, relation.identifier) or relation) -%}
    {%- endif -%}
    {%- do return(relation) -%}
{%- endmacro %}


{#- dbt's own ref, of the newest generation. -#}
{% macro ref() -%}
    {%- do return(newest(builtins.ref(*varargs, **kwargs))) -%}
{%- endmacro %}
