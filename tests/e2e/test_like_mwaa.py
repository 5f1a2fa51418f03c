"""A whole day with the parts that Amazon MWAA puts beside Airflow: Celery, SQS and PostgreSQL."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.aws.moto_server import ASKED_FILE
from infra.local.state import State
from tests.e2e.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.full]

USED_BY_CELERY = {
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
}


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    if not shutil.which("postgres") and not list(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        pytest.skip("there is no PostgreSQL on this machine")
    monkeypatch.setenv("GGHOUSE_LIKE_MWAA", "1")
    platform = Platform(State(tmp_path / "local", {}))
    yield platform
    platform.command("down")


def test_a_day(platform: Platform) -> None:
    assert "Business date 2026-03-02: success" in platform.run("--date", "2026-03-02")
    assert "Executing workload in Celery" in (platform.state.logs / "worker.log").read_text()
    asked = [json.loads(line) for line in (platform.state.logs / ASKED_FILE).read_text().splitlines()]
    assert [wish for *wish, allowed in asked if not allowed] == []
    assert {action for action, *_ in asked} >= USED_BY_CELERY
