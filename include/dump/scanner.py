"""What is in a mysqldump: a tokenizer over bytes with an allow-list of statements.

The dump is untrusted input (design rule 4). Only the definition of a table and its rows come out of here; what is known
to be harmless is passed over, triggers, routines, events and views are passed over and counted, and anything else stops
the scan with its place and the reason. Strings, comments, versioned comments and DELIMITER are understood, so that the
end of a statement is never guessed (incidents I-02 and I-23).

Rows are proven by one regular expression that is run by RE2, in time that depends on their bytes only; everything else
is read token by token.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from include.dump.errors import TruncatedDump, UnexpectedStatement
from include.dump.rows import Form, count_rows, form_of, match_rows
from include.dump.session import DumpSession
from include.dump.table import NAME, QUOTED, TableDefinition, parse_table

MAX_STATEMENT_BYTES = 16 * 1024 * 1024
"""mysqldump cuts its INSERTs at about 1 MiB; the limit bounds our memory."""
MAX_HEAD_BYTES = 64 * 1024
"""Longest `INSERT INTO ... VALUES`, column list included."""
LOOK_AHEAD_BYTES = 64
"""Longest token whose kind depends on bytes after its first: the sandbox line."""

IDENTIFIER = rb"[0-9A-Za-z_$]{1,64}"
INSERT_HEAD = re.compile(
    rb"INSERT INTO `(?P<table>[^`]*)` (?:\((?P<columns>(?:`[^`]+`(?:, ?)?)+)\) )?VALUES\s*(?=\()",
)
BLANK = re.compile(rb"\s+")
LINE_COMMENT = re.compile(rb"--(?=\s|\Z)|#")
PLAIN_COMMENT = re.compile(rb"/\*(?!M?!)")
SANDBOX_LINE = re.compile(rb"/\*M?!999999\\- enable the sandbox mode \*/")
DELIMITER_LINE = re.compile(rb"(?i:DELIMITER)[ \t]+([;$/|]{1,4})[ \t]*(?:\r?\n|\Z)")
FOOTER = b"-- Dump completed"
SEMICOLON = ord(";")
COMPLETE_STRING = re.compile(rb"'[^'\\]*+(?:\\.[^'\\]*+)*+'", re.DOTALL)

_DEFINER = rb"(?:DEFINER ?= ?(?:`[^`]*`|''|\w+) ?@ ?(?:`[^`]*`|''|\w+) )?"
HARMLESS = re.compile(
    rb"LOCK TABLES |UNLOCK TABLES$"
    rb"|DROP (?:TABLE|VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT|DATABASE) IF EXISTS "
    rb"|CREATE DATABASE |ALTER DATABASE |USE "
    rb"|ALTER TABLE `[^`]*` (?:DISABLE|ENABLE) KEYS$"
    rb"|START TRANSACTION$|COMMIT$"
)
"""Known and not executed: the schema and the transaction are ours (loader.md 0.2)."""
DROP = re.compile(rb"DROP (?P<what>TABLE|DATABASE) ")
_ANY_NAME = rb"(?:`[^`]*`|[\w$]+)"
SKIPPED = re.compile(
    rb"CREATE (?:OR REPLACE )?(?:ALGORITHM ?= ?\w+ )?" + _DEFINER + rb"(?:SQL SECURITY \w+ )?"
    rb"(?P<kind>VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT) (?:IF NOT EXISTS )?"
    rb"(?P<name>(?:" + _ANY_NAME + rb" ?\. ?)?" + _ANY_NAME + rb")"
)
NAMED_DATABASE = re.compile(rb"(?:USE |CREATE DATABASE (?:IF NOT EXISTS )?)`?(?P<name>[^` ]+)`?")
CREATE_TABLE = re.compile(rb"CREATE TABLE (?:IF NOT EXISTS )?`(?P<table>[^`]*)` ?\((?! ?LIKE\b)")
OTHER_ENGINE = re.compile(rb"\bENGINE\b(?! ?=? ?(?:INNODB|MYISAM|ARIA)\b)")
"""Other engines than these, which keep a table's rows in the table, may reach out of the database."""
FORBIDDEN_IN_TABLE = frozenset(
    rb"""
    SELECT DIRECTORY CONNECTION UNION TABLESPACE LOAD_FILE SLEEP BENCHMARK GET_LOCK VERSIONING SYSTEM_TIME SEQUENCE
    """.split()
)
PLAIN_NUMBER = re.compile(rb"(?<![\w$.])[0-9]+\.[0-9]+(?![\w$.])")
REACHING_OUT = {b".": "a name with a schema", b"@": "a variable", b"\\": "a backslash outside a string"}
PLACE_OF_A_VIEW = re.compile(rb"/\*!50001 CREATE TABLE .*ENGINE=MyISAM \*/", re.DOTALL)
"""How old mysqldumps hold the place of a view."""


