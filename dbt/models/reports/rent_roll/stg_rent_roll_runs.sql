{{ config(materialized='view', schema='silver', contract={'enforced': false}) }}

select
    run_id,
    period,
    as_of,
    active_rooms,
    pms_rooms,
    matched_rooms,
    unexplained_rooms,
    unexplained_share,
    raw_variance,
    verdict,
    made_at
from {{ source('ops', 'rent_roll_runs') }}
