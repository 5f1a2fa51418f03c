{{ config(indexes=[{'columns': ['as_of_date'], 'unique': true}]) }}

{#- What a card compares, and with which months: name, months before the as-of date. -#}
{%- set periods = {'mtd': 0, 'prev_month': 1, 'prev_year': 12} %}
{#- The 30 days to the business date and the 30 before them: suffix, first and last day before it. -#}
{%- set windows = {'30d': (0, 29), 'prev_30d': (30, 59)} %}

with facts as (
    select *
    from {{ ref('occupancy_daily_metrics') }}
    where not is_projection
),

bounds as (
    select max(snapshot_date) as as_of_date
    from facts
),

periods as (
    {% for period, months in periods.items() %}
        select
            '{{ period }}' as period,
            {{ month_start('as_of_date - interval ' ~ months ~ ' month') }} as first_date,
            as_of_date - interval {{ months }} month as last_date
        from bounds
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

compared as (
    select
        periods.period,
        max(case when facts.snapshot_date = periods.last_date then facts.period_end_rooms end) as occupied_rooms,
        max(case when facts.snapshot_date = periods.last_date then facts.occupancy_rate end) as occupancy_rate,
        sum(facts.new_moveins) as moveins,
        sum(facts.new_moveouts) as moveouts,
        -- a period with a gap inside would be compared as if nothing had happened in it
        periods.period = 'mtd'
        or count(facts.snapshot_date) = datediff(periods.last_date, periods.first_date) + 1 as is_known
    from periods
    left join facts on facts.snapshot_date between periods.first_date and periods.last_date
    group by periods.period, periods.first_date, periods.last_date
),

portfolio as (
    select
    {%- for period in periods %}
            {%- set suffix = '' if period == 'mtd' else '_' ~ period %}
            max(case when period = '{{ period }}' then occupied_rooms end) as occupied_rooms{{ suffix }},
            max(case when period = '{{ period }}' then occupancy_rate end) as occupancy_rate{{ suffix }},
            max(case when period = '{{ period }}' and is_known then moveins end) as moveins_{{ period }},
            max(case when period = '{{ period }}' and is_known then moveouts end) as moveouts_{{ period }},
            max(case when period = '{{ period }}' and is_known then moveins - moveouts end) as net_{{ period }}
            {{- ',' if not loop.last }}
    {%- endfor %}
    from compared
),

contracts as (
    select
        contracts.*,
        {{ days_before(target_date(), 'contracts.contract_date') }} as signed_days_ago,
        {{ days_before(target_date(), 'contracts.effective_moveout_date') }} as left_days_ago
    from {{ ref('int_contracts') }} as contracts
),

signed as (
    select
    {%- for suffix, days in windows.items() %}
            {%- set inside = 'signed_days_ago between ' ~ days | join(' and ') %}
            count(case when {{ inside }} then contract_id end) as contracts_{{ suffix }},
            round(avg(case when {{ inside }} and monthly_rent > 0 then monthly_rent end)) as mean_rent_{{ suffix }},
            round(avg(case when {{ inside }} then lead_time_days end), 1) as lead_time_days_{{ suffix }}
            {{- ',' if not loop.last }}
    {%- endfor %}
    from contracts
    where is_reportable_contract
),

departed as (
    select
    {%- for suffix, days in windows.items() %}
            {%- set inside = 'left_days_ago between ' ~ days | join(' and ') %}
            count(case when {{ inside }} then contract_id end) as moveouts_{{ suffix }},
            round(avg(case when {{ inside }} then total_stay_months end), 1) as mean_stay_months_{{ suffix }},
            round(avg(case when {{ inside }} then notice_lead_time_days end), 1) as mean_notice_days_{{ suffix }}
            {{- ',' if not loop.last }}
    {%- endfor %}
    from contracts
    where is_reportable_moveout
),

buildings as (
    select
        count(*) as buildings,
        count(case when latitude is null or longitude is null then 1 end) as buildings_without_coordinates
    from {{ ref('occupancy_property_daily') }}
    where snapshot_date = (select bounds.as_of_date from bounds)
)

select
    bounds.as_of_date,
    {{ portfolio_rooms() }} as total_physical_rooms,
    portfolio.*,
    {{ portfolio_rooms() }} - portfolio.occupied_rooms as vacant_rooms,
    signed.*,
    departed.*,
    buildings.*
from bounds
cross join portfolio
cross join signed
cross join departed
cross join buildings