class Kind(StrEnum):
    """What a statement does."""

    CREATE_TABLE = "CREATE TABLE"
    INSERT = "INSERT"


@dataclass(frozen=True)
class Statement:
    """One whole statement of the dump.

    Attributes:
        table: name of the table, checked, without quotes.
        data: the statement's own bytes, unchanged, without the `;` at its end.
        offset: place in the (decompressed) file in bytes, from 0.
        line: place in the file, from 1.
        end: place of the first byte after the `;`.
        definition: of the table; that of an INSERT is its CREATE TABLE's.
        rows_at: where the rows begin in `data`, 0 for a CREATE TABLE.
        columns: the INSERT's column list with its parentheses, or nothing.
        form: how the rows are written; None for a CREATE TABLE.
    """

    kind: Kind
    table: str
    data: bytes
    offset: int
    line: int
    end: int
    definition: TableDefinition
    rows_at: int = 0
    columns: bytes = b""
    form: Form | None = None

    @cached_property
    def rows(self) -> int:
        """Rows of an INSERT, else 0; counted when somebody asks, who may be another thread."""
        return count_rows(self.data, self.rows_at, self.form) if self.form else 0

    @property
    def loadable(self) -> bool:
        """The rows mean the same when they are sent as a LOAD DATA stream."""
        return self.form in (Form.CLEAN, Form.LOADABLE)


