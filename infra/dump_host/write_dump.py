#!/usr/bin/env python3
"""Dump the property-management database, verify the file, and deliver it with its manifest.

This file is all that the dump host needs besides the programs `mysql`, `mysqldump` and `aws`; Python 3.9 or newer.
The dump is written to a private file first: only a complete one is uploaded, the manifest last. README.md beside this
file says how the host is set up.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import fcntl
import hashlib
import ipaddress
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar

JST = timezone(timedelta(hours=9))
# Exit codes; 2 is argparse's as well.
DELIVERED, FAILED, REFUSED, BUSY = 0, 1, 2, 3

# Tables whose newest change goes into the manifest, so that old rows under a new name are found out.
TABLES = ("movings", "tenants", "rooms", "inquiries", "apartments")
# Schemas of the platform and of the server itself: none of them is the property-management system's.
OWN_SCHEMAS = (
    r"(staging|silver|gold|seeds|backfill|scratch|tokyobeta|test)(_.+)?|history|ops|reports"
    r"|information_schema|mysql|performance_schema|sys"
)
# No server but the platform's has these.
PLATFORM_SCHEMAS = ("gold", "history", "ops", "silver", "staging")
FORBIDDEN_HOSTS = {
    r"(.+\.)?localhost|ip6-localhost|ip6-loopback": "this machine",
    r"gghouse-.+\.rds\.amazonaws\.com": "the platform's own database",
    r"(.+\.)?example(\.(com|net|org))?|.+\.(invalid|test)|change-?me|todo": "a placeholder",
}
LAST_LINE = b"-- Dump completed"
CHUNK_BYTES = 1024 * 1024
PROGRESS_BYTES = 100 * 1024 * 1024
# S3 takes no more in one request, and a request of several parts has no SHA-256 of the whole.
LARGEST_BYTES = 5 * 1024**3
ERROR_CHARACTERS = 1000

Result = TypeVar("Result")


class DumpFailed(RuntimeError):
    """The source, the dump or the delivery failed; another attempt may succeed."""


class DumpRefused(RuntimeError):
    """The request itself is wrong; another attempt would end the same."""


class AnotherRun(RuntimeError):
    """Another run on this host has not ended yet."""


def main(
    arguments: list[str] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(JST),
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Deliver the dump of today in Tokyo; return 0, or another code after one sentence on standard error."""
    options = _options(arguments)
    try:
        with _only_run(options.directory):
            deliver(options, now, sleep)
    except AnotherRun as error:
        return _said(error, BUSY)
    except DumpRefused as error:
        return _said(error, REFUSED)
    except (DumpFailed, OSError) as error:
        return _said(error, FAILED)
    return DELIVERED


