-- The three types of tenant add up to all contracts, and no date of the past is missing.
with contracts as (
    select count(*) as signings
    from {{ ref('int_contracts') }}
    where
        is_valid_contract
        and contract_date between date '{{ var('min_valid_date') }}' and {{ target_date() }}
),

summary as (
    select
        sum(contracts_signed_count) as signings,
        count(distinct case when not is_planned then activity_date end) as dates,
        sum(not is_planned) as dates_and_types
    from {{ ref('daily_activity_summary') }}
)

select
    contracts.signings as contracts_signed,
    summary.signings as summary_signed,
    summary.dates,
    summary.dates_and_types
from contracts
cross join summary
where
    contracts.signings <> summary.signings
    or summary.dates <> datediff({{ target_date() }}, date '{{ var('min_valid_date') }}') + 1
    or summary.dates_and_types <> 3 * summary.dates