class Scanner:
    """Iterates over the statements of a dump that are to be executed, once.

    Args:
        chunks: the file's bytes, decompressed.
        name: what messages call the file.
        offset: where in the file `chunks` begin, in bytes: at its start, or at a CREATE TABLE that was scanned before.
        line: the same in lines, from 1.

    Attributes:
        skipped: how many triggers, routines, events and views were passed over.
        databases: names in USE and CREATE DATABASE.
        has_footer: the file ends with mysqldump's own `-- Dump completed`.
        offset: bytes consumed.
    """

    def __init__(self, chunks: Iterable[bytes], name: str, offset: int = 0, line: int = 1) -> None:
        self._chunks = iter(chunks)
        self._name = name
        self._data = b""
        self._at = 0
        self._line = line
        self._lineless = 0
        self._ended = False
        self._delimiter = b";"
        self._token = _tokens(self._delimiter)
        self._tables: set[str] = set()
        self._current: TableDefinition | None = None
        self._session = DumpSession(from_start=not offset)
        self._skipped: set[tuple[str, bytes]] = set()
        self.databases: set[str] = set()
        self.has_footer = False
        self.offset = offset

    @property
    def skipped(self) -> Counter[str]:
        """Objects passed over, by kind."""
        return Counter(kind for kind, _ in self._skipped)

    def __iter__(self) -> Iterator[Statement]:
        """Yield the statements in the file's order.

        Raises:
            UnexpectedStatement: something that is not on the allow-list.
            TruncatedDump: the file ends inside a statement, a string or a comment.
        """
        if self._ahead(3).startswith(b"\xef\xbb\xbf"):
            self._take(3)
        while self._ahead(LOOK_AHEAD_BYTES):
            if self._pass_over():
                continue
            self.has_footer = False
            if self._data.startswith(b"INSERT INTO ", self._at):
                yield self._insert()
            elif statement := self._statement():
                yield statement

    # --- the window on the file ------------------------------------------------------------------------------------

    @property
    def _full(self) -> bool:
        return len(self._data) - self._at > MAX_STATEMENT_BYTES

    def _more(self) -> bool:
        """Get more bytes; False at the end of the file."""
        if self._full:
            raise self._unexpected(f"a statement of more than {MAX_STATEMENT_BYTES >> 20} MiB")
        for chunk in self._chunks:
            if chunk:
                self._data = self._data[self._at :] + chunk
                self._at = 0
                return True
        self._ended = True
        return False

    def _ahead(self, size: int) -> bytes:
        """Return the next `size` bytes without consuming them; fewer at the end of the file."""
        while len(self._data) - self._at < size and self._more():
            pass
        return self._data[self._at : self._at + size]

    def _take(self, size: int) -> bytes:
        data = self._data[self._at : self._at + size]
        self._at += size
        self.offset += size
        if size < self._lineless:
            self._lineless -= size
        else:
            self._line += data.count(b"\n", self._lineless)
            self._lineless = 0
        return data

    def _find(self, mark: bytes, start: int) -> int:
        """Return where `mark` is, counted from the cursor, looking from `start` on; -1 when it never comes."""
        while True:
            found = self._data.find(mark, self._at + start)
            if found >= 0:
                return found - self._at
            start = max(start, len(self._data) - self._at - len(mark) + 1)
            if not self._more():
                return -1

    def _unexpected(self, what: str, remedy: str = "have the dump taken with plain mysqldump") -> UnexpectedStatement:
        return UnexpectedStatement(f"{self._name}, line {self._line} (byte {self.offset}): {what}; {remedy}")

    def _truncated(self, where: str) -> TruncatedDump:
        return TruncatedDump(
            f"{self._name}, line {self._line} (byte {self.offset}): the file ends inside {where}; have it delivered "
            "again"
        )

    # --- between statements ----------------------------------------------------------------------------------------

    def _pass_over(self) -> bool:
        """Consume one blank, comment, sandbox line or DELIMITER line; False when a statement begins."""
        data, at = self._data, self._at
        if blank := BLANK.match(data, at):
            self._take(blank.end() - at)
        elif sandbox := SANDBOX_LINE.match(data, at):
            self._take(sandbox.end() - at)
        elif LINE_COMMENT.match(data, at):
            end = self._find(b"\n", 0)
            comment = self._take(end if end >= 0 else len(self._data) - self._at)
            self.has_footer = self.has_footer or comment.startswith(FOOTER)
        elif PLAIN_COMMENT.match(data, at):
            end = self._find(b"*/", 2)
            if end < 0:
                raise self._truncated("a comment")
            self._take(end + 2)
        elif delimiter := DELIMITER_LINE.match(data, at):
            self._take(delimiter.end() - at)
            self._delimiter = delimiter[1]
            self._token = _tokens(self._delimiter)
        else:
            return False
        return True

    # --- INSERT ----------------------------------------------------------------------------------------------------

    def _insert(self) -> Statement:
        if self._delimiter != b";":
            raise self._unexpected(f"an INSERT while the delimiter is {self._delimiter.decode()}")
        self._ahead(MAX_HEAD_BYTES)
        head = INSERT_HEAD.match(self._data, self._at)
        if not head:
            if self._ended and b";" not in self._data[self._at :]:
                raise self._truncated("an INSERT")
            raise self._unexpected("an INSERT in a form that mysqldump does not write")
        table = self._table(head["table"])
        if self._current is None or table not in self._tables:
            raise self._unexpected(f"rows of {table} before its CREATE TABLE")
        if table != self._current.name:
            raise self._unexpected(f"rows of {table} after those of {self._current.name}")
        if fault := self._session.rows_fault():
            raise self._unexpected(f"rows of {table} while {fault}")
        rows_at = head.end() - self._at
        columns = head["columns"] or b""
        unquoted = self._current.unquoted(NAME.findall(columns))
        form, size = self._rows_of_a_line(unquoted, rows_at)
        if form is None:
            form, size = Form.SPACED, self._spaced_rows(table, rows_at)
        offset, line = self.offset, self._line
        data = self._take(size)
        if form is Form.SPACED:
            self._take(self._data.index(b";", self._at) - self._at)
        self._take(1)
        columns = b"(" + columns + b")" if columns else b""
        return Statement(Kind.INSERT, table, data, offset, line, self.offset, self._current, rows_at, columns, form)

    def _rows_of_a_line(self, unquoted: tuple[bytes, ...] | None, start: int) -> tuple[Form | None, int]:
        """Return the form of the rows up to the end of the line and the statement's size; None for other spellings."""
        size = self._line_end(start)
        if size < 0:
            return None, 0
        return form_of(self._data, self._at + start, self._at + size, unquoted), size

    def _line_end(self, start: int) -> int:
        """Return where the next `;` that ends a line is, counted from the cursor; -1 when there is none near."""
        one_line = b"\n" not in self._data[self._at : self._at + start]
        while True:
            found = self._data.find(b"\n", self._at + start)  # mysqldump's rows are one line: found at memory's speed
            self._lineless = max(0, found - self._at) if one_line else 0
            if found >= 0 and self._data[found - 1] != SEMICOLON:
                found = self._data.find(b";\n", found) + 1
            if found > 0:
                return found - 1 - self._at
            start = max(start, len(self._data) - self._at - 1)
            if self._full:
                return -1
            if not self._more():
                return start if self._data.endswith(b";") else -1

    def _spaced_rows(self, table: str, start: int) -> int:
        """Return the size of an INSERT with blanks and line ends between its values, rows and the `;`."""
        while True:
            stop = match_rows(self._data, self._at + start)
            rest = self._data[stop : stop + LOOK_AHEAD_BYTES].lstrip()
            if rest.startswith(b";"):
                return stop - self._at
            if not self._more():
                break
        rest = COMPLETE_STRING.sub(b"", self._data[stop:])
        if b"'" in rest or b";" not in rest:
            raise self._truncated(f"the rows of {table}")
        raise self._unexpected(
            f"rows of {table} that are not rows of literals (at byte {self.offset + stop - self._at})"
        )

    # --- everything else -------------------------------------------------------------------------------------------

    def _statement(self) -> Statement | None:
        """Consume one statement up to the delimiter; return it if it is to be executed."""
        code, size = self._tokenize()
        offset, line = self.offset, self._line
        fault, statement = self._judge(code, size, offset, line)
        if fault:
            raise self._unexpected(fault)
        self._take(size + len(self._delimiter))
        return statement

    def _tokenize(self) -> tuple[_Code, int]:
        """Return the statement at the cursor as normalised code, and its size in bytes without the delimiter."""
        code = _Code()
        size = 0
        while True:
            token = self._token.match(self._data, self._at + size)
            if (token is None or token.end() + LOOK_AHEAD_BYTES > len(self._data)) and not self._ended:
                self._more()
                continue
            if token is None:  # the end of the file, or a string, name or comment without an end
                raise self._truncated("a statement")
            if not size and token.lastgroup not in ("word", "open", "end"):
                raise self._unexpected(f"{token[0][:1]!r} where a statement begins")
            if token.lastgroup == "end":
                if code.depth:
                    raise self._unexpected("a statement that ends inside a versioned comment")
                return code, size
            if not code.add(token.lastgroup or "", token[0]):
                raise self._unexpected("an end of a comment that never began")
            size += len(token[0])

    def _judge(self, code: _Code, size: int, offset: int, line: int) -> tuple[str, Statement | None]:
        """Return why the statement must not be there, or the statement if it is to be executed."""
        text = code.text()
        shown = repr(text[:80].decode("utf-8", "replace"))
        if not text:
            return "", None
        if text.startswith(b"SET "):
            fault = self._session.understand(code.text(strings=True))
            return f"{shown} {fault}" if fault else "", None
        if HARMLESS.match(text):
            return self._harmless(text, shown), None
        if (skipped := SKIPPED.match(text)) and b"SONAME" not in code.words:  # that one is in a library of the server
            kind = skipped["kind"].decode().lower()
            kind = "routine" if kind in ("procedure", "function") else kind
            self._skipped.add((kind, skipped["name"].rpartition(b".")[2]))
            return "", None
        create = CREATE_TABLE.match(text)
        data = self._data[self._at : self._at + size].rstrip()
        if create and PLACE_OF_A_VIEW.fullmatch(data):
            return "", None
        if not create or data[:6].upper() != b"CREATE":
            return f"{shown} is not what mysqldump writes for tables and their rows", None
        table = self._table(create["table"])
        if fault := self._table_fault(table, code, text):
            return fault, None
        try:
            self._current = parse_table(table, data)
        except ValueError as error:
            return f"the CREATE TABLE of {table}: {error}", None
        self._tables.add(table)
        return "", Statement(Kind.CREATE_TABLE, table, data, offset, line, offset + size + 1, self._current)

    def _harmless(self, text: bytes, shown: str) -> str:
        if named := NAMED_DATABASE.match(text):
            self.databases.add(named["name"].decode("utf-8", "replace").lower())
            if len(self.databases) > 1:
                return f"a second database ({' and '.join(sorted(self.databases))})"
        if drop := DROP.match(text):
            dropped = {name.strip(b"`").decode("utf-8", "replace") for name in QUOTED.findall(text)}
            if self._tables if drop["what"] == b"DATABASE" else dropped & self._tables:
                return f"{shown} after the table was made"
        return ""

    def _table_fault(self, table: str, code: _Code, text: bytes) -> str:
        if table in self._tables:
            return f"a second CREATE TABLE of {table}"
        if self._delimiter != b";":
            return f"the CREATE TABLE of {table} while the delimiter is {self._delimiter.decode()}"
        if fault := self._session.rows_fault():
            return f"the CREATE TABLE of {table} while {fault}"
        if code.has_comment:
            return f"a comment inside the CREATE TABLE of {table}"
        if words := sorted(FORBIDDEN_IN_TABLE & code.words):
            return f"{words[0].decode()} inside the CREATE TABLE of {table}"
        bare = PLAIN_NUMBER.sub(b"0", QUOTED.sub(b"``", text))
        for sign, what in REACHING_OUT.items():
            if sign in bare:
                return f"{what} inside the CREATE TABLE of {table}"
        if OTHER_ENGINE.search(bare):
            return f"an engine that is none of ours in the CREATE TABLE of {table}"
        return ""

    def _table(self, name: bytes) -> str:
        if not re.fullmatch(IDENTIFIER, name):
            raise self._unexpected(f"the table name {name[:80].decode('utf-8', 'replace')!r}")
        return name.decode()


