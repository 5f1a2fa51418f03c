"""What the real dump programs write of a varied database arrives exactly as the `mysql` program would restore it.

MySQL's `mysqldump` is there when the tests run on MySQL (`make test-mysql`), `mariadb-dump` on both servers.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard

from include.dump.errors import StatementRefused, UnexpectedStatement
from infra.local.database import Database
from tests.include.dump.dumps import HOSTILE_TEXT, classic, day
from tests.include.dump.platform import Platform

HERE = Path(__file__).resolve().parent
SOURCE = "basis"
PLAIN = "plain"
SESSION = (
    "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00', foreign_key_checks = 0"
)
EVERY_BYTE = bytes(range(256))
# What looks like something else; each goes into the text columns.
TEXTS = (
    HOSTILE_TEXT,
    "",
    "NULL",
    "\\N",
    "'",
    "\\",
    "\\'",
    "),('x'),(",
    "0xFF00",
    "_binary 'x'",
    "%s %(name)s",
    "\x1a\b\f\v\x7f",
    "--\n-- Dump completed\n",
    "/*!50000 x */;\nDELIMITER ;;\n",
    "𠮷野家 ｶﾅ é e\u0301 \u200b\ufeff",
)


def table_names(platform: Platform, schema: str) -> list[str]:
    return [
        name
        for (name,) in platform.query(
            "SELECT table_name FROM information_schema.tables "
            f"WHERE table_schema = '{schema}' AND table_type = 'BASE TABLE' AND table_name <> '_generation' "
            "ORDER BY table_name"
        )
    ]


def picture(platform: Platform, schema: str) -> dict[str, tuple[Any, ...]]:
    """What a schema holds: per table its checksum, rows, columns and indexes."""
    found = {}
    for name in table_names(platform, schema):
        relation = f"`{schema}`.`{name}`"
        indexes = platform.query(f"SHOW INDEX FROM {relation}")
        found[name] = (
            platform.query(f"CHECKSUM TABLE {relation}")[0][1],
            platform.query(f"SELECT COUNT(*) FROM {relation}")[0][0],
            platform.query(f"SHOW FULL COLUMNS FROM {relation}"),
            sorted(str(row[1:6] + row[7:]) for row in indexes),  # all but the table's name and the estimate
        )
    return found


class Vendor:
    """The vendor's database on the session's server, and the programs that dump and restore it."""

    def __init__(self, database: Database) -> None:
        self.address = ["--no-defaults", "--host=127.0.0.1", f"--port={database.port}", "--user=root"]
        self.platform = Platform(None, None, database.admin)  # type: ignore[arg-type]
        self.is_mysql = "MariaDB" not in str(self.platform.query("SELECT VERSION()"))

    def client(self, sql: bytes, *arguments: str) -> None:
        command = ["mysql", *self.address, "--binary-mode", "--default-character-set=utf8mb4"]
        subprocess.run([*command, *arguments], input=sql, check=True)

    def fill(self) -> None:
        """Make the database anew: the platform's tables, and one of everything."""
        self.client(f"DROP DATABASE IF EXISTS {SOURCE}; DROP DATABASE IF EXISTS {PLAIN}".encode())
        self.client(classic(day()))
        own = "mysql" if self.is_mysql else "mariadb"
        for name in ("varied", f"varied_{own}"):
            self.client((HERE / f"{name}.sql").read_bytes(), SOURCE, f"--init-command={SESSION}")
        with self.platform.endpoint.connect(SOURCE) as connection, connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO varied_text (tiny, middle, big, `char`, `varchar`) VALUES (%s, %s, %s, '', %s)",
                [(text, text, text * 200, text[:30]) for text in TEXTS],
            )
            cursor.executemany(
                "INSERT INTO varied_bytes (fixed, middle, big) VALUES (%s, %s, %s)",
                [(bytes([number]), EVERY_BYTE[number:] + b"'\\", bytes([number]) * 5) for number in range(256)],
            )
            cursor.execute("INSERT INTO varied_bytes (fixed, middle, big) VALUES (%s, %s, %s)", (b"", b"", EVERY_BYTE))
            # more than the megabyte after which a dump begins another INSERT
            cursor.executemany("INSERT INTO varied_bulk VALUES (%s, %s)", [(n, f"{n:x}" * 200) for n in range(3000)])

    def dump(self, program: str, *flags: str) -> bytes:
        command = [program, *self.address, *flags]
        if self.is_mysql and program == "mariadb-dump":
            # it writes the values of generated columns, which MySQL refuses also from its own client (see below)
            command.append(f"--ignore-table={SOURCE}.varied_generated")
        return subprocess.run([*command, SOURCE], check=True, capture_output=True).stdout

    def restore_plainly(self, body: bytes) -> dict[str, tuple[Any, ...]]:
        """Feed a dump to the `mysql` program, as the loader's session would be, and look at the outcome."""
        self.client(f"DROP DATABASE IF EXISTS {PLAIN}; CREATE DATABASE {PLAIN}".encode())
        names_database = b"\nUSE `basis`;" in body
        self.client(
            body.replace(b"`basis`", b"`plain`") if names_database else body, PLAIN, f"--init-command={SESSION}"
        )
        return picture(self.platform, PLAIN)