def deliver(options: argparse.Namespace, now: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
    """Check the request, dump, verify, upload, and publish the manifest at the very end.

    Raises:
        DumpRefused: the source must not be dumped, or the login file is open to others.
        DumpFailed: every attempt failed; nothing was published that a load would take.
    """
    target = now().astimezone(JST).date()
    name = f"gghouse_{target:%Y%m%d}"
    refuse_open_login(options.login_file)
    _tried("the name of the source", options, sleep, lambda: refuse_source(options))
    newest = _tried("the source", options, sleep, lambda: newest_changes(options))
    identity = _tried("AWS", options, sleep, lambda: _aws(options, "sts", "get-caller-identity"))
    _say(f"source {options.host}, database {options.database}, newest change {max(newest.values())}")
    _say(f"target s3://{options.bucket}/dumps/{name}.sql as {identity.get('Arn', 'nobody')}")
    if options.dry_run:
        _say("dry run: nothing was dumped, nothing was delivered")
        return
    file = options.directory / f"{name}.sql.part"
    try:
        sha256, size = _tried("the dump", options, sleep, lambda: take(options, file))
        manifest = {
            "run_id": str(uuid.uuid4()),
            "generated_at": now().astimezone(JST).isoformat(timespec="seconds"),
            "dump_date": target.isoformat(),
            "dump_key": f"dumps/{name}.sql",
            "dump_sha256": sha256.hex(),
            "dump_size_bytes": size,
            "source_host": options.host,
            "source_database": options.database,
            "source_port": options.port,
            "source_valid": True,
            "valid_for_etl": True,
            "max_updated_at_by_table": newest,
        }
        _tried("the upload", options, sleep, lambda: put(options, f"dumps/{name}.sql", file, sha256))
        file.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        sha256 = hashlib.sha256(file.read_bytes()).digest()
        _tried("the manifest", options, sleep, lambda: put(options, f"dumps-manifest/{name}.json", file, sha256))
    finally:
        with contextlib.suppress(FileNotFoundError):
            file.unlink()
    _say(f"delivered: {size:,} bytes, sha256 {manifest['dump_sha256']}")


####################################################################################################
# What must not be dumped
####################################################################################################


def refuse_open_login(file: Path) -> None:
    """Refuse a login file that others on this machine can read.

    Raises:
        DumpRefused: it is not there, or is open to group or others.
    """
    if not file.is_file():
        raise DumpRefused(f"{file} is not there; it holds user and password, see README.md")
    if file.stat().st_mode & 0o077:
        raise DumpRefused(f"{file} can be read by others; chmod 600 {file}")


def refuse_source(options: argparse.Namespace) -> None:
    """Refuse a source that cannot be the property-management system: ourselves above all.

    Raises:
        DumpRefused: a system schema or one of the platform, this machine, a placeholder, or a forbidden host under
            whatever name.
        DumpFailed: the host has no address.
    """
    if re.fullmatch(OWN_SCHEMAS, options.database.lower()):
        raise DumpRefused(f"{options.database} is not a database of the property-management system")
    _refuse_names({_name(options.host)}, options.host)
    names, addresses = _resolved(options.host)
    _refuse_names(names, options.host)
    here = [address for address in addresses if address.is_loopback or address.is_unspecified]
    if here and not options.allow_loopback:
        raise DumpRefused(f"{options.host} is this machine ({here[0]}); name the property-management system's host")
    for forbidden in options.forbid:
        others, theirs = {_name(forbidden)}, set[Any]()
        with contextlib.suppress(DumpFailed):  # without an address it is compared by its name
            others, theirs = _resolved(forbidden)
        if names & others or addresses & theirs:
            raise DumpRefused(f"{options.host} is {forbidden}, which is forbidden as a source")


def _refuse_names(names: set[str], host: str) -> None:
    for pattern, what in FORBIDDEN_HOSTS.items():
        if found := next((name for name in sorted(names) if re.fullmatch(pattern, name)), None):
            raise DumpRefused(f"{host} is {what} ({found}); name the property-management system's host")


def _resolved(host: str) -> tuple[set[str], set[Any]]:
    """Return the names of a host, the one behind an alias included, and its addresses."""
    try:
        found = socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP, flags=socket.AI_CANONNAME)
    except OSError as error:
        raise DumpFailed(f"{host} has no address ({error}); look at the name and at this machine's DNS") from error
    names = {_name(host), *(_name(canonical) for *_, canonical, _ in found if canonical)}
    return names, {ipaddress.ip_address(str(address[0]).partition("%")[0]) for *_, address in found}


def _name(host: str) -> str:
    return host.lower().rstrip(".")


####################################################################################################
# The source
####################################################################################################


def newest_changes(options: argparse.Namespace) -> dict[str, str]:
    """Return the newest `updated_at` of each of `TABLES`, in Tokyo's time, as it is before the dump begins.

    Raises:
        DumpRefused: the server holds the platform's own schemas.
        DumpFailed: it cannot be reached or read, or a table is empty.
    """
    own = ", ".join(f"'{name}'" for name in PLATFORM_SCHEMAS)
    sql = [
        "SET time_zone = '+00:00';",
        f"SELECT 'schema', schema_name FROM information_schema.schemata WHERE schema_name IN ({own});",
        *(f"SELECT '{table}', UNIX_TIMESTAMP(MAX(updated_at)) FROM `{table}`;" for table in TABLES),
    ]
    command = ["mysql", *_login(options), "--batch", "--skip-column-names", f"--database={options.database}"]
    rows = [line.split("\t") for line in _run(command, options, "\n".join(sql)).splitlines()]
    if schemas := [name for kind, name in rows if kind == "schema"]:
        raise DumpRefused(f"{options.host} holds {', '.join(schemas)}, so it is the platform's own database")
    newest = dict(rows)
    if empty := [table for table in TABLES if newest.get(table) in (None, "NULL")]:
        raise DumpFailed(f"{', '.join(empty)} of {options.database} on {options.host} holds no updated_at")
    return {
        table: datetime.fromtimestamp(int(float(newest[table])), JST).isoformat(timespec="seconds") for table in TABLES
    }


