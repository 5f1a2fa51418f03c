{{ config(indexes=[
    {'columns': ['period_grain', 'period_start', 'tenant_type', 'segment_type', 'segment_value'], 'primary': true},
]) }}

-- summed up before it is ranked: a municipality has a row for each nationality, and the other way round
with segments as (
    {% for segment in ['municipality', 'nationality'] %}
        select
            period_grain,
            period_start,
            tenant_type,
            '{{ segment }}' as segment_type,
            {{ segment }} as segment_value,
            sum(application_count) as applications,
            sum(movein_count) as moveins
        from {{ ref('funnel_application_to_movein_periodized') }}
        group by period_grain, period_start, tenant_type, {{ segment }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

shared as (
    select
        period_grain,
        period_start,
        tenant_type,
        segment_type,
        segment_value,
        applications,
        moveins,
        sum(applications) over (partition by period_grain, period_start, tenant_type, segment_type)
            as all_applications,
        sum(moveins) over (partition by period_grain, period_start, tenant_type, segment_type) as all_moveins,
        row_number() over (
            partition by period_grain, period_start, tenant_type, segment_type
            order by applications desc, moveins desc, segment_value asc
        ) as segment_rank
    from segments
)

select
    period_grain,
    period_start,
    tenant_type,
    segment_type,
    segment_value,
    {{ funnel_columns('applications', 'moveins') }},
    cast(round(applications / all_applications, 4) as decimal(12, 4)) as application_share,
    -- a period without any move-in has shares of nothing
    cast(coalesce(round(moveins / nullif(all_moveins, 0), 4), 0) as decimal(12, 4)) as movein_share,
    cast(segment_rank as signed) as segment_rank
from shared
