"""The tests of the tables about move-ins, move-outs and the funnel: green on good data, red on each fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

CASE = Path(__file__).resolve().parent / "move_events" / "nothing_planned_ahead"
MODELS = (
    "moveout_analysis",
    "moveout_summary",
    "movein_analysis",
    "move_events",
    "move_events_weekly",
    "municipality_churn_weekly",
    "property_churn_weekly",
    "moveouts_reason_weekly",
    "funnel_application_to_movein_daily",
    "funnel_application_to_movein_periodized",
    "funnel_application_to_movein_segment_share",
)


@pytest.fixture
def built(project: Any) -> Any:
    """The tables of this file, built from a handful of contracts and two inquiries."""
    project.clear()
    for file in CASE.glob("*.csv"):
        if file.stem != "expect":
            project.fill(file.stem, file)
    project.execute("insert into staging.inquiries (id, tenant_id) values (1, 1), (2, null)")
    project.dbt("run", "2026-03-02", "--select", *(f"+{model}" for model in MODELS))
    return project


def test_good_data_passes(built: Any) -> None:
    outcome = built.dbt("test", "2026-03-02", "--select", *MODELS)
    assert {status for status, _ in outcome["nodes"].values()} == {"pass"}
    assert {"funnel_conversion_bounds", "funnel_segment_dimensions"} < set(outcome["nodes"])


FUNNEL = "funnel_application_to_movein"
FAULTS = {
    "moveout_analysis_age_plausible": "update moveout_analysis set age = 101",
    "moveout_summary_adds_up_to_moveout_analysis": "update moveout_summary set moveout_count = moveout_count + 1",
    "moveout_summary_gender_adds_up": "update moveout_summary set gender_unknown_count = 9",
    "moveout_summary_age_adds_up": "update moveout_summary set age_unknown_count = 9",
    "moveout_summary_tenure_adds_up": "update moveout_summary set tenure_unknown_count = 9",
    "moveout_summary_renewal_adds_up": "update moveout_summary set renewal_unknown_count = 9",
    "movein_analysis_age_plausible": "update movein_analysis set age = 17",
    "move_events_moveins_are_those_of_movein_analysis": "update move_events set event_count = 2",
    "move_events_moveouts_are_those_of_moveout_analysis": "update move_events set event_count = 2",
    "move_events_week_of_its_date": "update move_events set week_start = week_start - interval 7 day",
    "move_events_weekly_adds_up_to_move_events": "update move_events_weekly set event_count = event_count + 3",
    "municipality_churn_weekly_moveins_add_up": "update municipality_churn_weekly set movein_count = 9",
    "municipality_churn_weekly_moveouts_add_up": "update municipality_churn_weekly set moveout_count = 9",
    "municipality_churn_weekly_net_is_in_less_out": "update municipality_churn_weekly set net_change = 9",
    "property_churn_weekly_moveins_add_up": "update property_churn_weekly set movein_count = 9",
    "property_churn_weekly_moveouts_add_up": "update property_churn_weekly set moveout_count = 9",
    "property_churn_weekly_net_is_in_less_out": "update property_churn_weekly set net_change = 9",
    "moveouts_reason_weekly_adds_up_to_move_events": "update moveouts_reason_weekly set moveout_count = 9",
    "funnel_conversion_bounds": f"update {FUNNEL}_daily set application_to_movein_rate = 0.5",
    "funnel_segment_dimensions": f"update {FUNNEL}_segment_share set segment_value = ' ' where segment_value <> '日本'",
    "funnel_periodized_daily_adds_up": f"delete from {FUNNEL}_periodized where period_grain = 'daily'",
    "funnel_periodized_weekly_adds_up": f"update {FUNNEL}_periodized set application_count = application_count + 1",
    "funnel_periodized_monthly_adds_up": f"delete from {FUNNEL}_periodized where period_grain = 'monthly' limit 1",
    "funnel_periodized_weeks_start_monday": (
        f"update {FUNNEL}_periodized set period_start = '2023-05-02' where period_grain = 'weekly'"
    ),
    "funnel_periodized_months_start_first": (
        f"update {FUNNEL}_periodized set period_start = '2023-05-02' where period_grain = 'monthly'"
    ),
    "funnel_segment_share_municipality_adds_up": (
        f"update {FUNNEL}_segment_share set application_count = application_count + 1"
    ),
    "funnel_segment_share_nationality_adds_up": (
        f"delete from {FUNNEL}_segment_share where segment_type = 'nationality' limit 1"
    ),
}


def test_every_fault_fails_its_test(built: Any) -> None:
    built.execute("use gold_next")
    for fault in FAULTS.values():
        built.execute(fault)
    outcome = built.dbt("test", "2026-03-02", "--select", *FAULTS, check=False)
    assert {name: status for name, (status, _) in outcome["nodes"].items()} == dict.fromkeys(FAULTS, "fail")
