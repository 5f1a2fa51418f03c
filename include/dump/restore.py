"""From the dump in S3 to a published generation of bronze: find, scan, load what differs, audit, publish."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import MySQLdb

from include.dump.errors import DumpError, UnexpectedStatement
from include.dump.generation import Generation, LoadOptions
from include.dump.inventory import Bases, Inventory, check_complete, take_inventory
from include.dump.location import DumpObject, find_dumps
from include.dump.manifest import Manifest, accept_manifest, verify_databases
from include.dump.progress import Meter, Progress
from include.dump.scanner import Statement
from include.dump.source import Dump, S3Dump
from include.dump.sql.target import AURORA, Target, target_on
from include.dump.working_copy import keep_blocks, open_bases
from include.settings import Settings
from include.warehouse import ledger
from include.warehouse.block_store import prune_blocks
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import LoadBusy, clear_next, end_orphans, exclusive, publish
from include.warehouse.ledger import TableCount
from include.warehouse.masking import mask_error
from include.warehouse.schema import (
    MARK,
    OPS,
    OWN_SCHEMAS,
    SchemaSet,
    as_stored,
    ensure_platform_tables,
    table_names,
)

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(frozen=True)
class LoadReport:
    """What a load did.

    Attributes:
        load_id: its number in the ledger.
        rows: rows in all tables of the generation.
        bytes: size of the dump as stored.
        seconds: from finding the dump to the end.
        rejects: rows of the dump whose key was there already.
        skipped: triggers, routines, events and views that were passed over, by kind.
        published: business date that `staging` holds now.
        tables: one entry per table, in the dump's order.
        notes: what differs from the declared source, or the server remarked, without stopping the load.
    """

    load_id: int
    rows: int
    bytes: int
    seconds: float
    rejects: int
    skipped: dict[str, int]
    published: date
    tables: tuple[TableCount, ...]
    notes: tuple[str, ...]

    @property
    def carried(self) -> int:
        """Tables that were not loaded again."""
        return sum(table.carried for table in self.tables)


def load_dump(
    s3: S3Client,
    settings: Settings,
    endpoint: Endpoint,
    target: date,
    progress: Callable[[str], None],
    *,
    restore_login: Endpoint | None = None,
) -> LoadReport:
    """Load the dump of a business date and publish it as `staging`.

    Args:
        s3: boto3 S3 client.
        settings: names the bucket and says how to load.
        endpoint: login of the loader, which owns the staging schemas, `history` and `ops`.
        target: business date; only a dump of exactly this date is accepted.
        progress: takes a line of text every few seconds.
        restore_login: see `restore`.

    Raises:
        DumpError: the dump is at fault; `staging` still holds what it held.
        LoadBusy: another load is running.
        PublishBlocked: readers did not let go of a table.
        TransportFailed: the server or the client program gave up.
    """
    found = find_dumps(s3, settings, target)
    manifests = [accept_manifest(s3, settings, dump, target, endpoint.host) for dump in found]
    options = LoadOptions(
        transport=settings.load_transport,
        connections=settings.load_connections,
        carry_over=settings.carry_over_unchanged,
        partial=len(found) > 1,
    )
    dumps = [S3Dump(s3, dump) for dump in found]
    return restore(
        dumps,
        target,
        endpoint,
        options,
        Progress(progress),
        manifests,
        settings.source_database,
        restore_login=restore_login,
    )


def restore(
    dumps: Sequence[Dump],
    target: date,
    endpoint: Endpoint,
    options: LoadOptions,
    progress: Progress,
    manifests: Sequence[Manifest | None] = (),
    source_database: str = "",
    *,
    restore_login: Endpoint | None = None,
) -> LoadReport:
    """Load dumps, whole or in several files, and publish them together as one generation.

    Args:
        dumps: the files; no table may be in two of them.
        target: business date of the rows.
        endpoint: login that owns the schemas and `ops`.
        options: how to load.
        progress: receives a line for each step, and how far it is.
        manifests: of the files in the same order, as far as there are any.
        source_database: name that the vendor's database should have; another one is noted.
        restore_login: login that sends what the dumps say. It needs rights on the schema that is being built, and
            should have no others: what a dump made it do would then reach nothing else. None means `endpoint`.

    Raises:
        DumpError: a dump is at fault; readers still see what they saw.
        LoadBusy: another load is running.
        PublishBlocked: readers did not let go of a table.
        TransportFailed: the server or the client program gave up.
    """
    began = time.monotonic()
    schemas = options.schemas
    manifests = manifests or [None] * len(dumps)
    for dump, manifest in zip(dumps, manifests, strict=True):
        progress.say(f"Loading {dump}, {dump.size / 1e6:,.1f} MB, {'with' if manifest else 'without'} manifest")
    with contextlib.closing(endpoint.connect()) as connection, exclusive(connection, schemas):
        ensure_platform_tables(connection, schemas)
        end_orphans(restore_login or endpoint, schemas)
        ledger.close_unfinished(connection, schemas)
        load_id = _start(connection, target, schemas, dumps)
        begun = False
        try:
            doubt = ledger.doubt(connection, schemas)
            live = ledger.live_tables(connection, schemas)
            with open_bases(connection, endpoint, live if options.carry_over else {}, schemas) as known:
                inventories = scan(
                    dumps, progress, manifests, options.unproven, target=target_on(connection), bases=known
                )
            if doubt and options.partial:
                _refuse_to_lose_tables(connection, schemas, inventories, doubt)
            identity = [
                note
                for inventory, manifest in zip(inventories, manifests, strict=True)
                for note in verify_databases(inventory.dump, inventory.databases, manifest, source_database)
            ]
            work = Generation(
                connection, endpoint, restore_login or endpoint, target, options, inventories, live, progress
            )
            begun = True
            counts, notes, sent = work.run([manifest for manifest in manifests if manifest])
            notes = identity + [note for inventory in inventories for note in inventory.notes] + notes
            if doubt:
                notes.append(f"{doubt}; everything was loaded: find out who writes into {schemas.live} or {OPS}")
            skipped = sum((inventory.skipped for inventory in inventories), Counter[str]())
            keep_blocks(connection, [table for inventory in inventories for table in inventory.tables.values()])
            ledger.record(
                connection,
                load_id,
                counts,
                schemas=schemas,
                sha256=" ".join(inventory.sha256 for inventory in inventories),
                skipped=skipped,
                notes=notes,
                rejects=[reject for part in sent for reject in part.rejects],
            )
            publish(connection, schemas, staying={count.table for count in counts if count.carried})
            ledger.set_state(connection, load_id, "published")
            prune_blocks(connection, load_id)
        except BaseException as error:
            with contextlib.suppress(MySQLdb.Error):
                ledger.close_unfinished(connection, schemas, mask_error(error) or type(error).__name__)
            if begun:  # else what the next load needs is there still
                with contextlib.suppress(MySQLdb.Error, LoadBusy):
                    clear_next(connection, schemas)
            raise
    report = LoadReport(
        load_id=load_id,
        rows=sum(count.rows for count in counts),
        bytes=sum(dump.size for dump in dumps),
        seconds=time.monotonic() - began,
        rejects=sum(count.rejects for count in counts),
        skipped=dict(skipped),
        published=target,
        tables=tuple(counts),
        notes=tuple(notes),
    )
    for note in report.notes:
        progress.say(f"Note: {note}")
    progress.say(
        f"Published {report.rows:,} rows in {len(counts)} tables as {schemas.live} of {target}: "
        f"{len(counts) - report.carried} loaded, {report.carried} unchanged, {report.rejects:,} rows rejected, "
        f"{sum(report.skipped.values()):,} objects skipped, {report.seconds:.1f} s, "
        f"{report.bytes / 1e6 / report.seconds:.1f} MB/s"
    )
    return report


def _refuse_to_lose_tables(
    connection: MySQLdb.Connection, schemas: SchemaSet, inventories: Sequence[Inventory], doubt: str
) -> None:
    """Raise `DumpError` when tables that the dumps lack cannot stay because the ledger does not say what they hold."""
    stored = as_stored(connection)
    found = {stored(name) for inventory in inventories for name in inventory.tables}
    if lacking := [name for name in table_names(connection, schemas.live) if stored(name) not in found]:
        raise DumpError(
            f"{doubt}, so {lacking[0]}, which the dump lacks, cannot stay as it is; load a dump with all tables first"
        )


def _start(connection: MySQLdb.Connection, target: date, schemas: SchemaSet, dumps: Sequence[Dump]) -> int:
    found: list[DumpObject] = [dump.found for dump in dumps if isinstance(dump, S3Dump)]
    return ledger.start(
        connection,
        target,
        schemas=schemas,
        dump=" ".join(str(dump) for dump in dumps),
        etag=" ".join(dump.etag for dump in found) or None,
        version=" ".join(dump.version_id for dump in found if dump.version_id) or None,
        size=sum(dump.size for dump in dumps),
    )


def scan(
    dumps: Sequence[Dump],
    progress: Progress,
    manifests: Sequence[Manifest | None] = (),
    unproven: bool = False,
    see: Callable[[Statement], None] = lambda statement: None,
    target: Target = AURORA,
    bases: Bases | None = None,
) -> list[Inventory]:
    """Scan every dump to its end; nothing has been sent anywhere when one is refused here.

    Args:
        dumps: the files; no table may be in two of them.
        progress: receives how far the scan is.
        manifests: of the files in the same order, as far as there are any.
        unproven: nothing needs to prove that a dump is complete.
        see: called with every statement that would be sent.
        target: the server that the definitions are written for.
        bases: what the changed rows of each table are told from.

    Raises:
        DumpError: a dump is not allowed, not complete, or not what its manifest says.
    """
    inventories: list[Inventory] = []
    meter = Meter("Scanning", sum(dump.size for dump in dumps))
    with progress.measure(meter):
        for dump, manifest in zip(dumps, manifests or [None] * len(dumps), strict=True):
            inventory = take_inventory(dump, meter.add, see, target, bases)
            if own := sorted(inventory.databases & OWN_SCHEMAS):
                raise DumpError(
                    f"{dump} is a dump of our own database {own[0]}; have it taken from the property-management system "
                    "(I-06)"
                )
            if manifest:
                manifest.verify_sha256(dump, inventory.sha256)
            elif not unproven:
                check_complete(inventory)
            if ours := [name for name in inventory.tables if name.lower() == MARK]:
                raise UnexpectedStatement(
                    f"{dump} holds a table {ours[0]}, a name that the platform uses; have it renamed at its source"
                )
            for other in inventories:
                if twice := sorted(other.tables.keys() & inventory.tables.keys()):
                    raise UnexpectedStatement(f"{dump} holds {twice[0]}, which {other.dump} holds too; deliver it once")
            inventories.append(inventory)
    rows, tables = (
        sum(inventory.rows for inventory in inventories),
        sum(len(inventory.tables) for inventory in inventories),
    )
    progress.say(f"Scanned {rows:,} rows in {tables} tables")
    return inventories