def take(options: argparse.Namespace, file: Path) -> tuple[bytes, int]:
    """Dump the database into a file and return the SHA-256 and the number of its bytes.

    Raises:
        DumpFailed: `mysqldump` failed, took too long, or left less than a whole dump.
    """
    # What a client does not know it passes over ("loose"): MariaDB's has neither of the two.
    command = [
        "mysqldump",
        *_login(options),
        "--single-transaction",
        "--quick",
        "--skip-lock-tables",
        "--no-tablespaces",
        "--hex-blob",
        "--skip-triggers",
        "--default-character-set=utf8mb4",
        "--loose-set-gtid-purged=OFF",
        "--loose-column-statistics=0",
        "--databases",
        options.database,
    ]
    with tempfile.TemporaryFile() as complaints, file.open("wb") as stream:
        try:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, stdin=subprocess.DEVNULL)
        except FileNotFoundError as error:
            raise DumpFailed(f"there is no program {command[0]} on this machine") from error
        too_late = threading.Timer(options.timeout_minutes * 60, process.kill)
        too_late.start()
        assert process.stdout is not None  # noqa: S101 (for the type checker; a pipe was asked for)
        try:
            sha256, size, end = _copied(process.stdout, stream)
            code = process.wait()
        finally:
            too_late.cancel()
            process.kill()
            process.wait()
            process.stdout.close()
        complaints.seek(0)
        said = _tail(complaints.read())
    if code:
        raise DumpFailed(f"mysqldump ended with {code} ({said or 'it said nothing, or ran out of time'})")
    if not end.rstrip().rpartition(b"\n")[2].startswith(LAST_LINE):
        raise DumpFailed(f"the dump does not end with {LAST_LINE.decode()!r}, so it is not complete")
    if size < options.minimum_bytes:
        raise DumpFailed(f"the dump has {size:,} bytes, less than the {options.minimum_bytes:,} of a plausible one")
    if size > LARGEST_BYTES:
        raise DumpFailed(f"the dump has {size:,} bytes, more than S3 takes in one request ({LARGEST_BYTES:,})")
    return sha256, size


def _copied(source: IO[bytes], target: IO[bytes]) -> tuple[bytes, int, bytes]:
    """Copy a stream; return SHA-256, number of bytes and the last bytes."""
    digest, size, end, told = hashlib.sha256(), 0, b"", 0
    for chunk in iter(lambda: source.read(CHUNK_BYTES), b""):
        target.write(chunk)
        digest.update(chunk)
        size += len(chunk)
        end = (end + chunk)[-200:]
        if size - told >= PROGRESS_BYTES:
            told = size
            _say(f"{size / 1024**2:,.0f} MiB dumped")
    return digest.digest(), size, end


def _login(options: argparse.Namespace) -> list[str]:
    """Return the options of both programs; user and password stay in the file."""
    return [
        f"--defaults-file={options.login_file}",
        f"--host={options.host}",
        f"--port={options.port}",
        "--protocol=tcp",
    ]


####################################################################################################
# The bucket
####################################################################################################


def put(options: argparse.Namespace, key: str, file: Path, sha256: bytes) -> None:
    """Upload a file in one request; S3 compares the checksum and shows the object only when it fits.

    Raises:
        DumpFailed: it did not arrive as it is here.
    """
    checksum = base64.b64encode(sha256).decode()
    call = ["put-object", "--bucket", options.bucket, "--key", key, "--body", str(file)]
    call += ["--checksum-algorithm", "SHA256", "--checksum-sha256", checksum]
    if _aws(options, "s3api", *call).get("ChecksumSHA256") != checksum:
        raise DumpFailed(f"S3 did not confirm the checksum of {key}; look at the version of the program aws")
    _say(f"s3://{options.bucket}/{key} is there")


