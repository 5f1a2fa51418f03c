"""The commands for a dump file: load it, scan it.

The caller chooses the server: `python -m include.dump` takes it from its arguments, the local platform
has one of its own.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import MySQLdb
from botocore.exceptions import BotoCoreError, ClientError

from include.dump import pages
from include.dump.errors import DumpError, DumpMissing, ManifestRejected
from include.dump.generation import LoadOptions
from include.dump.inventory import check_complete
from include.dump.location import DumpObject
from include.dump.manifest import Manifest, parse_manifest
from include.dump.progress import Progress, TerminalProgress
from include.dump.restore import restore
from include.dump.restore import scan as scan_dumps
from include.dump.sending import TRANSPORTS
from include.dump.source import Dump, LocalDump, S3Dump, SourceUnreachable
from include.dump.transport import TransportFailed
from include.dump.working_copy import prepare_load
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import LoadBusy, PublishBlocked
from include.warehouse.schema import BRONZE, RESERVED, STAGING, SchemaSet
from include.warehouse.server_errors import sentence

# Default schema of a load, so that `staging` is never replaced by accident.
SCRATCH = "scratch"

LOAD_EXAMPLES = """
examples:
  %(prog)s gghouse_20260302.sql.gz --date 2026-03-02
  %(prog)s compact.sql --date 2026-03-02 --schema june --unproven
  %(prog)s gghouse_20260302.sql --date 2026-03-02 --schema staging --manifest gghouse_20260302.json
  %(prog)s s3://bucket/dumps/gghouse_20260302.sql --date 2026-03-02 --connections 4 --full
"""
SCAN_EXAMPLES = """
examples:
  %(prog)s gghouse_20260302.sql.zst
  %(prog)s s3://bucket/dumps/gghouse_20260302.sql
