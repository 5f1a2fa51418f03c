"""From the dump in S3 to a published generation of bronze: find, scan, load aside, audit, publish, write down."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import MySQLdb

from include.dump.audit import audit
from include.dump.errors import DumpError, TruncatedDump
from include.dump.location import DumpObject, find_dump
from include.dump.manifest import Manifest, read_manifest
from include.dump.scanner import Scanner, Statement
from include.dump.source import DumpStream
from include.dump.transport import ClientProgram, Transport
from include.settings import Settings
from include.warehouse import ledger
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import exclusive, prepare_next, publish
from include.warehouse.ledger import TableCount
from include.warehouse.schema import NEXT, OWN_SCHEMAS, ensure_platform_tables

PROGRESS_SECONDS = 5.0


@dataclass(frozen=True)
class LoadReport:
    """What a load did.

    Attributes:
        rows: rows in all tables.
        bytes: size of the object in the bucket.
        seconds: from finding the dump to the end.
        rejects: rows of the dump whose key was there already.
        skipped: triggers, routines, events and views that were passed over, by kind.
        published: business date that `staging` holds now.
        tables: one entry per table, in the dump's order.
        notes: what differs from the declared source, or the server remarked, without stopping the load.
    """

    rows: int
    bytes: int
    seconds: float
    rejects: int
    skipped: dict[str, int]
    published: date
    tables: tuple[TableCount, ...]
    notes: tuple[str, ...]


@dataclass
class _Tally:
    """What the dump says about one table, while it is read."""

    rows: int = 0
    bytes: int = 0
    digest: Any = field(default_factory=lambda: hashlib.blake2b(digest_size=16))

    def add(self, statement: Statement) -> None:
        self.rows += statement.rows
        self.bytes += len(statement.data)
        self.digest.update(statement.data)


def load_dump(
    s3: Any, settings: Settings, endpoint: Endpoint, target: date, progress: Callable[[str], None]
) -> LoadReport:
    """Load the dump of a business date and publish it as `staging`.

    Args:
        s3: boto3 S3 client.
        settings: names the bucket.
        endpoint: login of the loader, which owns the staging schemas, `history` and `ops`.
        target: business date; only a dump of exactly this date is accepted.
        progress: takes a line of text every few seconds.

    Raises:
        DumpError: the dump is at fault; `staging` still holds what it held.
        LoadBusy: another load is running.
        PublishBlocked: readers did not let go of a table.
        TransportFailed: the server or the client program gave up.
    """
    began = time.monotonic()
    dump = find_dump(s3, settings, target)
    manifest = read_manifest(s3, dump, target)
    if manifest:
        manifest.verify(dump, target, endpoint.host)
    progress(f"Loading {dump}, {dump.size / 1e6:,.1f} MB, {'with' if manifest else 'without'} manifest")
    with contextlib.closing(endpoint.connect()) as connection, exclusive(connection):
        ensure_platform_tables(connection)
        ledger.close_unfinished(connection)
        load_id = ledger.start(connection, target, dump)
        try:
            previous = ledger.previous_rows(connection, target)
            stream = DumpStream(s3, dump)
            scanner = Scanner(stream, str(dump))
            prepare_next(connection)
            tallies, transport = _restore(endpoint, connection, dump, stream, scanner, progress)
            _check_complete(dump, stream, scanner, manifest)
            progress(f"Checking {sum(tally.rows for tally in tallies.values()):,} rows in {len(tallies)} tables")
            rows, notes = audit(
                connection,
                target,
                {table: tally.rows for table, tally in tallies.items()},
                transport.duplicates,
                previous,
            )
            notes += transport.notes
            counts = tuple(_counts(tallies, rows, transport, previous))
            ledger.record(connection, load_id, counts, sha256=stream.sha256, skipped=scanner.skipped, notes=notes)
            publish(connection)
            ledger.published(connection, load_id)
        except BaseException as error:
            with contextlib.suppress(MySQLdb.Error):
                ledger.close_unfinished(connection, str(error) or type(error).__name__)
            raise
    report = LoadReport(
        rows=sum(rows.values()),
        bytes=dump.size,
        seconds=time.monotonic() - began,
        rejects=sum(count.rejects for count in counts),
        skipped=dict(scanner.skipped),
        published=target,
        tables=counts,
        notes=tuple(notes),
    )
    for note in report.notes:
        progress(f"Note: {note}")
    progress(
        f"Published {report.rows:,} rows in {len(counts)} tables as staging of {target}: {report.rejects:,} rejected, "
        f"{sum(report.skipped.values()):,} objects skipped, {report.seconds:.1f} s, "
        f"{dump.size / 1e6 / report.seconds:.1f} MB/s"
    )
    return report


def _restore(
    endpoint: Endpoint,
    connection: MySQLdb.Connection,
    dump: DumpObject,
    stream: DumpStream,
    scanner: Scanner,
    progress: Callable[[str], None],
) -> tuple[dict[str, _Tally], Transport]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@max_allowed_packet")
        (max_packet_bytes,) = cursor.fetchone()
    transport = ClientProgram(endpoint, NEXT, str(dump), max_packet_bytes)
    meter = _Meter(dump.size, progress)
    tallies: dict[str, _Tally] = {}
    try:
        for statement in scanner:
            tally = tallies.setdefault(statement.table, _Tally())
            tally.add(statement)
            transport.send(statement)
            meter.add(statement.rows, stream.read_bytes)
        transport.finish()
    finally:
        transport.abort()
    return tallies, transport


def _check_complete(dump: DumpObject, stream: DumpStream, scanner: Scanner, manifest: Manifest | None) -> None:
    """A dump that ends between two statements looks whole; something must prove that it is (loader.md, hazard 19)."""
    if own := sorted(scanner.databases & OWN_SCHEMAS):
        raise DumpError(
            f"{dump} is a dump of our own database {own[0]}; have it taken from the property-management system (I-06)"
        )
    if manifest:
        manifest.verify_sha256(dump, stream.sha256)
    elif not scanner.has_footer:
        raise TruncatedDump(
            f"nothing proves that {dump} is complete: it has neither a manifest nor mysqldump's last line "
            "'-- Dump completed'; have the manifest published, or the dump taken without --compact"
        )


def _counts(
    tallies: Mapping[str, _Tally], rows: Mapping[str, int], transport: Transport, previous: Mapping[str, int]
) -> list[TableCount]:
    return [
        TableCount(
            table=table,
            rows=rows[table],
            rejects=tally.rows - rows[table],
            bytes=tally.bytes,
            checksum=tally.digest.hexdigest(),
            seconds=transport.seconds.get(table, 0.0),
            previous_rows=previous.get(table),
        )
        for table, tally in tallies.items()
    ]


class _Meter:
    """Says every few seconds how far the load is."""

    def __init__(self, total_bytes: int, progress: Callable[[str], None]) -> None:
        self._total = total_bytes
        self._progress = progress
        self._began = self._last = time.monotonic()
        self._rows = 0

    def add(self, rows: int, read_bytes: int) -> None:
        self._rows += rows
        now = time.monotonic()
        if now - self._last < PROGRESS_SECONDS:
            return
        self._last = now
        speed = read_bytes / (now - self._began)
        left = (self._total - read_bytes) / speed if speed else 0
        self._progress(
            f"{self._rows:,} rows, {read_bytes / 1e6:,.1f} of {self._total / 1e6:,.1f} MB "
            f"({read_bytes / self._total:.0%}), {speed / 1e6:.1f} MB/s, {left:,.0f} s left"
        )
