"""The mutations: a name, and the text of the dbt project that each replaces."""

from __future__ import annotations

from typing import NamedTuple


class Mutation(NamedTuple):
    """One rule, changed.

    Attributes:
        name: which rule, as it reads after the change.
        file: file below dbt/.
        old: text that it holds once.
        new: text in its place.
    """

    name: str
    file: str
    old: str
    new: str


STATUS_SETS = "macros/status_sets.sql"
CLEANING = "macros/cleaning.sql"
TEXT = "macros/text.sql"
PERIODS = "macros/periods.sql"
DEMOGRAPHICS = "macros/demographics.sql"
PROJECT = "dbt_project.yml"
MOVINGS = "models/bronze/stg_movings.sql"
TENANTS = "models/bronze/stg_tenants.sql"
GUESSES = "models/bronze/stg_nationality_predictions.sql"
NAMES = "macros/nationality.sql"
SNAPSHOT = "models/silver/tenant_room_snapshot_daily.sql"
DEPARTURES = "models/silver/room_departures_daily.sql"
BUILDINGS = "models/silver/building_occupancy_daily.sql"
CALENDAR = "models/silver/business_calendar.sql"
CONTRACTS = "models/silver/int_contracts.sql"
HISTORY = "models/silver/tenant_status_history.sql"
APPLICATIONS = "models/silver/tenant_applications.sql"
OCCUPANCY = "models/gold/occupancy/occupancy_daily_metrics.sql"
MONEY = "models/gold/occupancy/kpi_month_end_metrics.sql"
ACTIVITY = "models/gold/movements/daily_activity_summary.sql"
PROPERTY = "models/gold/occupancy/occupancy_property_daily.sql"
MAP = "models/gold/occupancy/occupancy_property_map_latest.sql"
CARDS = "models/gold/occupancy/executive_kpis.sql"
NOTICES = "models/gold/occupancy/reader_notice.sql"
MIX = "models/gold/occupancy/occupancy_mix_latest.sql"
ACCURACY = "models/gold/occupancy/occupancy_outlook_accuracy.sql"
COHORTS = "models/gold/contracts/cohort_retention.sql"
FLASH = "macros/flash_report.sql"
FLASH_FIGURES = "models/silver/flash_report_daily.sql"
FLASH_ROOMS = "models/silver/flash_report_rooms_daily.sql"
FUNNEL = "models/gold/funnel/funnel_application_to_movein_daily.sql"
CORRECTIONS = "models/reports/corrections/correction_"
MUNICIPALITY = "macros/municipality.sql"
APARTMENTS = "models/bronze/stg_apartments.sql"

