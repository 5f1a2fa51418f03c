{{ config(indexes=[{'columns': ['tenant_id'], 'primary': true}, {'columns': ['application_date']}]) }}

with first_entries as (
    select
        tenant_id,
        min(valid_from) as entered_date
    from {{ ref('tenant_status_history') }}
    where {{ status_in('APPLICATION', 'tenant_status_code') }}
    group by tenant_id
),

recording as (
    {{ first_recorded_date() | indent(4) }}
),

calendar as (
    select
        business_date,
        -- a gap shows no figures, so the next date that does takes its applications
        min(case when not is_gap then business_date end)
            over (order by business_date rows between current row and unbounded following) as fact_date
    from {{ ref('business_calendar') }}
),

calendar_begin as (
    -- without any calendar every date is before it
    select coalesce(min(business_date), date '9999-12-31') as first_date
    from {{ ref('business_calendar') }}
),

dated as (
    select
        first_entries.tenant_id,
        first_entries.entered_date,
        case
            when first_entries.entered_date < calendar_begin.first_date then first_entries.entered_date
            else calendar.fact_date
        end as application_date
    from first_entries
    cross join recording
    cross join calendar_begin
    left join calendar on first_entries.entered_date = calendar.business_date
    -- a tenant who is an applicant when the history begins applied at a time that nobody recorded
    where first_entries.entered_date > recording.first_date
)

select
    tenant_id,
    entered_date,
    application_date
from dated
where application_date is not null
