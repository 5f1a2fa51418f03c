{#- Tests of tables with one row per tenant and period. -#}

{#- A period begins before the one before it has ended. -#}
{% test periods_do_not_overlap(model) %}
    select *
    from (
        select
            tenant_id,
            valid_from,
            valid_to,
            lead(valid_from) over (partition by tenant_id order by valid_from) as next_from
        from {{ model }}
    ) as neighbours
    where next_from <= coalesce(valid_to, date '9999-12-31')
{% endtest %}


{#- Two periods that touch tell the same, so that they are one. -#}
{% test periods_differ_from_their_neighbours(model) %}
    select *
    from (
        select
            tenant_id,
            valid_to,
            tenant_status_code,
            contract_type_code,
            lead(valid_from) over later_ones as next_from,
            lead(tenant_status_code) over later_ones as next_status_code,
            lead(contract_type_code) over later_ones as next_type_code
        from {{ model }}
        window later_ones as (partition by tenant_id order by valid_from)
    ) as neighbours
    where
        next_from = valid_to + interval 1 day
        and next_status_code = tenant_status_code
        and next_type_code = contract_type_code
{% endtest %}


{#- A period ends, and none follows at once, although the next snapshot has the tenant; or it ends where there is no
    snapshot that could have ended it. Dates that the database has let go of cannot be asked. -#}
{% test periods_have_no_gap_inside(model, snapshots) %}
    with ends as (
        select
            tenant_id,
            valid_to + interval 1 day as missing_from,
            lead(valid_from) over (partition by tenant_id order by valid_from) as next_from
        from {{ model }}
    ),

    dates as (
        select distinct snapshot_date from {{ snapshots }}
    )

    select ends.*
    from ends
    left join dates on ends.missing_from = dates.snapshot_date
    left join {{ snapshots }} as present
        on ends.tenant_id = present.tenant_id and ends.missing_from = present.snapshot_date
    where
        ends.missing_from is not null
        and {{ is_kept('ends.missing_from', snapshots) }}
        and (dates.snapshot_date is null or (present.tenant_id is not null and not ends.next_from <=> ends.missing_from))
{% endtest %}


{#- The number and the states of the tenants of every date are those of its snapshot. Walks over all snapshots. -#}
{% test periods_agree_with_snapshots(model, snapshots) %}
    select day
    from ({{ first_disagreement(model, snapshots) }}) as found
    where day is not null
{% endtest %}
