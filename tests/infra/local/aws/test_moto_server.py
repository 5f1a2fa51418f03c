"""The stand-in's clock, which simulated days move on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from infra.local.aws.moto_server import clock_ahead
from infra.local.aws.quicksight import DAILY_LIMIT, Ingestions


def test_the_clock_is_the_real_one_without_a_file(tmp_path: Path) -> None:
    assert abs(clock_ahead(tmp_path / "days")() - datetime.now(UTC)) < timedelta(hours=1)


def test_the_refreshes_of_earlier_days_do_not_count_against_a_simulated_day(tmp_path: Path) -> None:
    file = tmp_path / "days"
    ingestions = Ingestions(count_rows=lambda schema, table: 1, clock=clock_ahead(file))
    for number in range(DAILY_LIMIT + 1):
        file.write_text(str(number))
        ingestions.create("gghouse-local-new_contracts", f"day-{number}", "arn")
    assert len(ingestions.list("gghouse-local-new_contracts")["Ingestions"]) == DAILY_LIMIT + 1
