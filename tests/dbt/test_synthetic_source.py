"""Every test of the project, the heavy ones included, passes on the vendor's simulated data, quirks and all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from include.dbt.run_results import RunResults, describe, example_rows, read_results
from include.dump.restore import load_dump
from include.history.snapshots import capture_snapshot
from infra.local.database import Database
from infra.local.vendor import SCALES, Request, generate
from tests.dbt.project import DbtProject
from tests.include.conftest import BUCKET, SETTINGS

pytestmark = pytest.mark.full

DATES = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2))
EXPECTED_WARNINGS: set[str] = set()
"""What the simulated vendor does wrong often enough for a warning."""


def load_days(server: Database, days: Sequence[date], folder: Path, snapshot_days: int = 40) -> Iterator[date]:
    """Bring one simulated day after the other into staging and history; yields when one is there.

    Args:
        server: a running server with the project's schemas.
        days: the days.
        folder: takes the source's files.
        snapshot_days: dates before the first day whose tenants are in the history.
    """
    settings = replace(SETTINGS, minimum_dump_bytes=1_000_000)
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=BUCKET)
        for day in days:
            generate(Request(day, folder, SCALES["small"], snapshot_days=snapshot_days if day == days[0] else 0))
            for file in (file for file in folder.rglob("*") if file.is_file()):
                s3.put_object(Bucket=BUCKET, Key=str(file.relative_to(folder)), Body=file.read_bytes())
                file.unlink()
            load_dump(s3, settings, server.admin, day, lambda line: None, restore_login=server.admin)
            capture_snapshot(s3, settings, server.admin, day)
            yield day


@pytest.fixture(scope="module")
def three_days(
    make_database: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[DbtProject, list[RunResults]]]:
    """The project after three simulated days, and what dbt said about each."""
    server, target = make_database(), tmp_path_factory.mktemp("dbt")
    dbt = DbtProject(server, target, sources=False)
    runs = []
    for day in load_days(server, DATES, tmp_path_factory.mktemp("source")):
        dbt.dbt("build", str(day), check=False)
        runs.append(read_results(target))
        if runs[-1].failed:
            break
    yield dbt, runs
    dbt.close()


def test_three_days_of_the_small_source_pass_every_test(three_days: tuple[DbtProject, list[RunResults]]) -> None:
    dbt, runs = three_days
    for run in runs:
        assert not run.failed, [(describe(result), example_rows(dbt.connection, result)) for result in run.failed]
        assert not run.skipped
        assert {result.name for result in run.warned} == EXPECTED_WARNINGS
    assert len(runs) == len(DATES)
    fresh = dbt.dbt("source freshness", str(DATES[-1]))["nodes"]
    assert {name: status for name, (status, _) in fresh.items()} == dict.fromkeys(
        ("movings", "tenants", "rooms", "apartments", "tenant_daily_snapshots"), "pass"
    )


def test_i30_every_contract_of_the_dump_is_counted_or_left_out_for_one_reason(
    three_days: tuple[DbtProject, list[RunResults]],
) -> None:
    dbt, _ = three_days
    reasons = dict(
        dbt.execute(
            """
            select
                case
                    when contracts.contract_id is not null then 'counted'
                    when tenants.id is null then 'its tenant is not in the dump'
                    when apartments.id is null then 'its building is not in the dump'
                    when rooms.id is null then 'its room is not in the dump'
                    when newer.contract_id is not null then 'a later contract of the same tenant and room'
                    else 'no reason'
                end as reason,
                count(*)
            from staging.movings as movings
            left join silver.int_contracts as contracts on movings.id = contracts.contract_id
            left join staging.tenants as tenants on movings.tenant_id = tenants.id
            left join staging.apartments as apartments on movings.apartment_id = apartments.id
            left join staging.rooms as rooms on movings.room_id = rooms.id
            left join silver.int_contracts as newer
                on movings.tenant_id = newer.tenant_id
                and movings.apartment_id = newer.apartment_id
                and movings.room_id = newer.room_id
                and movings.id <> newer.contract_id
            group by 1
            """
        )
    )
    ((contracts,),) = dbt.execute("select count(*) from staging.movings")
    assert "no reason" not in reasons
    assert sum(reasons.values()) == contracts
    assert reasons["counted"] == dbt.execute("select count(*) from silver.int_contracts")[0][0]
    assert reasons["a later contract of the same tenant and room"] > 0
