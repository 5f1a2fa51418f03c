"""From a request to files: simulate, write the dump, its manifest and the snapshot history."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from infra.local.vendor import rent_roll
from infra.local.vendor.clock import DAY_SECONDS, START, day_text
from infra.local.vendor.core_rows import CoreRows
from infra.local.vendor.dump_writer import LAYOUTS, Layout, insert_statements
from infra.local.vendor.manifest_file import write_manifest
from infra.local.vendor.output import SUFFIXES, Output
from infra.local.vendor.scale import Scale
from infra.local.vendor.schema import Table, tables
from infra.local.vendor.schema.volumes import CORE, rows_before
from infra.local.vendor.secondary_rows import Contracts, rows
from infra.local.vendor.simulation import Simulation
from infra.local.vendor.snapshot_files import FIRST, Snapshots

DEFAULT_SEED = 20260205
EARLIEST, LATEST = date(2024, 2, 1), date(2035, 12, 31)
# Rows that one process formats at a time: a few megabytes.
BLOCK_ROWS = 20_000
# The tables of the four-file variant.
SPLIT_TABLES = ("movings", "tenants", "rooms", "inquiries")
# Scale divisor below which several processes are worth their start.
PARALLEL_BELOW = 10


class SourceError(ValueError):
    """The request cannot be met; the message says what would be accepted."""


@dataclass(frozen=True)
class Request:
    """What to generate.

    Attributes:
        target: date of the dump, the one in its name.
        directory: output directory; it gets the layout of the bucket.
        scale: size of the company.
        layout: `classic` or `compact`.
        compression: `none`, `gz` or `zst`.
        seed: another number gives another company.
        split: also write one file for each of movings, tenants, rooms and inquiries.
        routines: also write a trigger and a procedure into the dump.
        snapshot_days: length of the snapshot history before the target, in days; None for all of it.
        workers: processes that format rows; None for as many as there are cores.
        rent_roll: directory that takes the property manager's rent roll of the month, laid out like the bucket.
    """

    target: date
    directory: Path
    scale: Scale
    layout: str = "classic"
    compression: str = "none"
    seed: int = DEFAULT_SEED
    split: bool = False
    routines: bool = False
    snapshot_days: int | None = None
    workers: int | None = None
    rent_roll: Path | None = None

    def check(self) -> None:
        """Raise `SourceError` when a value is out of range."""
        if not EARLIEST <= self.target <= LATEST:
            raise SourceError(f"date {self.target} cannot be simulated; choose one from {EARLIEST} to {LATEST}")
        if self.layout not in LAYOUTS:
            raise SourceError(f"layout {self.layout!r} is unknown; choose one of {', '.join(LAYOUTS)}")
        if self.compression not in SUFFIXES:
            raise SourceError(f"compression {self.compression!r} is unknown; choose one of {', '.join(SUFFIXES)}")


@dataclass(frozen=True)
class Generated:
    """What was written: paths, bytes of the dump as stored, rows by table, number of snapshot files, rent roll."""

    dump: Path
    manifest: Path
    size: int
    rows: dict[str, int]
    snapshots: int
    split: tuple[Path, ...] = ()
    planted: rent_roll.Planted | None = None


def generate(request: Request, progress: Callable[[str], None] = lambda line: None) -> Generated:
    """Write the vendor's files of one date.

    Args:
        request: what to generate.
        progress: called with one line of text now and then.

    Raises:
        SourceError: the request is out of range.
    """
    request.check()
    day = request.target.toordinal()
    progress(f"simulating {request.scale.name} from {day_text(START)} to {request.target}")
    simulation = Simulation(request.scale, request.seed)
    days = request.snapshot_days
    snapshots = Snapshots(
        request.directory,
        first=FIRST if days is None else request.target - timedelta(days=days),
        before=request.target,
    )
    simulation.run(day, lambda today: snapshots.at_dump(simulation, today))
    progress(f"{len(simulation.tenants):,} tenants, {len(simulation.movings):,} contracts, {snapshots.files} snapshots")
    source = Source(simulation)
    workers = request.workers or (os.cpu_count() or 1 if request.scale.divisor < PARALLEL_BELOW else 1)
    stem = f"gghouse_{request.target:%Y%m%d}.sql"
    with Output(request.directory / "dumps" / stem, request.compression) as dump:
        _write(source, dump, Layout(request.layout, request.routines), tables().values(), workers, progress)
    manifest = write_manifest(request.directory, request.target, dump, source.core)
    split = tuple(_write_split(source, request, name) for name in SPLIT_TABLES) if request.split else ()
    counts = {name: source.count(name) for name in tables()}
    progress(f"{dump.path} {dump.size / 1e6:,.1f} MB, {sum(counts.values()):,} rows in {len(counts)} tables")
    planted = _write_rent_roll(simulation, request, progress)
    return Generated(dump.path, manifest, dump.size, counts, snapshots.files, split, planted)


class Source:
    """All rows of the database as of one day."""

    def __init__(self, simulation: Simulation) -> None:
        self._scale, self.day = simulation.scale, simulation.day
        self.core = CoreRows(simulation)
        self._contracts = _contracts(simulation)

    def count(self, table: str) -> int:
        """Return how many different rows a table has."""
        return self.core.count(table) if table in CORE else rows_before(table, self.day, self._scale)

    def statements(self, table: Table, first: int, stop: int) -> bytes:
        """Return the INSERT statements of a run of rows."""
        if table.name in CORE:
            lines = self.core.rows(table, first, stop)
        else:
            lines = rows(table, self._scale, self._contracts, self.day, first, stop)
        return b"".join(insert_statements(table.name, lines))


def _contracts(simulation: Simulation) -> Contracts:
    known = [(m.id, m.tenant.id, m.room.apartment.id, m.room.id, m.rent) for m in simulation.movings]
    before: list[int] = []
    for number, moving in enumerate(simulation.movings):
        while len(before) <= moving.created_at // DAY_SECONDS - START:
            before.append(number)
    before.extend([len(known)] * (simulation.day - START + 1 - len(before)))
    return Contracts(known, before, START)


def _write(
    source: Source,
    output: Output,
    layout: Layout,
    chosen: Iterable[Table],
    workers: int,
    progress: Callable[[str], None],
) -> None:
    chosen = list(chosen)
    output.write(layout.header().encode())
    tasks = [
        (table.name, first, min(first + BLOCK_ROWS, source.count(table.name)))
        for table in chosen
        for first in range(0, source.count(table.name), BLOCK_ROWS)
    ]
    blocks = _formatted(source, tasks, workers)
    for table in chosen:
        output.write(layout.before_rows(table).encode())
        for _ in range(0, source.count(table.name), BLOCK_ROWS):
            output.write(next(blocks))
        output.write(layout.after_rows(table).encode())
        if source.count(table.name) >= 5 * BLOCK_ROWS:
            progress(f"{table.name}: {source.count(table.name):,} rows")
    output.write(layout.footer(source.day).encode())


Task = tuple[str, int, int]
_forked: Source | None = None


def _formatted(source: Source, tasks: list[Task], workers: int) -> Iterator[bytes]:
    """Yield each task's statements in order, formatted by several processes that share the simulation by fork.

    Fork only from a process without threads: a lock that another thread holds stays locked in the child for ever.
    """
    if workers <= 1:
        for name, first, stop in tasks:
            yield source.statements(tables()[name], first, stop)
        return
    global _forked  # what a forked process inherits
    _forked = source
    gc.collect()
    gc.freeze()  # keeps the shared pages shared
    try:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("fork")) as pool:
            waiting = deque(pool.submit(_format, task) for task in tasks[: 2 * workers])
            for position in range(len(tasks)):
                yield waiting.popleft().result()
                if position + 2 * workers < len(tasks):
                    waiting.append(pool.submit(_format, tasks[position + 2 * workers]))
    finally:
        _forked = None
        gc.unfreeze()


def _format(task: Task) -> bytes:
    if _forked is None:
        raise AssertionError("rows are formatted in a forked process only")
    name, first, stop = task
    return _forked.statements(tables()[name], first, stop)


def _write_rent_roll(
    simulation: Simulation, request: Request, progress: Callable[[str], None]
) -> rent_roll.Planted | None:
    if request.rent_roll is None:
        return None
    planted = rent_roll.plant(simulation)
    for path in rent_roll.write(planted, request.rent_roll, request.target):
        progress(f"{path} {len(planted.rows):,} rows")
    for name, rooms in sorted((planted.classes + planted.differences).items()):
        progress(f"  {name}: {rooms}")
    return planted


def _write_split(source: Source, request: Request, name: str) -> Path:
    path = request.directory / "dumps" / f"{name}_{request.target:%Y%m%d}.sql"
    with Output(path, request.compression) as output:
        _write(source, output, Layout(request.layout), [tables()[name]], 1, lambda line: None)
    return output.path
