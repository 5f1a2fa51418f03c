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
            sum(inquiry_count) as inquiries,
            sum(inquiry_to_movein_count) as moveins
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
        inquiries,
        moveins,
        sum(inquiries) over (partition by period_grain, period_start, tenant_type, segment_type) as all_inquiries,
        sum(moveins) over (partition by period_grain, period_start, tenant_type, segment_type) as all_moveins,
        row_number() over (
            partition by period_grain, period_start, tenant_type, segment_type
            -- names in the order of their code points, the same on every server
            order by inquiries desc, moveins desc, segment_value collate utf8mb4_bin asc
        ) as segment_rank
    from segments
)

select
    period_grain,
    period_start,
    tenant_type,
    segment_type,
    segment_value,
    inquiries as inquiry_count,
    moveins as inquiry_to_movein_count,
    round(moveins / inquiries, 4) as inquiry_to_movein_rate,
    round(inquiries / all_inquiries, 4) as inquiry_share,
    -- a period without any move-in has shares of nothing
    coalesce(round(moveins / nullif(all_moveins, 0), 4), 0) as inquiry_to_movein_share,
    segment_rank,
    {{ target_date() }} as as_of_date
from shared
