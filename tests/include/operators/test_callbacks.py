"""Failures become mails in a real (stand-in) SNS topic, and an alert that cannot be sent harms nothing."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import MySQLdb
import pytest

from include.alerts.causes import Cause, Fault
from include.forms import Refused
from include.operators import callbacks


def test_i27_a_failed_task_is_mailed_with_the_tokyo_date(inbox: Any, failure: Any) -> None:
    callbacks.task_failed(failure(exception=RuntimeError("the disk is full")))
    [mail] = inbox.read()
    assert mail["Subject"] == "[test] 2026-03-02 load_staging of gghouse_daily failed"
    assert "gghouse_daily.load_staging, 3 tries:\nthe disk is full" in mail["Message"]
    assert "http://ui/dags/gghouse_daily/runs/r1/tasks/load_staging?try_number=3" in mail["Message"]
    assert "http://ui/gghouse/runbooks/platform" in mail["Message"]


def test_a_mail_holds_no_value_of_a_row(inbox: Any, failure: Any) -> None:
    callbacks.task_failed(failure(exception=MySQLdb.DataError(1366, "Incorrect integer value: '山田' for column 'n'")))
    [mail] = inbox.read()
    assert "Incorrect integer value: '…' for column 'n'" in mail["Message"]
    assert "山田" not in mail["Message"]


def test_thirty_tasks_that_fail_for_one_reason_are_one_mail(inbox: Any, failure: Any) -> None:
    for number in range(30):
        error = RuntimeError(f"gold.model_{number} could not be built: 2013 (HY000): Lost connection to MySQL server")
        callbacks.task_failed(failure(f"gold.model_{number}", exception=error))
    [mail] = inbox.read()
    assert mail["Subject"] == "[test] 2026-03-02 database trouble"


def test_a_refused_plan_is_not_mailed(inbox: Any, failure: Any) -> None:
    answer = RuntimeError("time 2026-03-02 18:22 cannot be restored; choose a later one")
    answer.__cause__ = Refused(str(answer))
    callbacks.task_failed(failure("plan", exception=answer))
    assert inbox.read() == []
    callbacks.task_failed(failure("execute", exception=answer))
    [mail] = inbox.read()
    assert "cannot be restored; choose a later one" in mail["Message"], "what ends in the midst of its work is mailed"


def test_a_report_that_gold_started_is_mailed_when_it_is_refused_and_one_by_form_is_not(
    inbox: Any, failure: Any
) -> None:
    answer = RuntimeError("the template holds a chart; take it out")
    answer.__cause__ = Refused(str(answer))
    given = failure("flash", exception=answer)
    given["ti"].dag_id = "report_flash"
    callbacks.task_failed(given)
    assert inbox.read() == []
    given["dag_run"].consumed_asset_events = [SimpleNamespace(extra={"business_date": "2026-02-28"})]
    callbacks.task_failed(given)
    [mail] = inbox.read()
    assert mail["Subject"] == "[test] 2026-02-28 report not made: report_flash"
    assert "The figures on the dashboards are not affected" in mail["Message"]


def test_any_failure_of_a_report_is_one_of_the_report_and_not_of_the_figures(inbox: Any, failure: Any) -> None:
    given = failure("corrections", exception=MySQLdb.OperationalError(2013, "Lost connection"))
    given["ti"].dag_id = "report_corrections"
    callbacks.task_failed(given)
    [mail] = inbox.read()
    assert "report not made: report_corrections" in mail["Subject"]


def test_lost_processes_are_one_mail(inbox: Any, failure: Any) -> None:
    for number in range(2):
        callbacks.task_failed(failure(f"gold.model_{number}"))
    [mail] = inbox.read()
    assert "the task's process was lost" in mail["Message"]


def test_a_date_that_cannot_be_run_is_a_warning(inbox: Any, failure: Any) -> None:
    callbacks.task_failed(failure("plan_day", params={"target_date": "2026-02-30"}, exception=ValueError("no date")))
    [mail] = inbox.read()
    assert "warning, plan_day: plan_day of gghouse_daily failed" in mail["Subject"]


def test_i07_a_step_that_fails_open_warns_once_a_date(inbox: Any, failure: Any) -> None:
    for _ in range(2):
        callbacks.task_degraded(failure("archive_dump"), RuntimeError("no right to tag"))
    [mail] = inbox.read()
    assert mail["Subject"] == "[test] 2026-03-02 warning, archive_dump: archive_dump of gghouse_daily failed"


def test_a_run_is_mailed_only_when_time_ran_out(inbox: Any, failure: Any) -> None:
    callbacks.run_failed(failure(reason="task_failure"))
    assert inbox.read() == []
    callbacks.run_failed(failure(reason="timed_out"))
    [mail] = inbox.read()
    assert "http://ui/dags/gghouse_daily/runs/r1\n" in mail["Message"]


def test_an_alert_that_cannot_be_sent_is_logged_and_raises_nothing(
    inbox: Any, failure: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW__GGHOUSE__ALERT_TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:gone")
    with caplog.at_level(logging.WARNING):
        callbacks.task_failed(failure(exception=RuntimeError("the dump is cut off")))
    assert "the dump is cut off" in caplog.text, "what could not be mailed is at least in the log"
    assert "The alert could not be sent" in caplog.text


@pytest.mark.parametrize("broken", [{}, {"ti": None}, {"ti": object(), "dag_run": None}])
def test_a_context_that_lacks_everything_raises_nothing(inbox: Any, broken: dict[str, Any]) -> None:
    callbacks.task_failed(broken)
    callbacks.run_failed(broken | {"reason": "timed_out"})
    callbacks.task_degraded(broken, RuntimeError("x"))


def test_a_green_run_resolves_the_incidents_of_its_dag(inbox: Any, failure: Any) -> None:
    callbacks.task_failed(failure(exception=RuntimeError("the disk is full")))
    for _ in range(2):
        callbacks.run_succeeded(failure())
    callbacks.run_succeeded({})
    assert [mail["Subject"] for mail in inbox.read()][1:] == ["[test] 2026-03-02 resolved"]


def test_missing_rows_are_reported_once_for_each_data_set(inbox: Any, s3: Any, failure: Any) -> None:
    context = failure("refresh_quicksight")
    for dataset in ("occupancy", "new_contracts", "occupancy"):
        callbacks.warn_people(context, Fault(Cause.QUICKSIGHT_ROWS, dataset), f"{dataset} holds 90 of 94 rows")
    mails = sorted(inbox.read(), key=lambda mail: mail["Subject"])
    assert [mail["Subject"] for mail in mails] == [
        f"[test] 2026-03-02 warning: rows missing: {dataset}" for dataset in ("new_contracts", "occupancy")
    ]
    assert "Readers see: the figures of 2026-03-02; charts of occupancy lack" in mails[1]["Message"]
    assert "occupancy holds 90 of 94 rows" in mails[1]["Message"]
    assert "http://ui/gghouse/runbooks/quicksight-rows" in mails[1]["Message"]
