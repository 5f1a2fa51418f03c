{{ config(indexes=[{'columns': ['tenant_id', 'valid_from'], 'primary': true}]) }}

-- Only dates from `from_date` on are cut into periods again; what was before them is taken from the table itself. A
-- full refresh begins with the first date that can be made again, and gives the same rows.
{%- set snapshots = ref('stg_tenant_daily_snapshots') -%}
{%- set table_so_far = known_periods(snapshots) -%}
{%- set from_date = periods_from_date(table_so_far, snapshots) %}

with days as (
    select
        snapshot_date,
        lag(snapshot_date) over (order by snapshot_date) as previous_date,
        lead(snapshot_date) over (order by snapshot_date) as next_date
    from (select distinct snapshot_date from {{ snapshots }}) as snapshot_dates
),

bounds as (
    select
        max(snapshot_date) as newest,
        max(case when snapshot_date < {{ from_date }} then snapshot_date end) as last_known
    from days
),

known as (
    {% if table_so_far %}
        select
            tenant_id,
            tenant_status_code,
            contract_type_code,
            valid_from,
            valid_to
        from {{ table_so_far }}
    {% else %}
        select
            tenant_id,
            tenant_status_code,
            contract_type_code,
            snapshot_date as valid_from,
            snapshot_date as valid_to
        from {{ snapshots }}
        where false
    {% endif %}
),

transitions as (
    -- who came, came back or changed on a date; missing dates were left out of `days` and so only extend a period
    select
        present.tenant_id,
        present.tenant_status_code,
        present.contract_type_code,
        days.snapshot_date as valid_from
    from days
    inner join {{ snapshots }} as present on days.snapshot_date = present.snapshot_date
    left join {{ snapshots }} as before_it
        on days.previous_date = before_it.snapshot_date and present.tenant_id = before_it.tenant_id
    where
        days.snapshot_date >= {{ from_date }}
        and present.snapshot_date >= {{ from_date }}
        and (
            before_it.tenant_id is null
            or before_it.tenant_status_code <> present.tenant_status_code
            or before_it.contract_type_code <> present.contract_type_code
        )

    union all

    -- who was there on the last known date; how long he stayed is open again
    select
        known.tenant_id,
        known.tenant_status_code,
        known.contract_type_code,
        known.valid_from
    from known
    inner join bounds
        on known.valid_from <= bounds.last_known and coalesce(known.valid_to, bounds.last_known) >= bounds.last_known
),

bounded as (
    select
        *,
        -- of transitions, not of snapshots, which would end each period on the day after its first (I-17)
        lead(valid_from) over (partition by tenant_id order by valid_from) as next_from
    from transitions
),

last_seen as (
    select
        *,
        (
            select seen.snapshot_date
            from {{ snapshots }} as seen
            where
                seen.tenant_id = bounded.tenant_id
                and seen.snapshot_date < coalesce(bounded.next_from, date '9999-12-31')
            order by seen.snapshot_date desc
            limit 1
        ) as last_date
    from bounded
),

periods as (
    select
        last_seen.tenant_id,
        last_seen.tenant_status_code,
        last_seen.contract_type_code,
        last_seen.valid_from,
        -- up to the first date that shows something else, or no longer shows the tenant at all
        days.next_date - interval 1 day as valid_to
    from last_seen
    inner join days on last_seen.last_date = days.snapshot_date

    union all

    select
        known.tenant_id,
        known.tenant_status_code,
        known.contract_type_code,
        known.valid_from,
        known.valid_to
    from known
    inner join bounds on known.valid_to < bounds.last_known
)

select
    periods.tenant_id,
    periods.tenant_status_code,
    periods.contract_type_code,
    coalesce(contract_types.tenant_type, 'unknown') as tenant_type,
    periods.valid_from,
    periods.valid_to,
    {{ boolean('periods.valid_to is null') }} as is_current,
    cast(datediff(coalesce(periods.valid_to, bounds.newest), periods.valid_from) + 1 as signed) as days_in_status,
    {{ boolean('statuses.is_active_lease') }} as is_active_lease,
    {{ boolean(status_in('PRESENT', 'periods.tenant_status_code')) }} as is_physically_present
from periods
cross join bounds
left join {{ ref('code_tenant_status') }} as statuses on periods.tenant_status_code = statuses.code
left join {{ ref('code_contract_type') }} as contract_types on periods.contract_type_code = contract_types.code