def _tokens(delimiter: bytes) -> re.Pattern[bytes]:
    return re.compile(
        rb"(?P<end>" + re.escape(delimiter) + rb")"
        rb"|(?P<space>\s+)"
        rb"|(?P<word>[0-9A-Za-z_\x80-\xff]+)"
        rb"|(?P<string>'[^'\\]*+(?:\\.[^'\\]*+)*+'|\"[^\"\\]*+(?:\\.[^\"\\]*+)*+\")"
        rb"|(?P<name>`[^`]*+`)"
        rb"|(?P<open>/\*M?![0-9]*)"
        rb"|(?P<comment>/\*.*?\*/|--(?=\s)[^\n]*|\#[^\n]*)"
        rb"|(?P<close>\*/)"
        rb"|(?P<other>(?!/\*)[^'\"`])",
        re.DOTALL,
    )


class _Code:
    """A statement without its comments: words in capitals, the inside of versioned comments as code."""

    def __init__(self) -> None:
        self.depth = 0
        self.has_comment = False
        self.words: set[bytes] = set()
        self._parts: list[tuple[str, bytes]] = []

    def add(self, kind: str, token: bytes) -> bool:
        """Take one token; False when it closes a versioned comment that is not open."""
        if kind == "word":
            token = token.upper()
            self.words.add(token)
        elif kind in ("open", "close"):
            self.depth += 1 if kind == "open" else -1
            token = b" "
        elif kind in ("space", "comment"):
            self.has_comment = self.has_comment or kind == "comment"
            token = b" "
        self._parts.append((kind, token))
        return self.depth >= 0

    def text(self, strings: bool = False) -> bytes:
        """Return the statement; its strings are empty unless they are asked for."""
        parts = (b"''" if kind == "string" and not strings else token for kind, token in self._parts)
        return re.sub(rb" +", b" ", b"".join(parts)).strip()
