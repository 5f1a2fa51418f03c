"""History as Parquet beside history in the database: `python -m tests.benchmarks.lake --help`.

Fills a private server with dates of the tenants' snapshots, and with rooms of the newest 90 of them, writes them as
Parquet into a folder that stands in for S3, and asks the database and DuckDB the same three questions. Prints seconds,
bytes and memory. A network, which neither side pays here, comes on top of both.
"""

from __future__ import annotations

import argparse
import contextlib
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from include.history.retention import retire
from include.lake.tables import PARTITION, ROOMS, TENANTS, Table
from include.lake.writing import write
from include.settings import Settings
from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import ensure_platform_tables
from infra.local.database import Database, free_port

LAST = date(2026, 11, 30)
WINDOW = 90
ROOM_ROWS = 16_000
SERVER_OPTIONS = ("--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=OFF", "--loose-innodb-log-file-size=1G")
BUFFER_POOL_MB = 2048
SINCE = f"{PARTITION} > date '{LAST - timedelta(days=WINDOW)}'"
PRESENT = "status IN (7, 9, 10, 11, 12, 13, 14, 15)"
QUESTIONS = {
    f"tenants present, {WINDOW} dates": f"SELECT {PARTITION}, COUNT(*) FROM {{tenants}} WHERE {SINCE} AND {PRESENT} "
    f"GROUP BY {PARTITION} ORDER BY 1",
    f"occupied rooms and rent, {WINDOW} dates": f"SELECT {PARTITION}, COUNT(*), SUM(monthly_rent) FROM {{rooms}} "
    f"WHERE {SINCE} AND is_room_primary = 1 GROUP BY {PARTITION} ORDER BY 1",
    "tenants by month and status, all dates": f"SELECT YEAR({PARTITION}), MONTH({PARTITION}), status, COUNT(*) "
    "FROM {tenants} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
}


