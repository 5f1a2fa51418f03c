{{ config(
    materialized='date_partition',
    primary_key=['snapshot_date', 'metric', 'apartment_id', 'room_id', 'room_row'],
) }}

{%- set first_day = month_start(target_date()) %}
{%- set last_day = 'last_day(' ~ target_date() ~ ' + interval 1 month)' %}

with windows as (
    {{ flash_report_windows() | indent(4) }}
),

facts as (
    select business_date
    from {{ ref('business_calendar') }}
    where not is_gap
),

moved as (
    {{ flash_report_contracts('windows') | indent(4) }}
),

-- of several contracts of a room the latest stands for it, and beside it one for each further type of tenant
reported as (
    select
        moved.*,
        case when moved.movement = 'movein' then moved.report_date else moved.effective_moveout_date end
            as expected_date,
        row_number() over (
            partition by moved.metric, moved.apartment_id, moved.room_id
            order by moved.contract_start_date desc, moved.updated_at desc, moved.moving_id desc
        ) as place,
        row_number() over (
            partition by moved.metric, moved.apartment_id, moved.room_id, moved.tenant_type
            order by moved.contract_start_date desc, moved.updated_at desc, moved.moving_id desc
        ) as place_in_type
    from moved
    where moved.is_counted and moved.recency = 1
),

-- the contracts by which gold counts a room on a date: facts from that date's partitions, the outlook from those of A
movements as (
    select
        'movein' as movement,
        held.effective_movein_date as gold_date,
        held.apartment_id,
        held.room_id,
        held.tenant_id,
        held.moving_id,
        held.contract_type_code
    from {{ ref('tenant_room_snapshot_daily') }} as held
    inner join facts on held.snapshot_date = facts.business_date
    where
        held.snapshot_date between {{ first_day }} and {{ target_date() }}
        and held.effective_movein_date = held.snapshot_date

    union all

    select
        'moveout' as movement,
        departed.snapshot_date as gold_date,
        departed.apartment_id,
        departed.room_id,
        departed.tenant_id,
        departed.moving_id,
        departed.contract_type_code
    from {{ ref('room_departures_daily') }} as departed
    inner join facts on departed.snapshot_date = facts.business_date
    where departed.snapshot_date between {{ first_day }} and {{ target_date() }}
    {% for movement in ('movein', 'moveout') %}
        union all

        select
            '{{ movement }}' as movement,
            planned.effective_{{ movement }}_date as gold_date,
            planned.apartment_id,
            planned.room_id,
            planned.tenant_id,
            planned.moving_id,
            planned.contract_type_code
        from {{ ref('tenant_room_snapshot_daily') }} as planned
        where
            planned.snapshot_date = {{ target_date() }}
            and planned.effective_{{ movement }}_date > {{ target_date() }}
            and planned.effective_{{ movement }}_date <= {{ last_day }}
    {% endfor %}
),

-- why the report does not count the contract by which gold counts the room; NULL when it does
gold_contracts as (
    select
        windows.metric,
        claims.gold_date,
        claims.apartment_id,
        claims.room_id,
        claims.tenant_id,
        claims.moving_id,
        coalesce(contract_types.tenant_type, 'unknown') as tenant_type,
        case
            when contracts.moving_id is null then 'record_deleted'
            when not contracts.is_valid_contract then 'cancelled_later'
            when tenants.tenant_id is null then 'tenant_missing'
            when (contracts.apartment_id, contracts.room_id) <> (claims.apartment_id, claims.room_id)
                then 'room_changed_later'
            when windows.movement = 'movein'
                then
                    case
                        when contracts.is_renewal then 'renewal_flag'
                        when contracts.original_contract_date is null then 'original_date_missing'
                        when contracts.original_contract_date not between windows.first_date and windows.last_date
                            then 'date_changed_later'
                        when
                            windows.is_completed
                            and not coalesce(contracts.contract_start_date <= {{ target_date() }}, false)
                            then 'start_after_as_of'
                        when
                            not windows.is_completed
                            and not {{ status_in('PIPELINE_ACTIVE', 'tenants.tenant_status_code') }}
                            then 'contract_of_another_tenant'
                    end
            when not {{ status_in('MOVEOUT', 'tenants.tenant_status_code') }}
                then
                    case
                        when windows.is_completed then 'status_left_moveout'
                        when contracts.tenant_id <> claims.tenant_id then 'contract_of_another_tenant'
                        else 'no_notice'
                    end
            when contracts.moveout_final_rent_date is null then 'final_rent_date_missing'
            when contracts.moveout_final_rent_date not between windows.first_date and windows.last_date
                then 'final_rent_vs_effective_date'
        end as reason
    from movements as claims
    inner join windows
        on claims.movement = windows.movement and claims.gold_date between windows.first_date and windows.last_date
    left join {{ ref('code_contract_type') }} as contract_types on claims.contract_type_code = contract_types.code
    left join {{ ref('stg_movings') }} as contracts on claims.moving_id = contracts.moving_id
    left join {{ ref('stg_tenants') }} as tenants on contracts.tenant_id = tenants.tenant_id
),

