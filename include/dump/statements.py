"""What the statements of a dump that are no rows mean: to be executed, passed over, counted, or refused.

None of them is ever executed as the dump writes it: a CREATE TABLE is parsed and rewritten (`include.dump.sql`), and
everything else is either known to be harmless or stops the load.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import lru_cache

from include.dump.foreign_statements import shown_beginning, strange
from include.dump.session import DumpSession
from include.dump.sql.create_table import TABLE_NAME, parse_create_table
from include.dump.sql.definition import TableDefinition
from include.dump.sql.target import Target
from include.dump.sql.tokens import NotUnderstood

PLAIN_MYSQLDUMP = "have the dump taken with plain mysqldump"
NOT_UTF8 = "its text is not UTF-8: have the dump taken with --default-character-set=utf8mb4"
# What begins a statement says what it is; what is passed over, or sets something, is no longer than this.
MAX_NORMALISED_BYTES = 64 * 1024
# Triggers, routines, events and views that are passed over; their names are held in memory.
MAX_OBJECTS = 10_000
# What a token without an end begins with.
MAY_END_LATER = (b"", b"'", b'"', b"`", b"/")

_DEFINER = rb"(?:DEFINER ?= ?(?:`[^`]*`|''|\w+) ?@ ?(?:`[^`]*`|''|\w+) )?"
# Known and not executed: the schema, the transaction and the statistics are ours.
HARMLESS = re.compile(
    rb"LOCK TABLES |UNLOCK TABLES$"
    rb"|DROP (?:TABLE|VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT|DATABASE|SEQUENCE|PACKAGE(?: BODY)?) IF EXISTS "
    rb"|CREATE DATABASE |ALTER DATABASE |USE "
    rb"|ALTER TABLE `[^`]*` (?:DISABLE|ENABLE) KEYS$"
    rb"|ANALYZE TABLE `[^`]*` UPDATE HISTOGRAM ON "
    rb"|(?:DO|SELECT) SETVAL ?\( ?`[^`]*` ?, ?-?[0-9]+ ?, ?[01] ?\)$"
    rb"|START TRANSACTION$|COMMIT$"
)
_DROP = re.compile(rb"DROP (?P<what>TABLE|DATABASE) ")
_NAME = rb"(?:`[^`]*`|''|[\w$]+)"
_SKIPPED = re.compile(
    rb"CREATE (?:OR REPLACE )?(?:ALGORITHM ?= ?\w+ )?" + _DEFINER + rb"(?:SQL SECURITY \w+ )?(?:AGGREGATE )?"
    rb"(?P<kind>VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT|PACKAGE(?: BODY)?) (?:IF NOT EXISTS )?"
    rb"(?P<name>(?:" + _NAME + rb" ?\. ?)?" + _NAME + rb")"
    rb"|CREATE (?P<sequence>SEQUENCE) (?:IF NOT EXISTS )?(?P<numbers>`[^`]*`) START WITH "
)
_OF_A_LIBRARY = re.compile(rb"\bRETURNS \w+ SONAME\b")
_KINDS = {"procedure": "routine", "function": "routine", "package": "routine", "package body": "routine"}
_NAMED_DATABASE = re.compile(rb"(?:USE |CREATE DATABASE (?:IF NOT EXISTS )?)`?(?P<name>[^` ]+)`?")
_CREATE_TABLE = re.compile(rb"CREATE\s+TABLE\s", re.IGNORECASE)
# How old mysqldumps hold the place of a view.
_PLACE_OF_A_VIEW = re.compile(rb"/\*!50001 CREATE TABLE `[^`]*` ?\([^;]*\) ENGINE=MyISAM \*/", re.DOTALL)
_GTID_PURGED = re.compile(rb"SET @@GLOBAL\.GTID_PURGED ?= ?(?:/\*!80000 '\+'\*/ ?)?'[^'\\]*'")
_QUOTED = re.compile(rb"`([^`]*)`")
_NAME_WITH_BACKSLASH = re.compile(rb"`[^`\n]*\\[^`\n]*`")
_BEGINNING = re.compile(rb"[0-9A-Za-z_\x80-\xff]|/\*M?!")
_NAMES_COLLATIONS = re.compile(rb"^-- Server version\t(?:[89]|[1-9]\d)\.(?![^\n]*MariaDB)", re.MULTILINE)
_HEADER = re.compile(rb"^-- (?:MySQL|MariaDB) dump ", re.MULTILINE)
_OF_THE_PROGRAM = re.compile(
    rb"(?:mysqldump|mariadb-dump|mysqlpump)(?:\.exe)?: |Enter password: |Warning: A partial dump "
)


@lru_cache(maxsize=16)
def end_pattern(delimiter: bytes, ansi_quotes: bool = False) -> re.Pattern[bytes]:
    """Return the pattern of what comes up to the delimiter, or to an opening or closing mark of a versioned comment.

    Strings, names and comments are stepped over, but no name with a backslash, which MariaDB's client takes for an
    escape and servers do not. Two dashes with a control character behind them are in no group: for
    some servers they begin a comment, for some they do not.

    Args:
        delimiter: what ends a statement.
        ansi_quotes: double quotes are around names, where a backslash is nothing special.
    """
    first, rest = re.escape(delimiter[:1]), re.escape(delimiter[1:])
    alternatives = [
        rb"[^'\"`/*#\-" + first + rb"]++",
        rb"'[^'\\]*+(?:\\.[^'\\]*+)*+'",
        rb"\"[^\"\\]*+\"" if ansi_quotes else rb"\"[^\"\\]*+(?:\\.[^\"\\]*+)*+\"",
        rb"`[^`\\]*+`",
        rb"--(?=\s)[^\n]*+",
        rb"\#[^\n]*+",
        rb"-(?!-(?:\s|[\x00-\x1f\x7f]))",
        rb"\*(?!/)",
    ]
    if rest:
        alternatives.append(first + rb"(?!" + rest + (rb"|\*)" if delimiter[:1] == b"/" else rb")"))
    if delimiter[:1] != b"/":
        alternatives.append(rb"/(?!\*)")
    if delimiter != b"/":
        alternatives.append(rb"/\*(?!M?!|\+).*?\*/")
        alternatives.append(rb"/\*\+[^'\"`;*]*+\*/")  # a hint, in which the client programs see code
    marks = rb"(?P<end>" + first + rest + rb")|(?P<open>/\*M?![0-9]*)|(?P<close>\*/)"
    return re.compile(rb"(?:" + rb"|".join(alternatives) + rb")*+(?:" + marks + rb")?", re.DOTALL)


def check_beginning(data: bytes) -> None:
    """Raise `NotUnderstood` when no statement begins so.

    Args:
        data: its first bytes.
    """
    if _OF_THE_PROGRAM.match(data):
        raise NotUnderstood(
            "a message of the program that took the dump, in the middle of it",
            "have what mysqldump says on its error output kept out of the file (no 2>&1), what it complains of put "
            "right, and the dump taken without --force",
        )
    if not _BEGINNING.match(data):
        raise NotUnderstood(f"{data[:1]!r} where a statement begins")


def strange_insert(data: bytes) -> NotUnderstood:
    """Return what is wrong with an INSERT that begins in a way of its own."""
    found = strange(normalised(data), "an INSERT that")
    return found if found.remedy else NotUnderstood("an INSERT in a form that mysqldump does not write")


def check_name(data: bytes, at: int) -> None:
    """Raise `NotUnderstood` when a name with a backslash, over which `end_pattern` does not step, stands at a place."""
    if _NAME_WITH_BACKSLASH.match(data, at):
        raise NotUnderstood(
            "a name with a backslash",
            "have it changed at its source, or the table left out of the dump with --ignore-table",
        )


class Statements:
    """Takes the statements of a dump one after the other.

    Args:
        target: the server that is to get the tables.
        from_start: False when what stands before was looked at earlier.

    Attributes:
        target: the server, with what the dump says of the defaults of its source.
        current: the newest table.
        databases: names in USE and CREATE DATABASE, in small letters.
        skipped: objects passed over, by kind.
        notes: what people should know of how the dump was taken.
    """

    def __init__(self, target: Target, from_start: bool) -> None:
        self.target = target
        self._session = DumpSession(from_start)
        self._tables: set[str] = set()
        self._views: set[bytes] = set()
        self.current: TableDefinition | None = None
        self.databases: set[str] = set()
        self.skipped: Counter[str] = Counter()
        self.notes: list[str] = []

    @property
    def ansi_quotes(self) -> bool:
        """Whether double quotes are around names here."""
        return self._session.ansi_quotes

    def look_at_comment(self, lines: bytes) -> None:
        """Learn from mysqldump's first lines how the dump was taken."""
        self._session.has_header = self._session.has_header or _HEADER.search(lines) is not None
        if self.current is None and _NAMES_COLLATIONS.search(lines):
            self.target = replace(self.target, implicit_collation="")

    def table_of_rows(self, written: bytes) -> TableDefinition:
        """Return the table of an INSERT, which must be the newest one.

        Raises:
            NotUnderstood: it is another one, or the rows would mean something else here.
        """
        if self.current is None or written != self.current.name.encode():
            table = _table_name(written.decode("utf-8", "replace"))
            if self.current is None or table not in self._tables:
                raise NotUnderstood(f"rows of {table} before its CREATE TABLE")
            raise NotUnderstood(f"rows of {table} after those of {self.current.name}")
        if fault := self._session.rows_fault():
            raise NotUnderstood(f"rows of {self.current.name} while {fault[0]}", fault[1])
        return self.current

    def understand(self, data: bytes, delimiter: bytes, line: int) -> TableDefinition | None:
        """Take one statement that is no INSERT; return the table that it makes, if it makes one.

        Args:
            data: the statement without the delimiter.
            delimiter: what ends it.
            line: of the file, where it begins.

        Raises:
            NotUnderstood: it must not be there.
        """
        if _CREATE_TABLE.match(data):
            return self._create_table(data, delimiter)
        if _GTID_PURGED.fullmatch(data) or _PLACE_OF_A_VIEW.fullmatch(data):
            return None
        text = normalised(data[:MAX_NORMALISED_BYTES])
        if not text:
            return None
        shown = shown_beginning(text)
        if _SKIPPED.match(text) and not _OF_A_LIBRARY.search(text):
            self._skip(text)
        elif len(data) > MAX_NORMALISED_BYTES:
            raise NotUnderstood(f"{shown} of more than {MAX_NORMALISED_BYTES >> 10} KiB")
        elif text.startswith(b"SET ") and not re.match(rb"SET @ROCKSDB", text):
            if fault := self._session.understand(normalised(data, strings=True), line):
                raise NotUnderstood(f"{shown} {fault}")
        elif HARMLESS.match(text):
            self._harmless(text, shown)
        else:
            raise strange(text, shown)
        return None

    def _skip(self, text: bytes) -> None:
        found = _SKIPPED.match(text)
        assert found  # noqa: S101 - the caller has looked
        kind = (found["kind"] or found["sequence"]).decode().lower()
        if kind == "view":  # written twice: columns first, so that other views may use it
            name = found["name"].rpartition(b".")[2]
            if name in self._views:
                return
            self._views.add(name)
        self.skipped[_KINDS.get(kind, kind)] += 1
        if self.skipped.total() > MAX_OBJECTS:
            raise NotUnderstood(
                f"more than {MAX_OBJECTS:,} triggers, routines, events and views",
                "have the dump taken with --skip-triggers and without --routines and --events",
            )

    def _harmless(self, text: bytes, shown: str) -> None:
        if named := _NAMED_DATABASE.match(text):
            self.databases.add(named["name"].decode("utf-8", "replace").lower())
            if len(self.databases) > 1:
                raise NotUnderstood(
                    f"a second database ({' and '.join(sorted(self.databases))})",
                    "have one database dumped into one file: mysqldump one_database, without --databases and "
                    "--all-databases",
                )
        if drop := _DROP.match(text):
            dropped = {name.decode("utf-8", "replace") for name in _QUOTED.findall(text)}
            if self._tables if drop["what"] == b"DATABASE" else dropped & self._tables:
                raise NotUnderstood(f"{shown} after the table was made")

    def _create_table(self, data: bytes, delimiter: bytes) -> TableDefinition:
        what, remedy = "a CREATE TABLE", ""
        try:
            definition = parse_create_table(data, self.target)
            what = f"the CREATE TABLE of {_table_name(definition.name)}"
        except NotUnderstood as reason:
            named = re.match(rb"CREATE\s+TABLE\s+(?:IF NOT EXISTS )?`([^`]{1,64})`", data, re.IGNORECASE)
            if named:
                table = _table_name(named[1].decode("utf-8", "replace"))
                what = f"the CREATE TABLE of {table}"
                remedy = f"have it changed at its source, or left out of the dump with --ignore-table=DATABASE.{table}"
            raise NotUnderstood(f"{what} holds {reason}", reason.remedy or remedy) from None
        table = definition.name
        if table in self._tables:
            raise NotUnderstood(f"a second CREATE TABLE of {table}")
        if delimiter != b";":
            raise NotUnderstood(f"{what} while the delimiter is {delimiter.decode()}")
        if fault := self._session.table_fault(definition):
            raise NotUnderstood(f"{what} while {fault[0]}", fault[1])
        if note := self._session.note(definition):
            self.notes.append(note)
        self._tables.add(table)
        self.current = definition
        return definition