MUTATIONS = (
    Mutation("present_without_7", STATUS_SETS, "'PRESENT': [7, 9,", "'PRESENT': [9,"),
    Mutation("moveout_without_16", STATUS_SETS, "'MOVEOUT': [14, 15, 16, 17]", "'MOVEOUT': [14, 15, 17]"),
    Mutation(
        "priority_of_14_before_9", STATUS_SETS, "9, 10, 11, 12, 13, 14, 15, 7, 6", "14, 9, 10, 11, 12, 13, 15, 7, 6"
    ),
    Mutation(
        "original_movein_ignored",
        MOVINGS,
        "coalesce(cleaned.original_contract_date, cleaned.contract_start_date)",
        "cleaned.contract_start_date",
    ),
    Mutation(
        "integrated_moveout_before_actual",
        MOVINGS,
        "coalesce(cleaned.moveout_plans_date, cleaned.moveout_date_integrated,",
        "coalesce(cleaned.moveout_date_integrated, cleaned.moveout_plans_date,",
    ),
    Mutation("cancel_null_is_cancelled", MOVINGS, "{{ flag('cancel_flag') }}", "coalesce(cancel_flag, 1) = 1"),
    Mutation("moveout_null_is_completed", MOVINGS, "{{ flag('is_moveout') }}", "coalesce(is_moveout, 1) = 1"),
    Mutation(
        "primary_without_present",
        SNAPSHOT,
        "assignments.claim = 1 and \" ~ status_in('PRESENT', 'assignments.tenant_status_code')",
        'assignments.claim = 1"',
    ),
    Mutation(
        "primary_tie_to_earliest_start", SNAPSHOT, "movings.contract_start_date desc,", "movings.contract_start_date,"
    ),
    Mutation("snapshot_with_completed", SNAPSHOT, "or not movings.is_completed_moveout", "or true"),
    Mutation(
        "departures_by_current_contract",
        DEPARTURES,
        "as tenants on movings.tenant_id = tenants.tenant_id",
        "as tenants on movings.moving_id = tenants.current_moving_id",
    ),
    Mutation("departures_with_cancelled", DEPARTURES, "movings.is_valid_contract\n        and ", ""),
    Mutation(
        "moveouts_from_snapshot",
        BUILDINGS,
        "from {{ ref('room_departures_daily') }} as departed\n    where {{ made_dates('departed.snapshot_date') }}",
        "from {{ ref('tenant_room_snapshot_daily') }} as departed\n"
        "    where {{ made_dates('departed.snapshot_date') }} and effective_moveout_date = snapshot_date",
    ),
    Mutation(
        "midnight_with_todays_moveins",
        BUILDINGS,
        "primary_movein = 'before' or departure_movein = 'before'",
        "primary_movein in ('before', 'on') or departure_movein = 'before'",
    ),
    Mutation(
        "midnight_without_departures",
        BUILDINGS,
        "primary_movein = 'before' or departure_movein = 'before'",
        "primary_movein = 'before'",
    ),
    Mutation(
        "rent_without_departures",
        BUILDINGS,
        "when departure_movein = 'before' then departure_rent",
        "when false then 0",
    ),
    Mutation("rent_zero_counts", BUILDINGS, "rent_at_0000 > 0 then 1", "rent_at_0000 >= 0 then 1"),
    Mutation(
        "same_day_moveins_from_movein_date",
        BUILDINGS,
        "when held.effective_movein_date = held.snapshot_date then 'on'",
        "when held.movein_date = held.snapshot_date then 'on'",
    ),
    Mutation(
        "same_day_moveins_without_departures",
        BUILDINGS,
        "primary_movein = 'on' or departure_movein = 'on'",
        "primary_movein = 'on'",
    ),
    Mutation(
        "late_rooms_without_not_yet_moved_in",
        BUILDINGS,
        "is_held_after_leaving + is_not_yet_moved_in",
        "is_held_after_leaving",
    ),
    Mutation(
        "late_rooms_with_clean_changes",
        BUILDINGS,
        " and not (primary_movein = 'on' and departure_movein = 'before')",
        "",
    ),
    Mutation(
        "moveins_count_tenants",
        BUILDINGS,
        "max(case when claim <> 'departure' and movein = 'on' then 1 else 0 end)",
        "sum(case when claim <> 'departure' and movein = 'on' then 1 else 0 end)",
    ),
    Mutation("declared_gap_ignored", CALENDAR, "coalesce(declared_gap, 0)", "0"),
    Mutation(
        "seed_before_operator",
        CALENDAR,
        "coalesce(overrides.is_gap, ranges.is_gap)",
        "coalesce(ranges.is_gap, overrides.is_gap)",
    ),
    Mutation(
        "notice_window_23_months", PROJECT, "moveout_notice_window_months: 24", "moveout_notice_window_months: 23"
    ),
    Mutation("rooms_16109", PROJECT, "total_physical_rooms: 16108", "total_physical_rooms: 16109"),
    Mutation("outlook_89_days", PROJECT, "occupancy_lookahead_days: 90", "occupancy_lookahead_days: 89"),
    Mutation("cash_rate_95_percent", PROJECT, "cash_realization_rate: 0.952", "cash_realization_rate: 0.95"),
    Mutation(
        "age_stored_first",
        DEMOGRAPHICS,
        "    case\n        when timestampdiff(year, {{ birth_date }}, {{ on_date }}) between 18 and 100\n",
        "    case\n"
        "        when {{ stored_age }} between 18 and 100 then {{ stored_age }}\n"
        "        when timestampdiff(year, {{ birth_date }}, {{ on_date }}) between 18 and 100\n",
    ),
    Mutation(
        "a_year_is_medium", DEMOGRAPHICS, "when {{ months }} < 12 then 'Medium", "when {{ months }} <= 12 then 'Medium"
    ),
    Mutation("age_25_is_under_25", DEMOGRAPHICS, "when {{ age }} < 25 then 'Under", "when {{ age }} <= 25 then 'Under"),
    Mutation("jst_shift_dropped", CLEANING, "+ interval 9 hour", "+ interval 0 hour"),
    Mutation(
        "years_beyond_2100_kept",
        CLEANING,
        "year({{ column }}) between 1 and 2100\n            and",
        "year({{ column }}) between 1 and 9999\n            and",
    ),
    Mutation(
        "impossible_days_kept",
        CLEANING,
        "between 1 and day(last_day({{ column }}))\n            then date({{ column }})",
        "between 1 and 31\n            then date({{ column }})",
    ),
    Mutation(
        "narrow_geo_box",
        CLEANING,
        "between 35.0 and 36.0 and {{ longitude }} between 139.0 and 140.5",
        "between 35.5 and 35.9 and {{ longitude }} between 139.5 and 140.0",
    ),
    Mutation(
        "type_4_corporate",
        "seeds/code_contract_type.csv",
        "4,Airbnb1,Airbnb Account 1,unknown",
        "4,Airbnb1,Airbnb Account 1,corporate",
    ),
    Mutation(
        "text_null_in_capitals_only",
        TEXT,
        "when upper({{ trimmed(column) }}) in",
        "when {{ trimmed(column) }} in",
    ),
    Mutation(
        "text_trimmed_of_ascii_blanks_only",
        TEXT,
        r"""["' '", "'\u3000'", "'\\t'", "'\\n'", "'\\r'", "'\u00a0'"]""",
        r"""["' '", "'\\t'", "'\\n'", "'\\r'"]""",
    ),
    Mutation(
        "text_grouped_by_the_collation_of_the_server",
        TEXT,
        'convert(" ~ column ~ " using utf8mb4) collate utf8mb4_bin)',
        'convert(" ~ column ~ " using utf8mb4))',
    ),
    Mutation("asset_id_without_nfkc", TEXT, "else {{ nfkc(text) }} end)", "else {{ text }} end)"),
    Mutation("asset_id_in_the_case_of_the_source", TEXT, "upper(case when length(", "(case when length("),
    Mutation(
        "code_in_digits_of_one_width", TEXT, "translated(trimmed(column), ", "translated(trimmed(column), '' and "
    ),
    Mutation(
        "instant_on_any_day",
        CLEANING,
        "when {{ clean_date(column) }} is not null and",
        "when year({{ column }}) between 1 and 2100 and",
    ),
    Mutation(
        "master_is_no_record",
        GUESSES,
        "and coalesce({{ clean_string('nationalities.nationality_name') }} in {{ placeholder }}, true)",
        "",
    ),
    Mutation(
        "guess_before_the_master",
        TENANTS,
        "when cleaned.master_nationality not in {{ placeholder }} then cleaned.master_nationality",
        "when 'レソト' = cleaned.master_nationality then cleaned.master_nationality",
    ),
    Mutation("guess_before_its_date", GUESSES, "answers.first_business_date <= {{ target_date() }}", "true"),
    Mutation("guess_of_any_confidence", GUESSES, ">= {{ var('nationality_threshold') }}", ">= 0"),
    Mutation("guess_above_the_threshold_only", GUESSES, ">= {{ var('nat", "> {{ var('nat"),
    Mutation("guess_of_a_source_switched_off", GUESSES, "measured.newest = 1 and measured.is_used = 0", "false"),
    Mutation("source_off_for_ever", GUESSES, "measured.newest = 1 and measured.is_used", "measured.is_used"),
    Mutation("source_off_before_it_was_measured", GUESSES, " and evaluated_on <= {{ target_date() }}", ""),
    Mutation("guess_about_a_forgotten_name", GUESSES, "spoken.source = 'forgotten'\n            or", "false or"),
    Mutation("guess_that_a_source_took_back", GUESSES, "spoken.newest = 1\n", "true\n"),
    Mutation("guess_of_the_oldest", GUESSES, "answers.first_business_date desc", "answers.first_business_date"),
    Mutation("guess_of_the_higher_version", GUESSES, "answers.model_version asc", "answers.model_version desc"),
    Mutation("model_before_the_person", NAMES, "'same_person', 'name_model',", "'name_model', 'same_person',"),
    Mutation("guess_about_any_spelling", NAMES, "'n1:', convert({{ name }}", "'n1:', convert(upper({{ name }})"),
    Mutation("person_of_any_birth_date", NAMES, "date_format({{ birth_date }}, '%Y-%m-%d')", "'1990-05-06'"),
    Mutation(
        "placeholder_as_a_guess",
        GUESSES,
        "and spoken.nationality not in {{ placeholder }}",
        "and spoken.nationality is not null",
    ),
    Mutation(
        "company_as_a_guess",
        TENANTS,
        "boolean(\"cleaned.prediction_source <> 'not_a_person'\")",
        'boolean("cleaned.prediction_source is not null")',
    ),
    Mutation(
        "guess_not_marked",
        CONTRACTS,
        "tenants.is_nationality_predicted as nationality_is_predicted",
        "0 as nationality_is_predicted",
    ),
    Mutation(
        "guess_shown_as_recorded",
        CONTRACTS,
        "when tenants.is_nationality_predicted then 'predicted'",
        "when tenants.is_nationality_predicted then 'recorded'",
    ),
    Mutation(
        "funnel_does_not_mark_guesses",
        FUNNEL,
        "coalesce(tenants.is_nationality_predicted, 0) as nationality_is_predicted",
        "0 as nationality_is_predicted",
    ),
    Mutation(
        "latest_contract_by_change",
        CONTRACTS,
        "order by movings.contract_start_date desc, movings.updated_at desc",
        "order by movings.updated_at desc",
    ),
    Mutation(
        "cancelled_contracts_reported",
        CONTRACTS,
        "is_valid_contract and is_located and ' ~ is_reported('contract_date')",
        "is_located and ' ~ is_reported('contract_date')",
    ),
    Mutation(
        "moveouts_with_cancelled",
        CONTRACTS,
        "is_completed_moveout and is_valid_contract",
        "is_completed_moveout",
    ),
    Mutation(
        "notices_with_cancelled",
        "models/gold/contracts/moveout_notices.sql",
        "is_valid_contract\n    and is_located",
        "is_located",
    ),
    Mutation(
        "moveins_need_a_signing",
        CONTRACTS,
        "is_located and ' ~ is_reported('effective_movein_date')",
        "is_located and contract_date is not null and ' ~ is_reported('effective_movein_date')",
    ),
    Mutation(
        "moveins_need_a_rent",
        CONTRACTS,
        "is_located and ' ~ is_reported('effective_movein_date')",
        "is_located and monthly_rent is not null and ' ~ is_reported('effective_movein_date')",
    ),
    Mutation(
        "stay_since_last_renewal",
        CONTRACTS,
        "datediff(ranked.effective_moveout_date, ranked.effective_movein_date)",
        "datediff(ranked.effective_moveout_date, ranked.contract_start_date)",
    ),
    Mutation(
        "months_since_last_renewal",
        CONTRACTS,
        "timestampdiff(month, ranked.effective_movein_date,",
        "timestampdiff(month, ranked.contract_start_date,",
    ),
    Mutation(
        "lead_time_of_renewal_from_own_signing",
        CONTRACTS,
        "coalesce(case when movings.is_renewal then movings.original_contract_date end, movings.contract_date)",
        "movings.contract_date",
    ),
    Mutation(
        "lead_time_below_zero",
        CONTRACTS,
        "when ranked.effective_movein_date >= ranked.applied_on",
        "when ranked.effective_movein_date is not null",
    ),
    Mutation(
        "unknown_gender_uncounted",
        "models/gold/contracts/moveout_summary.sql",
        "gender is null or gender not in ('Male', 'Female', 'Other')",
        "gender is null",
    ),
    Mutation(
        "unknown_codes_without_label",
        "macros/codes.sql",
        "coalesce({{ label }}, concat('Unknown (', {{ code }}, ')'))",
        "{{ label }}",
    ),
    Mutation(
        "weeks_from_sunday",
        "macros/periods.sql",
        "interval weekday({{ day }}) day",
        "interval dayofweek({{ day }}) - 1 day",
    ),
    Mutation(
        "vanished_tenant_stays",
        HISTORY,
        "days.next_date - interval 1 day as valid_to",
        "last_seen.next_from - interval 1 day as valid_to",
    ),
    Mutation(
        "vanished_tenant_left_when_last_seen",
        HISTORY,
        "days.next_date - interval 1 day as valid_to",
        "case when days.next_date is not null then last_seen.last_date end as valid_to",
    ),
    Mutation(
        "history_without_contract_type",
        HISTORY,
        "or before_it.contract_type_code <> present.contract_type_code",
        "",
    ),
    Mutation(
        "start_over_a_gap",
        OCCUPANCY,
        "lag(ends.snapshot_date) over (order by ends.snapshot_date) = ends.snapshot_date - interval 1 day",
        "lag(ends.snapshot_date) over (order by ends.snapshot_date) is not null",
    ),
    Mutation(
        "applications_of_the_first_date",
        APPLICATIONS,
        "where first_entries.entered_date > recording.first_date",
        "where first_entries.entered_date >= recording.first_date",
    ),
    Mutation(
        "applications_by_contract_type",  # the latest of a tenant's types of contract instead of the first entry ever
        APPLICATIONS,
        """        min(valid_from) as entered_date
    from {{ ref('tenant_status_history') }}
    where {{ status_in('APPLICATION', 'tenant_status_code') }}
    group by tenant_id
""",
        """        max(entered_date) as entered_date
    from (
        select tenant_id, contract_type_code, min(valid_from) as entered_date
        from {{ ref('tenant_status_history') }}
        where {{ status_in('APPLICATION', 'tenant_status_code') }}
        group by tenant_id, contract_type_code
    ) as types
    group by tenant_id
""",
    ),
    Mutation("applications_on_the_gap", APPLICATIONS, "else calendar.fact_date", "else first_entries.entered_date"),
    Mutation(
        "applications_of_a_gap_are_lost",
        APPLICATIONS,
        "current row and unbounded following",
        "current row and current row",
    ),
    Mutation(
        "gaps_are_facts",
        OCCUPANCY,
        "where not is_gap",
        "where business_date in (select snapshot_date from {{ ref('tenant_room_snapshot_daily') }})",
    ),
    Mutation(
        "outlook_adds_delta_of_last_fact",
        OCCUPANCY,
        "when dates.snapshot_date = bounds.as_of_date then dates.occupied_rooms\n",
        "when dates.snapshot_date = bounds.as_of_date\n"
        "                        then dates.occupied_rooms + dates.new_moveins - dates.new_moveouts\n",
    ),
    Mutation(
        "outlook_not_chained",
        OCCUPANCY,
        "over (order by dates.snapshot_date rows unbounded preceding)",
        "over (order by dates.snapshot_date rows 1 preceding)",
    ),
    Mutation(
        "rate_rounded_before_money",
        MONEY,
        "round(rent_sum * occupancy_room_count_eod / nullif(rent_rooms * {{ physical_rooms }}, 0))",
        "round(round(rent_sum / nullif(rent_rooms, 0)) * round(occupancy_room_count_eod / {{ physical_rooms }}, 4))",
    ),
    Mutation(
        "money_of_gaps",
        MONEY,
        " and not calendar.is_gap",
        "",
    ),
    Mutation(
        "movements_of_cancelled_contracts",
        ACTIVITY,
        "contracts.is_valid_contract\n        and (contracts.effective_movein_date < recording.first_date",
        "(contracts.effective_movein_date < recording.first_date",
    ),
    Mutation(
        "moveouts_of_cancelled_contracts",
        ACTIVITY,
        "contracts.is_valid_contract\n        and (contracts.effective_moveout_date < recording.first_date",
        "(contracts.effective_moveout_date < recording.first_date",
    ),
    Mutation(
        "planned_without_a_bound",
        ACTIVITY,
        "{{ target_date() }} + interval {{ var('occupancy_lookahead_days') }} day",
        "date '9999-12-31'",
    ),
    Mutation(
        "movements_without_history",
        ACTIVITY,
        " or histories.has_moved_out)",
        " or true)",
    ),
    Mutation(
        "rooms_as_stored",
        PROPERTY,
        "greatest(coalesce(room_rows.rooms, 0), coalesce(apartments.room_count, 0))",
        "coalesce(apartments.room_count, 0)",
    ),
    Mutation("mean_rent_with_free_rooms", MAP, "and rooms.monthly_rent > 0", "and rooms.monthly_rent >= 0"),
    Mutation("mean_rent_with_reserved_rooms", MAP, "and rooms.is_room_primary", "and true"),
    Mutation(
        "more_rooms_counted_than_there_are",
        MAP,
        "least(buildings.occupied_rooms, buildings.total_rooms)",
        "buildings.occupied_rooms",
    ),
    Mutation(
        "six_months_are_0_6", DEMOGRAPHICS, "when {{ months }} < 6 then '0-6'", "when {{ months }} <= 6 then '0-6'"
    ),
    Mutation(
        "months_before_of_thirty_days",
        PERIODS,
        "period_diff(extract(year_month from {{ as_of }}), extract(year_month from {{ day }}))",
        "datediff({{ as_of }}, {{ day }}) div 30",
    ),
    Mutation(
        "reason_not_set_comes_first",
        CONTRACTS,
        "coalesce(least(nullif(tenants.moveout_reason_code, 0), 98), 99)",
        "coalesce(least(tenants.moveout_reason_code, 98), 0)",
    ),
    Mutation(
        "segment_ties_blind_to_case",
        "models/gold/funnel/funnel_application_to_movein_segment_share.sql",
        "segment_value collate utf8mb4_bin asc",
        "segment_value collate utf8mb4_unicode_ci asc",
    ),
    Mutation(
        "inquiry_matched_to_lowest_id",
        FUNNEL,
        "abs(datediff(contracts.effective_movein_date, inquiries.inquiry_date)),\n",
        "\n",
    ),
    Mutation(
        "month_before_by_thirty_days",
        CARDS,
        "as_of_date - interval {{ months }} month as last_date",
        "as_of_date - interval {{ months }} * 30 day as last_date",
    ),
    Mutation(
        "compared_across_a_gap",
        CARDS,
        "count(facts.snapshot_date) = datediff(periods.last_date, periods.first_date) + 1",
        "count(facts.snapshot_date) > 0",
    ),
    Mutation("window_of_31_days", CARDS, "'30d': (0, 29)", "'30d': (0, 30)"),
    Mutation("mean_rent_with_rents_of_zero", CARDS, " and monthly_rent > 0 then", " then"),
    Mutation("cards_of_cancelled_moveouts", CARDS, "where is_reportable_moveout", "where is_completed_moveout"),
    Mutation(
        "notice_for_each_date_of_a_gap",
        NOTICES,
        "business_date - interval row_number() over (order by business_date) day as gap",
        "business_date as gap",
    ),
    Mutation(
        "no_notice_of_old_figures",
        NOTICES,
        "where bounds.as_of_date is null or bounds.as_of_date < {{ target_date() }}",
        "where bounds.as_of_date is null",
    ),
    Mutation(
        "notice_at_the_tolerance",
        NOTICES,
        "> {{ var('unexplained_rooms_tolerance') }}",
        ">= {{ var('unexplained_rooms_tolerance') }}",
    ),
    Mutation("mix_of_all_tenants", MIX, "\n        and held.is_room_primary", ""),
    Mutation(
        "mix_without_unknown_types",
        MIX,
        "left join {{ ref('code_contract_type') }}",
        "inner join {{ ref('code_contract_type') }}",
    ),
    Mutation("accuracy_by_tenants", ACCURACY, "count(distinct rooms.apartment_id, rooms.room_id)", "count(*)"),
    Mutation("accuracy_without_departures", ACCURACY, "'effective_moveout_date': -1", "'effective_moveout_date': 0"),
    Mutation(
        "accuracy_without_the_target_date",
        ACCURACY,
        "outlooks.target_date >= planned.planned_date",
        "outlooks.target_date > planned.planned_date",
    ),
    Mutation("cohorts_begin_a_month_late", COHORTS, "' + interval 1 day)'", "' + interval 1 month)'"),
    Mutation(
        "cohort_loses_who_leaves_that_month",
        COHORTS,
        "coalesce(stays.completed_months, months.months_stayed) >= months.months_stayed",
        "coalesce(stays.completed_months, months.months_stayed + 1) > months.months_stayed",
    ),
    Mutation(
        "recorded_by_the_text_alone",
        TENANTS,
        ' ~ placeholder ~ " or cleaned.master_nationality not in " ~ placeholder',
        " ~ placeholder",
    ),
    Mutation(
        "past_on_the_day_itself",
        f"{CORRECTIONS}past_moveout_present.sql",
        "(movings.effective_moveout_date < {{",
        "(movings.effective_moveout_date <= {{",
    ),
    Mutation(
        "applicants_need_a_contract",
        f"{CORRECTIONS}dangling_contract.sql",
        "(linked.open_moving_id is not null or not linked.is_applicant)",
        "true",
    ),
    Mutation("rents_of_ended_contracts", f"{CORRECTIONS}rent_not_positive.sql", "where is_running and", "where"),
    Mutation(
        "overlap_on_the_day_itself",
        f"{CORRECTIONS}succession_overlap.sql",
        "earlier.effective_moveout_date > later.",
        "earlier.effective_moveout_date >= later.",
    ),
    Mutation(
        "gap_before_every_later_tenant", f"{CORRECTIONS}succession_gap.sql", "where nearness = 1", "where nearness > 0"
    ),
    Mutation(
        "the_pointer_does_not_choose",
        f"{CORRECTIONS}stays.sql",
        "                movings.moving_id <=> tenants.current_moving_id desc,\n",
        "",
    ),
    Mutation(
        "list_of_yesterday_only",
        f"{CORRECTIONS}entries_daily.sql",
        "select max(dates.snapshot_date)\n",
        "select max({{ target_date() }} - interval 1 day)\n",
    ),
    Mutation(
        "first_listed_on_a_later_date",
        f"{CORRECTIONS}entries_daily.sql",
        "\n                    and before_then.snapshot_date < {{ target_date() }}",
        "",
    ),
    Mutation(
        "returned_counts_as_new",
        f"{CORRECTIONS}counts.sql",
        "is null and entries.first_listed_date = entries.snapshot_date",
        "is null",
    ),
    Mutation(
        "corrected_is_forgotten_without_entries",
        f"{CORRECTIONS}counts.sql",
        "    select {{ target_date() }} as snapshot_date\n",
        "    select snapshot_date from {{ ref('correction_entries_daily') }}\n",
    ),
    Mutation(
        "flash_next_month_from_as_of",
        FLASH,
        "{{ next_month }}, {{ next_month }}, last_day",
        "{{ next_month }}, {{ tomorrow }}, last_day",
    ),
    Mutation(
        "flash_as_of_is_still_planned",
        FLASH,
        "{{ this_month }}, {{ this_month }}, {{ as_of }},",
        "{{ this_month }}, {{ this_month }}, {{ as_of }} - interval 1 day,",
    ),
    Mutation(
        "flash_stock_of_today",
        FLASH_FIGURES,
        "held.snapshot_date = {{ month_start(target_date()) }}",
        "held.snapshot_date = {{ target_date() }}",
    ),
    Mutation(
        "flash_status_7_kept",
        FLASH_FIGURES,
        "and not {{ moves_in_this_month('held.tenant_status_code', 'held.movein_date') }}",
        "",
    ),
    Mutation("flash_status_7_kept_on_the_first", FLASH, "{{ contract_start }} >= ", "{{ contract_start }} > "),
    Mutation("flash_stock_of_a_gap", FLASH_FIGURES, "or known.business_date is not null", "or true"),
    Mutation("flash_renewals_counted", FLASH, "when contracts.is_renewal then false", ""),
    Mutation(
        "flash_moveouts_by_effective_date",
        FLASH,
        "('moveout', 'moveout_final_rent_date')",
        "('moveout', 'effective_moveout_date')",
    ),
    Mutation(
        "flash_moveins_by_effective_date",
        FLASH,
        "('movein', 'original_contract_date')",
        "('movein', 'effective_movein_date')",
    ),
    Mutation(
        "flash_moveins_before_their_start",
        FLASH,
        "then contracts.contract_start_date <= {{ target_date() }}",
        "then true",
    ),
    Mutation(
        "flash_completed_moveins_of_active_tenants",
        FLASH,
        "then contracts.contract_start_date <= {{ target_date() }}",
        "then contracts.contract_start_date <= {{ target_date() }}"
        " and {{ status_in('PIPELINE_ACTIVE', 'contracts.tenant_status_code') }}",
    ),
    Mutation(
        "flash_planned_of_any_status",
        FLASH,
        "else {{ status_in('PIPELINE_ACTIVE', 'contracts.tenant_status_code') }}",
        "else true",
    ),
    Mutation(
        "flash_moveouts_of_any_status",
        FLASH,
        "then {{ status_in('MOVEOUT', 'contracts.tenant_status_code') }}",
        "then true",
    ),
    Mutation("flash_with_cancelled", FLASH, "movings.is_valid_contract\n                and ", ""),
    Mutation(
        "flash_every_contract_of_a_tenant", FLASH_FIGURES, "is_counted and recency = 1 as is_counted", "is_counted"
    ),
    Mutation(
        "flash_latest_contract_before_the_window",
        FLASH,
        "{%- set tenant_room = 'counted.metric, ",
        "{%- set tenant_room = 'counted.movement, ",
    ),
    Mutation(
        "flash_gold_counts_a_room_once",
        FLASH_ROOMS,
        "gold_contracts.room_id, gold_contracts.gold_date",
        "gold_contracts.room_id",
    ),
    Mutation(
        "flash_gaps_not_explained",
        FLASH_ROOMS,
        "reported.is_completed and facts.business_date is null then",
        "false then",
    ),
    Mutation(
        "flash_midnight_without_departures",
        FLASH_ROOMS,
        "where departed.snapshot_date = {{ first_day }}",
        "where false",
    ),
    Mutation(
        "flash_plans_of_the_first",
        FLASH_ROOMS,
        "planned.snapshot_date = {{ target_date() }}",
        "planned.snapshot_date = {{ first_day }}",
    ),
    Mutation("postal_code_stays_before_a_prefecture", MUNICIPALITY, '~ postal_code ~ "?(?="', '~ "(?="'),
    Mutation("postal_code_stays_without_a_prefecture", MUNICIPALITY, "'[|]\" ~ postal_code ~ \"?'", "'[|]'"),
    Mutation("postal_code_in_ascii_digits", MUNICIPALITY, "set digit = '0-9０-９'", "set digit = '0-9'"),
    Mutation("postal_code_with_ascii_hyphen", MUNICIPALITY, "'‐‑‒–—―−－─ーｰ-'", "'-'"),
    Mutation("prefecture_of_the_column_first", MUNICIPALITY, '?(?=" ~ anywhere ~ ")\'', '?(?=" ~ anywhere ~ "x)\''),
    Mutation(
        "prefecture_of_the_column_ignored", MUNICIPALITY, "coalesce(\" ~ prefecture ~ \", '')", "coalesce('', '')"
    ),
    Mutation("any_city_in_kanto", MUNICIPALITY, "        elsewhere ~ '.[^区'", "        anywhere ~ '.[^区'"),
    Mutation("wards_of_tokyo_anywhere", MUNICIPALITY, "'東京都(?:(?:' ~ wards", "anywhere ~ '(?:(?:' ~ wards"),
    Mutation("city_before_its_ward", MUNICIPALITY, "]{1,4}区',", "]{9}区',"),
    Mutation("district_of_a_city_with_its_sign", MUNICIPALITY, "(?!(?:蒲郡|小郡|大和郡山)市)", ""),
    Mutation("town_ends_at_its_first_sign", MUNICIPALITY, "(?:大町町|玉村町|", "(?:"),
    Mutation("city_with_its_sign_inside_cut_off", MUNICIPALITY, "(?:四日市|廿日市|", "(?:"),
    Mutation("market_is_a_city", MUNICIPALITY, "~ '場街]|$)'", "~ ']|$)'"),
    Mutation("one_way_to_write_ke", MUNICIPALITY, "'[ケヶｹ]'", "'ケ'"),
    Mutation(
        "address_before_full_address",
        APARTMENTS,
        "            {{ municipality_of('full_address', 'prefecture') }},\n"
        "            {{ municipality_of('address', 'prefecture') }}",
        "            {{ municipality_of('address', 'prefecture') }},\n"
        "            {{ municipality_of('full_address', 'prefecture') }}",
    ),
    Mutation(
        "source_before_override",
        APARTMENTS,
        "            overrides.municipality,\n            buildings.recorded_municipality,",
        "            buildings.recorded_municipality,\n            overrides.municipality,",
    ),
)