class Folder:
    """As much of S3 as writing and reading partitions needs, as files."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_: Any) -> None:
        """Put an object."""
        (self.root / Key).parent.mkdir(parents=True, exist_ok=True)
        (self.root / Key).write_bytes(Body)

    def get_object(self, *, Bucket: str, Key: str) -> Any:
        """Open an object."""
        return {"Body": (self.root / Key).open("rb")}


@contextlib.contextmanager
def filled(directory: Path, dates: int, tenants: int) -> Iterator[Endpoint]:
    """Start a server that holds the dates."""
    server = Database(directory / "server", free_port(), buffer_pool_mb=BUFFER_POOL_MB, options=SERVER_OPTIONS)
    server.start()
    try:
        with contextlib.closing(server.admin.connect()) as connection, connection.cursor() as cursor:
            ensure_platform_tables(connection)
            cursor.execute("CREATE DATABASE silver")
            columns = ", ".join(f"{column.name} {column.type}" for column in ROOMS.columns)
            key = ", ".join((PARTITION, *ROOMS.key))
            cursor.execute(f"CREATE TABLE {ROOMS.source} ({columns}, {PARTITION} date, PRIMARY KEY ({key}))")
            cursor.execute("CREATE TABLE ops.numbers (n int PRIMARY KEY)")
            rows = max(tenants, ROOM_ROWS)
            for first in range(0, rows, 10_000):
                values = ",".join(f"({number + 1})" for number in range(first, min(first + 10_000, rows)))
                cursor.execute(f"INSERT INTO ops.numbers VALUES {values}")
            cursor.execute(f"ALTER TABLE {TENANTS.source} DROP KEY tenant_id")
            for back in reversed(range(dates)):
                _fill(cursor, LAST - timedelta(days=back), tenants, rooms=back < WINDOW)
            cursor.execute(f"ALTER TABLE {TENANTS.source} ADD KEY tenant_id (tenant_id)")
            cursor.execute(f"ANALYZE TABLE {TENANTS.source}, {ROOMS.source}")
        yield server.admin
    finally:
        server.stop()


def _fill(cursor: Any, day: date, tenants: int, *, rooms: bool) -> None:
    """Insert a date: one tenant in 60 changes the status on a day, and rooms have the rents of their tenants."""
    changes = f"(n * 7919 + FLOOR(({day.toordinal()} + n) / 60) * 31)"
    cursor.execute(
        f"INSERT INTO {TENANTS.source} SELECT n, {changes} %% 18, n %% 3, CONCAT('試験 太郎', n), %s "
        "FROM ops.numbers WHERE n <= %s",
        (day, tenants),
    )
    if rooms:
        cursor.execute(
            f"INSERT INTO {ROOMS.source} ({', '.join(column.name for column in ROOMS.columns)}, {PARTITION}) SELECT n, "
            f"n DIV 12, n, n + 1000, {changes} %% 9 + 7, n %% 3, %s, %s, NULL, NULL, 0, 40000 + n %% 400 * 100, "
            f"{changes} %% 10 > 1, %s FROM ops.numbers WHERE n <= {ROOM_ROWS}",
            (day - timedelta(days=400), day - timedelta(days=400), day),
        )


def seconds(work: Callable[[], Any], rounds: int = 2) -> tuple[float, Any]:
    """Return the best time of some rounds, and the last answer."""
    best, answer = float("inf"), None
    for _ in range(rounds):
        started = time.perf_counter()
        answer = work()
        best = min(best, time.perf_counter() - started)
    return best, answer


def measure(directory: Path, dates: int, tenants: int) -> dict[str, str]:
    """Return what was measured, name to value in words."""
    found: dict[str, str] = {}
    days = [LAST - timedelta(days=back) for back in reversed(range(dates))]
    settings = Settings("lake", "", (), "", history_parquet=True, history_keep_days=max(dates - 20, 1))
    s3: Any = Folder(directory / "lake")
    with filled(directory, dates, tenants) as login:
        for table, all_days in ((TENANTS, days), (ROOMS, days[-WINDOW:])):
            todo: Sequence[tuple[Table, date]] = [(table, day) for day in all_days]
            took, done = seconds(lambda todo=todo: write(s3, settings, login, todo, print), rounds=1)
            found[f"{table.name}: write, s a date"] = f"{took / len(todo):.3f}"
            found[f"{table.name}: bytes a date in S3"] = f"{done.bytes / len(todo):,.0f}"
            found[f"{table.name}: bytes a date in the database"] = f"{_bytes(login, table) / len(todo):,.0f}"
            found[f"{table.name}: MB in S3, in the database"] = (
                f"{done.bytes / 1e6:,.1f}, {_bytes(login, table) / 1e6:,.0f}"
            )
        found["memory of the writer, MB"] = f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f}"
        for name, question in QUESTIONS.items():
            here, rows = seconds(lambda asked=question: _database(login, asked))
            there, answer = seconds(lambda asked=question: _duckdb(directory / "lake", asked))
            assert [tuple(map(str, row)) for row in rows] == [tuple(map(str, row)) for row in answer], name
            found[f"{name}: database, DuckDB, s"] = f"{here:.2f}, {there:.2f}"
        took, gone = seconds(lambda: retire(s3, settings, login, LAST), rounds=1)
        found["retire, s a date"] = f"{took / gone.dates:.2f}"
    return found


def _bytes(login: Endpoint, table: Table) -> int:
    with contextlib.closing(login.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT data_length + index_length FROM information_schema.tables "
            "WHERE table_schema = %s AND table_name = %s",
            (table.schema, table.name),
        )
        return int(cursor.fetchone()[0])


def _database(login: Endpoint, question: str) -> list[Any]:
    with contextlib.closing(login.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(question.format(tenants=TENANTS.source, rooms=ROOMS.source))
        return list(cursor.fetchall())


def _duckdb(lake: Path, question: str) -> list[Any]:
    import duckdb

    files = {
        "tenants": f"read_parquet('{lake}/history/{TENANTS.name}/*/*.parquet', hive_partitioning = true)",
        "rooms": f"read_parquet('{lake}/history/{ROOMS.name}/*/*.parquet', hive_partitioning = true)",
    }
    with duckdb.connect() as connection:
        return connection.execute(question.format(**files)).fetchall()


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dates", type=int, nargs="+", default=[100, 280, 1000])
    parser.add_argument("--tenants", type=int, default=50_000)
    parser.add_argument("--directory", type=Path, help="where the server's files go (default: a temporary directory)")
    options = parser.parse_args()
    measured = []
    for dates in options.dates:
        # a process of its own, whose memory is that of its dates alone
        with tempfile.TemporaryDirectory(dir=options.directory) as directory, get_context("spawn").Pool(1) as process:
            measured.append(process.apply(measure, (Path(directory), dates, options.tenants)))
        print(f"{dates} dates: {measured[-1]}", flush=True)
    print(
        f"\n| {options.tenants:,} tenants a date | " + " | ".join(f"{dates:,} dates" for dates in options.dates) + " |"
    )
    print("|---" * (len(options.dates) + 1) + "|")
    for name in measured[0]:
        print(f"| {name} | " + " | ".join(each[name] for each in measured) + " |")


if __name__ == "__main__":
    main()
