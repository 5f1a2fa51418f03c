-- Dimensions that are blank or of no known kind, and grains that are missing although there are inquiries.
{%- set is_blank = clean_string('{0}') ~ " is null" %}
{%- set is_no_type = "coalesce(tenant_type, '') not in ('individual', 'corporate', 'unknown')" %}

{% for mart in ['funnel_application_to_movein_daily', 'funnel_application_to_movein_periodized'] %}
    select
        '{{ mart }}' as mart,
        concat_ws(' / ', municipality, nationality, tenant_type) as wrong
    from {{ ref(mart) }}
    where {{ is_blank.format('municipality') }} or {{ is_blank.format('nationality') }} or {{ is_no_type }}
    union all
{% endfor %}
select
    'funnel_application_to_movein_segment_share' as mart,
    concat_ws(' / ', segment_type, segment_value, tenant_type) as wrong
from {{ ref('funnel_application_to_movein_segment_share') }}
where
    {{ is_blank.format('segment_value') }}
    or {{ is_no_type }}
    or coalesce(segment_type, '') not in ('municipality', 'nationality')
{% for mart in ['funnel_application_to_movein_periodized', 'funnel_application_to_movein_segment_share'] %}
    {% for grain in ['daily', 'weekly', 'monthly'] %}
        union all
        select distinct
            '{{ mart }}' as mart,
            'no {{ grain }} rows' as wrong
        from {{ ref('stg_inquiries') }}
        where
            inquiry_date <= {{ target_date() }}
            and not exists (
                select 1 from {{ ref(mart) }} as mart_rows
                where mart_rows.period_grain = '{{ grain }}'
            )
    {% endfor %}
{% endfor %}
