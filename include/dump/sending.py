"""The second pass over a dump: the tables that differ go to the server."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from include.dump.client_program import ClientProgram
from include.dump.connections import Connections
from include.dump.inventory import Inventory, TableEntry, Tally, check_same, tally
from include.dump.progress import Meter, Progress
from include.dump.rejects import Reject
from include.dump.rows import Form
from include.dump.scanner import Scanner, Statement
from include.dump.source import DumpStream
from include.dump.transport import Transport
from include.warehouse.endpoint import Endpoint

TRANSPORTS = ("connections", "program")
# INSERTs of one table are sent together up to this size: each costs the server a commit, and us a round trip.
JOINED_BYTES = 512 * 1024
# Tables that lie no further apart are read in one piece.
GAP_BYTES = 256 * 1024


@dataclass
class Sent:
    """What came of the second pass.

    Attributes:
        duplicates: rows per table that the server did not take because of their key.
        rejects: these rows.
        seconds: time per table that the server needed.
        notes: what the server remarked.
    """

    duplicates: dict[str, int] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def forget(self, table: str) -> None:
        """Take back what is said of a table that is sent again."""
        self.duplicates.pop(table, None)
        self.rejects = [reject for reject in self.rejects if reject.table != table]


@dataclass(frozen=True)
class Route:
    """Where tables go and how.

    Attributes:
        endpoint: login that reaches no other schema.
        schema: schema that receives the tables.
        transport: `connections` or `program`.
        connections: how many connections carry rows.
        in_order: tables that are known to hold a key twice.
        max_packet_bytes: the server's `max_allowed_packet`.
    """

    endpoint: Endpoint
    schema: str
    transport: str
    connections: int
    in_order: frozenset[str]
    max_packet_bytes: int

    def open(self, inventory: Inventory, in_order: frozenset[str]) -> Transport:
        """Return a transport that is ready to take statements."""
        if self.transport == "program":
            return ClientProgram(self.endpoint, self.schema, inventory, self.max_packet_bytes)
        return Connections(self.endpoint, self.schema, inventory, self.connections, in_order)


def send_tables(inventory: Inventory, wanted: Collection[str], route: Route, progress: Progress) -> Sent:
    """Send tables of a dump to the server.

    A table that turns out to hold a key twice is sent again, alone and in order, so that always the first row of that
    key is the one that is taken, however many connections there are (I-12, and the same bytes for the same date).

    Args:
        inventory: what the first pass found.
        wanted: tables to send.
        route: where to.
        progress: receives how far the pass is.

    Raises:
        DumpError: the server refused something, or stored it as something else.
        TransportFailed: the server is gone.
    """
    sent = Sent()
    doubtful = _send(inventory, frozenset(wanted), route, route.in_order, sent, progress)
    if doubtful:
        progress.say(f"{', '.join(sorted(doubtful))}: a key twice, so their rows are sent again in the dump's order")
        _send(inventory, doubtful, route, doubtful, sent, progress)
    return sent


def _send(
    inventory: Inventory,
    wanted: frozenset[str],
    route: Route,
    in_order: frozenset[str],
    sent: Sent,
    progress: Progress,
) -> frozenset[str]:
    """Send tables and return those of which it is not certain that the right rows were taken."""
    sizes = {table: inventory.tables[table].bytes for table in wanted}
    transport = route.open(inventory, in_order)
    meter = Meter("Loading", sum(sizes.values()))
    try:
        with tally(count=False) as counting, progress.measure(meter):
            for statement in joined(_counted(_statements(inventory, wanted), counting)):
                transport.send(statement)
                entry, size = inventory.tables[statement.table], len(statement.data)
                meter.add(size, round(entry.rows * size / entry.bytes))  # counting them again would cost a second
            meter.waiting = lambda: "waiting for the last rows and keys"
            transport.finish()
            counting.finish()
    finally:
        transport.abort()
    for table in wanted:
        check_same(inventory.tables[table], counting.tables[table])
    doubtful = frozenset(transport.doubtful)
    sent.notes += [note for note in transport.notes if note not in sent.notes]
    sent.rejects += [reject for reject in transport.rejects if reject.table not in doubtful]
    for table in wanted:
        sent.seconds[table] = sent.seconds.get(table, 0.0) + transport.seconds.get(table, 0.0)
        if table not in doubtful:
            sent.duplicates[table] = transport.duplicates.get(table, 0)
    return doubtful


def _counted(statements: Iterable[Statement], counting: Tally) -> Iterator[Statement]:
    for statement in statements:
        counting.add(statement)
        yield statement


def joined(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Yield the statements, small INSERTs into the same columns of a table made one, as extended INSERTs are."""
    batch: list[Statement] = []
    size = 0
    for statement in statements:
        size += len(statement.data)
        if batch and (size > JOINED_BYTES or not _alike(batch[0], statement)):
            yield _join(batch)
            batch, size = [], len(statement.data)
        batch.append(statement)
        if size > JOINED_BYTES:  # nothing can join it, and it may be great
            yield _join(batch)
            batch, size = [], 0
    if batch:
        yield _join(batch)


def _alike(first: Statement, second: Statement) -> bool:
    """Whether both are INSERTs into the same columns of the same table."""
    return bool(first.form and second.form) and first.insert_head == second.insert_head


def _join(batch: list[Statement]) -> Statement:
    first, *others = batch
    if not others:
        return first
    rows: list[bytes | memoryview] = [first.data]
    parts = []
    size = len(first.data)
    for statement in others:
        parts.append((size, statement.line))
        rows.append(memoryview(statement.data)[statement.rows_at :])
        size += 1 + len(rows[-1])
    form = Form.LOADABLE if all(statement.loadable for statement in batch) else Form.LITERAL
    return replace(first, data=b",".join(rows), end=others[-1].end, form=form, parts=tuple(parts))


def _statements(inventory: Inventory, wanted: frozenset[str]) -> Iterator[Statement]:
    """Yield the statements of these tables, reading as little of the dump as its compression allows."""
    entries = [entry for name, entry in inventory.tables.items() if name in wanted]
    if inventory.compression != "none":
        with DumpStream(inventory.dump) as stream:
            scanner = Scanner(stream, str(inventory.dump), target=inventory.target)
            yield from (statement for statement in scanner if statement.table in wanted)
        return
    for first, stop in _stretches(entries):
        with DumpStream(inventory.dump, first.offset, stop) as stream:
            scanner = Scanner(stream, str(inventory.dump), first.offset, first.line, inventory.target)
            yield from (statement for statement in scanner if statement.table in wanted)


def _stretches(entries: Collection[TableEntry]) -> Iterator[tuple[TableEntry, int]]:
    """Yield the first table and the end of each stretch of the file that holds nothing but these tables."""
    first: TableEntry | None = None
    stop = 0
    for entry in entries:
        if first is not None and entry.offset - stop > GAP_BYTES:
            yield first, stop
            first = None
        first, stop = first or entry, entry.end
    if first is not None:
        yield first, stop