def _table_name(name: str) -> str:
    if not TABLE_NAME.fullmatch(name):
        raise NotUnderstood(
            f"the table name {name[:80]!r}",
            "names of tables are letters without accents, digits, _ and $, at most 64: leave it out of the dump with "
            f"--ignore-table=DATABASE.{name[:80]}",
        )
    return name


_TOKEN = re.compile(
    rb"(?P<space>\s+)"
    rb"|(?P<word>[0-9A-Za-z_\x80-\xff]+)"
    rb"|(?P<string>'[^'\\]*+(?:\\.[^'\\]*+)*+'|\"[^\"\\]*+(?:\\.[^\"\\]*+)*+\")"
    rb"|(?P<name>`[^`]*+`)"
    rb"|(?P<mark>/\*M?![0-9]*|\*/)"
    rb"|(?P<comment>/\*.*?\*/|--(?=\s)[^\n]*|\#[^\n]*)"
    rb"|(?P<other>.)",
    re.DOTALL,
)


def normalised(data: bytes, strings: bool = False) -> bytes:
    """Return a statement on one line: words in capitals, no comments, the inside of versioned comments as code.

    Args:
        data: the statement, or its beginning.
        strings: keep what stands in strings, instead of leaving them empty.
    """
    parts = []
    for token in _TOKEN.finditer(data):
        match token.lastgroup:
            case "word":
                parts.append(token[0].upper())
            case "string" if not strings:
                parts.append(b"''")
            case "space" | "mark" | "comment":
                parts.append(b" ")
            case _:
                parts.append(token[0])
    return re.sub(rb" +", b" ", b"".join(parts)).strip()
