"""One generation of bronze in the making: what has to be loaded, what stays, and whether the result may be shown."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import MySQLdb

from include.dump.audit import audit, check_counts, newest_changes
from include.dump.errors import AuditFailed
from include.dump.inventory import Inventory
from include.dump.manifest import Manifest
from include.dump.progress import Progress
from include.dump.sending import Route, Sent, send_tables
from include.warehouse import ledger
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import prepare_next
from include.warehouse.ledger import TableCount
from include.warehouse.masking import mask_values
from include.warehouse.schema import BRONZE, SchemaSet
from include.warehouse.server_errors import error_code, is_passing

# On Sundays everything is loaded, and each table that was due to be carried over is compared with its new load.
FULL_LOAD_WEEKDAY = 6


@dataclass(frozen=True)
class LoadOptions:
    """How to load.

    Attributes:
        schemas: the generations that the dump goes to.
        transport: `connections` or `program`.
        connections: how many connections carry rows.
        carry_over: tables whose bytes are those of the live generation are not loaded again.
        contract: audit the generation against what the vendor's dump must hold; without it only counts are checked.
        partial: tables that the dumps lack stay as they are, instead of leaving the generation.
        only: if not empty, these tables and what foreign keys tie to them are taken, and the dumps lack all others.
        unproven: a dump is loaded although nothing proves that it is complete (hazard 19): one taken with `--compact`
            that has no manifest.
    """

    schemas: SchemaSet = BRONZE
    transport: str = "connections"
    connections: int = 2
    carry_over: bool = True
    contract: bool = True
    partial: bool = False
    only: frozenset[str] = frozenset()
    unproven: bool = False

    def full(self, target: date) -> bool:
        """Whether everything is loaded for this business date, what is unchanged included."""
        return not self.carry_over or target.weekday() == FULL_LOAD_WEEKDAY


class Generation:
    """One generation of bronze, built in the schema aside.

    Args:
        connection: holds the right to load.
        endpoint: login for the connections that count rows.
        restore_login: login for those that send what the dumps say.
        target: business date.
        options: how to load.
        inventories: what the first pass found in each file.
        live: what the ledger says about the tables that readers see.
        live_rows: rows that these tables hold; tables that are not needed may be left out.
        progress: receives a line for each step, and how far it is.
    """

    def __init__(
        self,
        connection: MySQLdb.Connection,
        endpoint: Endpoint,
        restore_login: Endpoint,
        target: date,
        options: LoadOptions,
        inventories: Sequence[Inventory],
        live: Mapping[str, TableCount],
        live_rows: Mapping[str, int],
        progress: Progress,
    ) -> None:
        self._connection = connection
        self._endpoint = endpoint
        self._restore_login = restore_login
        self._target = target
        self._options = options
        self._schemas = options.schemas
        self._inventories = inventories
        self._progress = progress
        self._found = {name: entry for inventory in inventories for name, entry in inventory.tables.items()}
        if options.only:
            chosen = self._with_relatives(self._found.keys() & options.only)
            self._found = {name: entry for name, entry in self._found.items() if name in chosen}
        self._live = live
        self._live_rows = live_rows
        self._same = {
            name
            for name, entry in self._found.items()
            if name in self._live and self._live[name].checksum == entry.checksum
        }
        self._full = options.full(target)
        self._kept = self._live.keys() - self._found.keys() if options.partial else set()
        self._notes: list[str] = []
        self._wanted: set[str] = set()

    def run(self, manifests: Sequence[Manifest]) -> tuple[list[TableCount], list[str], list[Sent]]:
        """Build the generation aside and audit it; return what there is to write down."""
        previous = ledger.previous_rows(self._connection, self._target, self._schemas)
        in_order = frozenset(table for table, count in self._live.items() if count.rejects)
        prepare_next(self._connection, self._schemas)
        staying = {} if self._full else self._unharmed(self._same)
        self._wanted = self._with_relatives(self._found.keys() - staying.keys())
        if unchanged := len(self._found) - len(self._wanted):
            self._progress.say(f"{unchanged} tables are unchanged and stay, {len(self._wanted)} are loaded")
        sent = [self._send(inventory, in_order) for inventory in self._inventories]
        places = {name: self._schemas.next if name in self._wanted else self._schemas.live for name in self._found}
        places |= dict.fromkeys(self._kept, self._schemas.live)
        self._progress.say(
            f"Checking {sum(entry.rows for entry in self._found.values()):,} rows in {len(places)} tables"
        )
        new = {name: places[name] for name in self._wanted | self._kept}
        rows = staying | count_rows(self._endpoint, new, self._wanted, self._options.connections)
        notes = self._notes + [note for part in sent for note in part.notes]
        duplicates = {name: self._live[name].rejects for name in self._found if name not in self._wanted}
        duplicates |= {table: count for part in sent for table, count in part.duplicates.items()}
        parsed = {name: entry.rows for name, entry in self._found.items()}
        check_counts(
            parsed | {name: self._live[name].rows for name in self._kept},
            rows,
            duplicates,
        )
        if self._options.contract:
            notes = audit(self._connection, self._target, places, rows, previous) + notes
        for manifest in manifests:
            found = {name: places[name] for name in self._found}
            manifest.verify_newest(newest_changes(self._connection, found, manifest.max_updated_at))
        if self._full:
            notes += self._compare(self._same & self._wanted)
        seconds = {table: time for part in sent for table, time in part.seconds.items()}
        counts = [self._count(name, rows[name], seconds, previous) for name in (*self._found, *sorted(self._kept))]
        return counts, notes, sent

    def _unharmed(self, tables: Collection[str]) -> dict[str, int]:
        """Return the rows of those tables that could stay and hold as many as the ledger says."""
        rows = {name: self._live_rows[name] for name in tables}
        for name in sorted(rows):
            if rows[name] != self._live[name].rows:
                self._notes.append(
                    f"{name} held {rows.pop(name):,} rows instead of {self._live[name].rows:,} although the dump is "
                    f"unchanged; it is loaded again: find out who writes into {self._schemas.live}"
                )
        return rows

    def _with_relatives(self, wanted: set[str]) -> set[str]:
        """Return these tables and all that foreign keys tie to them: a key never leads from one schema to another."""
        found = self._found
        while True:
            tied = {
                name
                for table, entry in found.items()
                for name in ({table} if entry.parents & wanted else entry.parents if table in wanted else ())
            }
            if tied & found.keys() <= wanted:
                return wanted
            wanted = wanted | (tied & found.keys())

    def _send(self, inventory: Inventory, in_order: frozenset[str]) -> Sent:
        wanted = [name for name in inventory.tables if name in self._wanted]
        if not wanted:
            return Sent()
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT @@max_allowed_packet")
            (max_packet_bytes,) = cursor.fetchone()
        options = self._options
        route = Route(
            self._restore_login,
            self._schemas.next,
            options.transport,
            options.connections,
            in_order,
            max_packet_bytes,
        )
        return send_tables(inventory, wanted, route, self._progress)

    def _compare(self, tables: Iterable[str]) -> list[str]:
        """Compare tables that could have been carried over with the result of loading them again."""
        notes = []
        with self._connection.cursor() as cursor:
            for table in sorted(tables):
                names = f"`{self._schemas.live}`.`{table}`, `{self._schemas.next}`.`{table}`"
                cursor.execute(f"CHECKSUM TABLE {names}")
                (_, live), (_, new) = cursor.fetchall()
                if live != new:
                    notes.append(
                        f"{table} was not what its dump says although the dump is unchanged; it is replaced: find out "
                        f"who writes into {self._schemas.live}"
                    )
        return notes

    def _count(self, name: str, rows: int, seconds: Mapping[str, float], previous: Mapping[str, int]) -> TableCount:
        entry = self._found.get(name)
        live = self._live.get(name)
        return TableCount(
            table=name,
            rows=rows,
            rejects=entry.rows - rows if entry else (live.rejects if live else 0),
            bytes=entry.bytes if entry else (live.bytes if live else 0),
            checksum=entry.checksum if entry else (live.checksum if live else ""),
            carried=name not in self._wanted,
            seconds=seconds.get(name, 0.0),
            previous_rows=previous.get(name),
        )


def count_rows(
    endpoint: Endpoint, places: Mapping[str, str], new: Collection[str] = (), connections: int = 1
) -> dict[str, int]:
    """Return the rows of each table, counted by the server; new ones get their statistics on the way.

    Args:
        endpoint: login that owns the tables.
        places: schema of each table.
        new: tables that the optimizer knows nothing about yet.
        connections: how many tables are counted at once.

    Raises:
        AuditFailed: a new table cannot be read, for a reason that lies in its definition.
        MySQLdb.Error: the server cannot be asked.
    """
    tables = iter(sorted(places))

    def count(_number: int) -> dict[str, int]:
        counted = {}
        with contextlib.closing(endpoint.connect()) as connection, connection.cursor() as cursor:
            while table := next(tables, None):
                name = f"`{places[table]}`.`{table}`"
                try:
                    if table in new:
                        cursor.execute(f"ANALYZE TABLE {name}")
                        cursor.fetchall()
                    cursor.execute(f"SELECT COUNT(*) FROM {name}")
                    (counted[table],) = cursor.fetchone()
                except MySQLdb.Error as error:
                    if table not in new or is_passing(error):
                        raise
                    raise AuditFailed(
                        f"{table} was loaded but cannot be read (error {error_code(error)}: "
                        f"{mask_values(str(error.args[-1]))}); have its definition changed at its source, or the dump "
                        "taken without it"
                    ) from error
        return counted

    with ThreadPoolExecutor(connections) as threads:
        return {table: rows for part in threads.map(count, range(connections)) for table, rows in part.items()}
