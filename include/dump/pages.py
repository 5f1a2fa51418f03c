"""What the commands print: the ledger of a load, what is in a dump. At most 100 columns wide."""

from __future__ import annotations

from collections.abc import Iterator

from include.dump.connections import DEFER_BYTES
from include.dump.inventory import Inventory, TableEntry
from include.dump.restore import LoadReport
from include.dump.scanner import Kind, Statement
from include.warehouse.schema import OPS, SchemaSet

NAME_WIDTH = 36


def load_lines(report: LoadReport, schemas: SchemaSet) -> Iterator[str]:
    """Yield the ledger of a load: one line for each table and one for all."""
    yield f"Load {report.load_id}: {schemas.live} of {report.published}"
    yield _load_line("table", "rows", "rejected", "MB", "seconds", "")
    for table in report.tables:
        seconds = "" if table.carried else f"{float(table.seconds):.2f}"
        how = "carried" if table.carried else "loaded"
        yield _load_line(table.table, f"{table.rows:,}", f"{table.rejects:,}", _mb(table.bytes), seconds, how)
    yield _load_line(
        f"{len(report.tables)} tables",
        f"{report.rows:,}",
        f"{report.rejects:,}",
        _mb(sum(table.bytes for table in report.tables)),
        f"{sum(float(table.seconds) for table in report.tables if not table.carried):.2f}",
        f"{len(report.tables) - report.carried} loaded, {report.carried} carried",
    )
    if any(table.rejects for table in report.tables if not table.carried):
        yield f"Rejected rows: SELECT * FROM {OPS}.rejected_rows WHERE load_id = {report.load_id}"
    yield f"{report.seconds:.1f} s from beginning to end, {report.bytes / 1e6 / report.seconds:,.1f} MB/s"


def _load_line(table: str, rows: str, rejects: str, size: str, seconds: str, how: str) -> str:
    return f"  {_name(table)} {rows:>11} {rejects:>8} {size:>8} {seconds:>8}  {how}".rstrip()


class Findings:
    """What the tables of a dump are like, gathered from its statements."""

    def __init__(self) -> None:
        self.keyed: dict[str, tuple[bool, bool]] = {}
        self._not_loadable: dict[str, int] = {}

    def see(self, statement: Statement) -> None:
        """Take one statement."""
        if statement.kind is Kind.CREATE_TABLE:
            definition = statement.definition
            self.keyed[statement.table] = definition.keyed, bool(definition.deferrable())
        elif not statement.loadable:
            self._not_loadable[statement.table] = self._not_loadable.get(statement.table, 0) + 1

    def keys(self, table: TableEntry) -> str:
        """Return what becomes of a table's secondary keys: made after the rows, or there from the beginning."""
        keyed, deferrable = self.keyed[table.name]
        if not keyed:
            return "none"
        return "deferred" if deferrable and table.bytes >= DEFER_BYTES else "in place"

    def route(self, table: TableEntry) -> str:
        """Return how a table's rows can travel."""
        others = self._not_loadable.get(table.name, 0)
        if not table.statements:
            return "-"
        if not others:
            return "LOAD DATA"
        return "INSERT" if others == table.statements else f"{others:,} of {table.statements:,} as INSERT"


def scan_lines(inventory: Inventory, findings: Findings) -> Iterator[str]:
    """Yield what is in a dump: one line for each table, then what holds for all of it."""
    yield str(inventory.dump)
    yield f"  {_name('table')} {'rows':>11} {'MB':>8}  {'keys':8}  rows go as"
    for table in inventory.tables.values():
        yield (
            f"  {_name(table.name)} {table.rows:>11,} {_mb(table.bytes):>8}  {findings.keys(table):8}  "
            f"{findings.route(table)}"
        )
    size = sum(table.bytes for table in inventory.tables.values())
    yield f"  {_name(f'{len(inventory.tables)} tables')} {inventory.rows:>11,} {_mb(size):>8}"
    skipped = ", ".join(f"{count:,} {kind}{'s' * (count > 1)}" for kind, count in sorted(inventory.skipped.items()))
    yield f"Passed over: {skipped or 'nothing'}"
    yield f"Database: {', '.join(sorted(inventory.databases)) or 'not named'}"
    yield f"Compression: {inventory.compression}"
    yield f"Last line: {'-- Dump completed' if inventory.has_footer else 'not what mysqldump writes at the end'}"
    yield f"SHA-256: {inventory.sha256}"


def _name(name: str) -> str:
    return f"{name if len(name) <= NAME_WIDTH else name[: NAME_WIDTH - 1] + '…':{NAME_WIDTH}}"


def _mb(size: int) -> str:
    return f"{size / 1e6:,.1f}"