gold_claims as (
    select
        gold_contracts.*,
        row_number() over (
            partition by
                gold_contracts.metric, gold_contracts.apartment_id, gold_contracts.room_id, gold_contracts.gold_date
            order by gold_contracts.reason is not null asc, gold_contracts.moving_id desc, gold_contracts.tenant_id desc
        ) as claim
    from gold_contracts
),

-- the first one is set against the report's, preferably one that the report counts by the same contract
gold_rooms as (
    select
        gold_claims.*,
        row_number() over (
            partition by gold_claims.metric, gold_claims.apartment_id, gold_claims.room_id
            order by gold_claims.reason is not null, gold_claims.gold_date
        ) as place
    from gold_claims
    where gold_claims.claim = 1
),

-- rooms of the report that gold does not count, with what the partitions and the history know of the expected date
report_alone as (
    select
        reported.metric,
        reported.apartment_id,
        reported.room_id,
        reported.moving_id,
        reported.tenant_type,
        reported.report_date,
        case
            when reported.expected_date not between reported.first_date and reported.last_date
                then 'final_rent_vs_effective_date'
            when reported.is_completed and facts.business_date is null then 'gap_day'
            when reported.movement = 'movein' and held.moving_id = reported.moving_id
                then
                    case
                        when (held.apartment_id, held.room_id) <> (reported.apartment_id, reported.room_id)
                            then 'room_changed_later'
                        else 'date_changed_later'
                    end
            when reported.is_completed and reported.movement = 'movein' and held.moving_id is not null
                then 'not_the_current_contract'
            when reported.is_completed and reported.created_at >= reported.expected_date then 'entered_later'
            when
                reported.is_completed
                and not coalesce(
                    case
                        when reported.movement = 'movein'
                            then {{ status_in('PIPELINE_ACTIVE', 'states.tenant_status_code') }}
                        else {{ status_in('MOVEOUT', 'states.tenant_status_code') }}
                    end, false
                )
                then 'status_of_that_date'
            when reported.is_completed and reported.movement = 'moveout'
                then
                    case
                        when reported.updated_at >= reported.expected_date then 'date_changed_later'
                        else 'unexplained'
                    end
            when
                not reported.is_completed
                and not {{ status_in('PIPELINE_ACTIVE', 'reported.tenant_status_code') }}
                then 'already_left'
            when reported.is_completed_moveout then 'flagged_as_moved_out'
            when not reported.moving_id <=> reported.current_moving_id then 'not_the_current_contract'
            else 'unexplained'
        end as difference_class
    from reported
    left join gold_rooms
        on
            reported.metric = gold_rooms.metric
            and reported.apartment_id = gold_rooms.apartment_id
            and reported.room_id = gold_rooms.room_id
            and gold_rooms.place = 1
    left join facts on reported.expected_date = facts.business_date
    left join {{ ref('tenant_room_snapshot_daily') }} as held
        on
            least(reported.expected_date, {{ target_date() }}) = held.snapshot_date
            and reported.tenant_id = held.tenant_id
    left join {{ ref('stg_tenant_daily_snapshots') }} as states
        on reported.expected_date = states.snapshot_date and reported.tenant_id = states.tenant_id
    where reported.place = 1 and gold_rooms.metric is null
),

