"""What is in a mysqldump: a tokenizer over bytes with an allow-list of statements.

The dump is untrusted input (design rule 4). Only the definition of a table and its rows come out of here; what is known
to be harmless is passed over, triggers, routines, events and views are passed over and counted, and anything else stops
the scan with its place and the reason. Strings, comments, versioned comments and DELIMITER are understood, so that the
end of a statement is never guessed (incidents I-02 and I-23).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from include.dump.errors import TruncatedDump, UnexpectedStatement

MAX_STATEMENT_BYTES = 16 * 1024 * 1024
"""mysqldump cuts its INSERTs at about 1 MiB; the limit bounds our memory."""
MAX_HEAD_BYTES = 64 * 1024
"""Longest `INSERT INTO ... VALUES`, column list included."""
WINDOW_BYTES = 256 * 1024
"""Rows are examined in pieces that fit the processor's cache."""
LOOK_AHEAD_BYTES = 64
"""Longest token whose kind depends on bytes after its first: the sandbox line."""

IDENTIFIER = rb"[0-9A-Za-z_$]{1,64}"
INSERT_HEAD = re.compile(
    rb"INSERT INTO `(?P<table>[^`]*)` (?:\((?:`[^`]+`(?:, ?)?)+\) )?VALUES\s*(?=\()",
)
BLANK = re.compile(rb"\s+")
LINE_COMMENT = re.compile(rb"--(?=\s|\Z)|#")
PLAIN_COMMENT = re.compile(rb"/\*(?!M?!)")
SANDBOX_LINE = re.compile(rb"/\*M?!999999\\- enable the sandbox mode \*/")
DELIMITER_LINE = re.compile(rb"(?i:DELIMITER)[ \t]+([;$/|]{1,4})[ \t]*(?:\r?\n|\Z)")
FOOTER = b"-- Dump completed"

NOT_WORDS = b"0123456789,.()-+' \t\r\n"
"""What remains of rows when strings and these bytes are taken out is NULL, `_binary` and the letters of numbers."""
LITERAL_WORDS = re.compile(rb"(?:_binary|[xb][0-9A-Fa-f]*+|[eE])*+")

_DEFINER = rb"(?:DEFINER ?= ?(?:`[^`]*`|''|\w+) ?@ ?(?:`[^`]*`|''|\w+) )?"
HARMLESS = re.compile(
    rb"SET (?:@\w+ ?=|NAMES |(?:@@)?(?:SESSION[ .])?(?:SQL_LOG_BIN|SQL_MODE|SQL_NOTES|NOTE_VERBOSITY|TIME_ZONE|"
    rb"AUTOCOMMIT|UNIQUE_CHECKS|FOREIGN_KEY_CHECKS|CHARACTER_SET_CLIENT|CHARACTER_SET_RESULTS|COLLATION_CONNECTION) ?=)"
    rb"|SET @@GLOBAL\.GTID_PURGED ?="
    rb"|LOCK TABLES |UNLOCK TABLES$"
    rb"|DROP (?:TABLE|VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT|DATABASE) IF EXISTS "
    rb"|CREATE DATABASE |ALTER DATABASE |USE "
    rb"|ALTER TABLE `[^`]*` (?:DISABLE|ENABLE) KEYS$"
    rb"|START TRANSACTION$|COMMIT$"
)
"""Known and not executed: the session, the schema and the transaction are ours (loader.md 0.2)."""
FORBIDDEN_IN_SET = re.compile(rb"\b(?:GLOBAL|PERSIST|PERSIST_ONLY)\b(?!\.GTID_PURGED)")
OTHER_STRING_RULES = re.compile(rb"(?i:NO_BACKSLASH_ESCAPES|ANSI)")
SKIPPED = re.compile(
    rb"CREATE (?:OR REPLACE )?(?:ALGORITHM ?= ?\w+ )?" + _DEFINER + rb"(?:SQL SECURITY \w+ )?"
    rb"(?P<kind>VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT) (?:IF NOT EXISTS )?(?P<name>(?:`[^`]*` ?\. ?)?`[^`]*`)"
)
NAMED_DATABASE = re.compile(rb"(?:USE |CREATE DATABASE (?:IF NOT EXISTS )?)`?(?P<name>[^` ]+)`?")
CREATE_TABLE = re.compile(rb"CREATE TABLE (?:IF NOT EXISTS )?`(?P<table>[^`]*)` ?\((?! ?LIKE\b)")
ENGINE = re.compile(rb"\bENGINE ?=? ?(\w+)")
ENGINES = (b"INNODB", b"MYISAM", b"ARIA")
"""Engines that keep a table's rows in the table; CONNECT, FEDERATED and others reach out of the database."""
FORBIDDEN_IN_TABLE = frozenset(
    (b"SELECT", b"DIRECTORY", b"CONNECTION", b"UNION", b"TABLESPACE", b"LOAD_FILE", b"SLEEP", b"BENCHMARK", b"GET_LOCK")
)
QUALIFIED = re.compile(rb"` ?\.|\. ?`|[A-Z_] ?\. ?[A-Z_]")


