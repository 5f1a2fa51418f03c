{{ config(indexes=[{'columns': ['outlook_date', 'horizon_days'], 'primary': true}]) }}

{%- set horizons = [30, 60, 90] %}

with facts as (
    select
        snapshot_date,
        period_end_rooms,
        as_of_date
    from {{ ref('occupancy_daily_metrics') }}
    where not is_projection
),

horizons as (
    {% for days in horizons %}
        select
            {{ days }} as horizon_days,
            '{{ days }}日後 {{ days }} days' as horizon_label
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

outlooks as (
    select
        origins.snapshot_date as outlook_date,
        horizons.horizon_days,
        horizons.horizon_label,
        targets.snapshot_date as target_date,
        origins.period_end_rooms as first_rooms,
        targets.period_end_rooms as fact_rooms,
        targets.as_of_date
    from facts as origins
    cross join horizons
    inner join facts as targets on origins.snapshot_date + interval horizons.horizon_days day = targets.snapshot_date
    where
        origins.snapshot_date = last_day(origins.snapshot_date)
        or targets.snapshot_date = targets.as_of_date
),

-- one a month and three more: the only dates of the rooms that are read
outlook_dates as (
    select distinct outlook_date
    from outlooks
),

planned as (
    {% for column, sign in {'effective_movein_date': 1, 'effective_moveout_date': -1}.items() %}
        select
            rooms.snapshot_date as outlook_date,
            rooms.{{ column }} as planned_date,
            {{ sign }} * count(distinct rooms.apartment_id, rooms.room_id) as rooms_change
        from outlook_dates
        inner join {{ ref('tenant_room_snapshot_daily') }} as rooms on outlook_dates.outlook_date = rooms.snapshot_date
        where
            rooms.{{ column }} > rooms.snapshot_date
            and rooms.{{ column }} <= rooms.snapshot_date + interval {{ horizons | max }} day
        group by rooms.snapshot_date, rooms.{{ column }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

answers as (
    select
        outlooks.outlook_date,
        outlooks.horizon_days,
        outlooks.horizon_label,
        outlooks.target_date,
        outlooks.first_rooms + coalesce(sum(planned.rooms_change), 0) as outlook_rooms,
        outlooks.fact_rooms,
        outlooks.as_of_date
    from outlooks
    left join planned
        on outlooks.outlook_date = planned.outlook_date and outlooks.target_date >= planned.planned_date
    group by
        outlooks.outlook_date,
        outlooks.horizon_days,
        outlooks.horizon_label,
        outlooks.target_date,
        outlooks.first_rooms,
        outlooks.fact_rooms,
        outlooks.as_of_date
)

select
    outlook_date,
    {{ boolean('outlook_date = last_day(outlook_date)') }} as is_month_end,
    horizon_days,
    horizon_label,
    target_date,
    outlook_rooms,
    fact_rooms,
    outlook_rooms - fact_rooms as error_rooms,
    as_of_date
from answers
