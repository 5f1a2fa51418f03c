-- depends_on: {{ ref('stg_tenant_daily_snapshots') }}, {{ ref('code_correction_kind') }}
-- (first_history_dates() may ask the one; a test reads the other)
{{ config(
    materialized='date_partition',
    schema='silver',
    primary_key=['snapshot_date', 'kind', 'entry_key'],
    indexes=[{'columns': ['kind', 'entry_key']}],
) }}
{%- set kinds = [
    'missing_nationality', 'past_moveout_present', 'several_present_tenants', 'dangling_contract',
    'contract_without_room', 'rent_not_positive', 'succession_overlap', 'succession_gap', 'contradicting_dates',
] %}
{%- set columns = 'kind, entry_key, apartment_id, room_id, tenant_id, moving_id, found, since_date' %}

-- the kinds see one generation of bronze: the report makes sure that staging held the date from before to after
with listed as (
    {% for kind in kinds %}
        select {{ columns }} from {{ ref('correction_' ~ kind) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

day_before as (
    select entries.*
    from {{ this }} as entries
    where
        entries.snapshot_date = (
            select max(dates.snapshot_date)
            from {{ this }} as dates
            where dates.snapshot_date < {{ target_date() }}
        )
),

dated as (
    select
        {{ target_date() }} as snapshot_date,
        listed.*,
        coalesce(day_before.listed_since, {{ target_date() }}) as listed_since,
        coalesce(
            day_before.first_listed_date,
            (
                select min(before_then.snapshot_date)
                from {{ this }} as before_then
                where
                    before_then.kind = listed.kind
                    and before_then.entry_key = listed.entry_key
                    and before_then.snapshot_date < {{ target_date() }}
            ),
            {{ target_date() }}
        ) as first_listed_date
    from listed
    left join day_before on listed.kind = day_before.kind and listed.entry_key = day_before.entry_key
)

select
    dated.*,
    {{ boolean('first_listed_date < listed_since') }} as corrected_before
from dated
