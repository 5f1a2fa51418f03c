"""Differences that are known and wanted: the one reviewed list; columns that were dropped are in renamed_columns.csv.

An entry says why a figure may differ, not by how much: the report shows explained differences with their numbers. Make
one only when the cause is known. References are incidents of tests/incidents.md, or models whose description in
dbt/models says how the earlier system counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from infra.migration.renamed import LIST, dropped
from infra.migration.table_comparison import ONLY_EARLIER, ONLY_NEW, REPEATED


@dataclass(frozen=True)
class Explanation:
    """Why something differs.

    Attributes:
        tables: of gold, or patterns with `*`.
        aspects: columns by their new names, `ONLY_EARLIER`, `ONLY_NEW`, `REPEATED`, or `table` for one that only the
            earlier system has.
        reference: an incident, or a model.
        reason: one sentence for a reader of the report.
    """

    tables: tuple[str, ...]
    aspects: tuple[str, ...]
    reference: str
    reason: str


CONTRACTS = ("new_contracts", "moveouts", "moveout_notices", "moveout_analysis", "movein_analysis")
DEPARTURES = ("moveouts", "moveout_analysis")
EVENTS = ("move_events", "move_events_weekly", "municipality_churn_weekly", "property_churn_weekly")
FUNNELS = (
    "funnel_application_to_movein_daily",
    "funnel_application_to_movein_periodized",
    "funnel_application_to_movein_segment_share",
)
ROWS = (ONLY_EARLIER, ONLY_NEW)

EXPLAINED = (
    Explanation(
        ("*_bak_*", "*_backup_*"),
        ("table",),
        "I-33",
        "A dated copy, which the earlier system kept where readers look.",
    ),
    Explanation(
        ("*",),
        ("created_at", "updated_at", "generated_at", "dbt_updated_at"),
        "new_contracts",
        "The earlier system wrote when it loaded; here it is the source's own time, or left out.",
    ),
    Explanation(
        ("kpi_reference_trace", "occupancy_kpi_meta"),
        (
            "gold_occupancy_max_updated_at",
            "kpi_model_generated_at",
            "silver_snapshot_max_updated_at",
            "trace_generated_at",
        ),
        "kpi_reference_trace",
        "Load times are left out, so that a date run twice gives the same bytes.",
    ),
    Explanation(
        ("data_quality_calendar",),
        ("source_host", "source_database", "manifest_key"),
        "data_quality_calendar",
        "Which dump a date came from is in the ledger of loads.",
    ),
    Explanation(
        ("data_quality_calendar",),
        (ONLY_NEW, "reason"),
        "data_quality_calendar",
        "Every date from the first snapshot on, in words of our own; the earlier system began later.",
    ),
    Explanation(
        ("occupancy_daily_metrics",),
        (
            "new_moveins",
            "new_moveouts",
            "occupancy_delta",
            "period_start_rooms",
            "period_end_rooms",
            "occupancy_rate",
        ),
        "I-05",
        "One definition for past and future: rooms, not pairs; renewals are no move-ins; who has left is counted.",
    ),
    Explanation(
        ("occupancy_daily_metrics",),
        ("applications",),
        "occupancy_daily_metrics",
        "A tenant applies once, when the status is 4 or 5 for the first time; the earlier system counted rooms.",
    ),
    Explanation(
        ("occupancy_daily_metrics",),
        (ONLY_EARLIER,),
        "I-19",
        "The earlier system filled dates without a dump; here they are gaps without a row.",
    ),
    Explanation(
        ("occupancy_daily_metrics", "kpi_month_end_metrics", "occupancy_property_daily"),
        (ONLY_NEW,),
        "I-08",
        "The earlier system lost valid dates when it cleaned up gaps; here every date with a valid dump has its row.",
    ),
    Explanation(
        ("kpi_month_end_metrics",),
        (
            "occupancy_room_count_0000",
            "occupancy_room_count_eod",
            "same_day_moveins",
            "same_day_moveouts",
            "occupancy_rate",
        ),
        "I-36",
        "Rooms at 00:00 are those held before the day, with those left on it; rooms at its end are those and the day's "
        "move-ins without its move-outs; the earlier system made them before the day's occupancy, from two sources.",
    ),
    Explanation(
        ("kpi_month_end_metrics",),
        ("rent_jpy", "revpar_jpy", "recpar_cash_jpy"),
        "kpi_month_end_metrics",
        "The earlier system took today's rents for every date and rounded rates before it multiplied.",
    ),
    Explanation(
        ("occupancy_property_daily", "occupancy_property_map_latest"),
        (
            "total_rooms",
            "occupied_rooms",
            "occupancy_rate",
            "occupied_rooms_7d_ago",
            "occupancy_rate_7d_ago",
            "occupied_rooms_delta_7d",
            "occupancy_rate_delta_7d",
        ),
        "I-20",
        "The earlier system counted a room once for each of its tenants and took a stale number of rooms.",
    ),
    Explanation(
        ("occupancy_property_map_latest",),
        (ONLY_NEW,),
        "occupancy_property_daily",
        "Buildings of which no room is occupied are there too.",
    ),
    Explanation(
        (*CONTRACTS, "dim_property", "move_events", "occupancy_property_daily", "occupancy_property_map_latest"),
        ("latitude", "longitude"),
        "I-35",
        "What is missing or outside Kanto is replaced by the last known good pair.",
    ),
    Explanation(
        (*CONTRACTS, "move_events"),
        ("occupation_company",),
        "new_contracts",
        "It is the kind of work, as was asked for; the earlier system showed the employer or school.",
    ),
    Explanation(
        (*CONTRACTS, "move_events"),
        ("age", "age_group"),
        "new_contracts",
        "The birth date comes first; the earlier system trusted the stored age.",
    ),
    Explanation(
        (*CONTRACTS, "move_events"),
        ("gender", "occupation_industry", "residence_status"),
        "stg_tenants",
        "The earlier system took texts that only say nothing, such as -- or a blank, for values.",
    ),
    Explanation(
        (*CONTRACTS, "move_events"),
        ("nationality",),
        "stg_tenants",
        "Where no nationality is on record, another model guessed, or none did; the earlier system let a guess win "
        "over the master, and took texts that only say nothing, such as -- or a blank, for values.",
    ),
    Explanation(
        (*CONTRACTS, "dim_property", "move_events", "occupancy_property_daily", "occupancy_property_map_latest"),
        ("municipality",),
        "stg_apartments",
        "Read from the address where it is missing; the earlier system asked a language model.",
    ),
    Explanation(
        (*CONTRACTS, "move_events"),
        ("tenant_type", "is_renewal"),
        "stg_movings",
        "An unknown type is unknown and an empty flag is 0; the earlier system said individual and NULL.",
    ),
    Explanation(
        CONTRACTS,
        (
            "original_contract_date",
            "contract_start_date",
            "rent_start_date",
            "contract_expiration_date",
            "cancellation_notice_date",
        ),
        "stg_movings",
        "Zero dates and years beyond 2100 are NULL; the earlier system left them in.",
    ),
    Explanation(
        ("new_contracts",),
        ROWS,
        "new_contracts",
        "The earlier system had no upper bound and dropped contracts with a NULL cancel flag.",
    ),
    Explanation(
        ("moveout_analysis", "movein_analysis", "move_events"),
        ("rent_range", "rent_range_order"),
        "moveout_analysis",
        "An unknown rent is Unknown; the earlier system put it into 150K+.",
    ),
    Explanation(
        DEPARTURES,
        (*ROWS, "moveout_date", "notice_lead_time_days"),
        "moveout_analysis",
        "The actual departure comes before the vendor's integrated date; planned ones and those of cancelled contracts "
        "are no departures.",
    ),
    Explanation(
        DEPARTURES,
        ("total_stay_days", "total_stay_months", "tenure_category"),
        "moveout_analysis",
        "A stay begins with the effective move-in; the earlier system counted from the last renewal.",
    ),
    Explanation(
        ("moveout_notices",),
        (*ROWS, "moveout_status", "planned_moveout_date", "notice_lead_time_days"),
        "moveout_notices",
        "The earlier system only appended: late notices were missed, Pending stayed, old ones never left; and it took "
        "those of cancelled contracts.",
    ),
    Explanation(
        ("movein_analysis",),
        (*ROWS, "movein_date", "planned_stay_months"),
        "movein_analysis",
        "A renewed contract stands for one move-in, at the start of the original contract; a signing date is not "
        "needed.",
    ),
    Explanation(
        ("movein_analysis", "move_events"),
        ("lead_time_days", "lead_time_bucket"),
        "movein_analysis",
        "The lead time is that of the original contract; of a renewed one the earlier system said Unknown.",
    ),
    Explanation(
        ("moveout_summary", "moveouts_reason_weekly"),
        (
            *ROWS,
            "moveout_count",
            "avg_monthly_rent",
            "min_monthly_rent",
            "max_monthly_rent",
            "avg_tenure_months",
            "avg_tenure_days",
            "gender_male_count",
            "gender_female_count",
            "gender_other_count",
            "age_under_25_count",
            "age_25_34_count",
            "age_35_44_count",
            "age_45_54_count",
            "age_55_plus_count",
            "tenure_short_count",
            "tenure_medium_count",
            "tenure_long_count",
            "tenure_very_long_count",
            "renewal_yes_count",
            "renewal_no_count",
            "distinct_moveout_reasons",
            "month_start",
        ),
        "moveout_summary",
        "Sums of moveout_analysis, and different for the same reasons.",
    ),
    Explanation(
        EVENTS,
        (
            *ROWS,
            "event_date",
            "week_start",
            "month_start",
            "tenure_category",
            "notice_lead_time_days",
            "event_count",
            "avg_monthly_rent",
            "movein_count",
            "moveout_count",
            "net_change",
        ),
        "move_events",
        "Made of the same move-ins and move-outs as movein_analysis and moveout_analysis, and different for the same "
        "reasons.",
    ),
    Explanation(
        FUNNELS,
        (
            *ROWS,
            "inquiry_count",
            "inquiry_to_movein_count",
            "inquiry_to_movein_rate",
            "inquiry_share",
            "inquiry_to_movein_share",
            "segment_rank",
        ),
        "funnel_application_to_movein_daily",
        "The earlier system counted an inquiry once for every contract of its tenant, and let renewals convert.",
    ),
    Explanation(
        ("funnel_application_to_movein_daily", "funnel_application_to_movein_periodized"),
        (REPEATED,),
        "funnel_application_to_movein_daily",
        "A guessed nationality has a row of its own, beside that of the tenants who have it on record.",
    ),
    Explanation(
        ("funnel_application_to_movein_segment_share",),
        (REPEATED,),
        "funnel_application_to_movein_segment_share",
        "The earlier system ranked before it summed up, so that a segment had several rows.",
    ),
    Explanation(
        ("daily_activity_summary",),
        ("applications_count",),
        "daily_activity_summary",
        "A tenant applies once, when the status is 4 or 5 for the first time; the earlier system counted every time.",
    ),
    Explanation(
        ("daily_activity_summary",),
        (
            *ROWS,
            "contracts_signed_count",
            "confirmed_moveins_count",
            "confirmed_moveouts_count",
            "net_occupancy_delta",
        ),
        "daily_activity_summary",
        "Cancelled contracts are left out, what is planned ends after 90 days, and a day on which nothing happened "
        "is a row of zeros.",
    ),
    Explanation(
        ("daily_activity_summary",),
        ("inquiries_count",),
        "I-18",
        "The earlier system called new tenants inquiries; they are registrations_count now.",
    ),
    Explanation(
        ("tenant_status_transitions",),
        ("full_name",),
        "tenant_status_transitions",
        "Gold holds no names.",
    ),
    Explanation(
        ("tenant_status_transitions",),
        (
            "status_label",
            "previous_status_label",
            "status_transition",
            "contract_type_label",
        ),
        "I-16",
        "Labels come from the seeds; the earlier system's own list was wrong in part.",
    ),
    Explanation(
        ("tenant_status_transitions",),
        (*ROWS, "previous_status_code", "is_status_change", "end_date", "days_in_status", "is_current"),
        "I-17",
        "Periods end where the next transition begins.",
    ),
)


def explanation(table: str, aspect: str) -> Explanation | None:
    """Return why this may differ, None when it is not known."""
    if reason := dropped(table, aspect):
        return Explanation((table,), (aspect,), LIST, reason)
    for entry in EXPLAINED:
        if aspect in entry.aspects and any(fnmatchcase(table, pattern) for pattern in entry.tables):
            return entry
    return None
