{{ config(indexes=[{'columns': ['run_id'], 'primary': true}]) }}

with runs as (
    select
        compared.*,
        row_number() over (
            partition by compared.period
            order by compared.made_at desc, compared.run_id asc
        ) as recency
    from {{ ref('stg_rent_roll_runs') }} as compared
)

select
    runs.run_id,
    runs.period,
    cast(concat(left(runs.period, 4), '-', right(runs.period, 2), '-01') as date) as period_month,
    runs.as_of,
    runs.active_rooms,
    runs.pms_rooms,
    runs.matched_rooms,
    runs.unexplained_rooms,
    runs.unexplained_share,
    runs.raw_variance,
    runs.verdict,
    verdicts.sort_order as verdict_order,
    verdicts.label as verdict_label,
    {{ boolean("runs.recency = 1") }} as is_latest,
    runs.as_of as as_of_date
from runs
left join {{ ref('code_bucket') }} as verdicts
    on verdicts.dimension = 'verdict' and runs.verdict = verdicts.value
