"""The mails: complete, true for each step, within SNS's limits."""

from __future__ import annotations

from datetime import date

import pytest

from include.alerts.messages import SUBJECT_LIMIT, Message, late_template, run_timed_out, task_degraded, task_failed


def failed(task_id: str = "load_staging", reason: str = "the dump ends in the middle of table movings") -> Message:
    return task_failed(
        environment="prod",
        dag_id="gghouse_daily",
        task_id=task_id,
        target=date(2026, 3, 2),
        attempts=3,
        reason=reason,
        url="https://airflow/task",
    )


def test_a_failure_says_what_why_what_readers_see_what_to_do_and_where() -> None:
    mail = failed()
    assert mail.subject == "[prod] gghouse_daily: load_staging failed, 2026-03-02"
    assert mail.body.splitlines() == [
        "What: load_staging of gghouse_daily for business date 2026-03-02 gave up after 3 tries.",
        "Why: the dump ends in the middle of table movings",
        "Readers meanwhile: The dashboards keep showing the last day that succeeded.",
        "What to do: Follow the reason; when the dump itself is bad, have it delivered again and clear wait_for_dump.",
        "Where: https://airflow/task",
    ]


def test_any_other_task_is_a_model() -> None:
    assert "The reason names what failed, and the rows" in failed("silver.int_contracts").body


def test_when_quicksight_fails_readers_are_told_that_the_figures_exist() -> None:
    assert "The figures of the day are in the database" in failed("refresh_quicksight").body


def test_a_warning_is_called_a_warning() -> None:
    mail = task_degraded(
        environment="prod",
        dag_id="gghouse_daily",
        task_id="archive_dump",
        target=date(2026, 3, 2),
        attempts=1,
        reason="no right to tag",
        url="u",
    )
    assert mail.subject == "[prod] gghouse_daily: warning, archive_dump, 2026-03-02"
    assert "the figures are complete" in mail.body
    assert "after 1 try." in mail.body


def test_a_stopped_run_says_so() -> None:
    mail = run_timed_out(environment="prod", dag_id="gghouse_daily", target=None, url="u")
    assert mail.subject == "[prod] gghouse_daily: run timed out, date unknown"


@pytest.mark.parametrize("task_id", ["x" * 300, "新規契約"])
def test_subjects_fit_sns(task_id: str) -> None:
    subject = failed(task_id).subject
    assert len(subject) <= SUBJECT_LIMIT
    assert subject.isascii()


def test_a_reason_of_many_pages_is_cut_and_an_empty_one_points_to_the_log() -> None:
    assert len(failed(reason="x" * 100_000).body) < 3000
    assert "Why: no reason given; see the log" in failed(reason="  ").body


def test_the_late_mail_leaves_date_and_time_to_the_sender() -> None:
    mail = late_template("prod", "gghouse_daily", "https://airflow/runs/{{ dag_run.dag_run_id }}")
    assert mail.subject == "[prod] gghouse_daily is late, {{ target }}"
    assert "for business date {{ target }} was not finished by {{ due }} JST" in mail.body
