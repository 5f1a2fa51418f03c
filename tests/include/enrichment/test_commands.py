"""`python -m include enrich`: what each step prints and changes."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from include.enrichment import commands
from include.enrichment.commands import EnrichmentContext
from include.enrichment.names import name_hash
from tests.include.enrichment.conftest import NOW, SETTINGS, TARGET, Asked, Warehouse

ANH = "NGUYEN THI ANH"
Run = Callable[..., int]


@pytest.fixture
def run(warehouse: Warehouse) -> Run:
    def run(*words: str, model: Any = None) -> int:
        parser = argparse.ArgumentParser()
        commands.add(parser.add_subparsers(required=True))
        context = EnrichmentContext(SETTINGS, warehouse.loader, lambda: model, NOW)
        return commands.run(parser.parse_args(words), lambda: context)

    return run


def test_a_plan_counts_and_writes_nothing(warehouse: Warehouse, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    warehouse.company()
    warehouse.tenant(ANH)
    assert run("plan", "--date", "2026-03-02") == 0
    printed = capsys.readouterr().out
    assert "1 of 169 tenants have a name and no nationality on record" in printed
    assert "1 name model" in printed
    assert "Nothing was written" in printed
    assert warehouse.state() == [[], []]


def test_run_does_what_the_task_does_and_evaluate_prints_it(
    warehouse: Warehouse, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse.company()
    warehouse.tenant(ANH)
    warehouse.tenant("ЖЩ")
    assert run("evaluate", "--date", "2026-03-02") == 0
    assert "Nothing was measured up to 2026-03-02" in capsys.readouterr().out
    assert run("run", "--date", "2026-03-02", model=Asked(refuses="Prompts are logged")) == 0
    assert capsys.readouterr().err == "enrich: Prompts are logged\n"
    assert warehouse.answers() == [("name_model", "ベトナム", TARGET)]
    assert run("evaluate", "--date", "2026-03-02") == 0
    printed = capsys.readouterr().out
    assert "name_model nb1-" in printed
    assert "measured on 2026-03-02: used" in printed
    assert ANH not in printed


def test_forgetting_is_described_before_it_is_done(
    warehouse: Warehouse, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse.company()
    tenant = warehouse.tenant(ANH, birth_date="1990-02-03")
    warehouse.tenant(ANH)
    warehouse.execute(
        "INSERT INTO history.tenant_daily_snapshots (tenant_id, status, contract_type, full_name, snapshot_date) "
        "VALUES (%s, 9, 1, 'PHAM THI ANH', '2026-02-01')",
        tenant,
    )
    warehouse.enrich()
    before = warehouse.state()
    assert run("forget", "--tenant", str(tenant)) == 0
    assert capsys.readouterr().out == (
        f"Would forget tenant {tenant}: answers 1, kept for present and former names 2; namesakes who lose theirs too: "
        "1. Add --yes to do it\n"
    )
    assert warehouse.state() == before
    assert run("forget", "--tenant", str(tenant), "--yes") == 0
    kept = warehouse.execute(
        "SELECT name_hash, source, nationality FROM ops.nationality_predictions ORDER BY name_hash"
    )
    assert kept == sorted((name_hash(name), "forgotten", None) for name in (ANH, "PHAM THI ANH"))
    model = Asked({ANH: "ベトナム"})
    outcome = warehouse.enrich(date(2026, 3, 3), model=model)
    assert warehouse.execute("SELECT COUNT(*) FROM ops.nationality_predictions") == [(2,)]
    assert outcome.counts["forgotten"] == 2
    assert ANH not in model.names


def test_a_tenant_without_a_name_cannot_be_forgotten(
    warehouse: Warehouse, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("forget", "--tenant", "7", "--yes") == 1
    assert capsys.readouterr().err.startswith("enrich: No name of tenant 7 is in staging or history")


def test_a_missing_table_is_one_sentence(warehouse: Warehouse, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    warehouse.execute("DROP TABLE staging.tenants")
    assert run("run") == 1
    assert capsys.readouterr().err.startswith("enrich: ")
