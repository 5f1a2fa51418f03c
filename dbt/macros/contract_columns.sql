{#- What every contract table of gold shows: the seventeen fields of the business request and where the building is. No
    names, phones or mails. -#}
{% macro contract_columns() -%}
    contract_id,
    asset_id_hj,
    room_number,
    contract_type_ja as contract_system,
    contract_channel,
    original_contract_date,
    contract_date,
    contract_start_date,
    rent_start_date,
    contract_expiration_date,
    is_renewal,
    monthly_rent,
    tenant_type,
    gender,
    age,
    nationality,
    occupation_company,
    residence_status,
    latitude,
    longitude,
    prefecture,
    municipality,
    full_address,
    apartment_name
{%- endmacro %}


{#- The last columns of every contract table of gold. -#}
{% macro record_columns() -%}
    {{ target_date() }} as as_of_date,
    created_at,
    updated_at
{%- endmacro %}


{#- The building of a row has valid coordinates. -#}
{% macro is_located() -%}
    (latitude is not null and longitude is not null)
{%- endmacro %}


{#- A date lies between the first one reported and the business date. -#}
{% macro is_reported(day) -%}
    ({{ day }} between date '{{ var('min_valid_date') }}' and {{ target_date() }})
{%- endmacro %}


{#- Whether a row of int_contracts is a signed contract to report, whoever reports it. -#}
{% macro is_new_contract() -%}
    (is_valid_contract and {{ is_reported('contract_date') }} and {{ is_located() }})
{%- endmacro %}


{#- Whether a row of int_contracts is a move-in to report; it needs neither a date of signing nor a rent. -#}
{% macro is_movein() -%}
    (is_valid_contract and {{ is_reported('effective_movein_date') }} and {{ is_located() }})
{%- endmacro %}


{#- Whether a row of int_contracts is a completed departure to report. -#}
{% macro is_moveout() -%}
    (
        is_completed_moveout
        and is_valid_contract
        and {{ is_reported('effective_moveout_date') }}
        and {{ is_located() }}
    )
{%- endmacro %}


{#- What tells of a departure, after the contract columns. -#}
{% macro moveout_columns() -%}
    cancellation_notice_date,
    effective_moveout_date as moveout_date,
    total_stay_days,
    total_stay_months,
    notice_lead_time_days,
    moveout_reason_ja,
    moveout_reason_en
{%- endmacro %}


{#- What a move-in and a move-out tell in the same words. -#}
{% macro event_columns(event_type, event_date) -%}
    concat('{{ event_type }}-', contract_id) as event_id,
    '{{ event_type }}' as event_type,
    {{ event_date }} as event_date,
    {{ week_start(event_date) }} as week_start,
    {{ month_start(event_date) }} as month_start,
    asset_id_hj,
    apartment_name,
    coalesce(prefecture, 'Unknown') as prefecture,
    coalesce(municipality, 'Unknown') as municipality,
    latitude,
    longitude,
    tenant_type,
    coalesce(gender, 'Unknown') as gender,
    age,
    age_group,
    age_group_order,
    nationality,
    monthly_rent,
    rent_range,
    rent_range_order
{%- endmacro %}


{#- Move-ins, move-outs and their difference among some rows of move_events. -#}
{% macro churn_columns() -%}
    cast(sum(case when event_type = 'movein' then 1 else 0 end) as signed) as movein_count,
    cast(sum(case when event_type = 'moveout' then 1 else 0 end) as signed) as moveout_count,
    cast(sum(case when event_type = 'movein' then 1 else -1 end) as signed) as net_change
{%- endmacro %}
