{{ config(
    materialized='date_partition',
    primary_key=['snapshot_date', 'apartment_id'],
) }}

with snapshot as (
    select
        *,
        is_room_primary and coalesce(movein_date < snapshot_date, true) as is_at_0000
    from {{ ref('tenant_room_snapshot_daily') }}
    where snapshot_date = {{ target_date() }}
),

counts as (
    select
        apartment_id,
        -- a room has at most one primary row, so that rows are rooms here
        sum(is_room_primary) as primary_rooms,
        sum(is_at_0000) as primary_rooms_at_0000,
        sum(is_at_0000 and coalesce(monthly_rent, 0) > 0) as rent_rooms_at_0000,
        sum(case when is_at_0000 and monthly_rent > 0 then monthly_rent else 0 end) as rent_sum_at_0000,
        -- several tenants may move into one room
        count(distinct case when effective_movein_date = snapshot_date then room_id end) as new_moveins,
        0 as new_moveouts,
        count(distinct case when movein_date = snapshot_date and not is_renewal then room_id end) as same_day_moveins
    from snapshot
    group by apartment_id

    union all

    -- a building whose last tenant left has no other row
    select
        apartment_id,
        0 as primary_rooms,
        0 as primary_rooms_at_0000,
        0 as rent_rooms_at_0000,
        0 as rent_sum_at_0000,
        0 as new_moveins,
        count(*) as new_moveouts,
        0 as same_day_moveins
    from {{ ref('room_departures_daily') }}
    where snapshot_date = {{ target_date() }}
    group by apartment_id
)

select
    {{ target_date() }} as snapshot_date,
    apartment_id,
    sum(primary_rooms) as primary_rooms,
    sum(primary_rooms_at_0000) as primary_rooms_at_0000,
    sum(rent_rooms_at_0000) as rent_rooms_at_0000,
    sum(rent_sum_at_0000) as rent_sum_at_0000,
    sum(new_moveins) as new_moveins,
    sum(new_moveouts) as new_moveouts,
    sum(same_day_moveins) as same_day_moveins
from counts
group by apartment_id
