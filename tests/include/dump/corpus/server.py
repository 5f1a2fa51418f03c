"""What really reached the server, from its own log, and what the plain client makes of the same bytes."""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import MARK
from infra.local.database import Database

# Schema, user and password of the plain client, which sees nothing else of the server.
PLAIN = "plain"
OWN = frozenset(("staging", "staging_next", "staging_prev", "history", "ops"))
SYSTEM = frozenset(("information_schema", "performance_schema"))
CODE = re.compile(
    rb"(?P<string>'[^'\\]*(?:(?:\\.|'')[^'\\]*)*'|\"[^\"\\]*(?:(?:\\.|\"\")[^\"\\]*)*\")"
    rb"|(?P<name>`[^`]*(?:``[^`]*)*`)|(?P<open>/\*M?!\d*)|(?P<close>\*/)|(?P<comment>/\*.*?\*/|--\s[^\n]*|\#[^\n]*)",
    re.DOTALL,
)
QUOTED = re.compile(rb"'[^'\\]*(?:(?:\\.|'')[^'\\]*)*'|\"[^\"\\]*(?:(?:\\.|\"\")[^\"\\]*)*\"|`[^`]*`", re.DOTALL)
NAME = r"(?:`[^`]+`|[A-Za-z_][\w$]*)"
QUALIFIED = re.compile(rf"({NAME})\s*\.\s*(?:{NAME}|\*)")
TABLE_PLACE = re.compile(
    rf"\b(?:FROM|INTO|JOIN|TABLE|TABLES|REFERENCES|UPDATE|IF EXISTS|IF NOT EXISTS)\s+({NAME})\s*\.\s*{NAME}", re.I
)
# Forms that neither write nor name a schema by themselves; names in them are looked at separately.
ANYWHERE = re.compile(
    r"(?:SELECT (?!.*\bINTO\b)|SET (?:SESSION |NAMES |@@?(?:SESSION\.)?|time_zone|autocommit|character_set|sql_mode|"
    r"foreign_key_checks|unique_checks|lock_wait_timeout|wait_timeout|max_error_count|innodb_\w+|net_\w+|sql_log_bin)"
    r"(?!.*(?:\bGLOBAL\b|\bPERSIST))|SHOW (?:WARNINGS|COUNT|ERRORS|CREATE TABLE|VARIABLES|COLUMNS|FULL COLUMNS|INDEX|"
    r"(?:FULL )?PROCESSLIST|TABLE STATUS|GRANTS|SESSION)|DO (?:GET|RELEASE)_LOCK|KILL |COMMIT$|ROLLBACK$|"
    r"START TRANSACTION|BEGIN$|CHECKSUM TABLE |ANALYZE TABLE |UNLOCK TABLES$)",
    re.I | re.S,
)
WRITES = re.compile(
    r"(?:CREATE TABLE(?: IF NOT EXISTS)?|DROP TABLE(?: IF EXISTS)?|ALTER TABLE|(?:INSERT|REPLACE)(?: IGNORE)? INTO|"
    r"UPDATE|DELETE FROM|TRUNCATE TABLE|LOAD DATA LOCAL INFILE ''(?: IGNORE| REPLACE)? INTO TABLE|"
    r"OPTIMIZE TABLE|LOCK TABLES?)"
    rf"\s+(?:(?P<schema>{NAME})\s*\.\s*)?(?P<table>{NAME})",
    re.I,
)
BUILT = "staging_next"
WRITABLE = frozenset(("staging_next", "staging_prev", "ops", "history"))


def grant_plain(database: Database) -> None:
    """Make the plain client's user."""
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP USER IF EXISTS {PLAIN}@localhost")
        cursor.execute(f"CREATE USER {PLAIN}@localhost IDENTIFIED BY '{PLAIN}'")
        cursor.execute(f"GRANT ALL ON `{PLAIN}`.* TO {PLAIN}@localhost")


