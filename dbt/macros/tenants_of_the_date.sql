{#- Every tenant with the status that he had on the business date, and the moving that he points at.

    That is what the day's dump says. A date whose dump is gone is made up for from the status that `history` kept
    (`--vars '{rooms_from_history: true}'`, include/recovery/recover_history.py); movings are today's then, so that rooms and
    dates are approximate. -#}
{% macro tenants_of_the_date() -%}
    {%- if var('rooms_from_history', false) -%}
        (
            select
                history.tenant_id,
                history.tenant_status_code,
                tenants.current_moving_id
            from {{ ref('stg_tenant_daily_snapshots') }} as history
            inner join {{ ref('stg_tenants') }} as tenants on history.tenant_id = tenants.tenant_id
            where history.snapshot_date = {{ target_date() }}
        )
    {%- else -%}
        {{ ref('stg_tenants') }}
    {%- endif -%}
{%- endmacro %}
