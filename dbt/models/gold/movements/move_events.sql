{{ config(indexes=[
    {'columns': ['event_id'], 'primary': true},
    {'columns': ['week_start', 'event_type']},
    {'columns': ['event_date']},
]) }}

select
    {{ event_columns('movein', 'movein_date') }},
    lead_time_bucket,
    lead_time_bucket_order,
    null as tenure_category,
    null as tenure_category_order,
    null as moveout_reason_en,
    null as notice_lead_time_days,
    {{ target_date() }} as as_of_date
from {{ ref('movein_analysis') }}
union all
select
    {{ event_columns('moveout', 'moveout_date') }},
    null as lead_time_bucket,
    null as lead_time_bucket_order,
    tenure_category,
    tenure_category_order,
    coalesce(moveout_reason_en, 'Unknown') as moveout_reason_en,
    notice_lead_time_days,
    {{ target_date() }} as as_of_date
from {{ ref('moveout_analysis') }}