-- who held a room at 00:00 of the 1st: who stands for it in the snapshot and, for gold alone, who leaves on that day
claims_at_0000 as (
    select
        'held' as claim,
        held.apartment_id,
        held.room_id,
        held.moving_id,
        held.contract_type_code,
        held.effective_movein_date,
        {{ boolean('not ' ~ moves_in_this_month('held.tenant_status_code', 'held.movein_date')) }} as is_in_report,
        {{ boolean('coalesce(held.effective_movein_date < held.snapshot_date, true)') }} as is_in_gold
    from {{ ref('tenant_room_snapshot_daily') }} as held
    inner join facts on held.snapshot_date = facts.business_date
    where held.snapshot_date = {{ first_day }} and held.is_room_primary

    union all

    select
        'left' as claim,
        departed.apartment_id,
        departed.room_id,
        departed.moving_id,
        departed.contract_type_code,
        departed.effective_movein_date,
        0 as is_in_report,
        {{ boolean('coalesce(departed.effective_movein_date < departed.snapshot_date, true)') }} as is_in_gold
    from {{ ref('room_departures_daily') }} as departed
    inner join facts on departed.snapshot_date = facts.business_date
    where departed.snapshot_date = {{ first_day }}
),

rooms_at_0000 as (
    select
        claims.*,
        coalesce(contract_types.tenant_type, 'unknown') as tenant_type,
        max(claims.is_in_report) over (partition by claims.apartment_id, claims.room_id) as is_room_in_report,
        max(claims.is_in_gold) over (partition by claims.apartment_id, claims.room_id) as is_room_in_gold,
        row_number() over (
            partition by claims.apartment_id, claims.room_id
            order by claims.is_in_report + claims.is_in_gold desc, claims.claim asc
        ) as place
    from claims_at_0000 as claims
    left join {{ ref('code_contract_type') }} as contract_types on claims.contract_type_code = contract_types.code
),

compared as (
    select
        gold_rooms.metric,
        gold_rooms.apartment_id,
        gold_rooms.room_id,
        coalesce(reported.moving_id, gold_rooms.moving_id) as moving_id,
        coalesce(reported.tenant_type, gold_rooms.tenant_type) as tenant_type,
        reported.report_date,
        gold_rooms.gold_date,
        {{ boolean('reported.metric is not null') }} as is_in_report,
        1 as is_in_gold,
        case
            when reported.metric is null
                then coalesce(
                    gold_rooms.reason, case when gold_rooms.place > 1 then 'second_room_of_window' end, 'unexplained'
                )
        end as difference_class
    from gold_rooms
    left join reported
        on
            gold_rooms.metric = reported.metric
            and gold_rooms.apartment_id = reported.apartment_id
            and gold_rooms.room_id = reported.room_id
            and gold_rooms.place = 1
            and reported.place = 1

    union all

    select
        report_alone.metric,
        report_alone.apartment_id,
        report_alone.room_id,
        report_alone.moving_id,
        report_alone.tenant_type,
        report_alone.report_date,
        null as gold_date,
        1 as is_in_report,
        0 as is_in_gold,
        report_alone.difference_class
    from report_alone

    union all

    -- counts in the figure of its type, and not once more in the total
    select
        reported.metric,
        reported.apartment_id,
        reported.room_id,
        reported.moving_id,
        reported.tenant_type,
        reported.report_date,
        null as gold_date,
        0 as is_in_report,
        0 as is_in_gold,
        'second_type_of_room' as difference_class
    from reported
    where reported.place > 1 and reported.place_in_type = 1

    union all

    select
        windows.metric,
        rooms_at_0000.apartment_id,
        rooms_at_0000.room_id,
        rooms_at_0000.moving_id,
        rooms_at_0000.tenant_type,
        case when rooms_at_0000.is_room_in_report then windows.month end as report_date,
        case when rooms_at_0000.is_room_in_gold then windows.month end as gold_date,
        rooms_at_0000.is_room_in_report as is_in_report,
        rooms_at_0000.is_room_in_gold as is_in_gold,
        case
            when rooms_at_0000.is_room_in_report and rooms_at_0000.effective_movein_date = windows.month
                then 'moved_in_on_the_1st'
            when rooms_at_0000.is_room_in_report then 'present_before_movein'
            when rooms_at_0000.claim = 'left' then 'left_on_the_1st'
            else 'renewal_in_status_7'
        end as difference_class
    from rooms_at_0000
    inner join windows on windows.movement = 'stock'
    where rooms_at_0000.place = 1 and rooms_at_0000.is_room_in_report <> rooms_at_0000.is_room_in_gold
)

select
    {{ target_date() }} as snapshot_date,
    metric,
    apartment_id,
    room_id,
    row_number() over (
        partition by metric, apartment_id, room_id
        order by is_in_report desc, is_in_gold desc, gold_date asc, tenant_type asc
    ) as room_row,
    moving_id,
    tenant_type,
    report_date,
    gold_date,
    is_in_report,
    is_in_gold,
    difference_class
from compared
