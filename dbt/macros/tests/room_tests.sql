{#- Buildings of a date whose figures are not those of its rooms: rows of `rooms` and `departures` that meet `condition`.

    Counts row by row what the model counts room by room: a departure adds only what the room's primary row has not
    counted already, and the rooms of late statuses are what the other counts leave over. -#}
{% test buildings_add_up_to_rooms(model, rooms, departures, condition='true') %}
    {%- set figures = [
        'primary_rooms', 'rooms_at_0000', 'rent_rooms_at_0000', 'rent_sum_at_0000', 'new_moveins', 'new_moveouts',
        'same_day_moveins', 'late_status_rooms',
    ] %}
    with held as (
        select
            snapshot_date,
            apartment_id,
            room_id,
            coalesce(effective_movein_date < snapshot_date, true) as is_at_0000,
            coalesce(effective_movein_date = snapshot_date, false) as is_movein,
            greatest(coalesce(monthly_rent, 0), 0) as rent
        from {{ rooms }}
        where is_room_primary and {{ condition }}
    ),

    departed as (
        select
            departures.snapshot_date,
            departures.apartment_id,
            coalesce(departures.effective_movein_date < departures.snapshot_date, true)
            and not coalesce(held.is_at_0000, false) as is_at_0000,
            coalesce(departures.effective_movein_date = departures.snapshot_date, false)
            and not coalesce(held.is_movein, false) as is_movein,
            greatest(coalesce(departures.monthly_rent, 0), 0) as rent
        from (select * from {{ departures }} where {{ condition }}) as departures
        left join held
            on departures.snapshot_date = held.snapshot_date
            and departures.apartment_id = held.apartment_id
            and departures.room_id = held.room_id
    ),

    both_sides as (
        select snapshot_date, apartment_id, {{ figures | join(', ') }} from {{ model }}

        union all

        -- added up at once: millions of rooms are a thousand buildings a date
        select
            snapshot_date, apartment_id,
            -count(*), -sum(is_at_0000), -sum(is_at_0000 and rent > 0), -sum(is_at_0000 * rent), 0, 0, -sum(is_movein),
            -sum(1 - is_at_0000 - is_movein)
        from held
        group by snapshot_date, apartment_id

        union all

        select
            snapshot_date, apartment_id,
            0, -is_at_0000, -(is_at_0000 and rent > 0), -(is_at_0000 * rent), 0, -1, -is_movein,
            -(1 - is_at_0000 - is_movein)
        from departed

        union all

        select snapshot_date, apartment_id, 0, 0, 0, 0, -1, 0, 0, 0
        from (
            select distinct snapshot_date, apartment_id, room_id from {{ rooms }}
            where effective_movein_date = snapshot_date and {{ condition }}
        ) as newcomers
    )

    select
        snapshot_date,
        apartment_id,
        {%- for figure in figures %}
        sum({{ figure }}) as {{ figure }}_too_many{{ ',' if not loop.last }}
        {%- endfor %}
    from both_sides
    group by snapshot_date, apartment_id
    having {% for figure in figures %}sum({{ figure }}) <> 0{{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}


{#- Rows whose value is not the sum of `field` over the rows of `to` whose snapshot_date is the row's `date`. -#}
{% test is_the_sum_of_its_date(model, column_name, to, field, date='snapshot_date') %}
    with tested as (
        select * from {{ model }}
    )

    select tested.*
    from tested
    where
        not tested.{{ column_name }} <=> (
            select sum(parts.{{ field }}) from {{ to }} as parts
            where parts.snapshot_date = tested.{{ date }}
        )
{% endtest %}
