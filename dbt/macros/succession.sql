{#- A join of two stays of correction_stays in one room: `later`, whose tenant holds or has reserved the room, began
    after `earlier`, another tenant's. Two who are both present are several_present_tenants instead. -#}
{% macro succeeds(later, earlier) -%}
    {{ later }}.apartment_id = {{ earlier }}.apartment_id
    and {{ later }}.room_id = {{ earlier }}.room_id
    and {{ later }}.tenant_id <> {{ earlier }}.tenant_id
    and {{ later }}.is_held
    and {{ earlier }}.has_claim
    and not ({{ later }}.is_present and {{ earlier }}.is_present)
    and (
        {{ earlier }}.effective_movein_date < {{ later }}.effective_movein_date
        or (
            {{ earlier }}.effective_movein_date = {{ later }}.effective_movein_date
            and {{ earlier }}.moving_id < {{ later }}.moving_id
        )
    )
{%- endmacro %}
