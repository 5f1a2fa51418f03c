{#- No task builds one of its models after the other, so the task check_gold runs it before gold is published. -#}
{{ config(tags=['before_publish']) }}

-- On every past date the move-ins and move-outs of daily_activity_summary are those of move_events, except contracts
-- missing from one of the two tables, for one of these reasons:
--   without_coordinates  only in the summary: move_events shows buildings that have a place on the map
--   not_completed        only in the summary: a departure that nobody has flagged as completed
--   without_history      only in move_events: the tenant's status history never entered the statuses of the movement
-- Rows are the dates on which a difference remains.
with histories as (
    {{ movements_on_record() | indent(4) }}
),

recording as (
    {{ first_recorded_date() | indent(4) }}
),

contracts as (
    select
        contracts.effective_movein_date,
        contracts.effective_moveout_date,
        contracts.is_completed_moveout,
        contracts.latitude is not null and contracts.longitude is not null as is_on_the_map,
        contracts.effective_movein_date < recording.first_date or coalesce(histories.has_moved_in, 0)
            as is_confirmed_movein,
        contracts.effective_moveout_date < recording.first_date or coalesce(histories.has_moved_out, 0)
            as is_confirmed_moveout
    from {{ ref('int_contracts') }} as contracts
    cross join recording
    left join histories on contracts.tenant_id = histories.tenant_id
    where contracts.is_valid_contract
),

counted as (
    select
        effective_movein_date as event_date,
        'movein' as event_type,
        0 as in_summary,
        0 as in_events,
        is_confirmed_movein and not is_on_the_map as without_coordinates,
        0 as not_completed,
        is_on_the_map and not is_confirmed_movein as without_history
    from contracts
    union all
    select
        effective_moveout_date as event_date,
        'moveout' as event_type,
        0 as in_summary,
        0 as in_events,
        is_confirmed_moveout and not is_on_the_map as without_coordinates,
        is_confirmed_moveout and is_on_the_map and not is_completed_moveout as not_completed,
        is_on_the_map and is_completed_moveout and not is_confirmed_moveout as without_history
    from contracts
    {% for event_type in ['movein', 'moveout'] %}
        union all
        select
            activity_date as event_date,
            '{{ event_type }}' as event_type,
            confirmed_{{ event_type }}s_count as in_summary,
            0 as in_events,
            0 as without_coordinates,
            0 as not_completed,
            0 as without_history
        from {{ ref('daily_activity_summary') }}
    {% endfor %}
    union all
    select
        event_date,
        event_type,
        0 as in_summary,
        1 as in_events,
        0 as without_coordinates,
        0 as not_completed,
        0 as without_history
    from {{ ref('move_events') }}
)

select
    event_date,
    event_type,
    sum(in_summary) as in_summary,
    sum(in_events) as in_events,
    sum(without_coordinates) as without_coordinates,
    sum(not_completed) as not_completed,
    sum(without_history) as without_history
from counted
where {{ is_reported('event_date') }}
group by event_date, event_type
having sum(in_summary) - sum(without_coordinates) - sum(not_completed) <> sum(in_events) - sum(without_history)
