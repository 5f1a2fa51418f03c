{#- heavy, because its models stand beside each other: no task of the day builds one after the other -#}
{{ config(severity='warn', tags=['heavy']) }}

-- The buildings add up to the portfolio on its newest date, but for rooms of buildings that the source does not have.
select
    occupancy.as_of_date,
    occupancy.period_end_rooms,
    coalesce(sum(buildings.occupied_rooms), 0) as occupied_rooms_of_buildings
from {{ ref('occupancy_daily_metrics') }} as occupancy
left join {{ ref('occupancy_property_daily') }} as buildings on occupancy.snapshot_date = buildings.snapshot_date
where occupancy.snapshot_date = occupancy.as_of_date
group by occupancy.as_of_date, occupancy.period_end_rooms
having abs(occupied_rooms_of_buildings - occupancy.period_end_rooms) > 50
