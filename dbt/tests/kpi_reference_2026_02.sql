{{ config(severity='warn', tags=['after_publish'], enabled=var('check_kpi_reference', false)) }}

-- Two dates as the business reported them with its tolerances. They are facts of the real portfolio,
-- which no synthetic source can meet, and of dates whose dumps a warehouse may not hold, so somebody who has them
-- switches this on: --vars '{target_date: 2026-03-02, check_kpi_reference: true}'. A missing row counts as a failure.
with reported as (
    select
        date '2026-01-31' as snapshot_date,
        0.707 as occupancy_rate,
        56195 as rent_jpy,
        39757 as revpar_jpy,
        37826 as recpar_cash_jpy,
        null as occupancy_room_count_0000
    union all
    select
        date '2026-02-01' as snapshot_date,
        null as occupancy_rate,
        null as rent_jpy,
        null as revpar_jpy,
        null as recpar_cash_jpy,
        11271 as occupancy_room_count_0000
)

select
    reported.snapshot_date,
    kpi.occupancy_rate,
    kpi.rent_jpy,
    kpi.revpar_jpy,
    kpi.recpar_cash_jpy,
    kpi.occupancy_room_count_0000
from reported
left join {{ ref('kpi_month_end_metrics') }} as kpi on reported.snapshot_date = kpi.snapshot_date
where
    kpi.snapshot_date is null
    or abs(kpi.occupancy_rate - reported.occupancy_rate) > 0.020
    or abs(kpi.rent_jpy - reported.rent_jpy) > 2500
    or abs(kpi.revpar_jpy - reported.revpar_jpy) > 2500
    or abs(kpi.recpar_cash_jpy - reported.recpar_cash_jpy) > 2500
    or abs(kpi.occupancy_room_count_0000 - reported.occupancy_room_count_0000) > 30