def _aws(options: argparse.Namespace, *arguments: str) -> dict[str, Any]:
    region = ["--region", options.region] if options.region else []
    answer = _run(["aws", *arguments, *region, "--output", "json"], options)
    try:
        return dict(json.loads(answer))
    except ValueError as error:
        raise DumpFailed(f"aws {arguments[1]} answered {answer[:100]!r}, not JSON") from error


####################################################################################################
# Programs, attempts, words
####################################################################################################


def _run(command: list[str], options: argparse.Namespace, text: str = "") -> str:
    program = command[0]
    try:
        result = subprocess.run(
            command, input=text.encode(), capture_output=True, check=False, timeout=options.timeout_minutes * 60
        )
    except FileNotFoundError as error:
        raise DumpFailed(f"there is no program {program} on this machine") from error
    except subprocess.TimeoutExpired as error:
        raise DumpFailed(f"{program} did not end within {options.timeout_minutes:g} minutes") from error
    if result.returncode:
        raise DumpFailed(f"{program} ended with {result.returncode} ({_tail(result.stderr)})")
    return result.stdout.decode()


def _tried(
    what: str, options: argparse.Namespace, sleep: Callable[[float], None], work: Callable[[], Result]
) -> Result:
    """Return what the work returns, trying again after a pause that grows."""
    for attempt in range(1, options.attempts):
        try:
            return work()
        except (DumpFailed, OSError) as error:
            pause = options.pause_seconds * attempt
            _say(f"{what} failed at attempt {attempt} of {options.attempts}, again in {pause:g} s: {error}")
            sleep(pause)
    return work()


@contextlib.contextmanager
def _only_run(directory: Path) -> Iterator[None]:
    """Hold the lock of this host, and clear up what a killed run has left."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "write_dump.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherRun(f"another run holds {lock.name}; wait until it has ended") from error
        for left in directory.glob("gghouse_*.sql.part"):
            left.unlink()
        yield


def _tail(said: bytes) -> str:
    return " ".join(said.decode(errors="replace").split())[-ERROR_CHARACTERS:]


def _say(text: str) -> None:
    print(f"{datetime.now(JST):%Y-%m-%d %H:%M:%S} {text}", flush=True)


def _said(error: Exception, code: int) -> int:
    print(f"{datetime.now(JST):%Y-%m-%d %H:%M:%S} no dump was delivered: {error}", file=sys.stderr, flush=True)
    return code


def _end(*_: object) -> NoReturn:
    sys.exit(128 + signal.SIGTERM)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Dump the property-management database and deliver it with its manifest.",
        epilog="Exit code: 0 delivered, 1 every attempt failed, 2 refused, 3 another run has not ended.",
    )
    parser.add_argument("--host", required=True, help="host of the property-management database")
    parser.add_argument("--port", type=int, default=3306)
    parser.add_argument("--database", required=True, help="its name, for example basis")
    parser.add_argument("--login-file", type=Path, required=True, help="MySQL option file with user and password")
    parser.add_argument("--bucket", required=True, help="the platform's data bucket")
    parser.add_argument("--region", default="ap-northeast-1", help="region of the bucket (default: Tokyo)")
    parser.add_argument(
        "--directory", type=Path, default=Path("/var/lib/gghouse-dump"), help="for the lock and the file meanwhile"
    )
    parser.add_argument(
        "--forbid", action="append", default=[], metavar="HOST", help="never dump this host; repeatable"
    )
    parser.add_argument("--minimum-bytes", type=int, default=10 * 1024 * 1024, help="refuse a smaller dump")
    parser.add_argument("--attempts", type=int, default=3, help="of each step (default: 3)")
    parser.add_argument("--pause-seconds", type=float, default=10, help="before attempt 2; twice that before 3")
    parser.add_argument("--timeout-minutes", type=float, default=40, help="longest time of one program")
    parser.add_argument("--allow-loopback", action="store_true", help="accept this machine, for a trial or a tunnel")
    parser.add_argument("--dry-run", action="store_true", help="check source, login and role; dump and deliver nothing")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    os.umask(0o077)
    signal.signal(signal.SIGTERM, _end)
    sys.exit(main())
