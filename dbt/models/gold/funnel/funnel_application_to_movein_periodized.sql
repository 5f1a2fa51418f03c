{{ config(indexes=[
    {
        'columns': [
            'period_grain', 'period_start', 'municipality', 'nationality', 'nationality_is_predicted', 'tenant_type',
        ],
        'primary': true,
    },
]) }}

{%- set starts = {
    'daily': 'activity_date',
    'weekly': week_start('activity_date'),
    'monthly': month_start('activity_date'),
} %}

{% for grain, start in starts.items() %}
    select
        '{{ grain }}' as period_grain,
        {{ start }} as period_start,
        municipality,
        nationality,
        nationality_is_predicted,
        tenant_type,
        sum(inquiry_count) as inquiry_count,
        sum(inquiry_to_movein_count) as inquiry_to_movein_count,
        round(sum(inquiry_to_movein_count) / sum(inquiry_count), 4) as inquiry_to_movein_rate,
        {{ target_date() }} as as_of_date
    from {{ ref('funnel_application_to_movein_daily') }}
    group by {{ start }}, municipality, nationality, nationality_is_predicted, tenant_type
    {{ 'union all' if not loop.last }}
{% endfor %}
