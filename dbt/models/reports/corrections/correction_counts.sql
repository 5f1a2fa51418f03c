{{ config(indexes=[{'columns': ['snapshot_date', 'kind'], 'primary': true}]) }}

with listed_dates as (
    select snapshot_date
    from {{ ref('correction_entries_daily') }}
    group by snapshot_date

    union distinct

    -- also when nothing is wrong any more
    select {{ target_date() }} as snapshot_date
),

dates as (
    select
        snapshot_date,
        lag(snapshot_date) over (order by snapshot_date) as date_before,
        max(snapshot_date) over () as as_of_date
    from listed_dates
),

shown_dates as (
    select *
    from dates
    where snapshot_date > as_of_date - interval {{ var('correction_trend_days') }} day
),

-- each entry on its dates, and once more, as corrected, on the date that does not list it any more
changes as (
    select
        entries.snapshot_date,
        entries.kind,
        1 as is_open,
        {{ boolean('before_then.kind is null and entries.first_listed_date = entries.snapshot_date') }} as is_new,
        {{ boolean('before_then.kind is null and entries.first_listed_date < entries.snapshot_date') }} as is_back,
        0 as is_corrected
    from shown_dates
    inner join {{ ref('correction_entries_daily') }} as entries on shown_dates.snapshot_date = entries.snapshot_date
    left join {{ ref('correction_entries_daily') }} as before_then
        on
            shown_dates.date_before = before_then.snapshot_date
            and entries.kind = before_then.kind
            and entries.entry_key = before_then.entry_key

    union all

    select
        shown_dates.snapshot_date,
        before_then.kind,
        0 as is_open,
        0 as is_new,
        0 as is_back,
        1 as is_corrected
    from shown_dates
    inner join {{ ref('correction_entries_daily') }} as before_then
        on shown_dates.date_before = before_then.snapshot_date
    left join {{ ref('correction_entries_daily') }} as entries
        on
            shown_dates.snapshot_date = entries.snapshot_date
            and before_then.kind = entries.kind
            and before_then.entry_key = entries.entry_key
    where entries.kind is null
),

counted as (
    select
        snapshot_date,
        kind,
        sum(is_open) as open_count,
        sum(is_new) as new_count,
        sum(is_back) as returned_count,
        sum(is_corrected) as corrected_count
    from changes
    group by snapshot_date, kind
)

select
    shown_dates.snapshot_date,
    kinds.kind,
    kinds.sort_order as kind_order,
    {{ label_in_both('kinds.label_ja', 'kinds.label_en', 'kinds.kind') }} as kind_label,
    coalesce(counted.open_count, 0) as open_count,
    coalesce(counted.new_count, 0) as new_count,
    coalesce(counted.returned_count, 0) as returned_count,
    coalesce(counted.corrected_count, 0) as corrected_count,
    shown_dates.as_of_date
from shown_dates
cross join {{ ref('code_correction_kind') }} as kinds
left join counted on shown_dates.snapshot_date = counted.snapshot_date and kinds.kind = counted.kind
