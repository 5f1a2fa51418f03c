{{ config(indexes=[
    {'columns': ['event_id'], 'primary': true},
    {'columns': ['week_start', 'event_type']},
    {'columns': ['event_date']},
]) }}

select
    {{ event_columns('movein', 'movein_date') }},
    lead_time_bucket,
    null as tenure_category,
    null as moveout_reason_en,
    null as notice_lead_time_days
from {{ ref('movein_analysis') }}
union all
select
    {{ event_columns('moveout', 'moveout_date') }},
    null as lead_time_bucket,
    tenure_category,
    coalesce(moveout_reason_en, 'Unknown') as moveout_reason_en,
    notice_lead_time_days
from {{ ref('moveout_analysis') }}
