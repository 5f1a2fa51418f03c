-- Counts that cannot be, rates that are not their ratio, and inquiries that count never or twice.
with counted as (
    select coalesce(sum(application_count), 0) as inquiries
    from {{ ref('funnel_application_to_movein_daily') }}
),

received as (
    select count(*) as inquiries
    from {{ ref('stg_inquiries') }}
    where inquiry_date <= {{ target_date() }}
)

{% for mart in [
    'funnel_application_to_movein_daily',
    'funnel_application_to_movein_periodized',
    'funnel_application_to_movein_segment_share',
] %}
    select
        '{{ mart }}' as mart,
        application_count,
        movein_count,
        application_to_movein_rate
    from {{ ref(mart) }}
    where
        application_count < 1
        or movein_count < 0
        or movein_count > application_count
        or application_to_movein_rate is null
        or application_to_movein_rate not between 0 and 1
        or abs(application_to_movein_rate - movein_count / application_count) >= 0.0001
    union all
{% endfor %}
select
    'all inquiries' as mart,
    counted.inquiries as application_count,
    null as movein_count,
    null as application_to_movein_rate
from counted
cross join received
where counted.inquiries <> received.inquiries
