{#- How codes, flags and dates look in every table, so that they look the same in all of them. -#}

{#- A condition as a flag: 1 or 0, NULL counts as 0; an INT on every server. -#}
{% macro boolean(condition) -%}
    case when {{ condition }} then 1 else 0 end
{%- endmacro %}


{#- The label of a code; `Unknown (99)` for a code that the seed does not have; NULL without a code. -#}
{% macro label(label, code) -%}
    coalesce({{ label }}, concat('Unknown (', {{ code }}, ')'))
{%- endmacro %}


{#- Both labels of a code side by side, as charts show them: `男性 Male`; once where they are the same, as those of an
    unknown code are; `otherwise` without a code. -#}
{% macro label_in_both(label_ja, label_en, otherwise) -%}
    coalesce(
        case when {{ label_ja }} = {{ label_en }} then {{ label_en }} else concat({{ label_ja }}, ' ', {{ label_en }}) end,
        {{ otherwise }}
    )
{%- endmacro %}


{#- The newest date with facts: what the tables know that are made from all dates. Those that are made from today's dump
    know the business date itself, target_date(). Never the clock. -#}
{% macro as_of_date() -%}
    (select max(known_dates.business_date) from {{ ref('business_calendar') }} as known_dates where not known_dates.is_gap)
{%- endmacro %}
