"""Whole days through the real scheduler, triggerer and API server, from the vendor's dump to the figures."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from include.local.aws import account
from include.local.aws.quicksight import GOLD_TABLES
from include.local.state import State
from include.local.warehouse import admin

pytestmark = pytest.mark.e2e

PROJECT = Path(__file__).resolve().parents[2]
RUN_SECONDS = 900
WHEN = re.compile(r"^(load_id|.*_at|.*_time|.*_seconds)$")
"""Columns that tell when a row was written, not what it says; the vendor's own `created_at` is compared in staging."""


@dataclass(frozen=True)
class Platform:
    state: State

    def command(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        variables = {f"AIRFLOW__GGHOUSE__{name}": value for name, value in settings.items()}
        return subprocess.run(
            [sys.executable, "-m", "include.local", *words],
            cwd=PROJECT,
            env={**os.environ, **variables, "GGHOUSE_LOCAL_DIR": str(self.state.directory)},
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )

    def run(self, *words: str) -> str:
        done = self.command("run", *words)
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr
        return done.stdout

    def query(self, statement: str) -> list[tuple]:
        with contextlib.closing(admin(self.state).connect()) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def checksums(self) -> dict[str, str]:
        """A checksum of every table's rows, whatever their order."""
        found = {}
        for schema, table in self.query(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' "
            "AND table_schema IN ('staging', 'silver', 'gold', 'history')"
        ):
            columns = [
                name
                for (name,) in self.query(
                    f"SELECT column_name FROM information_schema.columns WHERE table_schema = '{schema}' "
                    f"AND table_name = '{table}' ORDER BY ordinal_position"
                )
                if schema == "staging" or not WHEN.match(name)
            ]
            row = ", ".join(f"COALESCE(CAST(`{name}` AS CHAR), '\\0')" for name in columns)
            ((rows, digest),) = self.query(
                f"SELECT COUNT(*), COALESCE(SUM(CONV(LEFT(MD5(CONCAT_WS('|', {row})), 15), 16, 10)), 0) "
                f"FROM `{schema}`.`{table}`"
            )
            found[f"{schema}.{table}"] = f"{rows} {digest}"
        return found


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform(State(tmp_path_factory.mktemp("e2e") / "local", {}))
    yield platform
    platform.command("down")


def test_two_days_and_the_first_one_again(platform):
    first_page = platform.run()
    assert "Business date 2026-03-02: success" in first_page
    first = platform.checksums()
    assert len([name for name in first if name.startswith("staging.")]) == 81
    for data_set, table in GOLD_TABLES.items():
        rows = int(first[f"gold.{table}"].split()[0])
        assert rows > 0
        assert re.search(rf"{data_set} +{rows:,}  COMPLETED", first_page)
    assert "期末稼働室数" in first_page

    # The next day, without being told which.
    assert "Business date 2026-03-03: success" in platform.run()
    second = platform.checksums()
    assert {name for name in first if first[name] != second[name]} >= {"staging.tenants", "silver.int_contracts"}
    assert (
        platform.query("SELECT MAX(snapshot_date) FROM history.tenant_daily_snapshots")[0][0].isoformat()
        == "2026-03-03"
    )
    dates = {day.isoformat() for (day,) in platform.query("SELECT snapshot_date FROM gold.occupancy_daily_metrics")}
    assert dates >= {"2026-03-02", "2026-03-03"}

    # The same day once more: the same bytes.
    assert "Business date 2026-03-03: success" in platform.run("--date", "2026-03-03")
    again = platform.checksums()
    assert {name: (second[name], again[name]) for name in second if second[name] != again.get(name)} == {}
    assert again.keys() == second.keys()

    # Dumps are archived, nothing was mailed.
    s3 = account.client(account.endpoint_url(platform.state), "s3")
    keys = {item["Key"] for item in s3.list_objects_v2(Bucket=account.BUCKET, MaxKeys=1000)["Contents"]}
    assert {"processed/gghouse_20260302.sql", "processed/gghouse_20260303.sql"} <= keys
    assert platform.command("inbox").stdout.startswith("0 mails")


def test_a_second_start_finds_its_data_and_a_failed_run_changes_none_of_it(platform):
    assert "Running already" in platform.command("up").stdout
    before = platform.checksums()
    platform.command("down")
    done = platform.command("run", "--date", "2026-03-03", MINIMUM_DUMP_BYTES="999999999")
    assert done.returncode == 1
    assert "wait_for_dump failed" in done.stdout
    assert "gghouse_20260303.sql has" in done.stdout
    assert re.search(r"log: \S+attempt=1\.log", done.stdout)
    assert "wait_for_dump failed, 2026-03-03" in platform.command("inbox").stdout
    assert platform.checksums() == before
    s3 = account.client(account.endpoint_url(platform.state), "s3")
    assert s3.head_object(Bucket=account.BUCKET, Key="processed/gghouse_20260302.sql")["ContentLength"] > 10_000_000


def test_down_leaves_nothing_running(platform):
    assert platform.command("down").stdout.startswith("Stopped")
    mark = str(platform.state.directory)
    left = []
    for process in psutil.process_iter(["cmdline"]):
        with contextlib.suppress(psutil.Error, OSError):
            variables = Path(f"/proc/{process.pid}/environ").read_text(errors="replace")
            if process.pid != os.getpid() and (mark in variables or mark in " ".join(process.info["cmdline"] or [])):
                left.append(process.info["cmdline"])
    assert left == []