class Kind(StrEnum):
    """What a statement does."""

    CREATE_TABLE = "CREATE TABLE"
    INSERT = "INSERT"


@dataclass(frozen=True, slots=True)
class Statement:
    """One whole statement of the dump.

    Attributes:
        table: name of the table, checked, without quotes.
        data: the statement's own bytes, unchanged, without the `;` at its end.
        rows: rows of an INSERT, else 0.
        offset: place in the (decompressed) file in bytes, from 0.
        line: place in the file, from 1.
    """

    kind: Kind
    table: str
    data: bytes
    rows: int
    offset: int
    line: int


class Scanner:
    """Iterates over the statements of a dump that are to be executed, once.

    Args:
        chunks: the file's bytes, decompressed.
        name: what messages call the file.

    Attributes:
        skipped: how many triggers, routines, events and views were passed over.
        databases: names in USE and CREATE DATABASE.
        has_footer: the file ends with mysqldump's own `-- Dump completed`.
        offset: bytes consumed.
    """

    def __init__(self, chunks: Iterable[bytes], name: str) -> None:
        self._chunks = iter(chunks)
        self._name = name
        self._data = b""
        self._at = 0
        self._line = 1
        self._ended = False
        self._delimiter = b";"
        self._token = _tokens(self._delimiter)
        self._tables: set[str] = set()
        self._skipped: set[tuple[str, bytes]] = set()
        self.databases: set[str] = set()
        self.has_footer = False
        self.offset = 0

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

    def _more(self) -> bool:
        """Get more bytes; False at the end of the file."""
        if len(self._data) - self._at > MAX_STATEMENT_BYTES:
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
        self._line += data.count(b"\n")
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
        if table not in self._tables:
            raise self._unexpected(f"rows of {table} before its CREATE TABLE")
        rows = _Rows()
        done = head.end() - self._at
        end = done
        while True:
            end = self._find(b");", end)
            if end < 0:
                raise self._truncated(f"the rows of {table}")
            for start, stop in _windows(self._data, self._at + done, self._at + end + 1):
                rows.feed(self._data[start:stop])
            done = end = end + 1
            if not rows.in_string:
                break
        if fault := rows.fault():
            raise self._unexpected(f"rows of {table} hold {fault}")
        offset, line = self.offset, self._line
        data = self._take(done)
        self._take(1)
        return Statement(Kind.INSERT, table, data, rows.count, offset, line)

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
        code = _Code(versioned=self._data.startswith(b"/*", self._at))
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
        shown = text[:80].decode("utf-8", "replace")
        if not text:
            return "", None
        if HARMLESS.match(text):
            return self._harmless(text, shown, size), None
        if skipped := SKIPPED.match(text):
            kind = skipped["kind"].decode().lower()
            kind = "routine" if kind in ("procedure", "function") else kind
            self._skipped.add((kind, skipped["name"].rpartition(b".")[2]))
            return "", None
        create = CREATE_TABLE.match(text)
        if not create:
            return f"{shown!r} is not what mysqldump writes for tables and their rows", None
        if code.versioned:  # how old mysqldumps hold the place of a view
            return "", None
        table = self._table(create["table"])
        if fault := self._table_fault(table, code, text):
            return fault, None
        self._tables.add(table)
        data = self._data[self._at : self._at + size].rstrip()
        return "", Statement(Kind.CREATE_TABLE, table, data, 0, offset, line)

    def _harmless(self, text: bytes, shown: str, size: int) -> str:
        if text.startswith(b"SET ") and FORBIDDEN_IN_SET.search(text):
            return f"{shown!r} would change the server"
        if b"SQL_MODE" in text and OTHER_STRING_RULES.search(self._data[self._at : self._at + size]):
            return f"{shown!r} changes how strings are written"
        if named := NAMED_DATABASE.match(text):
            self.databases.add(named["name"].decode("utf-8", "replace").lower())
            if len(self.databases) > 1:
                return f"a second database ({' and '.join(sorted(self.databases))})"
        return ""

    def _table_fault(self, table: str, code: _Code, text: bytes) -> str:
        if table in self._tables:
            return f"a second CREATE TABLE of {table}"
        if code.has_comment:
            return f"a comment inside the CREATE TABLE of {table}"
        if QUALIFIED.search(re.sub(rb"`[^`]*`", b"``", text)):
            return f"a name with a schema inside the CREATE TABLE of {table}"
        if words := sorted(FORBIDDEN_IN_TABLE & code.words):
            return f"{words[0].decode()} inside the CREATE TABLE of {table}"
        for engine in ENGINE.findall(text):
            if engine not in ENGINES:
                return f"the engine {engine.decode()} in the CREATE TABLE of {table}"
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
    """A statement without its comments: words in capitals, strings empty, the inside of versioned comments as code."""

    def __init__(self, versioned: bool) -> None:
        self.versioned = versioned
        self.depth = 0
        self.has_comment = False
        self.words: set[bytes] = set()
        self._parts: list[bytes] = []

    def add(self, kind: str, token: bytes) -> bool:
        """Take one token; False when it closes a versioned comment that is not open."""
        if kind == "word":
            token = token.upper()
            self.words.add(token)
        elif kind == "string":
            token = b"''"
        elif kind in ("open", "close"):
            self.depth += 1 if kind == "open" else -1
            token = b" "
        elif kind in ("space", "comment"):
            self.has_comment = self.has_comment or kind == "comment"
            token = b" "
        self._parts.append(token)
        return self.depth >= 0

    def text(self) -> bytes:
        return re.sub(rb" +", b" ", b"".join(self._parts)).strip()


