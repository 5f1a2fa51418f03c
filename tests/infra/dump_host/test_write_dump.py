"""The writer delivers whole dumps of the right database, with a manifest that the loader verifies, or nothing."""

from __future__ import annotations

import ast
import contextlib
import fcntl
import hashlib
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from include.dump.errors import DumpChanged
from include.dump.location import dump_key, manifest_key
from include.dump.manifest import FIELDS, parse_manifest
from include.dump.restore import load_dump
from include.settings import Settings
from include.warehouse.schema import OWN_SCHEMAS
from infra.dump_host import write_dump
from infra.local.database import Database
from infra.local.vendor import dump_writer, manifest_file
from tests.include.conftest import SETTINGS, fresh_loader, restore_login
from tests.infra.dump_host.host import BUCKET, DATABASE, HOST, PASSWORD, TODAY, Host

DUMP, MANIFEST = dump_key(TODAY), manifest_key(TODAY)
REQUEST = ["--host=h", "--database=d", "--login-file=f", "--bucket=b"]
SOURCE = Path(write_dump.__file__)
REQUIRED = replace(SETTINGS, bucket=BUCKET, require_manifest=True, source_host=HOST, source_database=DATABASE)


def test_what_it_delivers_the_loader_takes_with_a_manifest_required(
    host: Host, either_aws: str, database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    assert host.run() == write_dump.DELIVERED, capfd.readouterr().err
    assert host.keys() == [MANIFEST, DUMP]
    loader = fresh_loader(database)
    lines: list[str] = []
    report = load_dump(host.s3, REQUIRED, loader, TODAY, lines.append, restore_login=restore_login(loader))
    assert len(report.tables) == 81
    assert host.left() == ["write_dump.lock"]
    assert PASSWORD not in "".join(capfd.readouterr())


def test_the_loader_finds_out_a_dump_that_was_changed_on_the_way(host: Host, database: Database) -> None:
    assert host.run() == write_dump.DELIVERED
    body = host.body(DUMP)
    host.s3.put_object(Bucket=BUCKET, Key=DUMP, Body=body.replace(b"-- Server version", b"-- Server persion", 1))
    loader = fresh_loader(database)
    with pytest.raises(DumpChanged, match="sha256"):
        load_dump(host.s3, REQUIRED, loader, TODAY, print, restore_login=restore_login(loader))


def test_the_manifest_is_what_the_loader_reads(host: Host) -> None:
    assert host.run() == write_dump.DELIVERED
    fields = json.loads(host.body(MANIFEST))
    assert set(FIELDS) <= set(fields)
    manifest = parse_manifest(host.body(MANIFEST), "the manifest")
    body = host.body(DUMP)
    assert (manifest.dump_sha256, manifest.dump_size_bytes) == (hashlib.sha256(body).hexdigest(), len(body))
    assert manifest.dump_date == TODAY.isoformat()
    assert set(manifest.max_updated_at) == set(write_dump.TABLES)
    assert max(manifest.max_updated_at.values()).date() >= TODAY.replace(day=1)


def test_its_facts_are_those_of_the_platform() -> None:
    assert write_dump.TABLES == manifest_file.TABLES
    refused = {name for name in OWN_SCHEMAS if re.fullmatch(write_dump.OWN_SCHEMAS, name)}
    assert refused == OWN_SCHEMAS
    assert not re.fullmatch(write_dump.OWN_SCHEMAS, DATABASE)
    assert write_dump.LAST_LINE.decode() in Path(dump_writer.__file__).read_text()
    assert Settings.from_environment({}).minimum_dump_bytes == write_dump._options(REQUEST).minimum_bytes


def test_it_needs_nothing_but_python_3_9() -> None:
    tree = ast.parse(SOURCE.read_text(), feature_version=(3, 9))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name if isinstance(node, ast.Import) else node.module for node in imports for alias in node.names}
    assert {str(name).partition(".")[0] for name in names} <= sys.stdlib_module_names - {"tomllib"}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not attributes & {"UTC", "batched", "pairwise", "file_digest", "bit_count", "walk"}, "newer than 3.9"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (["--host=localhost"], "is this machine (localhost)"),
        (["--host=gghouse-prod.cluster-abc123.ap-northeast-1.rds.amazonaws.com"], "is the platform's own database"),
        (["--host=GGHOUSE-dev-pitr-1.x.rds.amazonaws.com."], "is the platform's own database"),
        (["--host=pms-db.example.com"], "is a placeholder"),
        (["--host=changeme"], "is a placeholder"),
        ([f"--forbid={HOST}"], f"is {HOST}, which is forbidden"),
        (["--forbid=old.pms.invalid", f"--forbid={HOST}"], f"is {HOST}, which is forbidden"),
        (["--database=Staging"], "is not a database of the property-management system"),
        (["--database=mysql"], "is not a database of the property-management system"),
    ],
)
def test_i06_it_refuses_what_is_not_the_source(
    host: Host, changed: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert host.run(*changed) == write_dump.REFUSED
    assert says in capsys.readouterr().err
    assert (host.keys(), host.pauses) == ([], [])


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "::1", "0.0.0.0"])
def test_i06_this_machine_is_no_source_unless_it_is_asked_for(
    host: Host, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [each for each in host.arguments(f"--host={address}") if each != "--allow-loopback"]
    assert write_dump.main(arguments) == write_dump.REFUSED
    assert "is this machine" in capsys.readouterr().err


def test_i06_an_alias_of_a_forbidden_host_is_refused(
    host: Host, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real, name = write_dump._resolved, "gghouse-prod.cluster-abc.ap-northeast-1.rds.amazonaws.com"
    monkeypatch.setattr(write_dump, "_resolved", lambda given: ({given, name}, real(HOST)[1]))
    assert host.run("--host=pms-db") == write_dump.REFUSED
    assert f"pms-db is the platform's own database ({name})" in capsys.readouterr().err


def test_i06_a_server_with_the_platforms_schemas_is_refused(
    host: Host, source: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with contextlib.closing(source.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE gold")
        cursor.execute("GRANT SELECT ON gold.* TO 'dumper'@'%'")
    try:
        assert host.run() == write_dump.REFUSED
    finally:
        with contextlib.closing(source.admin.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("DROP DATABASE gold")
            cursor.execute("REVOKE SELECT ON gold.* FROM 'dumper'@'%'")
    assert "holds gold, so it is the platform's own database" in capsys.readouterr().err
    assert host.keys() == []


def test_i08_an_empty_table_stops_it(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    host.program("mysql", "echo 'movings\t1772400000'; echo 'tenants\tNULL'")
    assert host.run("--attempts=1") == write_dump.FAILED
    assert "tenants, rooms, inquiries, apartments of basis" in capsys.readouterr().err


def test_i24_the_login_stays_in_a_file_that_only_its_owner_reads(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    host.login.chmod(0o640)
    assert host.run() == write_dump.REFUSED
    assert f"chmod 600 {host.login}" in capsys.readouterr().err
    host.login.unlink()
    assert host.run() == write_dump.REFUSED
    assert "is not there" in capsys.readouterr().err


def test_i24_no_password_on_a_command_line(host: Host, tmp_path: Path) -> None:
    for name in ("mysql", "mysqldump"):
        host.program(name, f'echo "$0 $*" >> {tmp_path}/calls; cat /proc/$$/environ >> {tmp_path}/calls; exit 1')
    assert host.run("--attempts=1") == write_dump.FAILED
    with pytest.raises(write_dump.DumpFailed):
        write_dump.take(write_dump._options(host.arguments()), tmp_path / "file")
    calls = (tmp_path / "calls").read_text()
    assert "mysqldump --defaults-file=" in calls
    assert PASSWORD not in calls


def test_a_dry_run_looks_and_delivers_nothing(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    host.program("mysqldump", "exit 9")
    assert host.run("--dry-run") == write_dump.DELIVERED
    said = capsys.readouterr().out
    assert f"target s3://{BUCKET}/{DUMP} as arn:aws:sts::" in said
    assert "nothing was delivered" in said
    assert (host.keys(), host.left()) == ([], ["write_dump.lock"])


def real(program: str) -> str:
    found = shutil.which(program)
    assert found
    return found


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo 'Access denied' >&2; exit 2", "mysqldump ended with 2 (Access denied)"),
        ('{real} "$@" | head -c 1000000', "does not end with '-- Dump completed'"),
        ('{real} "$@" | tail -c 1000', "less than the 10,485,760 of a plausible one"),
        ("exec sleep 60", "mysqldump ended with -9"),
    ],
)
def test_an_incomplete_dump_is_never_delivered(
    host: Host, script: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    host.program("mysqldump", script.format(real=real("mysqldump")))
    patience = ["--timeout-minutes=0.05"] if "sleep" in script else []
    assert host.run(*patience) == write_dump.FAILED
    assert says in capsys.readouterr().err
    assert (host.keys(), host.left(), host.pauses) == ([], ["write_dump.lock"], [10, 20])


def test_a_passing_failure_is_tried_again(host: Host, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    host.program(
        "mysqldump", f'[ -e {tmp_path}/twice ] && exec {real("mysqldump")} "$@"; touch {tmp_path}/twice; exit 3'
    )
    assert host.run() == write_dump.DELIVERED
    assert host.keys() == [MANIFEST, DUMP]
    assert host.pauses == [10]
    assert "the dump failed at attempt 1 of 3, again in 10 s" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("echo '{}'", "did not confirm the checksum of dumps/"),
        ("echo 'BadDigest' >&2; exit 254", "aws ended with 254 (BadDigest)"),
        ("echo nothing", "not JSON"),
    ],
)
def test_no_manifest_without_a_confirmed_dump(
    host: Host, answer: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    host.program("aws", f"case $1 in sts) echo '{{}}';; *) {answer};; esac")
    assert host.run() == write_dump.FAILED
    assert says in capsys.readouterr().err
    assert (host.keys(), host.left()) == ([], ["write_dump.lock"])


@pytest.mark.parametrize("program", ["mysql", "mysqldump", "aws"])
def test_a_program_that_is_missing_is_named(
    host: Host, program: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    options, file = write_dump._options(host.arguments()), tmp_path / "file"
    steps: dict[str, Callable[[], object]] = {
        "mysql": lambda: write_dump.newest_changes(options),
        "mysqldump": lambda: write_dump.take(options, file),
        "aws": lambda: write_dump.put(options, DUMP, file, b""),
    }
    with pytest.raises(write_dump.DumpFailed, match=f"there is no program {program} on this machine"):
        steps[program]()


def test_a_host_without_an_address_is_tried_again(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    assert host.run("--host=no-such-host.local.") == write_dump.FAILED
    assert "has no address" in capsys.readouterr().err
    assert host.pauses == [10, 20]


def test_a_second_run_ends_at_once(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    host.work.mkdir()
    with (host.work / "write_dump.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert host.run() == write_dump.BUSY
    assert "another run holds" in capsys.readouterr().err
    assert host.keys() == []


def test_a_run_that_is_ended_leaves_nothing_behind(host: Host, tmp_path: Path) -> None:
    host.program("mysqldump", "echo begun; exec sleep 60")
    process = subprocess.Popen([sys.executable, str(SOURCE), *host.arguments()], stdout=subprocess.DEVNULL)
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up and not list(host.work.glob("*.part")):
        time.sleep(0.1)
    assert [file.stat().st_mode & 0o777 for file in host.work.glob("*.part")] == [0o600]
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 128 + signal.SIGTERM
    assert (host.keys(), host.left()) == ([], ["write_dump.lock"])


def test_what_a_killed_run_has_left_is_cleared_up(host: Host) -> None:
    host.work.mkdir()
    (host.work / "gghouse_20260301.sql.part").write_text("half a dump")
    assert host.run("--dry-run") == write_dump.DELIVERED
    assert host.left() == ["write_dump.lock"]
