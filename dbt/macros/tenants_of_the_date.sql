{#- Every tenant with the status that he had on the date: `snapshot_date`, `tenant_id`, `tenant_status_code`,
    `current_moving_id`, `is_from_history`.

    Of the business date that is what the day's dump says. Dates whose dumps are gone are made up for from the status that
    `history` kept, many in one statement (`asked_history_dates`, `first_history_dates`); movings are today's then, so that
    rooms and dates are approximate. -#}
{% macro tenants_of_the_date() -%}
    {%- set asked = asked_history_dates() -%}
    {%- set dates = asked or first_history_dates() -%}
    (
        {%- if dates %}
        select
            history.snapshot_date,
            history.tenant_id,
            history.tenant_status_code,
            tenants.current_moving_id,
            1 as is_from_history
        from {{ ref('stg_tenant_daily_snapshots') }} as history
        inner join {{ ref('stg_tenants') }} as tenants on history.tenant_id = tenants.tenant_id
        where history.snapshot_date in (date '{{ dates | join("', date '") }}')
        {%- endif %}
        {%- if dates and not asked %}
        union all
        {%- endif %}
        {%- if not asked %}
        select
            {{ target_date() }} as snapshot_date,
            tenants.tenant_id,
            tenants.tenant_status_code,
            tenants.current_moving_id,
            0 as is_from_history
        from {{ ref('stg_tenants') }} as tenants
        {%- endif %}
    )
{%- endmacro %}