class _Rows:
    """Counts the rows of an INSERT and looks at everything in them that is not inside a string."""

    def __init__(self) -> None:
        self.in_string = False
        self._first = b""
        self._last = b""
        self._words: list[bytes] = []
        self._joints = self._opened = self._closed = 0
        self._dashes = False

    @property
    def count(self) -> int:
        return self._joints + 1

    def feed(self, window: bytes) -> None:
        """Take the next piece; it must not end between a backslash and the byte that belongs to it."""
        if b"\\" in window:
            window = window.replace(b"\\\\", b"").replace(b"\\'", b"")
        parts = window.split(b"'")
        outside = b"'".join(parts[self.in_string :: 2])
        self.in_string ^= len(parts) % 2 == 0
        self._words.append(outside.translate(None, NOT_WORDS))
        code = outside.translate(None, b" \t\r\n")
        self._opened += code.count(b"(")
        self._closed += code.count(b")")
        self._first = self._first or code[:1]
        code = self._last + code
        self._joints += code.count(b"),(")
        self._dashes = self._dashes or b"--" in code
        self._last = code[-2:]

    def fault(self) -> str:
        """Say what the rows hold beside literals, or return nothing."""
        words = b"".join(self._words).replace(b"NULL", b"")
        if words and not LITERAL_WORDS.fullmatch(words):
            return "something that is not a literal"
        if self._dashes:
            return "a comment"
        if not (self._first == b"(" and self._opened == self._closed == self.count):
            return "unbalanced parentheses"
        return ""


def _windows(data: bytes, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Cut `data[start:stop]` into pieces, never between a backslash and the byte that it escapes."""
    while start < stop:
        end = min(start + WINDOW_BYTES, stop)
        slash = end
        while slash > start and data[slash - 1] == 0x5C:
            slash -= 1
        if (end - slash) % 2 and end < stop:
            end += 1
        yield start, end
        start = end
