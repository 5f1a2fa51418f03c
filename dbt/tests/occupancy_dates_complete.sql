-- Every date that is no gap has a fact, no gap has one, and the outlook is whole.
with expected as (
    select business_date as snapshot_date
    from {{ ref('business_calendar') }}
    where not is_gap
),

facts as (
    select snapshot_date
    from {{ ref('occupancy_daily_metrics') }}
    where is_projection = 0
),

outlook as (
    select
        count(*) as dates,
        min(snapshot_date) as first_date,
        max(snapshot_date) as last_date,
        max(as_of_date) as as_of_date
    from {{ ref('occupancy_daily_metrics') }}
    where is_projection = 1
)

select
    expected.snapshot_date,
    'no fact' as fault
from expected
left join facts on expected.snapshot_date = facts.snapshot_date
where facts.snapshot_date is null
union all
select
    facts.snapshot_date,
    'fact of a gap' as fault
from facts
left join expected on facts.snapshot_date = expected.snapshot_date
where expected.snapshot_date is null
union all
select
    outlook.last_date as snapshot_date,
    'outlook has holes' as fault
from outlook
where
    exists (select 1 from facts)
    and not (
        outlook.dates = {{ var('occupancy_lookahead_days') }}
        and outlook.first_date = outlook.as_of_date + interval 1 day
        and outlook.last_date = outlook.as_of_date + interval {{ var('occupancy_lookahead_days') }} day
    )
