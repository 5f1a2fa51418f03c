"""A drill of each alert class: its subject, one mail however often it is seen, one when it is over."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include.alerts.causes import Cause
from include.local.aws.account import TOPIC_ARN
from include.local.aws.quicksight import Ingestions
from include.local.aws.s3 import install
from include.local.database import Database
from include.local.drills import DRILLS, Ground, drill

DAY = date(2026, 3, 2)
SUBJECTS = {
    Cause.DUMP_MISSING: ["dump missing"],
    Cause.DUMP_REJECTED: ["dump rejected"],
    Cause.DATABASE: ["database trouble"],
    Cause.DBT: ["dbt failed: age_at_contract_plausible"],
    Cause.QUICKSIGHT: ["QuickSight refresh failed"],
    Cause.PERMISSIONS: ["access denied"],
    Cause.LATE: ["late: figures not ready at 07:30", "late: dashboards not ready at 08:00"],
    Cause.STALE_DATA: ["stale data: staging.movings"],
    Cause.PLATFORM: ["load_staging of gghouse_daily failed"],
}
SAYS = {
    Cause.DUMP_MISSING: "s3://gghouse-local/dumps/gghouse_20260302.sql[.gz|.zst] did not come within 0 minutes",
    Cause.DUMP_REJECTED: "the file ends inside the rows of rooms",
    Cause.DATABASE: "Can't connect to",
    Cause.DBT: "  contract_id 4711, age_at_contract 17",
    Cause.QUICKSIGHT: "SQL_TABLE_NOT_FOUND",
    Cause.PERMISSIONS: "Access denied for user 'loader'",
    Cause.LATE: "s3://gghouse-local/dumps/gghouse_20260302.sql[.gz|.zst] is not there; the run waits for it",
    Cause.STALE_DATA: "staging.movings: newest updated_at 2026-02-27 09:00 JST",
    Cause.PLATFORM: "the task's process was lost",
}


@pytest.fixture
def ground(bench: Any, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    install()
    bench.ingestions = Ingestions(bench.count)  # whose clock runs
    ground = Ground(bench.url, database.admin, tmp_path, DAY)
    for name, value in ground.environment().items():
        monkeypatch.setenv(name, value)
    ground.prepare()
    return ground


@pytest.mark.parametrize("cause", list(Cause))
def test_each_class_is_mailed_once_and_once_more_when_it_is_over(ground: Ground, cause: Cause) -> None:
    *mails, over = drill(ground, cause)
    assert [mail.subject for mail in mails] == [f"[drill] 2026-03-02 {subject}" for subject in SUBJECTS[cause]]
    for mail in mails:
        assert SAYS[cause] in mail.body
        assert f"https://airflow.example/gghouse/runbooks/{cause}" in mail.body
        assert "as of 2026-03-01." in mail.body
        assert ground.server.password == "" or ground.server.password not in mail.body
    assert over.subject == "[drill] 2026-03-02 well again"


def test_with_the_topic_gone_no_drill_raises(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__GGHOUSE__ALERT_TOPIC_ARN", TOPIC_ARN + "-gone")
    DRILLS[Cause.PLATFORM][0](ground)
