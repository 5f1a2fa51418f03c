-- Counts that cannot be, rates that are not their ratio, and inquiries that count never or twice.
with counted as (
    select coalesce(sum(inquiry_count), 0) as inquiries
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
        inquiry_count,
        inquiry_to_movein_count,
        inquiry_to_movein_rate
    from {{ ref(mart) }}
    where
        inquiry_count < 1
        or inquiry_to_movein_count < 0
        or inquiry_to_movein_count > inquiry_count
        or inquiry_to_movein_rate is null
        or inquiry_to_movein_rate not between 0 and 1
        or abs(inquiry_to_movein_rate - inquiry_to_movein_count / inquiry_count) >= 0.0001
    union all
{% endfor %}
select
    'all inquiries' as mart,
    counted.inquiries as inquiry_count,
    null as inquiry_to_movein_count,
    null as inquiry_to_movein_rate
from counted
cross join received
where counted.inquiries <> received.inquiries