"""
# What `ArgumentParser.add_subparsers` returns; argparse has no public name for it.
Commands = Any


# --- the command line ----------------------------------------------------------------------------------------------


def add_load(commands: Commands, parents: Sequence[argparse.ArgumentParser] = ()) -> None:
    """Add `load` to a command line."""
    parser = commands.add_parser(
        "load",
        parents=parents,
        help="load a dump file into a set of schemas and print the ledger",
        description="Load a dump, plain, gzip or zstd, as one generation: all of it, or readers see what they saw.\n"
        "Schemas: NAME, which readers see; NAME_next, where it is built; NAME_prev, which keeps what was replaced.",
        epilog=LOAD_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "dump", nargs="+", metavar="DUMP", help="file or s3://bucket/key; several hold different tables"
    )
    parser.add_argument("--date", type=_day, required=True, metavar="YYYY-MM-DD", help="business date of the rows")
    _add_schema(parser)
    parser.add_argument("--transport", choices=TRANSPORTS, default="connections", help="default: connections")
    parser.add_argument("--connections", type=_count, default=2, metavar="N", help="that carry rows; default: 2")
    parser.add_argument("--full", action="store_true", help="load unchanged tables too, instead of carrying them over")
    parser.add_argument("--partial", action="store_true", help="tables that the dump lacks stay as they are")
    parser.add_argument(
        "--contract",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="audit the generation against what the vendor's dump must hold: tables, columns, floors, dates. Default: "
        f"only for {STAGING}. Rows are counted in any case",
    )
    parser.add_argument("--manifest", type=Path, metavar="FILE", help="the dump must be what this manifest says")
    parser.add_argument(
        "--unproven",
        action="store_true",
        help="take a dump that nothing proves complete: no manifest, and no '-- Dump completed' at its end",
    )


def add_prepare(commands: Commands, parents: Sequence[argparse.ArgumentParser] = ()) -> None:
    """Add `prepare` to a command line."""
    parser = commands.add_parser(
        "prepare",
        parents=parents,
        help="copy the great tables that readers see, so that the next load takes only rows that changed",
        description="Copy the great tables of NAME to NAME_next, where the next load brings them up to date by the "
        "rows that changed.\nDone once after each load; without it the next load is right as well, and takes longer.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "dump", nargs="*", metavar="DUMP", help="that was loaded: file or s3://bucket/key; needed after a whole load"
    )
    _add_schema(parser)
    parser.add_argument("--connections", type=_count, default=2, metavar="N", help="that copy tables; default: 2")


def add_scan(commands: Commands) -> None:
    """Add `scan` to a command line."""
    parser = commands.add_parser(
        "scan",
        help="say what is in a dump file and whether it would be refused; nothing is sent anywhere",
        description="Say what is in a dump file, and the first thing for which a load would refuse it (exit code 1).\n"
        "Nothing is sent anywhere; what only a server can find out is not found out.",
        epilog=SCAN_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("dump", metavar="DUMP", help="file or s3://bucket/key, plain, gzip or zstd")


def _add_schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--schema",
        type=_schemas,
        default=SCRATCH,
        metavar="NAME",
        dest="schemas",
        help=f"what readers see; default: {SCRATCH}",
    )


def run(
    options: argparse.Namespace,
    endpoint: Callable[[], Endpoint],
    restore_login: Callable[[Endpoint], Endpoint] = lambda login: login,
) -> int:
    """Run one of the commands; a failure ends as one sentence and exit code 1.

    Args:
        options: what the command line holds; `command` is the command's name.
        endpoint: gives the server's login; called only by the commands that need one.
        restore_login: gives the login for what a dump says, which is the same one where there is no second.
    """
    try:
        match options.command:
            case "load":
                load(options, endpoint, restore_login)
            case "prepare":
                server = endpoint()
                prepare_load(
                    server,
                    _progress(),
                    [open_dump(address) for address in options.dump],
                    schemas=options.schemas,
                    connections=options.connections,
                    restore_login=restore_login(server),
                )
            case "scan":
                scan(options)
        return 0
    except (DumpError, SourceUnreachable, LoadBusy, PublishBlocked, TransportFailed) as error:
        reason = str(error)
    except MySQLdb.Error as error:
        reason = sentence(error)
    except (BotoCoreError, ClientError) as error:
        reason = f"S3 cannot be used ({error}); check the address and the AWS login"
    except KeyboardInterrupt:
        reason = "interrupted; readers see what they saw before"
    print(f"{options.command}: {reason}", file=sys.stderr)
    return 1


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a calendar date; write it as YYYY-MM-DD") from None


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of connections from 1")
    return int(text)


def _schemas(text: str) -> SchemaSet:
    if text in RESERVED:
        raise argparse.ArgumentTypeError(f"{text} holds something else; none of {', '.join(sorted(RESERVED))}")
    try:
        return SchemaSet(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


# --- the commands ---------------------------------------------------------------------------------------------------


def load(
    options: argparse.Namespace, endpoint: Callable[[], Endpoint], restore_login: Callable[[Endpoint], Endpoint]
) -> None:
    """Load dumps and print the ledger of this load; raises as `include.dump.restore.restore`."""
    dumps = [open_dump(address) for address in options.dump]
    server = endpoint()
    manifest = _manifest(options.manifest, options.date, server) if options.manifest else None
    if manifest and len(dumps) > 1:
        raise ManifestRejected(f"{options.manifest} is the manifest of one file; load that file alone")
    wanted = LoadOptions(
        schemas=options.schemas,
        transport=options.transport,
        connections=options.connections,
        carry_over=not options.full,
        contract=options.schemas == BRONZE if options.contract is None else options.contract,
        partial=options.partial,
        unproven=options.unproven,
    )
    manifests = [manifest] if manifest else ()
    login = restore_login(server)
    report = restore(dumps, options.date, server, wanted, _progress(), manifests, restore_login=login)
    _print(pages.load_lines(report, options.schemas))


def scan(options: argparse.Namespace) -> None:
    """Say what is in a dump; raises `DumpError` when a load would refuse it."""
    dump = open_dump(options.dump)
    findings = pages.Findings()
    began = time.monotonic()
    try:
        (inventory,) = scan_dumps([dump], _progress(), unproven=True, see=findings.see)
    except DumpError:
        _print([f"{len(findings.keyed):,} tables begin before the place at fault"])
        raise
    seconds = time.monotonic() - began
    _print(pages.scan_lines(inventory, findings))
    _print([f"{seconds:.1f} s, {dump.size / 1e6 / seconds:,.0f} MB/s"])
    check_complete(inventory)


def open_dump(address: str) -> Dump:
    """Return the dump at a path or at an `s3://` address.

    Raises:
        DumpMissing: there is nothing.
    """
    if not address.startswith("s3://"):
        return LocalDump(Path(address))
    import boto3  # half of the time that this module takes to load, and files have no need of it

    bucket, _, key = address.removeprefix("s3://").partition("/")
    s3 = boto3.client("s3")
    try:
        head = s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NoSuchBucket"):
            raise DumpMissing(f"{address} is not there; name a dump") from error
        raise
    version = head.get("VersionId")
    found = DumpObject(bucket, key, head["ContentLength"], head["ETag"], None if version == "null" else version)
    return S3Dump(s3, found)


def _manifest(path: Path, target: date, server: Endpoint) -> Manifest:
    try:
        manifest = parse_manifest(path.read_bytes(), str(path))
    except OSError as error:
        raise ManifestRejected(f"{path} cannot be read ({error.strerror}); name the manifest's file") from error
    # A file may be called anything: that it is the one in question is proven by its checksum.
    described = DumpObject("", manifest.dump_key, manifest.dump_size_bytes, "")
    manifest.verify(described, target, server.host, where=str(path))
    return manifest


def _progress() -> Progress:
    if sys.stderr.isatty():
        return TerminalProgress(sys.stderr)
    return Progress(lambda line: print(line, file=sys.stderr, flush=True))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
