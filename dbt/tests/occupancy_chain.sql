-- A day starts with the rooms with which the day before ended, facts and outlook alike; and only where there is no day
-- before, which is the first date and a bridge day, is the start unknown.
select
    dates.snapshot_date,
    dates.period_start_rooms,
    day_before.period_end_rooms as period_end_rooms_of_day_before
from {{ ref('occupancy_daily_metrics') }} as dates
left join {{ ref('occupancy_daily_metrics') }} as day_before
    on dates.snapshot_date - interval 1 day = day_before.snapshot_date
where not dates.period_start_rooms <=> day_before.period_end_rooms
