{#- The oldest date of the snapshots that the database keeps once it has let go of earlier ones, as YYYY-MM-DD; none while
    it has all of them (include/history/retention.py). Periods up to this date cannot be made again, so they stay as they
    are. A date that was let go of and is loaded again counts only when no later one is missing. -#}
{% macro oldest_kept_date(snapshots) -%}
    {%- set retired = adapter.get_relation(none, 'history', 'retired_dates') if execute -%}
    {%- if not retired -%}
        {%- do return(none) -%}
    {%- endif -%}
    {%- do return(run_query(
        'select min(snapshot_date) from ' ~ snapshots ~ ' where snapshot_date > (select max(gone.snapshot_date) from '
        ~ retired ~ ' as gone where not exists (select 1 from ' ~ snapshots
        ~ ' as held where held.snapshot_date = gone.snapshot_date))'
    ).columns[0].values() | reject('none') | map('string') | first) -%}
{%- endmacro %}


{#- A condition on dates that snapshots can speak about: from the oldest kept date on, all of them by default. -#}
{% macro is_kept(day, snapshots) -%}
    {%- set oldest = oldest_kept_date(snapshots) -%}
    {{ day ~ " >= date '" ~ oldest ~ "'" if oldest else 'true' }}
{%- endmacro %}


{#- A query for the first date on which periods and daily snapshots disagree, NULL when they agree everywhere.

    The periods themselves tell what they were made from: added up over their beginnings and ends they give the number
    and the fingerprint of the tenants of every date, and each of them begins and ends with a date of the snapshots. So
    dates that came later, changed or went away are found without any bookkeeping, for one walk over the snapshots. -#}
{% macro first_disagreement(periods, snapshots) -%}
    {%- set state = "crc32(concat_ws(',', tenant_id, tenant_status_code, contract_type_code))" -%}
    with told as (
        select
            snapshot_date as day,
            count(*) as tenants,
            sum({{ state }}) as fingerprint,
            0 as tenants_change,
            0 as fingerprint_change
        from {{ snapshots }}
        group by snapshot_date

        union all

        select
            valid_from,
            null,
            null,
            1,
            cast({{ state }} as signed)
        from {{ periods }}

        union all

        select
            valid_to + interval 1 day,
            null,
            null,
            -1,
            -cast({{ state }} as signed)
        from {{ periods }}
        where valid_to is not null
    ),

    days as (
        select
            day,
            sum(tenants) as tenants,
            sum(fingerprint) as fingerprint,
            sum(sum(tenants_change)) over (order by day) as tenants_of_periods,
            sum(sum(fingerprint_change)) over (order by day) as fingerprint_of_periods
        from told
        group by day
    )

    select min(day) as day
    from days
    where
        not (tenants <=> tenants_of_periods and fingerprint <=> fingerprint_of_periods)
        and {{ is_kept('day', snapshots) }}
{%- endmacro %}


{#- What the model's table knows already; none without a table, or when everything is to be made again and can be. -#}
{% macro known_periods(snapshots) -%}
    {%- if execute and (not should_full_refresh() or oldest_kept_date(snapshots)) -%}
        {%- do return(adapter.get_relation(none, this.schema, this.identifier)) -%}
    {%- endif -%}
    {%- do return(none) -%}
{%- endmacro %}


{#- The date from which the periods have to be made again, as a SQL expression: the run's own, or an earlier one that they
    do not know as it is now. Where the database has let go of dates it is after the oldest kept one, on which the periods
    must be right. -#}
{% macro periods_from_date(periods, snapshots) -%}
    {%- set kept = oldest_kept_date(snapshots) -%}
    {%- set found = run_query(first_disagreement(periods, snapshots)).rows[0][0] if periods -%}
    {%- if kept and (not periods or found | string == kept) -%}
        {{ exceptions.raise_compiler_error(
            this ~ " does not agree with the snapshots of " ~ kept ~ ", the oldest that the database keeps, so periods "
            ~ "before it are missing or wrong. Set history_keep_days to 0, clear capture_snapshot, which loads all dates "
            ~ "from S3, and downstream; set it again when the day is green"
        ) }}
    {%- endif -%}
    {%- set first = "date '" ~ (kept or '0001-01-01') ~ "'" -%}
    {%- if not periods or should_full_refresh() -%}
        {%- do return(first ~ ' + interval 1 day' if kept else first) -%}
    {%- endif -%}
    {%- set changed = "least(" ~ target_date() ~ ", date '" ~ (found or '9999-12-31') ~ "')" -%}
    {%- do return('greatest(' ~ changed ~ ', ' ~ first ~ ' + interval 1 day)' if kept else changed) -%}
{%- endmacro %}


{#- A query for each tenant with a history: whether it ever entered the statuses of a move-in and of a move-out. -#}
{% macro movements_on_record() -%}
    select
        tenant_id,
        max({{ status_in('MOVEIN_DAS', 'tenant_status_code') }}) as has_moved_in,
        max({{ status_in('MOVEOUT', 'tenant_status_code') }}) as has_moved_out
    from {{ ref('tenant_status_history') }}
    group by tenant_id
{%- endmacro %}


{#- A query for the first date of the history; without any history every date is before it. -#}
{% macro first_recorded_date() -%}
    select coalesce(min(valid_from), date '9999-12-31') as first_date
    from {{ ref('tenant_status_history') }}
{%- endmacro %}
