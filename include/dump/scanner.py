"""What is in a mysqldump: statements over bytes, with an allow-list.

The dump is untrusted input. Only definitions of tables, parsed and rewritten, and rows of literals come out of here.
What is known to be harmless is passed over; triggers, routines, events and views are passed over and counted; anything
else stops the scan with its place and the reason. Strings, comments, versioned comments and DELIMITER are understood,
so that the end of a statement is never guessed (incidents I-02 and I-23).

Rows are proven by one regular expression that is run by RE2, in time that depends on their bytes only. Everything else
is short: `MAX_OTHER_BYTES` and `MAX_OTHER_STATEMENTS` bound what a hostile file can cost.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from include.dump.errors import TruncatedDump, UnexpectedStatement
from include.dump.file_kinds import HEAD_BYTES, foreign_kind
from include.dump.rows import Form, count_rows, form_of, match_rows
from include.dump.sql.definition import TableDefinition
from include.dump.sql.reader import bracketed
from include.dump.sql.target import AURORA, Target
from include.dump.sql.tokens import QUOTED_NAME, NotUnderstood, name, unquoted_name
from include.dump.statements import (
    MAY_END_LATER,
    NOT_UTF8,
    PLAIN_MYSQLDUMP,
    Statements,
    check_beginning,
    check_name,
    end_pattern,
    strange_insert,
)

# mysqldump cuts its INSERTs at about 1 MiB, but a row is never cut; 64 MiB is the server's `max_allowed_packet`.
MAX_INSERT_BYTES = 64 * 1024 * 1024
# Longest statement that is no INSERT.
MAX_OTHER_BYTES = 1024 * 1024
# The vendor's 81 tables need about a thousand.
MAX_OTHER_STATEMENTS = 200_000
# Column lists beyond the first one of each table that get a pattern of their own; mysqldump writes none.
MAX_OTHER_LISTS = 100
# Longest `INSERT INTO ... VALUES`, column list included.
MAX_HEAD_BYTES = 64 * 1024
# Longest token whose kind depends on bytes after its first: the sandbox line.
LOOK_AHEAD_BYTES = 64

INSERT_HEAD = re.compile(
    rb"INSERT INTO `(?P<table>[^`]*+)` (?:\((?P<columns>"
    + QUOTED_NAME
    + rb"(?:, ?"
    + QUOTED_NAME
    + rb")*+)\) )?VALUES\s*+(?=\()",
)
COLUMN = re.compile(QUOTED_NAME)
EMPTY = re.compile(rb"\s+")
EMPTY_STATEMENTS = re.compile(rb"[\s;]+")
LINE_COMMENT = re.compile(rb"--(?=\s|\Z)|#")
LINE_COMMENTS = re.compile(rb"(?:(?:--(?=\s)|#)[^\n]*+\n[ \t\r\n]*+)+")
# Not so `/*+`, in which the client programs see code.
PLAIN_COMMENT = re.compile(rb"/\*(?!M?!|\+)")
PLAIN_COMMENTS = re.compile(rb"(?:/\*(?!M?!|\+)[^*]*+(?:\*(?!/)[^*]*+)*+\*/[ \t\r\n]*+)++")
SANDBOX_LINE = re.compile(rb"/\*M?!999999\\- enable the sandbox mode \*/")
DELIMITER_LINE = re.compile(rb"(?i:DELIMITER)[ \t]+([;$/|]{1,4})[ \t]*(?:\r?\n|\Z)")
FOOTER = b"-- Dump completed"
FOOTER_LINE = re.compile(rb"^-- Dump completed", re.MULTILINE)
SEMICOLON = ord(";")
LINE_END = re.compile(rb";\r?\n")
COMPLETE_STRING = re.compile(rb"'[^'\\]*+(?:\\.[^'\\]*+)*+'", re.DOTALL)


# Where the newest INSERT goes: table, column list as written, column list rewritten, what may be unquoted there.
_Into = tuple[TableDefinition | None, bytes | None, bytes, tuple[bytes, ...] | None]


class Kind(StrEnum):
    """What a statement does."""

    CREATE_TABLE = "CREATE TABLE"
    INSERT = "INSERT"


@dataclass(frozen=True)
class Statement:
    """One whole statement of the dump.

    Attributes:
        table: name of the table, checked, without quotes.
        data: the statement's own bytes, unchanged, without the `;` at its end. They are for counting, hashing and, from
            `rows_at` on, for the rows; a definition is never sent as these bytes.
        offset: place in the (decompressed) file in bytes, from 0.
        line: place in the file, from 1.
        end: place of the first byte after the `;`.
        definition: of the table; that of an INSERT is its CREATE TABLE's.
        rows_at: where the rows begin in `data`, 0 for a CREATE TABLE.
        columns: the INSERT's column list with its brackets, rewritten, or nothing.
        form: how the rows are written; None for a CREATE TABLE.
        parts: of several INSERTs made one, where the rows of each begin in `data`, and its line in the file.
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
    parts: tuple[tuple[int, int], ...] = ()

    def line_at(self, place: int) -> int:
        """Return the line in the file of the INSERT that holds a place in `data`."""
        after = bisect_right(self.parts, place, key=lambda part: part[0])
        return self.parts[after - 1][1] if after else self.line

    @cached_property
    def rows(self) -> int:
        """Rows of an INSERT, else 0; counted on first access, perhaps by another thread."""
        return count_rows(self.data, self.rows_at, self.form) if self.form else 0

    @property
    def loadable(self) -> bool:
        """The rows mean the same when they are sent as a LOAD DATA stream."""
        return self.form in (Form.CLEAN, Form.LOADABLE)

    @property
    def column_names(self) -> list[str]:
        """The columns of an INSERT's rows, as they are meant."""
        if not self.columns:
            return [column.name for column in self.definition.columns]
        return [unquoted_name(name) for name in COLUMN.findall(self.columns)]

    @property
    def insert_head(self) -> bytes:
        """What stands before the rows when they are sent as an INSERT; a key that is there already costs one row."""
        return b" ".join(filter(None, (b"INSERT IGNORE INTO", name(self.table).encode(), self.columns, b"VALUES ")))


