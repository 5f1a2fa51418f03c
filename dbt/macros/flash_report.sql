{#- The monthly flash report: what it counts of which dates, for the two models that hold its figures.

    A is the business date, as of which the report is made; its month is the report's, the one after it the next. -#}

{#- A query for every metric: the kind of movement (`stock` for the rooms of 00:00), whether it counts what is done by A,
    the month it is about, and the dates that it counts, from `first_date` to `last_date`. By the earlier system's rule
    the next month began on the day after A and took the rest of A's month along.

    No metric at all while rooms are made from the tenants' history: today's contracts say nothing of another date. -#}
{% macro flash_report_windows() -%}
    {%- set as_of = target_date() -%}
    {%- set this_month = month_start(as_of) -%}
    {%- set next_month = '(last_day(' ~ as_of ~ ') + interval 1 day)' -%}
    {%- set tomorrow = '(' ~ as_of ~ ' + interval 1 day)' -%}
    select windows.*
    from (
        select
            'occupied_0000' as metric,
            'stock' as movement,
            1 as is_completed,
            {{ this_month }} as month,
            {{ this_month }} as first_date,
            {{ this_month }} as last_date,
            {{ this_month }} as first_date_by_old_rule
        {%- for movement in ('movein', 'moveout') %}
        union all
        select
            '{{ movement }}s_completed', '{{ movement }}', 1,
            {{ this_month }}, {{ this_month }}, {{ as_of }}, {{ this_month }}
        union all
        select
            '{{ movement }}s_planned', '{{ movement }}', 0,
            {{ this_month }}, {{ tomorrow }}, last_day({{ as_of }}), {{ tomorrow }}
        union all
        select
            '{{ movement }}s_planned_next', '{{ movement }}', 0,
            {{ next_month }}, {{ next_month }}, last_day({{ next_month }}), {{ tomorrow }}
        {%- endfor %}
    ) as windows
    where {{ 'false' if asked_history_dates() else 'true' }}
{%- endmacro %}


{#- A query for the contracts that count as a movement of a metric, by the report's rule or by the earlier system's alone
    (`is_counted` is 0 then): move-ins by the start of the original contract, renewals left out, move-outs by the last date
    of rent. `recency` and `recency_by_old_rule` are 1 for the latest contract of each tenant and room. -#}
{% macro flash_report_contracts(windows) -%}
    {%- set latest = 'counted.contract_start_date desc, counted.updated_at desc, counted.moving_id desc' -%}
    {%- set tenant_room = 'counted.metric, counted.tenant_id, counted.apartment_id, counted.room_id' -%}
    select
        counted.*,
        row_number() over (partition by {{ tenant_room }}, counted.is_counted order by {{ latest }}) as recency,
        row_number() over (partition by {{ tenant_room }} order by {{ latest }}) as recency_by_old_rule
    from (
        select
            windows.metric,
            windows.movement,
            windows.is_completed,
            windows.first_date,
            windows.last_date,
            contracts.*,
            case when contracts.report_date >= windows.first_date then 1 else 0 end as is_counted
        from (
            {%- for movement, day in (('movein', 'original_contract_date'), ('moveout', 'moveout_final_rent_date')) %}
            select
                '{{ movement }}' as kind,
                movings.{{ day }} as report_date,
                movings.moving_id,
                movings.tenant_id,
                movings.apartment_id,
                movings.room_id,
                movings.tenant_type,
                movings.contract_start_date,
                movings.effective_moveout_date,
                movings.is_renewal,
                movings.is_completed_moveout,
                movings.created_at,
                movings.updated_at,
                tenants.tenant_status_code,
                tenants.current_moving_id
            from {{ ref('stg_movings') }} as movings
            inner join {{ ref('stg_tenants') }} as tenants on movings.tenant_id = tenants.tenant_id
            where
                movings.is_valid_contract
                and movings.{{ day }} between {{ month_start(target_date()) }}
                and last_day({{ target_date() }} + interval 1 month)
            {{ 'union all' if not loop.last }}
            {%- endfor %}
        ) as contracts
        inner join {{ windows }} as windows
            on contracts.kind = windows.movement
            and contracts.report_date between windows.first_date_by_old_rule and windows.last_date
        where
            case
                when windows.movement = 'moveout' then {{ status_in('MOVEOUT', 'contracts.tenant_status_code') }}
                when contracts.is_renewal then false
                -- whatever the tenant's status is by now
                when windows.is_completed then contracts.contract_start_date <= {{ target_date() }}
                else {{ status_in('PIPELINE_ACTIVE', 'contracts.tenant_status_code') }}
            end
    ) as counted
{%- endmacro %}


{#- Whether a tenant with this status and start of contract is left out of the rooms at 00:00 of the 1st: not in yet. -#}
{% macro moves_in_this_month(status, contract_start) -%}
    ({{ is_moving_in(status) }} and coalesce({{ contract_start }} >= {{ month_start(target_date()) }}, false))
{%- endmacro %}
