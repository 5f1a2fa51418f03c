{{ config(indexes=[{'columns': ['business_date'], 'primary': true}]) }}

with snapshots as (
    -- the server jumps from date to date in the key, so that this costs as much as there are dates
    select distinct snapshot_date from {{ ref('tenant_room_snapshot_daily') }}
),

days as (
    {{ every_day('(select min(snapshot_date) from snapshots)', '(select max(snapshot_date) from snapshots)') }}
),

declared as (
    select
        days.day as business_date,
        snapshots.snapshot_date is not null as has_snapshot,
        -- what an operator said about this very date is newer than the seed
        coalesce(overrides.is_gap, ranges.is_gap) as declared_gap,
        coalesce(overrides.reason, ranges.reason) as declared_reason
    from days
    left join snapshots on days.day = snapshots.snapshot_date
    left join {{ ref('stg_date_overrides') }} as overrides on days.day = overrides.business_date
    left join {{ ref('quality_overrides') }} as ranges on days.day between ranges.from_date and ranges.to_date
    where days.day is not null  -- there is one without a date as long as there is no snapshot at all
),

judged as (
    select
        business_date,
        -- nobody can declare facts that do not exist
        case when has_snapshot then coalesce(declared_gap, 0) else 1 end as is_gap,
        case
            when has_snapshot or declared_gap = 1 then declared_reason
            when declared_gap = 0 then concat('no snapshot although declared valid: ', declared_reason)
            else 'no snapshot'
        end as reason
    from declared
)

select
    business_date,
    {{ boolean("is_gap = 1") }} as is_gap,
    {{ boolean("is_gap = 0 and lag(is_gap) over (order by business_date) = 1") }} as is_bridge_day,
    case when is_gap = 0 then 'valid' else 'invalid_or_missing' end as dump_status,
    reason
from judged
