"""A drill of each alert class: its subject, one mail however often it is seen, one when it is over."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from include.alerts.causes import WARNINGS, Cause
from include.schedule import DASHBOARDS_DUE, GOLD_DUE, clock
from infra.local.aws.account import TOPIC_ARN
from infra.local.aws.moto_server import DROPPING_FILE, dropped_rows
from infra.local.aws.quicksight import Ingestions, count_rows
from infra.local.aws.s3 import install
from infra.local.database import Database
from infra.local.drills import DRILLS, Ground, drill

DAY = date(2026, 3, 2)
SUBJECTS = {
    Cause.DUMP_MISSING: ["dump missing"],
    Cause.DUMP_REJECTED: ["dump rejected"],
    Cause.DATABASE: ["database trouble"],
    Cause.DBT: ["dbt failed: age_at_contract_plausible"],
    Cause.QUICKSIGHT: ["QuickSight refresh failed"],
    Cause.PERMISSIONS: ["access denied"],
    Cause.LATE: [
        f"late: figures not ready at {clock(GOLD_DUE)}",
        f"late: dashboards not ready at {clock(DASHBOARDS_DUE)}",
    ],
    Cause.STALE_DATA: ["stale data: staging.movings"],
    Cause.PLATFORM: ["load_staging of gghouse_daily failed"],
    Cause.QUICKSIGHT_ROWS: ["warning: rows missing: gghouse-local-occupancy_daily_metrics"],
    Cause.REJECTED_ROWS: ["warning: rows rejected: tenants 3"],
    Cause.REPORT: ["report not made: report_rent_roll"],
    Cause.REPORT_FINDING: ["warning: report to be looked at: flash: move-ins completed"],
    Cause.ENRICHMENT: [
        "warning: nationality not guessed: language model",
        "warning: nationality not guessed: the task failed",
    ],
}
SAYS = {
    Cause.DUMP_MISSING: ["s3://gghouse-local/dumps/gghouse_20260302.sql[.gz|.zst] did not come within 0 minutes"],
    Cause.DUMP_REJECTED: ["the file ends inside the rows of rooms"],
    Cause.DATABASE: ["Can't connect to"],
    Cause.DBT: ["  contract_id 4711, age_at_contract 17"],
    Cause.QUICKSIGHT: ["SQL_TABLE_NOT_FOUND"],
    Cause.PERMISSIONS: ["Access denied for user 'loader'"],
    Cause.LATE: 2 * ["s3://gghouse-local/dumps/gghouse_20260302.sql[.gz|.zst] has not arrived; the run waits for it"],
    Cause.STALE_DATA: ["staging.movings: newest updated_at 2026-02-27 09:00 JST"],
    Cause.PLATFORM: ["the task's process was lost"],
    Cause.QUICKSIGHT_ROWS: ["holds 2 rows and QuickSight dropped 1, while gold.occupancy_daily_metrics has 3"],
    Cause.REJECTED_ROWS: ["tenants: rejected rows 3, declared 0, since 2026-03-02 (0 in the load before)"],
    Cause.REPORT: ["rent-roll/202602/rent_roll.csv"],
    Cause.REPORT_FINDING: ["3 rooms of the move-ins completed are in no class; see rooms.csv"],
    Cause.ENRICHMENT: ["Bedrock knows no model jp.example any more", "Can't connect to"],
}


@pytest.fixture
def ground(bench: Any, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    install()
    bench.ingestions = Ingestions(  # whose clock runs
        partial(count_rows, database.admin), dropping=partial(dropped_rows, tmp_path / DROPPING_FILE)
    )
    ground = Ground(bench.url, database.admin, tmp_path, DAY)
    for name, value in ground.environment().items():
        monkeypatch.setenv(name, value)
    ground.prepare()
    return ground


@pytest.mark.parametrize("cause", list(Cause))
def test_each_class_is_mailed_once_and_once_more_when_it_is_over(ground: Ground, cause: Cause) -> None:
    mails = drill(ground, cause)
    over = [] if cause in WARNINGS else [mails.pop()]
    assert [mail.subject for mail in mails] == [f"[drill] 2026-03-02 {subject}" for subject in SUBJECTS[cause]]
    for mail, says in zip(mails, SAYS[cause], strict=True):
        assert says in mail.body
        assert f"https://airflow.example/gghouse/runbooks/{cause}" in mail.body
        assert ("as of 2026-03-01." in mail.body) is (cause not in WARNINGS)
        assert ground.server.password == "" or ground.server.password not in mail.body
    assert [mail.subject for mail in over] == ["[drill] 2026-03-02 resolved"][: len(over)]


def test_with_the_topic_gone_no_drill_raises(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__GGHOUSE__ALERT_TOPIC_ARN", TOPIC_ARN + "-gone")
    DRILLS[Cause.PLATFORM][0](ground)
