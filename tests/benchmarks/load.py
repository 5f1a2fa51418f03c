"""How long loading takes, beside `mysql < dump`: `make bench-load`, or `python -m tests.benchmarks.load --help`.

The same file goes to the same private server in every way there is, one after the other, in rounds, each time into
empty schemas and after the server has become idle. Three more runs follow the load over two connections: the same file
again, the preparation of the next load, and the dump of the same simulated company a day later. Every way is compared
once with what the plain client made of the file: `CHECKSUM TABLE` of all tables.

The plain client reads a copy without the rows that the source holds twice (incident I-12), because it would stop at the
first of them. All other runs are `python -m include load` on the file itself, started anew each time.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psutil

from include.dump.errors import DumpError
from include.settings import PROJECT_DIR
from include.warehouse.schema import MARK
from infra.local.database import PROGRAM_VARIABLE, Database, DatabaseError, find_server, free_port
from infra.local.state import State
from infra.local.vendor import SCALES
from tests.benchmarks import copies
from tests.benchmarks.measure import BenchmarkError, Measurement, measure, settle
from tests.benchmarks.source import DATE, generated

PLAIN = "mysql < dump"
UNCHANGED = "unchanged day"
PREPARED = "preparation"
NEXT = "the next day"
LOADS = {
    "program": ("--transport", "program"),
    "1 connection": ("--connections", "1"),
    "2 connections": ("--connections", "2"),
    "4 connections": ("--connections", "4"),
}
# Each of these needs what the one before it leaves.
CHAIN = (UNCHANGED, PREPARED, NEXT)
ORDER = (PLAIN, "program", "1 connection", "4 connections", "2 connections", *CHAIN)
SHOWN = (PLAIN, *LOADS, *CHAIN)
# Durable commits, as in include/dump/README.md#speed.
SERVER_OPTIONS = (
    "--innodb-flush-log-at-trx-commit=1",
    "--innodb-doublewrite=OFF",  # Aurora has none
    "--tls-version=",  # no TLS, for nobody
)
BUFFER_POOL_MB = 2048
SCHEMAS = ("bench", "bench_next", "bench_prev", "ops", "history")


class Bench:
    """One source on one server.

    Args:
        server: it runs, and is nobody else's.
        source: the dump.
        later: the dump of the next day.
        directory: for copies of the dumps.
        words: arguments of every load, without date.
        target: business date of the first dump.
    """

    def __init__(
        self,
        server: Database,
        source: copies.Scanned,
        later: copies.Scanned,
        directory: Path,
        words: Sequence[str],
        target: date,
    ) -> None:
        self._server = server
        self._process = psutil.Process(server.pid())
        self._source = source
        self._later = later
        self._words = words
        self._target = target
        self._environment = os.environ | {"MYSQL_PWD": "", "PYTHONPATH": str(PROJECT_DIR)}
        self._plain = directory / "plain.sql"
        self._schema = next(iter(source.inventory.databases), "bench_plain")
        self._expected: dict[str, int] = {}
        copies.for_the_plain_client(source, self._plain)

    def run(self, way: str, verify: bool) -> Measurement:
        """Load once.

        Args:
            way: one of `ORDER`.
            verify: whether the tables are compared with those of the plain client.

        Raises:
            BenchmarkError: the load failed, or the tables are others.
        """
        if way not in CHAIN:
            self._drop()
        settle(self._process)
        if way == PLAIN:
            return self._run_plain(verify)
        measured = measure(self._command(way), self._environment, self._process)
        if verify:
            self._verify(way)
        return measured

    def _command(self, way: str) -> list[str]:
        program = [sys.executable, "-m", "include"]
        address = ["--schema", "bench", "--host", "127.0.0.1", "--port", str(self._server.port), "--user", "root"]
        if way == PREPARED:
            return [*program, "prepare", str(self._source.path), *address]
        dump, target = (self._later, self._target + timedelta(days=1)) if way == NEXT else (self._source, self._target)
        words = [*self._words, "--date", target.isoformat(), *LOADS.get(way, ())]
        return [*program, "load", str(dump.path), *address, *words]

    def idle_peak(self) -> int:
        """Return the memory in bytes that the program and its modules need by themselves."""
        return measure([sys.executable, "-m", "include", "load", "--help"], self._environment, self._process).peak

    def _run_plain(self, verify: bool) -> Measurement:
        self.query(f"CREATE DATABASE {self._schema}")
        measured = measure(self._client(self._schema), self._environment, self._process, self._plain)
        if verify:
            self._expected = self.checksums(self._schema)
        return measured

    def _client(self, schema: str) -> list[str]:
        return ["mysql", "--no-defaults", "--host=127.0.0.1", f"--port={self._server.port}", "--user=root", schema]

    def _verify(self, way: str) -> None:
        expected = self._later_checksums() if way == NEXT else self._expected
        found = self.checksums("bench")
        if others := sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)):
            raise BenchmarkError(f"{way}: {', '.join(others)} not as the plain client has them")

    def _later_checksums(self) -> dict[str, int]:
        plain = self._plain.with_name("later.sql")
        copies.for_the_plain_client(self._later, plain)
        self.query(f"DROP DATABASE IF EXISTS `{self._schema}`")
        self.query(f"CREATE DATABASE `{self._schema}`")
        with plain.open("rb") as dump:
            subprocess.run(self._client(self._schema), stdin=dump, env=self._environment, check=True)
        found = self.checksums(self._schema)
        plain.unlink()
        if found == self._expected:
            raise BenchmarkError("the dump of the next day is that of the day")
        return found

    def _drop(self) -> None:
        for schema in (*SCHEMAS, self._schema):
            self.query(f"DROP DATABASE IF EXISTS `{schema}`")

    def checksums(self, schema: str) -> dict[str, int]:
        """Return `CHECKSUM TABLE` of all tables of a schema."""
        names = [name for (name,) in self.query(f"SHOW TABLES FROM `{schema}`") if name != MARK]
        found = self.query("CHECKSUM TABLE " + ", ".join(f"`{schema}`.`{name}`" for name in names))
        return {name.partition(".")[2]: checksum for name, checksum in found}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a statement as root and return its rows."""
        with contextlib.closing(self._server.admin.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())


