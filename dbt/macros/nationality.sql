{#- Nationalities that are not on record: how people are named and hashed, and who may answer for them.
    include/enrichment/names.py and include/enrichment/store.py have the same; tests hold them together. -#}

{#- What the vendor's form wrote for everybody while it was broken, in either width: no nationality. -#}
{% macro nationality_placeholders() -%}
    ('レソト', 'ﾚｿﾄ')
{%- endmacro %}


{#- Where answers come from, best first. `forgotten` is no answer, and keeps all others from counting. -#}
{% macro nationality_sources() -%}
    {%- do return(['forgotten', 'not_a_person', 'same_person', 'name_model', 'llm']) -%}
{%- endmacro %}


{#- The name of a row of staging.tenants: the whole one, else family and given name, else NULL. -#}
{% macro tenant_name(tenants) -%}
    coalesce(
        {{ clean_string(tenants ~ '.full_name') }},
        nullif(
            concat_ws(' ', {{ clean_string(tenants ~ '.last_name') }}, {{ clean_string(tenants ~ '.first_name') }}), ''
        )
    )
{%- endmacro %}


{#- The key of a cleaned name. In the character set of the keys, or the server would convert every key that it compares
    instead of looking one up. -#}
{% macro name_hash(name) -%}
    (convert(sha2(concat('n1:', convert({{ name }} using utf8mb4)), 256) using ascii) collate ascii_bin)
{%- endmacro %}


{#- The key of a person, a cleaned name with a date of birth. -#}
{% macro person_hash(name, birth_date) -%}
    (convert(sha2(
        concat('p1:', date_format({{ birth_date }}, '%Y-%m-%d'), ':', convert({{ name }} using utf8mb4)), 256
    ) using ascii) collate ascii_bin)
{%- endmacro %}