class Scanner:
    """Iterates over the statements of a dump that are to be executed, once.

    Args:
        chunks: the file's bytes, decompressed.
        name: what messages call the file.
        offset: where in the file `chunks` begin, in bytes: at its start, or at a CREATE TABLE that was scanned before.
        line: the same in lines, from 1.
        target: the server that is to get them.

    Attributes:
        has_footer: the file ends with mysqldump's own `-- Dump completed`.
        offset: bytes consumed.
    """

    def __init__(
        self, chunks: Iterable[bytes], name: str, offset: int = 0, line: int = 1, target: Target = AURORA
    ) -> None:
        self._chunks = iter(chunks)
        self._name = name
        self._data = b""
        self._at = 0
        self._line = line
        self._lineless = 0
        self._ended = False
        self._delimiter = b";"
        self._limit = MAX_OTHER_BYTES
        self._subject = ""
        self._count = 0
        self._into: _Into = (None, None, b"", None)
        self._other_lists = 0
        self._with_list: TableDefinition | None = None
        self._newline = -1
        self._statements = Statements(target, from_start=not offset)
        self.has_footer = False
        self.offset = offset

    @property
    def skipped(self) -> Counter[str]:
        """Triggers, routines, events, views and sequences that were passed over, by kind."""
        return self._statements.skipped

    @property
    def databases(self) -> set[str]:
        """Names in USE and CREATE DATABASE, in small letters."""
        return self._statements.databases

    @property
    def notes(self) -> list[str]:
        """What people should know of how the dump was taken."""
        return self._statements.notes

    @property
    def target(self) -> Target:
        """The server, with what the dump says of the defaults of its source."""
        return self._statements.target

    def __iter__(self) -> Iterator[Statement]:
        """Yield the statements in the file's order.

        Raises:
            UnexpectedStatement: something that is not on the allow-list.
            TruncatedDump: the file ends inside a statement, a string or a comment.
        """
        if self.offset == 0:
            self._begin()
        while self._have(LOOK_AHEAD_BYTES):
            if self._pass_over():
                continue
            self.has_footer = False
            try:
                statement = self._insert() if self._data.startswith(b"INSERT INTO ", self._at) else self._other()
            except NotUnderstood as reason:
                raise self._unexpected(str(reason), reason.remedy or PLAIN_MYSQLDUMP) from None
            if statement:
                yield statement
            del statement  # it may be long, and the next one is about to be read

    def _begin(self) -> None:
        self._have(HEAD_BYTES)
        if kind := foreign_kind(self._data[:HEAD_BYTES]):
            raise self._unexpected(*kind)
        if self._data.startswith(b"\xef\xbb\xbf"):
            self._take(3)

    # --- the window on the file ------------------------------------------------------------------------------------

    @property
    def _held(self) -> int:
        return len(self._data) - self._at

    def _more(self) -> bool:
        """Get more bytes, in proportion to those that are held; False at the end of the file.

        Raises:
            UnexpectedStatement: a statement is longer than it may be.
        """
        if self._held > self._limit:
            raise self._too_long()
        pieces = [self._data[self._at :]]
        wanted = self._held // (
            4 if self._held < MAX_OTHER_BYTES * 8 else 32
        )  # a window that is great stays near its need
        for chunk in self._chunks:
            if chunk:
                pieces.append(chunk)
                wanted -= len(chunk)
                if wanted < 0:
                    break
        else:
            self._ended = True
        self._data = b"".join(pieces) if len(pieces) > 1 else pieces[0]
        self._at = 0
        return len(pieces) > 1

    def _have(self, size: int) -> int:
        """Have the next `size` bytes in the window; return how many there are, fewer at the end of the file."""
        while self._held < size and not self._ended and self._more():
            pass
        return min(size, self._held)

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
            start = max(start, self._held - len(mark) + 1)
            if self._ended or not self._more():
                return -1

    def _unexpected(self, what: str, remedy: str = PLAIN_MYSQLDUMP) -> UnexpectedStatement:
        return UnexpectedStatement(f"{self._name}, line {self._line} (byte {self.offset}): {what}; {remedy}")

    def _truncated(self, where: str) -> TruncatedDump:
        return TruncatedDump(
            f"{self._name}, line {self._line} (byte {self.offset}): the file ends inside {where}; have it delivered "
            "again"
        )

    def _too_long(self) -> UnexpectedStatement:
        what = f"a statement of more than {self._limit >> 20} MiB"
        if not self._subject:
            return self._unexpected(what)
        return self._unexpected(
            f"{what} for {self._subject}", f"leave it out of the dump with --ignore-table=DATABASE.{self._subject}"
        )

    # --- between statements ----------------------------------------------------------------------------------------

    def _pass_over(self) -> bool:
        """Consume blanks, empty statements, comments, a sandbox line or a DELIMITER line; False at a statement."""
        data, at = self._data, self._at
        if blank := (EMPTY_STATEMENTS if self._delimiter == b";" else EMPTY).match(data, at):
            self._take(blank.end() - at)
        elif sandbox := SANDBOX_LINE.match(data, at):
            self._take(sandbox.end() - at)
        elif comments := LINE_COMMENTS.match(data, at):
            lines = self._take(comments.end() - at)
            self._statements.look_at_comment(lines)
            self.has_footer = self.has_footer or FOOTER_LINE.search(lines) is not None
        elif LINE_COMMENT.match(data, at):
            end = self._find(b"\n", 0)
            comment = self._take(end if end >= 0 else self._held)
            self.has_footer = self.has_footer or comment.startswith(FOOTER)
        elif comments := PLAIN_COMMENTS.match(data, at):
            self._take(comments.end() - at)
        elif PLAIN_COMMENT.match(data, at):
            end = self._find(b"*/", 2)
            if end < 0:
                raise self._truncated("a comment")
            self._take(end + 2)
        elif delimiter := DELIMITER_LINE.match(data, at):
            self._take(delimiter.end() - at)
            self._delimiter = delimiter[1]
        else:
            return False
        return True

    # --- INSERT ----------------------------------------------------------------------------------------------------

    def _insert(self) -> Statement:
        if self._delimiter != b";":
            raise self._unexpected(f"an INSERT while the delimiter is {self._delimiter.decode()}")
        head = self._head()
        definition = self._statements.table_of_rows(head["table"])
        if (definition, head["columns"]) != self._into[:2]:
            self._into = (definition, head["columns"], *_columns(head["columns"] or b"", definition))
            self._other_lists += definition is self._with_list
            self._with_list = definition
        _, _, columns, unquoted = self._into
        if self._other_lists > MAX_OTHER_LISTS:  # making a pattern costs more than sending these rows as INSERTs
            unquoted = None
        rows_at = head.end() - self._at
        self._limit, self._subject = MAX_INSERT_BYTES, definition.name
        form, size = self._rows_of_a_line(unquoted, rows_at)
        if form is None:
            form, size = Form.SPACED, self._spaced_rows(definition.name, rows_at)
        self._limit, self._subject = MAX_OTHER_BYTES, ""
        offset, line = self.offset, self._line
        data = self._take(size)
        if form is Form.SPACED:
            self._take(self._data.index(b";", self._at) - self._at)
        self._take(1)
        if size > MAX_OTHER_BYTES:  # let go of a window that has grown
            self._data, self._at = self._data[self._at :], 0
        return Statement(
            Kind.INSERT, definition.name, data, offset, line, self.offset, definition, rows_at, columns, form
        )

    def _head(self) -> re.Match[bytes]:
        """Return an INSERT's beginning up to its first row."""
        head = INSERT_HEAD.match(self._data, self._at, self._at + LOOK_AHEAD_BYTES)
        if not head:  # a long column list, or a window that ends here
            self._have(MAX_HEAD_BYTES)
            head = INSERT_HEAD.match(self._data, self._at)
        if head:
            return head
        if self._ended and b";" not in self._data[self._at :]:
            raise self._truncated("an INSERT")
        raise strange_insert(self._data[self._at : self._at + LOOK_AHEAD_BYTES])

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
            found = self._next_newline(start)
            self._lineless = max(0, found - self._at) if one_line else 0
            if found >= 0:
                end = LINE_END.search(self._data, found - 2 if self._data[found - 1] != SEMICOLON else found - 1)
                if end:
                    return end.start() - self._at
                one_line = False
            start = max(start, self._held - 2)
            if self._ended or not self._more():
                return self._held - 1 if self._data.endswith(b";") else -1

    def _next_newline(self, start: int) -> int:
        """Return where in the window the next line feed is, looking from `start` on; -1 when there is none.

        mysqldump's rows are one line, so it is found at memory's speed; of many statements in one line it is kept.
        """
        begin = self.offset + start
        if not begin <= self._newline:
            found = self._data.find(b"\n", self._at + start)
            self._newline = self.offset + found - self._at if found >= 0 else -1
        return self._newline - self.offset + self._at if self._newline >= begin else -1

    def _spaced_rows(self, table: str, start: int) -> int:
        """Return the size of an INSERT with blanks and line ends between its values, rows and the `;`."""
        done = 0
        while True:
            stop = match_rows(self._data, self._at + (done or start), go_on=bool(done))
            done = stop - self._at if stop > self._at + start else 0
            rest = self._data[stop : stop + LOOK_AHEAD_BYTES].lstrip()
            if rest.startswith(b";"):
                return stop - self._at
            if self._ended or not self._more():
                break
        stop = self._at + (done or start)
        if not _is_utf8(self._data[self._at : self._at + MAX_HEAD_BYTES]):
            raise NotUnderstood(f"rows of {table} that cannot be told apart", NOT_UTF8)
        rest = COMPLETE_STRING.sub(b"", self._data[stop:])
        if b"'" in rest or b";" not in rest:
            raise self._truncated(f"the rows of {table}")
        raise self._unexpected(
            f"rows of {table} that are not rows of literals (at byte {self.offset + stop - self._at})"
        )

    # --- everything else -------------------------------------------------------------------------------------------

    def _other(self) -> Statement | None:
        """Consume one statement up to the delimiter; return it if it is to be executed."""
        self._count += 1
        if self._count > MAX_OTHER_STATEMENTS:
            raise NotUnderstood(f"more than {MAX_OTHER_STATEMENTS:,} statements that are no rows")
        check_beginning(self._data[self._at : self._at + LOOK_AHEAD_BYTES])
        size = self._size()
        data = self._data[self._at : self._at + size].rstrip()
        definition = self._statements.understand(data, self._delimiter, self._line)
        offset, line = self.offset, self._line
        self._take(size + len(self._delimiter))
        if definition is None:
            return None
        return Statement(Kind.CREATE_TABLE, definition.name, data, offset, line, offset + size + 1, definition)

    def _size(self) -> int:
        """Return the size of the statement at the cursor in bytes, without its delimiter."""
        pattern = end_pattern(self._delimiter, self._statements.ansi_quotes)
        at = depth = 0
        while True:
            found = pattern.match(self._data, self._at + at)
            end = found.end() if found else self._at + at
            stuck = self._data[end : end + 1]
            kind = found.lastgroup if found else None
            check_name(self._data, end)
            if end + LOOK_AHEAD_BYTES > len(self._data) or (not kind and stuck in MAY_END_LATER):
                if not self._ended:
                    self._have(2 * self._held + LOOK_AHEAD_BYTES)
                    continue
                if not kind:
                    raise self._truncated("a statement")
            if kind == "end":
                if depth:
                    raise NotUnderstood("a statement that ends inside a versioned comment")
                size = end - self._at - len(self._delimiter)
                if size > MAX_OTHER_BYTES:
                    raise self._too_long()
                return size
            if not kind:
                raise NotUnderstood(f"{self._data[end : end + 3]!r} inside a statement")
            depth += 1 if kind == "open" else -1
            if depth < 0:
                raise NotUnderstood("an end of a comment that never began")
            at = end - self._at


def _is_utf8(data: bytes) -> bool:
    """Whether bytes are text in UTF-8, up to a letter that is cut off, or hold strings that are none."""
    if b"_binary" in data:
        return True
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start > len(data) - 4
    return True


def _columns(written: bytes, definition: TableDefinition) -> tuple[bytes, tuple[bytes, ...] | None]:
    """Return a column list with its brackets, rewritten, and what may stand in its columns without quotes."""
    columns = [unquoted_name(name) for name in COLUMN.findall(written)]
    return bracketed(columns).encode() if columns else b"", definition.unquoted(columns)