def run_plain_client(database: Database, body: bytes) -> None:
    """Feed a dump of the database `basis` to the plain client, into a schema of its own that is made anew.

    The client goes on after an error: it may not do what the loader passes over, such as setting GTID_PURGED.
    """
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {PLAIN}")
        cursor.execute(f"CREATE DATABASE {PLAIN} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
    command = ["mysql", "--no-defaults", "-h127.0.0.1", f"-P{database.port}", f"-u{PLAIN}", f"-p{PLAIN}", "--force"]
    command += ["--binary-mode", "--default-character-set=utf8mb4", "--max-allowed-packet=64M", PLAIN]
    body = body.replace(b"`basis`", b"`" + PLAIN.encode() + b"`")
    subprocess.run(command, input=body, check=False, capture_output=True)


def contents(admin: Endpoint, schema: str) -> dict[str, tuple[Any, ...]]:
    """Return checksum and definition of every table of a schema; the order of a definition's lines is of no account."""
    found: dict[str, tuple[Any, ...]] = {}
    with contextlib.closing(admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"SHOW FULL TABLES FROM `{schema}` WHERE Table_type LIKE '%TABLE%'")
        names = [name for name, _ in cursor.fetchall() if name != MARK]
        checksums: list[tuple[str, int]] = []
        if names:
            cursor.execute("CHECKSUM TABLE " + ", ".join(f"`{schema}`.`{name}`" for name in names))
            checksums = list(cursor.fetchall())
        for name, (_, checksum) in zip(names, checksums, strict=True):
            cursor.execute(f"SHOW CREATE TABLE `{schema}`.`{name}`")
            definition = re.sub(r" AUTO_INCREMENT=\d+", "", cursor.fetchone()[1])
            found[name] = (checksum, sorted(line.rstrip(",") for line in definition.split("\n")))
    return found


@dataclass
class GeneralLog:
    """The server's general log, kept in a table while the block lasts.

    Attributes:
        loader: login that publishes and keeps the books.
        restore: login that sends what a dump says.
    """

    admin: Endpoint
    loader: str = "loader"
    restore: str = "restore"
    _lines: list[tuple[int, str, bytes]] = field(default_factory=list)

    def __enter__(self) -> GeneralLog:
        """Begin to log."""
        self._run("SET GLOBAL log_output = 'TABLE'", "SET GLOBAL general_log = 1")
        return self

    def __exit__(self, *_: object) -> None:
        """Stop logging."""
        self._run("SET GLOBAL general_log = 0", "SET GLOBAL log_output = 'FILE'", "TRUNCATE TABLE mysql.general_log")

    def clear(self) -> None:
        """Forget what was logged."""
        self._run("TRUNCATE TABLE mysql.general_log")

    def trespasses(self) -> list[str]:
        """Return every statement that is not of an allowed form, or works outside the schemas of its login."""
        return [
            f"{user} in {schema or 'no schema'}: {text[:300]!r}"
            for user, measure in ((self.loader, allowed), (self.restore, allowed_to_a_dump))
            for schema, text in self.statements(user)
            if not measure(schema, text)
        ]

    def statements(self, user: str) -> Iterator[tuple[str, bytes]]:
        """Yield every statement of a user with the schema that it ran in."""
        schemas: dict[int, str] = {}
        with contextlib.closing(self.admin.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT thread_id, command_type, CAST(argument AS BINARY) FROM mysql.general_log "
                "WHERE user_host LIKE %s",
                (f"%[{user}]%",),
            )
            lines = list(cursor.fetchall())
        for thread, command, text in lines:
            text = text if isinstance(text, bytes) else bytes(text)
            if command == "Connect":
                on = re.search(rb" on (\w*) ?using", text)
                schemas[thread] = on[1].decode() if on else ""
            elif command == "Init DB":
                schemas[thread] = text.decode()
            elif command in ("Query", "Execute", "Prepare"):
                yield schemas.get(thread, "?"), text
            elif command not in (
                "Quit",
                "Ping",
                "Statistics",
                "Close stmt",
                "Reset stmt",
                "Field List",
                "Reset Connection",
            ):
                yield "?", f"{command} ".encode() + text

    def _run(self, *statements: str) -> None:
        with contextlib.closing(self.admin.connect()) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


# What makes two readers of a CREATE TABLE disagree; the loader sends none of it outside strings and names.
COMMENT_MARKS = re.compile(rb"/\*|\*/|#|--(?![0-9.])|[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")


def bare(text: bytes) -> str | None:
    """Return a statement with empty strings, without comments, with executable comments as code; None if unreadable."""
    depth = 0

    def replaced(token: re.Match[bytes]) -> bytes:
        nonlocal depth
        if token.lastgroup == "open":
            depth += 1
        elif token.lastgroup == "close":
            depth -= 1
        return {"string": b"''", "name": token[0]}.get(token.lastgroup or "", b" ")

    code = CODE.sub(replaced, text)
    if depth:
        return None
    names = re.sub(rb"`[^`]*(?:``[^`]*)*`", lambda name: b"`n" + name[0][1:-1].hex().encode() + b"`", code)
    return re.sub(r"\s+", " ", names.decode("utf-8", "replace")).strip()


def unhex(name: str | None) -> str:
    """Return a name as it is meant, from what `bare` made of it."""
    if name is None:
        return ""
    return bytes.fromhex(name[2:-1]).decode("utf-8", "replace") if name.startswith("`") else name


def allowed(schema: str, text: bytes) -> bool:
    """Whether one statement is of a form that the loader may send, and stays inside the loader's schemas."""
    code = bare(text)
    if code is None or ";" in code.rstrip("; "):
        return False
    if re.match(rb"\s*(?:CREATE|ALTER)\s+TABLE\b", text, re.I) and COMMENT_MARKS.search(QUOTED.sub(b"", text)):
        return False
    if schema not in OWN | {""}:
        return False
    code = code.rstrip("; ")
    for place in TABLE_PLACE.finditer(code):
        if unhex(place[1]).lower() not in OWN | SYSTEM:
            return False
    if re.match(r"RENAME TABLE ", code, re.I):
        return all(unhex(name[1]) in OWN for name in QUALIFIED.finditer(code)) and code.count(".") % 2 == 0
    if whole := re.match(rf"(?:CREATE DATABASE IF NOT EXISTS|DROP DATABASE IF EXISTS) ({NAME})", code, re.I):
        return unhex(whole[1]) in (OWN if code.upper().startswith("CREATE") else {"staging_next", "staging_prev"})
    if ANYWHERE.match(code):
        return not re.search(r"\b(?:LOAD_FILE|SLEEP|BENCHMARK)\b", code, re.I)
    if write := WRITES.match(code):
        place = unhex(write["schema"]) or schema
        return place in WRITABLE and not re.search(
            r"\b(?:LOAD_FILE|SLEEP|BENCHMARK|OUTFILE|DUMPFILE|DIRECTORY|CONNECTION|FEDERATED|TABLESPACE)\b", code, re.I
        )
    return False


def allowed_to_a_dump(schema: str, text: bytes) -> bool:
    """Whether one statement is of a form that the loader may send, and names nothing but what is being built."""
    code = bare(text) or ""
    if re.match(r"(?:CREATE|DROP) DATABASE|RENAME ", code, re.I):
        return False
    named = {unhex(place[1]).lower() for place in TABLE_PLACE.finditer(code)}
    return schema in (BUILT, "") and named <= {BUILT} and allowed(schema, text)


def is_untouched(directory: Path) -> bool:
    """Whether no shell command of a dump ran: each of them would have made a file of this name."""
    return not any((place / "pwned").exists() for place in (directory, Path.cwd(), Path("/tmp")))
