{{ config(indexes=[{'columns': ['snapshot_date'], 'primary': true}]) }}

{%- set physical_rooms = portfolio_rooms() %}

with portfolio as (
    select
        buildings.snapshot_date,
        sum(buildings.rooms_at_0000) as occupancy_room_count_0000,
        sum(buildings.same_day_moveins) as same_day_moveins,
        sum(buildings.new_moveouts) as same_day_moveouts,
        sum(buildings.primary_rooms) as period_end_rooms,
        sum(buildings.late_status_rooms) as late_status_rooms,
        sum(buildings.rent_rooms_at_0000) as rent_rooms,
        sum(buildings.rent_sum_at_0000) as rent_sum
    from {{ ref('building_occupancy_daily') }} as buildings
    inner join {{ ref('business_calendar') }} as calendar
        on buildings.snapshot_date = calendar.business_date and not calendar.is_gap
    group by buildings.snapshot_date
),

ends as (
    select
        portfolio.*,
        portfolio.occupancy_room_count_0000 + portfolio.same_day_moveins - portfolio.same_day_moveouts
            as occupancy_room_count_eod,
        {{ as_of_date() }} as as_of_date
    from portfolio
)

select
    snapshot_date,
    {{ boolean('snapshot_date = last_day(snapshot_date)') }} as is_month_end,
    {{ physical_rooms }} as total_physical_rooms,
    occupancy_room_count_0000,
    same_day_moveins,
    same_day_moveouts,
    occupancy_room_count_eod,
    period_end_rooms,
    late_status_rooms,
    round(cast(occupancy_room_count_eod as decimal(20, 6)) / {{ physical_rooms }}, 6) as occupancy_rate,
    -- each from sums and counts, with one division and one rounding
    round(rent_sum / nullif(rent_rooms, 0)) as rent_jpy,
    round(rent_sum * occupancy_room_count_eod / nullif(rent_rooms * {{ physical_rooms }}, 0))
        as revpar_jpy,
    round(
        rent_sum * occupancy_room_count_eod * {{ var('cash_realization_rate') }}
        / nullif(rent_rooms * {{ physical_rooms }}, 0)
    ) as recpar_cash_jpy,
    {{ var('cash_realization_rate') }} as cash_realization_rate,
    '{{ var('same_day_policy') }}' as same_day_moveout_policy,
    '{{ var('kpi_definition_version') }}' as kpi_definition_version,
    {{ months_before('as_of_date', 'snapshot_date') }} as months_before_as_of,
    as_of_date
from ends