@pytest.fixture(scope="module")
def vendor(database: Database) -> Iterator[Vendor]:
    vendor = Vendor(database)
    vendor.fill()
    yield vendor
    vendor.client(f"DROP DATABASE {SOURCE}; DROP DATABASE IF EXISTS {PLAIN}".encode())


@pytest.fixture(params=["mysqldump", "mariadb-dump"])
def program(request: pytest.FixtureRequest, vendor: Vendor) -> str:
    """A dump program that can speak to the session's server."""
    name: str = request.param
    if not shutil.which(name):
        pytest.skip(f"there is no {name} here; on Debian: apt-get install mariadb-client")
    version = subprocess.check_output([name, "--version"], text=True)
    if name == "mysqldump" and ("MariaDB" in version or not vendor.is_mysql):
        pytest.skip("MySQL's mysqldump needs MySQL's server; `make test-mysql` runs it")
    return name


def check(platform: Platform, vendor: Vendor, body: bytes, stored: bytes, suffix: str = "") -> Any:
    platform.put(stored, suffix=suffix, manifest=None if b"-- Dump completed" in body[-200:] else {})
    report = platform.load()
    expected = vendor.restore_plainly(body)
    found = picture(vendor.platform, "staging")
    assert sorted(found) == sorted(expected)
    original = picture(vendor.platform, SOURCE)
    for table in expected:
        assert found[table] == expected[table], table
        assert found[table] == original[table], table
    assert report.rejects == 0
    assert report.rows == sum(rows for _, rows, _, _ in expected.values())
    return report


FLAGS = {
    "defaults": [],
    "the vendor's": ["--compact", "--databases"],
    "one row a statement": ["--skip-extended-insert"],
    "bytes in hexadecimal": ["--hex-blob"],
    "bytes in hexadecimal, compact": ["--hex-blob", "--compact"],
    "column lists": ["--complete-insert"],
    "everything": ["--databases", "--routines", "--events", "--triggers"],
    "a snapshot": ["--single-transaction", "--quick", "--order-by-primary", "--no-autocommit"],
    "no options": ["--skip-opt", "--create-options"],
    "no triggers, no comments": ["--skip-triggers", "--skip-comments"],
    "small statements": ["--net-buffer-length=16384"],
}


@pytest.mark.parametrize("flags", FLAGS)
def test_staging_is_what_the_client_makes_of_a_real_dump(
    platform: Platform, vendor: Vendor, program: str, flags: str
) -> None:
    body = vendor.dump(program, *FLAGS[flags])
    report = check(platform, vendor, body, body)
    expected = {"trigger": 1, "view": 1}
    if flags == "everything":
        expected |= {"routine": 2, "event": 1}
    if flags == "no triggers, no comments":
        del expected["trigger"]
    assert report.skipped == expected


def test_a_dump_in_the_servers_time_zone_is_refused_because_nobody_knows_which_one_it_was(
    platform: Platform, vendor: Vendor, program: str
) -> None:
    platform.put(vendor.dump(program, "--skip-tz-utc"))
    with pytest.raises(
        UnexpectedStatement, match=r"CREATE TABLE of \w+ .*TIMESTAMP.*--skip-tz-utc; have it taken without"
    ):
        platform.load()


@pytest.mark.parametrize(
    ("suffix", "compress"), [(".gz", gzip.compress), (".zst", zstandard.ZstdCompressor().compress)], ids=["gz", "zst"]
)
@pytest.mark.parametrize("flags", ["defaults", "the vendor's"])
def test_i23_so_does_a_compressed_one(
    platform: Platform, vendor: Vendor, program: str, flags: str, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    body = vendor.dump(program, *FLAGS[flags])
    check(platform, vendor, body, compress(body), suffix)


def test_hazard_17_values_of_generated_columns_are_refused_or_made_anew(platform: Platform, vendor: Vendor) -> None:
    # mariadb-dump writes them, without a list of columns; MariaDB ignores them with a warning, MySQL refuses
    if not shutil.which("mariadb-dump"):
        pytest.skip("there is no mariadb-dump here; on Debian: apt-get install mariadb-client")
    command = ["mariadb-dump", *vendor.address, SOURCE, *table_names(vendor.platform, SOURCE)]
    body = subprocess.check_output([*command, "--skip-triggers"])
    assert b"'no. 10; )'" in body
    platform.put(body)
    try:
        platform.load()
    except StatementRefused as error:
        refusal = str(error)
    else:
        assert picture(vendor.platform, "staging") == picture(vendor.platform, SOURCE)
        return
    assert vendor.is_mysql
    assert "varied_generated" in refusal


def test_hazards_12_and_13_zero_ids_and_zero_dates_are_in_these_dumps(vendor: Vendor) -> None:
    assert vendor.platform.query(f"SELECT MIN(id), MAX(id) FROM {SOURCE}.varied_zero") == [(0, 5)]
    assert vendor.platform.query(f"SELECT COUNT(*) FROM {SOURCE}.varied_time WHERE CAST(d AS CHAR) = '0000-00-00'")[0][
        0
    ]
    stored = vendor.platform.query(f"SELECT big FROM {SOURCE}.varied_bytes ORDER BY id DESC LIMIT 1")
    assert stored == [(EVERY_BYTE,)]
