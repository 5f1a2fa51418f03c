{{ config(severity='warn') }}

-- An override of a building that the dump does not have: a wrong id, or the building is gone and the row can go too.
-- Here and not beside the seed, because the task that loads the seeds comes before the buildings.
select
    overrides.apartment_id,
    overrides.municipality
from {{ ref('municipality_overrides') }} as overrides
left join {{ ref('stg_apartments') }} as apartments on overrides.apartment_id = apartments.apartment_id
where apartments.apartment_id is null
