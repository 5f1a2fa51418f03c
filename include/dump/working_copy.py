"""The working copy: copies of the great tables that readers see, in the next generation's schema.

They are made after a day's work, when nobody waits. The next load brings them up to date by the rows that changed and
publishes them. The mark beside them names the load whose tables they are copies of; it is the first thing that a load
takes away and the last that comes, so whatever is killed leaves no copy that anybody trusts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import MySQLdb

from include.dump.blocks import NO_BASE, Blocks, block_key
from include.dump.connections import DEFER_BYTES
from include.dump.inventory import TableEntry, take_inventory
from include.dump.progress import Meter, Progress
from include.dump.source import Dump
from include.dump.sql.create_table import parse_create_table
from include.dump.sql.definition import COUNTER, TableDefinition
from include.dump.sql.target import Target, target_on
from include.dump.sql.tokens import NotUnderstood, name
from include.dump.transport import SQL_MODE
from include.warehouse import ledger
from include.warehouse.block_store import known_blocks, read_blocks, save_blocks
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import end_orphans, exclusive, prepare_next
from include.warehouse.ledger import TableCount
from include.warehouse.schema import BRONZE, SchemaSet, as_stored, table_names

# A smaller table is loaded whole as fast as it is brought up to date.
SMALLEST_BYTES = DEFER_BYTES


class Bases:
    """Digests of the tables in the working copy, read when they are asked for.

    Args:
        endpoint: login that reads `ops`.
        checksums: of the tables' bytes in the dump, by name.
    """

    def __init__(self, endpoint: Endpoint, checksums: dict[str, str]) -> None:
        self._endpoint = endpoint
        self._checksums = checksums
        self._connection: MySQLdb.Connection | None = None

    def __call__(self, definition: TableDefinition) -> Blocks | None:
        """Return the digests of a table; None when it is not in the working copy."""
        checksum = self._checksums.get(definition.name)
        if checksum is None:
            return None
        if self._connection is None:
            self._connection = self._endpoint.connect()
        kept = read_blocks(self._connection, checksum)
        return Blocks.from_bytes(*kept) if kept else None

    def close(self) -> None:
        """Let the connection go."""
        if self._connection:
            self._connection.close()


@contextlib.contextmanager
def open_bases(
    connection: MySQLdb.Connection, endpoint: Endpoint, live: dict[str, TableCount], schemas: SchemaSet = BRONZE
) -> Iterator[Bases]:
    """Give the digests of the tables in the working copy of what readers see.

    Args:
        connection: holds the right to load.
        endpoint: login that reads `ops`.
        live: what the ledger says about the tables that readers see; empty when that is not certain.
        schemas: the generations.
    """
    made = ledger.mark_of(connection, schemas.next)
    copied: set[str] = set()
    stored = as_stored(connection)
    if made is not None and made == ledger.mark_of(connection, schemas.live):
        copied = set(map(stored, table_names(connection, schemas.next)))
    found = Bases(endpoint, {table: count.checksum for table, count in live.items() if stored(table) in copied})
    try:
        yield found
    finally:
        found.close()


@dataclass
class Prepared:
    """What a preparation did.

    Attributes:
        tables: copied tables, with their rows.
        notes: tables that were left out, and why.
    """

    tables: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def prepare_load(
    endpoint: Endpoint,
    progress: Progress,
    dumps: Sequence[Dump] = (),
    *,
    schemas: SchemaSet = BRONZE,
    connections: int = 2,
    restore_login: Endpoint | None = None,
) -> Prepared:
    """Copy the great tables that readers see for the next load; it is done once for each generation.

    Without it the next load is right as well, and takes longer.

    Args:
        endpoint: login that owns the schemas and `ops`.
        progress: receives a line for each step.
        dumps: that were loaded; a table that was loaded whole is divided into blocks now, when nobody waits.
        schemas: the generations.
        connections: how many tables are copied at once.
        restore_login: login whose sessions of a killed load are ended; None means `endpoint`.

    Raises:
        include.warehouse.generations.LoadBusy: a load is running.
        include.dump.errors.DumpError: a dump cannot be read; it was replaced since it was loaded.
        MySQLdb.Error: the server refused a statement, or is gone.
    """
    with contextlib.closing(endpoint.connect()) as connection, exclusive(connection, schemas):
        made = ledger.mark_of(connection, schemas.live)
        if made is not None and ledger.mark_of(connection, schemas.next) == made:
            progress.say(f"The tables of {schemas.live} are copied already")
            return Prepared()
        wanted = _great_tables(connection, schemas, dumps, progress)
        if made is None or not wanted:
            progress.say(f"Nothing of {schemas.live} can be copied; the next load takes all tables that changed whole")
            return Prepared()
        end_orphans(restore_login or endpoint, schemas)
        prepare_next(connection, schemas)
        size = sum(count.bytes for count in wanted)
        progress.say(f"Copying {len(wanted)} tables of {schemas.live}, {size / 1e6:,.1f} MB of the dump")
        prepared = _copy(endpoint, wanted, target_on(connection), schemas, connections)
        ledger.set_mark(connection, schemas.next, made)
    for note in prepared.notes:
        progress.say(f"Note: {note}")
    progress.say(f"Copied {sum(prepared.tables.values()):,} rows in {len(prepared.tables)} tables")
    return prepared


def _great_tables(
    connection: MySQLdb.Connection, schemas: SchemaSet, dumps: Sequence[Dump], progress: Progress
) -> list[TableCount]:
    """Return the tables that are worth a copy and whose digests are kept, the greatest first."""
    live = [count for count in ledger.live_tables(connection, schemas).values() if count.bytes >= SMALLEST_BYTES]
    known = known_blocks(connection, [count.checksum for count in live])
    lacking = {count.table: count.checksum for count in live if count.checksum not in known}
    if lacking and dumps:
        known |= _divide(connection, dumps, lacking, progress)
    return sorted((count for count in live if count.checksum in known), key=lambda count: count.bytes, reverse=True)


def _divide(
    connection: MySQLdb.Connection, dumps: Sequence[Dump], lacking: Mapping[str, str], progress: Progress
) -> set[str]:
    """Divide tables of dumps into blocks and keep the digests; return the checksums of those that could be divided.

    Args:
        connection: login that owns `ops`.
        dumps: that were loaded; a table that is another one now keeps nothing.
        lacking: checksums by table.
        progress: receives how far it is.
    """
    found = set[str]()
    meter = Meter("Dividing rows into blocks", sum(dump.size for dump in dumps))
    with progress.measure(meter):
        for dump in dumps:
            inventory = take_inventory(
                dump,
                meter.add,
                target=target_on(connection),
                bases=lambda definition: NO_BASE if definition.name in lacking else None,
            )
            found |= keep_blocks(
                connection,
                [table for table in inventory.tables.values() if lacking.get(table.name) == table.checksum],
            )
    return found


def keep_blocks(connection: MySQLdb.Connection, tables: Iterable[TableEntry]) -> set[str]:
    """Keep the digests of tables that were divided, for the loads to come; return their checksums."""
    divided = {table.checksum: table.blocks for table in tables if table.blocks}
    for checksum in divided.keys() - known_blocks(connection, divided):
        save_blocks(connection, checksum, divided[checksum].definition, divided[checksum].to_bytes())
    return set(divided)


def _copy(
    endpoint: Endpoint, wanted: list[TableCount], target: Target, schemas: SchemaSet, connections: int
) -> Prepared:
    prepared = Prepared()
    tables = iter(wanted)

    def work(_number: int) -> None:
        with contextlib.closing(endpoint.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f"SET SESSION sql_mode = '{SQL_MODE}', foreign_key_checks = 0")
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")  # nobody waits for the rows read
            while count := next(tables, None):
                rows = _copy_table(connection, count.table, target, schemas)
                if rows == count.rows:
                    prepared.tables[count.table] = rows
                    continue
                prepared.notes.append(
                    f"{count.table} is not copied: "
                    + (
                        "a copy would be another table"
                        if rows is None
                        else f"it has {rows:,} rows and the ledger says {count.rows:,}"
                    )
                )
                cursor.execute(f"DROP TABLE IF EXISTS {name(schemas.next)}.{name(count.table)}")

    with ThreadPoolExecutor(connections) as threads:
        list(threads.map(work, range(connections)))
    return prepared


def _copy_table(connection: MySQLdb.Connection, table: str, target: Target, schemas: SchemaSet) -> int | None:
    """Copy one table, its keys last; return its rows, None when the copy would not be the same table."""
    source, copy = f"{name(schemas.live)}.{name(table)}", f"{name(schemas.next)}.{name(table)}"
    with connection.cursor() as cursor:
        try:
            definition = parse_create_table(_shown(cursor, source).encode(), replace(target, implicit_collation=""))
        except NotUnderstood:
            return None
        if block_key(definition) is None:
            return None
        keys = definition.deferrable()
        cursor.execute(f"CREATE TABLE {copy} LIKE {source}")
        if keys:  # keys that are made last cost less than keys that grow row by row
            cursor.execute(f"ALTER TABLE {copy} {', '.join(f'DROP KEY {name(key.name)}' for key in keys)}")
        columns = ", ".join(name(column.name) for column in definition.columns if column.type != "generated")
        rows = int(cursor.execute(f"INSERT INTO {copy} ({columns}) SELECT {columns} FROM {source}"))
        if keys:
            cursor.execute(f"USE {name(schemas.next)}")
            cursor.execute(definition.add_keys(keys))
        cursor.execute(f"ANALYZE TABLE {copy}")
        cursor.fetchall()
        return rows if _without_counter(_shown(cursor, copy)) == _without_counter(_shown(cursor, source)) else None


def _shown(cursor: MySQLdb.cursors.Cursor, table: str) -> str:
    cursor.execute(f"SHOW CREATE TABLE {table}")
    ((_, text),) = cursor.fetchall()
    return str(text)


def _without_counter(shown: str) -> str:
    """Return a definition as the server shows it, without the next number of its key."""
    body, bracket, options = shown.rpartition("\n) ")
    return body + bracket + COUNTER.sub(r"\1", options)
