"""How time and memory grow: `make bench-growth WHAT="rows --sizes 1 2"`, or `python -m tests.benchmarks.growth --help`.

`rows` takes companies so many times as large as the real one, `dates` one company with so many dates of history,
`tables` one company whose dump has so many tables. Each phase runs as a program of its own on a private server. What
was measured is merged into a JSON file, phase by phase, so that single ones can be run again; `page` writes the page
and its picture from there.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil

from include.dbt.runner import login_environment
from include.settings import PROJECT_DIR, Settings
from include.warehouse.schema import BRONZE
from infra.local.database import PROGRAM_VARIABLE, Database, DatabaseError, free_port
from infra.local.state import State
from tests.benchmarks.curves import Point, as_json, from_json, merge
from tests.benchmarks.growth_dumps import company_dump, with_tables
from tests.benchmarks.growth_page import lines_of, page, picture
from tests.benchmarks.measure import BenchmarkError, measure
from tests.benchmarks.models import SERVER_OPTIONS, History
from tests.benchmarks.source import DATE

RESULTS = Path(__file__).with_name("growth.json")
BUFFER_POOL_MB = 2048
# As the command line calls the phases, and as tables do.
PHASES = {
    "scan": "scan",
    "load": "load",
    "capture": "capture",
    "append": "append",
    "silver": "silver",
    "gold": "gold",
    "next": "next day",
}
OF_AXIS = {
    "rows": tuple(PHASES),
    "dates": ("capture", "append", "silver", "gold"),
    "tables": ("scan", "load", "next"),
}
SIZES = {"rows": (1.0, 2.0, 4.0, 10.0), "dates": (100.0, 280.0, 1000.0), "tables": (81.0, 300.0)}
NEEDS_MODELS = {"silver", "gold"}
DAILY_TABLES = ("tenant_room_snapshot_daily", "building_occupancy_daily", "room_departures_daily")

Found = Callable[[Point], None]


class Company(History):
    """A server with one dump at a time, and the programs that work on it.

    Args:
        server: it runs, and is nobody else's.
        folder: for what programs leave.
        phases: those that are measured, as the command line calls them.
    """

    def __init__(self, server: Database, folder: Path, phases: frozenset[str]) -> None:
        super().__init__(server, 1, folder / "dbt")
        (folder / "dbt").mkdir()
        with contextlib.suppress(FileNotFoundError):  # of `make manifest`, so that no phase parses the project
            shutil.copy(PROJECT_DIR / "dbt" / "target" / "partial_parse.msgpack", folder / "dbt")
        self._folder = folder
        self._phases = phases
        self._process = psutil.Process(server.pid())
        self._environment = os.environ | {"MYSQL_PWD": "", "PYTHONPATH": str(PROJECT_DIR)}
        ((self.version,),) = self.query("SELECT VERSION()")

    def measured(self, axis: str, size: float, dump: Path, later: Path | None) -> Iterator[Point]:
        """Yield what each phase takes, from a dump to gold and the next day's load."""
        yield from self._dump(axis, size, dump)
        if self._phases & (set(PHASES) - {"scan", "load", "next"}):
            yield from self.day(axis, size, dump)
        if later and "next" in self._phases:
            yield self._point(axis, size, "next", dump, self._load(later, 1))

    def _dump(self, axis: str, size: float, dump: Path) -> Iterator[Point]:
        if "scan" in self._phases:
            yield self._point(axis, size, "scan", dump, [sys.executable, "-m", "include", "scan", dump])
        if self._phases != {"scan"}:
            self.empty()
            loaded = self._point(axis, size, "load", dump, self._load(dump, 0))
            if "load" in self._phases:
                yield loaded

    def day(self, axis: str, size: float, dump: Path) -> Iterator[Point]:
        """Yield what the phases after a load take: tenants into history, silver, gold."""
        self.keep_tenants()
        for step in ("capture", "append"):
            if step in self._phases:
                yield self._point(axis, size, step, dump, self._step(step))
        if self._phases & NEEDS_MODELS:
            self._dbt("build", "--exclude", "resource_type:test")  # seeds, and what a first run makes from nothing
            for layer in ("silver", "gold"):
                if layer in self._phases:
                    words = self._dbt_command("run", "--select", f"path:models/{layer}")
                    yield self._point(axis, size, layer, dump, words, self._dbt_environment())

    def keep_tenants(self) -> None:
        """Give `history` its first date, which only `capture` does."""
        measure(self._step("capture"), self._environment, self._process)

    def grow(self, dates: int) -> None:
        """Give the server so many dates of history."""
        have = self._dates
        for back in range(have, dates):
            self._snapshots(DATE - timedelta(days=back))
            for table in DAILY_TABLES if self._phases & NEEDS_MODELS else ():
                self._copy(table, DATE - timedelta(days=back))
        self._dates = dates
        self.query("ANALYZE TABLE history.tenant_daily_snapshots")
        if self._phases & NEEDS_MODELS:
            self._dbt("run", "--full-refresh", "--select", "tenant_status_history")

    def facts(self) -> dict[str, float]:
        """Return how many tenants there are, and what a row of history takes on the disk."""
        ((tenants,),) = self.query(f"SELECT COUNT(*) FROM {BRONZE.live}.tenants")
        self.query("ANALYZE TABLE history.tenant_daily_snapshots")
        ((size, rows),) = self.query(
            "SELECT data_length + index_length, (SELECT COUNT(*) FROM history.tenant_daily_snapshots) "
            "FROM information_schema.tables WHERE table_schema = 'history' AND table_name = 'tenant_daily_snapshots'"
        )
        return {"tenants": int(tenants), "history_bytes_per_row": round(float(size) / max(1, rows), 1)}

    def empty(self) -> None:
        """Drop everything."""
        self._dates = 1
        shown = [name for (name,) in self.query("SHOW DATABASES")]
        for name in shown:
            if name not in ("mysql", "sys", "information_schema", "performance_schema"):
                self.query(f"DROP DATABASE `{name}`")

    def _load(self, dump: Path, days: int) -> list[str | Path]:
        address = ["--host", "127.0.0.1", "--port", str(self._server.port), "--user", "root"]
        words = ["--date", (DATE + timedelta(days=days)).isoformat(), "--schema", BRONZE.live, "--no-contract"]
        return [sys.executable, "-m", "include", "load", dump, *words, *address]

    def _step(self, step: str) -> list[str | Path]:
        return [sys.executable, "-m", "tests.benchmarks.growth_steps", step, str(self._server.port), self._folder]

    def _dbt(self, *words: str) -> None:
        self.dbt.run(*words, "--threads", "2")

    def _dbt_command(self, *words: str) -> list[str | Path]:
        project = PROJECT_DIR / "dbt"
        command: list[str | Path] = [PROJECT_DIR / ".venv-dbt" / "bin" / "dbt", "--quiet", *words, "--threads", "2"]
        return [
            *command,
            "--project-dir",
            project,
            "--profiles-dir",
            project,
            "--profile",
            "tokyobeta",
            "--target",
            "aurora",
        ]

    def _dbt_environment(self) -> dict[str, str]:
        target = str(self._folder / "dbt")
        places = {"DBT_TARGET_PATH": target, "DBT_LOG_PATH": target, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        settings = Settings.from_environment().dbt_environment(DATE.isoformat())
        return self._environment | login_environment(self._server.admin) | places | settings

    def _point(
        self,
        axis: str,
        size: float,
        phase: str,
        dump: Path,
        command: list[str | Path],
        environment: Mapping[str, str] | None = None,
    ) -> Point:
        before = _children()
        found = measure(command, environment or self._environment, self._process)
        processor = found.server_cpu + _children() - before
        busy = os.getloadavg()[0] / (os.cpu_count() or 1)
        volume = dump.stat().st_size
        return Point(axis, size, PHASES[phase], found.wall, processor, found.peak, volume, str(self.version), busy)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def rows(company: Company, options: argparse.Namespace, data: Path) -> Iterator[Point]:
    """Yield the phases of companies of each size."""
    for size in options.sizes:
        later = company_dump(data, size, DATE + timedelta(days=1)) if "next" in options.phases else None
        yield from company.measured("rows", size, company_dump(data, size, DATE), later)


def dates(company: Company, options: argparse.Namespace, data: Path) -> Iterator[Point]:
    """Yield the phases of a day of one company after each number of dates."""
    dump = company_dump(data, options.company, DATE)
    for _ in company.measured("dates", 1, dump, None):
        pass  # loads it, and builds everything once
    for size in sorted(options.sizes):
        company.grow(int(size))
        yield from company.day("dates", size, dump)


def tables(company: Company, options: argparse.Namespace, data: Path) -> Iterator[Point]:
    """Yield the phases of one company whose dump has each number of tables."""
    days = (0, 1) if "next" in options.phases else (0,)
    dumps = [company_dump(data, options.company, DATE + timedelta(days=day)) for day in days]
    with tempfile.TemporaryDirectory(dir=data) as folder:
        for size in options.sizes:
            paths = [Path(folder) / path.name for path in dumps]
            for source, path in zip(dumps, paths, strict=True):
                with_tables(source, path, int(size))
            yield from company.measured("tables", size, paths[0], paths[1] if len(paths) > 1 else None)


AXES = {"rows": rows, "dates": dates, "tables": tables}


def _measure(options: argparse.Namespace, directory: Path) -> None:
    data = options.data or directory / "growth"
    data.mkdir(parents=True, exist_ok=True)
    found: list[Point] = []
    with tempfile.TemporaryDirectory(prefix="bench-", dir=directory) as folder:
        server = Database(Path(folder) / "mysql", free_port(), options.buffer_pool_mb, SERVER_OPTIONS)
        server.start()
        try:
            company = Company(server, Path(folder), frozenset(options.phases))
            for point in AXES[options.what](company, options, data):
                print(
                    f"{point.axis} {point.size:g}: {point.phase} {point.seconds:.1f} s, processor "
                    f"{point.processor:.1f} s, {point.peak / 1e6:.0f} MB",
                    file=sys.stderr,
                    flush=True,
                )
                found.append(point)
                facts: dict[str, Any] = {"buffer_pool_mb": options.buffer_pool_mb}
                if options.what != "rows":
                    facts |= {f"{options.what}_company": options.company}
                if options.what == "dates":
                    facts |= company.facts()
                _keep(options.results, point, facts)
        finally:
            server.stop()
    print("\n".join(lines_of(found)))


def _read(path: Path) -> tuple[list[Point], dict[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return from_json(content["points"]), content["facts"]
    except FileNotFoundError:
        raise BenchmarkError(f"{path} is not there; measure something first") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BenchmarkError(f"{path} holds no measurements ({error}); remove it and measure again") from None


def _keep(path: Path, point: Point, facts: Mapping[str, Any]) -> None:
    """Put one measurement into the file, as it is by now: another axis may be measured at the same time."""
    known, before = _read(path) if path.exists() else ([], {})
    content = {"facts": before | facts, "points": as_json(merge(known, [point]))}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _page(results: Path) -> None:
    points, facts = _read(results)
    drawn = results.with_suffix(".svg")
    drawn.write_text(picture(points), encoding="utf-8")
    results.with_suffix(".md").write_text(
        "\n".join([*page(points, facts, drawn.name).splitlines(), ""]), encoding="utf-8"
    )
    print(f"{results.with_suffix('.md')} and {drawn} were written")


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; a failure ends as one sentence and exit code 1."""
    options = _parser().parse_args(arguments)
    state = State.from_environment()
    try:
        if options.what == "page":
            _page(options.results)
            return 0
        if options.server:
            os.environ[PROGRAM_VARIABLE] = str(options.server)
        state.directory.mkdir(parents=True, exist_ok=True)
        _measure(options, state.directory)
    except (BenchmarkError, DatabaseError, OSError) as error:
        print(f"bench-growth: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            print(f"bench-growth: stopped; {options.results} keeps what was measured", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.growth",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(dest="what", required=True)
    helps = {
        "rows": "companies so many times as large as the real one; 0.02 to try it out",
        "dates": "numbers of dates of history",
        "tables": "numbers of tables in the dump",
    }
    for name, sizes in SIZES.items():
        one = kinds.add_parser(name, help=f"measure {helps[name]}")
        one.add_argument("--sizes", type=float, nargs="+", default=sizes, help=helps[name])
        one.add_argument("--phases", nargs="+", choices=OF_AXIS[name], default=OF_AXIS[name], help="default: all")
        one.add_argument("--buffer-pool-mb", type=int, default=BUFFER_POOL_MB, help=f"default: {BUFFER_POOL_MB}")
        one.add_argument("--server", type=Path, metavar="PATH", help=f"server program; default: {PROGRAM_VARIABLE}'s")
        one.add_argument("--data", type=Path, metavar="DIR", help="where dumps are kept; default: growth below .local")
        if name != "rows":
            one.add_argument("--company", type=float, default=0.1, help="its size; default: 0.1")
        _results(one)
    _results(kinds.add_parser("page", help="write the page and its picture from what was measured"))
    return parser


def _results(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE", help=f"default: {RESULTS.name} here")


if __name__ == "__main__":
    sys.exit(main())