def table(size: int, runs: dict[str, list[Measurement]]) -> Iterator[str]:
    """Yield the lines of the table.

    Args:
        size: bytes of the dump.
        runs: measurements of each way.
    """
    yield f"{'way':15}   wall s  ratio  server CPU s  peak MB    MB/s  all walls"
    baseline = statistics.median(run.wall for run in runs[PLAIN])
    for way in SHOWN:
        wall = statistics.median(run.wall for run in runs[way])
        cpu = statistics.median(run.server_cpu for run in runs[way])
        peak = max(run.peak for run in runs[way])
        walls = ", ".join(f"{run.wall:.1f}" for run in runs[way])
        speed = size / 1e6 / wall
        yield f"{way:15} {wall:8.1f} {wall / baseline:6.2f} {cpu:13.1f} {peak / 1e6:8.0f} {speed:7.1f}  {walls}"


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; a failure ends as one sentence and exit code 1."""
    options = _parser().parse_args(arguments)
    state = State.from_environment()
    try:
        if bool(options.dump) != bool(options.next):
            raise BenchmarkError("--dump and --next name the dumps of two days; name both or none")
        folder = state.directory / "source" / options.scale
        paths = [
            named or generated(folder, options.scale, options.date + timedelta(days=days))
            for days, named in enumerate((options.dump, options.next))
        ]
        if options.server:
            os.environ[PROGRAM_VARIABLE] = str(options.server)
        beside = find_server().parent
        if (beside / "mysql").exists():  # a client of the same kind
            os.environ["PATH"] = f"{beside}{os.pathsep}{os.environ['PATH']}"
        state.directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="bench-", dir=state.directory) as directory:
            _bench(paths, Path(directory), options)
    except (BenchmarkError, DatabaseError, DumpError) as error:
        print(f"bench-load: {error}", file=sys.stderr)
        return 1
    return 0


def _bench(paths: Sequence[Path], directory: Path, options: argparse.Namespace) -> None:
    source, later = map(copies.scan, paths)
    server = Database(
        directory / "mysql",
        free_port(),
        options.buffer_pool_mb,
        (
            *SERVER_OPTIONS,
            f"--loose-innodb-redo-log-capacity={options.buffer_pool_mb}M",  # MySQL's name for it
            f"--loose-innodb-log-file-size={options.buffer_pool_mb}M",  # MariaDB's
        ),
    )
    server.start()
    try:
        words = ["--contract" if options.contract else "--no-contract"]
        bench = Bench(server, source, later, directory, words, options.date)
        ((version,),) = bench.query("SELECT VERSION()")
        before, after = source.inventory.tables, later.inventory.tables
        same = {table.checksum for table in before.values()}
        grown = [table.bytes for table in after.values() if table.checksum not in same]
        print(
            f"{source.path.name}: {source.bytes / 1e6:,.1f} MB, {source.inventory.rows:,} rows in {len(before)} "
            f"tables; the next day {len(grown)} tables differ, {sum(grown) / 1e6:,.1f} MB\n"
            f"server {version} and client on {os.cpu_count()} processors; medians of {options.rounds}"
        )
        runs: dict[str, list[Measurement]] = {way: [] for way in ORDER}
        for number in range(options.rounds):
            for way in ORDER:
                runs[way].append(bench.run(way, verify=number == 0))
                print(f"round {number + 1}: {way} {runs[way][-1].wall:.1f} s", file=sys.stderr, flush=True)
        print("\n".join(table(source.bytes, runs)))
        print(f"peak MB of the program before it does anything: {bench.idle_peak() / 1e6:.0f}")
        print("all tables equal to those of the plain client (CHECKSUM TABLE), in every way")
    finally:
        server.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--scale", choices=SCALES, default="medium", help="of the source; medium: 96 MB, full: 965 MB")
    parser.add_argument("--rounds", type=int, default=3, help="default: 3")
    parser.add_argument("--server", type=Path, metavar="PATH", help=f"server program; default: {PROGRAM_VARIABLE}'s")
    parser.add_argument("--dump", type=Path, metavar="FILE", help="another dump, not compressed")
    parser.add_argument("--next", type=Path, metavar="FILE", help="and the dump of the day after it")
    parser.add_argument("--date", type=date.fromisoformat, default=DATE, help=f"its business date; default: {DATE}")
    parser.add_argument("--no-contract", dest="contract", action="store_false", help="it is not the vendor's")
    parser.add_argument("--buffer-pool-mb", type=int, default=BUFFER_POOL_MB, help=f"default: {BUFFER_POOL_MB}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
