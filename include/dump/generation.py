"""One generation of bronze in the making: what has to be loaded, what stays, and whether the result may be shown."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import count

import MySQLdb

from include.dump.audit import audit, check_counts, newest_changes
from include.dump.errors import AuditFailed
from include.dump.increments import Increments
from include.dump.inventory import Inventory
from include.dump.manifest import Manifest
from include.dump.progress import Progress
from include.dump.sending import Route, Sent, send_tables
from include.warehouse import ledger
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import drop_tables, prepare_next, rename
from include.warehouse.ledger import TableCount
from include.warehouse.masking import mask_values
from include.warehouse.schema import BRONZE, SchemaSet
from include.warehouse.server_errors import error_code, is_passing

# On Sundays everything is loaded, and each table that was due to be carried over, or to be brought up to date by what
# changed, is compared with its new load.
FULL_LOAD_WEEKDAY = 6
# Names of tables that were brought up to date on a day on which everything is loaded, until they are compared.
COMPARED = "_increment_"


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
        self._same = {
            name
            for name, entry in self._found.items()
            if name in self._live and self._live[name].checksum == entry.checksum
        }
        self._full = options.full(target)
        self._kept = self._live.keys() - self._found.keys() if options.partial else set()
        self._notes: list[str] = []
        self._wanted: set[str] = set()
        self._aside: dict[str, str] = {}

    def run(self, manifests: Sequence[Manifest]) -> tuple[list[TableCount], list[str], list[Sent]]:
        """Build the generation aside and audit it; return what there is to write down."""
        previous = ledger.previous_rows(self._connection, self._target, self._schemas)
        in_order = frozenset(table for table, count in self._live.items() if count.rejects)
        staying = {} if self._full else self._unharmed(self._same)
        self._wanted = self._with_relatives(self._found.keys() - staying.keys())
        changing = self._changing()
        prepare_next(self._connection, self._schemas, changing)
        if unchanged := len(self._found) - len(self._wanted):
            self._progress.say(f"{unchanged} tables are unchanged and stay, {len(self._wanted)} are loaded")
        sent, updated = self._bring_up_to_date(changing)
        if self._full:
            self._set_aside(updated)
            sent, updated = [], {}  # all that is recorded is of the whole load
        whole = self._wanted - updated.keys()
        sent += [self._send(inventory, whole, in_order) for inventory in self._inventories]
        places = {name: self._schemas.next if name in self._wanted else self._schemas.live for name in self._found}
        places |= dict.fromkeys(self._kept, self._schemas.live)
        self._progress.say(
            f"Checking {sum(entry.rows for entry in self._found.values()):,} rows in {len(places)} tables"
        )
        new = {name: places[name] for name in whole | self._kept}
        rows = staying | updated | count_rows(self._endpoint, new, whole, self._options.connections)
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
            notes += self._compare()
        seconds = {table: time for part in sent for table, time in part.seconds.items()}
        counts = [self._count(name, rows[name], seconds, previous) for name in (*self._found, *sorted(self._kept))]
        return counts, notes, sent

    def _unharmed(self, tables: Collection[str]) -> dict[str, int]:
        """Return the rows of those tables that could stay and hold as many as the ledger says."""
        rows = count_rows(
            self._endpoint, dict.fromkeys(tables, self._schemas.live), connections=self._options.connections
        )
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

    def _changing(self) -> frozenset[str]:
        """Return the tables to load whose copy in `staging_next` can be brought up to date."""
        if self._options.transport != "connections":
            return frozenset()
        tied = {parent.lower() for entry in self._found.values() for parent in entry.parents}
        return frozenset(name for name in self._wanted if self._found[name].increment and name.lower() not in tied)

    def _bring_up_to_date(self, changing: Collection[str]) -> tuple[list[Sent], dict[str, int]]:
        """Bring copies up to date; return the results, and the row counts of the copies that agree with the dump."""
        if not changing:
            return [], {}
        size = sum(entry.increment.size for name in changing if (entry := self._found[name]).increment)
        self._progress.say(f"Bringing {len(changing)} tables up to date by {size / 1e6:,.1f} MB of changed rows")
        sent, doubtful = [], set[str]()
        for inventory in self._inventories:
            tables = [name for name in inventory.tables if name in changing]
            part, doubted = Increments(inventory, self._route(), self._endpoint, self._progress).send(tables)
            sent.append(part)
            doubtful |= doubted
        for name in changing:
            self._found[name].increment = None  # its rows are in memory
        there = {name: self._schemas.next for name in changing if name not in doubtful}
        counted = count_rows(self._endpoint, there, (), self._options.connections)
        duplicates = {table: count for part in sent for table, count in part.duplicates.items()}
        rows = {name: found for name, found in counted.items() if found == self._expected(name, duplicates)}
        for name in sorted(changing - rows.keys()):
            self._notes.append(f"{name} was loaded whole, because its changed rows did not make it what the dump says")
            for part in sent:
                part.forget(name)
        drop_tables(self._connection, self._schemas.next, sorted(changing - rows.keys()))
        return sent, rows

    def _expected(self, name: str, duplicates: Mapping[str, int]) -> int:
        return self._found[name].rows - duplicates.get(name, 0)

    def _set_aside(self, updated: Collection[str]) -> None:
        """Give tables that were brought up to date other names, so that they can be compared with a whole load."""
        free = (f"{COMPARED}{number}" for number in count() if f"{COMPARED}{number}" not in self._found)
        self._aside = dict(zip(sorted(updated), free, strict=False))
        schema = self._schemas.next
        steps = [f"`{schema}`.`{name}` TO `{schema}`.`{other}`" for name, other in self._aside.items()]
        rename(self._connection, self._schemas, steps)

    def _route(self, in_order: frozenset[str] = frozenset()) -> Route:
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT @@max_allowed_packet")
            (max_packet_bytes,) = cursor.fetchone()
        return Route(
            self._restore_login,
            self._schemas.next,
            self._options.transport,
            self._options.connections,
            in_order,
            max_packet_bytes,
        )

    def _send(self, inventory: Inventory, whole: Collection[str], in_order: frozenset[str]) -> Sent:
        wanted = [name for name in inventory.tables if name in whole]
        if not wanted:
            return Sent()
        return send_tables(inventory, wanted, self._route(in_order), self._progress)

    def _compare(self) -> list[str]:
        """Compare the new load with tables that could have been carried over, or were brought up to date."""
        live, new = self._schemas.live, self._schemas.next
        notes = [
            f"{name} was not what its dump says although the dump is unchanged; it is replaced: find out who writes "
            f"into {live}"
            for name in sorted(self._same & self._wanted)
            if self._differ((live, name), (new, name))
        ]
        notes += [
            f"{name}, brought up to date by its changed rows, is not what a whole load makes of it; readers get the "
            f"whole load: find out who writes into {live} or {new}"
            for name, other in self._aside.items()
            if self._differ((new, other), (new, name))
        ]
        drop_tables(self._connection, new, list(self._aside.values()))
        return notes

    def _differ(self, one: tuple[str, str], other: tuple[str, str]) -> bool:
        with self._connection.cursor() as cursor:
            cursor.execute(f"CHECKSUM TABLE `{one[0]}`.`{one[1]}`, `{other[0]}`.`{other[1]}`")
            (_, before), (_, after) = cursor.fetchall()
        return bool(before != after)

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
