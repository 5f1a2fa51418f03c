{#- Every tenant with the status that he had on the business date, and the moving that he points at: `snapshot_date`,
    `tenant_id`, `tenant_status_code`, `current_moving_id`.

    That is what the day's dump says. Dates whose dumps are gone are made up for from the status that `history` kept, many
    in one statement (`history_dates`); movings are today's then, so that rooms and dates are approximate. -#}
{% macro tenants_of_the_date() -%}
    {%- if history_dates() -%}
        (
            select
                history.snapshot_date,
                history.tenant_id,
                history.tenant_status_code,
                tenants.current_moving_id
            from {{ ref('stg_tenant_daily_snapshots') }} as history
            inner join {{ ref('stg_tenants') }} as tenants on history.tenant_id = tenants.tenant_id
            where {{ made_dates('history.snapshot_date') }}
        )
    {%- else -%}
        (
            select
                {{ target_date() }} as snapshot_date,
                tenants.tenant_id,
                tenants.tenant_status_code,
                tenants.current_moving_id
            from {{ ref('stg_tenants') }} as tenants
        )
    {%- endif -%}
{%- endmacro %}
