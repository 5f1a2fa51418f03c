-- On every date with facts the rooms at the end of the day are those of 00:00 with the day's arrivals and without its
-- departures, under the policy that the project declares, and the two tables of occupancy count the same rooms. The
-- earlier system's test ended at the 29th of a February that had none, and so compared nothing (I-21); this one begins
-- with the dates that must be there. The trace is made of both tables, so that its task runs this test.
select
    occupancy.snapshot_date,
    kpi.occupancy_room_count_0000,
    kpi.same_day_moveins,
    kpi.same_day_moveouts,
    occupancy.new_moveouts,
    kpi.occupancy_room_count_eod,
    kpi.period_end_rooms,
    occupancy.period_end_rooms as period_end_rooms_of_occupancy,
    kpi.same_day_moveout_policy
from {{ ref('occupancy_daily_metrics') }} as occupancy
inner join {{ ref('kpi_reference_trace') }} as trace on occupancy.snapshot_date <= trace.occupancy_as_of_date
left join {{ ref('kpi_month_end_metrics') }} as kpi on occupancy.snapshot_date = kpi.snapshot_date
where
    kpi.snapshot_date is null
    or kpi.same_day_moveout_policy <> trace.same_day_moveout_policy
    or kpi.occupancy_room_count_eod
    <> kpi.occupancy_room_count_0000 + kpi.same_day_moveins - kpi.same_day_moveouts
    or kpi.same_day_moveouts <> occupancy.new_moveouts
    or kpi.period_end_rooms <> occupancy.period_end_rooms
