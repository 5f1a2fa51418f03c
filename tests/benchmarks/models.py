"""How long silver and gold take: `make bench-models`, or `python -m tests.benchmarks.models --help`.

`day` runs a business day through the local platform, takes the time of its tasks from Airflow and the seconds that its
processes kept a processor busy from the system, and then builds the same models of the same date once by one plain
`dbt build`. On a machine that does other work, too, only the seconds of the processor can be compared.

`history` fills a private server with years of dates, and compares the day's increment, model by model, with a build in
which nothing is there yet, and with the earlier system's way: the whole status history anew by one window over all
snapshots, and the occupancy of 94 dates by queries of their own for each date, as the earlier system did.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from include.dbt import AFTER_PUBLISH
from include.dbt.runner import login_environment
from include.schedule import DAILY
from include.settings import PROJECT_DIR, Settings
from include.warehouse.endpoint import Endpoint
from infra.local import airflow_home, stack, warehouse
from infra.local.airflow_api import AirflowApi
from infra.local.database import Database, DatabaseError, free_port
from infra.local.state import LocalError, State
from infra.local.vendor import SCALES
from tests.benchmarks.measure import BenchmarkError
from tests.benchmarks.source import DATE, generated

BUILT = ("build_models", "silver.", "gold.", "check_gold", "publish_gold")
SELECTION = ("--select", "path:models/bronze", "path:models/silver", "path:models/gold", "--exclude", AFTER_PUBLISH)
"""The same models, by one command."""
LOOK_SECONDS = 2
EARLIER_DATES = 94
"""Three dates back to ninety ahead, on each run, as the earlier system did."""
SERVER_OPTIONS = ("--innodb-flush-log-at-trx-commit=1", "--innodb-doublewrite=OFF", "--loose-innodb-log-file-size=1G")
BUFFER_POOL_MB = 2048


class Dbt:
    """The dbt program on one server.

    Args:
        server: login of dbt.
        password: its password.
        target: folder for what dbt leaves.
    """

    def __init__(self, server: Endpoint, target: Path) -> None:
        self._target = target
        self._environment = os.environ | {
            **login_environment(server),
            "DBT_TARGET_PATH": str(target),
            "DBT_LOG_PATH": str(target),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }

    def run(self, *words: str, target_date: date = DATE) -> tuple[float, dict[str, float]]:
        """Run dbt; return its wall time and the seconds of each model, both in seconds.

        Raises:
            BenchmarkError: it failed.
        """
        command = [PROJECT_DIR / ".venv-dbt" / "bin" / "dbt", "--quiet", *words]
        command += ["--project-dir", PROJECT_DIR / "dbt", "--profiles-dir", PROJECT_DIR / "dbt"]
        command += ["--profile", "tokyobeta", "--target", "aurora"]
        environment = self._environment | Settings.from_environment().dbt_environment(target_date.isoformat())
        began = time.monotonic()
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        wall = time.monotonic() - began
        if done.returncode:
            raise BenchmarkError(f"dbt {words[0]} failed:\n{done.stdout[-2000:]}")
        results = json.loads((self._target / "run_results.json").read_text())["results"]
        models = {
            result["unique_id"].rpartition(".")[2]: float(result["execution_time"])
            for result in results
            if result["unique_id"].startswith("model.")
        }
        return wall, models


def day(state: State, runs: int, scale: str) -> Iterator[str]:
    """Yield the comparison of the DAG's silver and gold with one plain `dbt build`, run by run.

    Raises:
        BenchmarkError, LocalError: a run failed.
    """
    for number in range(1, runs + 1):
        target = DATE + timedelta(days=number - 1)
        tasks, dag_busy = _run(state, target, scale)
        dag = _span(tasks)
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(PROJECT_DIR / "dbt" / "target" / "partial_parse.msgpack", folder)
            dbt = Dbt(warehouse.login(state, "dbt"), Path(folder))
            before = _busy(state, "mysql") + sum(os.times()[2:4])
            plain, models = dbt.run("build", "--threads", "4", *SELECTION, target_date=target)
            busy = _busy(state, "mysql") + sum(os.times()[2:4]) - before
        yield f"run {number}, {target}{'wall s':>20} {'processor s':>12}"
        yield f"  one plain dbt build {plain:18.1f} {busy:12.1f}  {len(models)} models"
        yield f"  silver and gold as tasks {dag:13.1f} {dag_busy:12.1f}  {len(tasks)} tasks"
        yield f"  ratio {dag / plain:32.2f} {dag_busy / busy:12.2f}"


def _run(state: State, target: date, scale: str) -> tuple[dict[str, tuple[datetime, datetime]], float]:
    """Run a day; return the times of the tasks that build and publish, and their seconds of a processor.

    Raises:
        BenchmarkError: the day failed.
    """
    api = AirflowApi(airflow_home.ui_url(state))
    command = [sys.executable, "-m", "infra.local", "run", "--date", target.isoformat(), "--scale", scale]
    busy: list[float] = []
    with tempfile.TemporaryFile("w+") as said:
        running = subprocess.Popen(command, cwd=PROJECT_DIR, stdout=said, stderr=subprocess.STDOUT, text=True)
        while running.poll() is None:
            time.sleep(LOOK_SECONDS)
            with contextlib.suppress(LocalError):
                if api.is_up() and any(_is_building(api, run_id) for run_id in api.unfinished_runs(DAILY)):
                    busy.append(_busy(state, *stack.status(state)))
        said.seek(0)
        if running.returncode or not busy:
            raise BenchmarkError(f"the day failed:\n{said.read()[-2500:]}")
    tasks = api.task_instances(DAILY, api.last_run(DAILY))
    return {task.task_id: task.times for task in tasks if task.times and task.task_id.startswith(BUILT)}, busy[
        -1
    ] - busy[0]


def _is_building(api: AirflowApi, run_id: str) -> bool:
    states = {task.task_id: task.state for task in api.task_instances(DAILY, run_id) if task.task_id.startswith(BUILT)}
    return set(states.values()) != {"none"} and states["publish_gold"] != "success"


def _busy(state: State, *components: str) -> float:
    """Return how long the processes of these components, and their children, have kept a processor busy, in seconds."""
    seconds, pids = 0.0, stack.status(state)
    for component in components:
        with contextlib.suppress(psutil.NoSuchProcess):
            leader = psutil.Process(pids[component])
            for process in (leader, *leader.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess):
                    seconds += sum(process.cpu_times()[:4])
    return seconds


def _span(tasks: dict[str, tuple[datetime, datetime]]) -> float:
    return (max(end for _, end in tasks.values()) - min(start for start, _ in tasks.values())).total_seconds()


class History:
    """A server that holds many dates.

    Args:
        server: it runs, and is nobody else's.
        dates: how many dates.
    """

    def __init__(self, server: Database, dates: int, folder: Path) -> None:
        self._server = server
        self._dates = dates
        self.dbt = Dbt(server.admin, folder)

    def fill(self, dump: Path) -> None:
        """Load a dump, build its date, and give the dates before it something like what they would have held."""
        address = ["--host", "127.0.0.1", "--port", str(self._server.port), "--user", "root"]
        words = [str(dump), "--date", DATE.isoformat(), "--schema", "staging", "--no-contract"]
        command = [sys.executable, "-m", "include", "load", *words, *address]
        subprocess.run(command, cwd=PROJECT_DIR, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._snapshots(DATE)
        self.dbt.run("build", "--threads", "2", "--exclude", "resource_type:test")
        for back in range(1, self._dates):
            self._snapshots(DATE - timedelta(days=back))
            for table in ("tenant_room_snapshot_daily", "building_occupancy_daily", "room_departures_daily"):
                self._copy(table, DATE - timedelta(days=back))

    def _snapshots(self, target: date) -> None:
        """About a hundred and fifty tenants of fifty thousand change a day; some come, nobody goes."""
        age = (DATE - target).days
        self.query(
            "INSERT INTO history.tenant_daily_snapshots (tenant_id, status, contract_type, full_name, snapshot_date) "
            f"SELECT id, IF(crc32(id) %% 330 < {age}, (status + 1) %% 18, status), coalesce(contract_type, 0), "
            f"'*', '{target}' FROM staging.tenants WHERE crc32(id * 7) %% 1000 < 860 - {age} / 2"
        )

    def _copy(self, table: str, target: date) -> None:
        names = [
            name
            for (name,) in self.query(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'silver' AND table_name = %s "
                "ORDER BY ordinal_position",
                table,
            )
        ]
        others = ", ".join(name for name in names if name != "snapshot_date")
        self.query(
            f"INSERT INTO silver.{table} (snapshot_date, {others}) SELECT '{target}', {others} FROM silver.{table} "
            f"WHERE snapshot_date = '{DATE}'"
        )

    def counts(self) -> str:
        """Return how many rows there are, in words."""
        ((tenants,),) = self.query("SELECT count(*) FROM history.tenant_daily_snapshots")
        ((rooms,),) = self.query("SELECT count(*) FROM silver.tenant_room_snapshot_daily")
        return f"{self._dates} dates, {tenants:,} tenant snapshot rows, {rooms:,} room snapshot rows"

    def earlier_status_history(self) -> float:
        """Return the seconds of the earlier system's status history: all of it, by one window over all snapshots."""
        return self._timed(
            "CREATE TABLE silver.earlier_status_history AS SELECT tenant_id, status, contract_type, snapshot_date AS "
            "valid_from, lead(snapshot_date) OVER (PARTITION BY tenant_id ORDER BY snapshot_date) AS next_from FROM ("
            "SELECT *, lag(status) OVER w AS before_status, lag(contract_type) OVER w AS before_type FROM "
            "history.tenant_daily_snapshots WINDOW w AS (PARTITION BY tenant_id ORDER BY snapshot_date)) AS s WHERE "
            "before_status IS NULL OR before_status <> status OR before_type <> contract_type"
        )

    def earlier_occupancy(self) -> float:
        """Return the seconds of the earlier system's occupancy: for each date its own queries."""
        table = "silver.tenant_room_snapshot_daily"
        seconds = 0.0
        for offset in range(-3, EARLIER_DATES - 3):
            target = DATE + timedelta(days=offset)
            seen = min(target, DATE)
            for query in (
                f"SELECT count(*) FROM (SELECT apartment_id, room_id, min(snapshot_date) AS first_date FROM {table} "
                f"WHERE tenant_status_code IN (4, 5) GROUP BY apartment_id, room_id) AS f "
                f"WHERE first_date = '{target}'",
                f"SELECT count(DISTINCT apartment_id, room_id) FROM {table} WHERE snapshot_date = '{seen}' AND "
                f"effective_movein_date = '{target}'",
                f"SELECT count(DISTINCT apartment_id, room_id) FROM {table} WHERE snapshot_date = '{seen}' AND "
                f"effective_moveout_date = '{target}' AND tenant_status_code IN (14, 15, 16, 17)",
                f"SELECT count(*) FROM {table} WHERE snapshot_date = '{seen}' AND is_room_primary",
            ):
                seconds += self._timed(query)
        return seconds

    def query(self, sql: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Run a statement as root and return its rows."""
        with contextlib.closing(self._server.admin.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(sql, arguments)
            return list(cursor.fetchall())

    def _timed(self, sql: str) -> float:
        began = time.monotonic()
        self.query(sql)
        return time.monotonic() - began


def history(server: Database, dump: Path, dates: int, folder: Path) -> Iterator[str]:
    """Yield the comparison of a day's increment with a build from nothing and with the earlier system's way.

    Raises:
        BenchmarkError: a build failed.
    """
    filled = History(server, dates, folder)
    began = time.monotonic()
    filled.fill(dump)
    yield f"{filled.counts()} (filled in {time.monotonic() - began:.0f} s)"
    full, full_models = filled.dbt.run("run", "--threads", "2", "--full-refresh")
    run, run_models = filled.dbt.run("run", "--threads", "2")
    tested, _ = filled.dbt.run("build", "--threads", "2", "--exclude", "tag:after_publish")
    heavy, _ = filled.dbt.run("test", "--threads", "2", "--select", "tag:after_publish")
    yield f"{'seconds of':45} the day's increment   all anew   ratio"
    for name in sorted(run_models, key=lambda name: -full_models[name]):
        ratio = run_models[name] / full_models[name]
        yield f"  {name:43} {run_models[name]:20.2f} {full_models[name]:10.2f} {ratio:7.2f}"
    yield f"{'one dbt run, its start included':45} {run:20.1f} {full:10.1f} {run / full:7.2f}"
    yield f"with the morning's tests {tested:.1f} s; the long tests {heavy:.1f} s"
    history_seconds, occupancy = filled.earlier_status_history(), filled.earlier_occupancy()
    status, metrics = run_models["tenant_status_history"], run_models["occupancy_daily_metrics"]
    yield f"the earlier way: status history {history_seconds:.1f} s ({history_seconds / status:.0f} x the increment)"
    yield f"the earlier way: occupancy      {occupancy:.1f} s ({occupancy / metrics:.0f} x)"


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; a failure ends as one sentence and exit code 1."""
    options = _parser().parse_args(arguments)
    state = State.from_environment()
    try:
        if options.what == "day":
            for line in day(state, options.runs, options.scale):
                print(line, flush=True)
            return 0
        dump = generated(state.directory / "source" / options.scale, options.scale)
        with tempfile.TemporaryDirectory(prefix="bench-", dir=state.directory) as folder:
            server = Database(Path(folder) / "mysql", free_port(), options.buffer_pool_mb, SERVER_OPTIONS)
            server.start()
            try:
                for line in history(server, dump, options.dates, Path(folder)):
                    print(line, flush=True)
            finally:
                server.stop()
    except (BenchmarkError, DatabaseError, LocalError) as error:
        print(f"bench-models: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.models", description="Measure how long silver and gold take."
    )
    kinds = parser.add_subparsers(dest="what", required=True)
    of_day = kinds.add_parser("day", help="the DAG beside one plain dbt build")
    of_day.add_argument("--scale", choices=SCALES, default="small", help="size of the source; default: small")
    of_day.add_argument("--runs", type=int, default=1, help="business days to run; default: 1")
    of_history = kinds.add_parser("history", help="a day's increment beside a full build and the earlier way")
    of_history.add_argument("--scale", choices=SCALES, default="small", help="size of the source; default: small")
    of_history.add_argument("--dates", type=int, default=280, help="dates of history; default: 280")
    of_history.add_argument("--buffer-pool-mb", type=int, default=BUFFER_POOL_MB, help="of the server; default: 2048")
    return parser


if __name__ == "__main__":
    sys.exit(main())
