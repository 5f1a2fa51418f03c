"""The mail of a missed deadline, as the triggerer makes it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from airflow.providers.amazon.aws.hooks.sns import SnsHook

from include.alerts.messages import late_template
from late_notice import LateNotice


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    mails: list[dict[str, Any]] = []

    async def keep(self: SnsHook, **mail: Any) -> None:
        mails.append(mail)

    monkeypatch.setattr(SnsHook, "apublish_to_target", keep)
    return mails


def miss(deadline: str = "2026-03-01T23:00:00+00:00", **run: Any) -> None:
    """Let a deadline pass; the context is what Airflow hands over: JSON, nothing else."""
    context = {
        "dag_run": {
            "dag_run_id": "r1",
            "run_type": "scheduled",
            "logical_date": "2026-03-01T22:00:00Z",
            "run_after": "2026-03-01T22:00:00Z",
            "queued_at": "2026-03-01T22:00:01Z",
            "conf": {},
            **run,
        },
        "deadline": {"id": "1", "deadline_time": deadline},
    }
    message = late_template("prod", "gghouse_daily", "https://ui/runs/{{ dag_run.dag_run_id }}")

    async def triggerer() -> None:
        await LateNotice(
            aws_conn_id=None, target_arn="topic", subject=message.subject, message=message.body, context=context
        )

    asyncio.run(triggerer())


def test_i27_the_mail_names_the_tokyo_date_and_time(sent: list[dict[str, Any]]) -> None:
    miss()
    assert sent[0]["subject"] == "[prod] gghouse_daily is late, 2026-03-02"
    assert "for business date 2026-03-02 was not finished by 08:00 JST" in sent[0]["message"]
    assert "Where: https://ui/runs/r1" in sent[0]["message"]


def test_a_day_typed_into_the_trigger_form_is_the_one_that_is_late(sent: list[dict[str, Any]]) -> None:
    miss(run_type="manual", conf={"target_date": "2026-02-05"})
    assert sent[0]["subject"].endswith("2026-02-05")


def test_a_run_of_an_old_date_is_not_late(sent: list[dict[str, Any]]) -> None:
    for run_type in ("manual", "backfill"):
        miss(run_type=run_type, queued_at="2026-03-20T01:00:00Z")
    assert sent == []


def test_a_scheduled_run_that_started_after_its_deadline_is_late(sent: list[dict[str, Any]]) -> None:
    miss(queued_at="2026-03-02T02:00:00Z")
    assert len(sent) == 1
