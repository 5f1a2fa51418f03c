"""The SET statements of a dump: none is executed, but what they would mean for the rows is kept in mind.

Our session is UTF-8, UTC and escapes with backslashes, whatever the file wants. Rows that were written for another
session would be stored as other letters or other moments, so they are refused. mysqldump does change the session around
triggers and events, and gives it back before the next table.
"""

from __future__ import annotations

import re

from include.dump.sql.definition import TableDefinition

UTF8 = re.compile(rb"UTF8(?:MB[34])?")
UTF8_COLLATION = re.compile(rb"UTF8(?:MB[34])?(?:_\w+)?")
UTC = re.compile(rb"'\+00:00'|'UTC'")
# SQL modes that leave alone how strings, names and numbers are written.
SAFE_MODES = frozenset(
    rb"""
    NO_AUTO_VALUE_ON_ZERO STRICT_TRANS_TABLES STRICT_ALL_TABLES NO_ZERO_IN_DATE NO_ZERO_DATE ERROR_FOR_DIVISION_BY_ZERO
    NO_ENGINE_SUBSTITUTION NO_AUTO_CREATE_USER NO_AUTO_FIELD_OPTIONS NO_FIELD_OPTIONS NO_KEY_OPTIONS NO_TABLE_OPTIONS
    ONLY_FULL_GROUP_BY ALLOW_INVALID_DATES NO_DIR_IN_CREATE PAD_CHAR_TO_FULL_LENGTH NO_UNSIGNED_SUBTRACTION
    TIME_TRUNCATE_FRACTIONAL TIME_ROUND_FRACTIONAL SIMULTANEOUS_ASSIGNMENT TRADITIONAL
    """.split()
)
# Modes under which a trigger, routine or event may have been made; they must be given back before the next table.
OTHER_MODES = frozenset(
    rb"""
    ANSI ANSI_QUOTES DB2 EMPTY_STRING_IS_NULL HIGH_NOT_PRECEDENCE IGNORE_SPACE MAXDB MSSQL MYSQL323 MYSQL40 ORACLE
    PIPES_AS_CONCAT POSTGRESQL REAL_AS_FLOAT
    """.split()
)
ANSI_QUOTES = frozenset(b"ANSI ANSI_QUOTES DB2 MAXDB MSSQL ORACLE POSTGRESQL".split())
HARMLESS = frozenset(
    b"SQL_LOG_BIN SQL_NOTES NOTE_VERBOSITY AUTOCOMMIT UNIQUE_CHECKS FOREIGN_KEY_CHECKS CHARACTER_SET_RESULTS".split()
)
# Variables that change what rows mean, and the values that mean what we mean.
GOOD = {
    b"TIME_ZONE": UTC,
    b"CHARACTER_SET_CLIENT": UTF8,
    b"COLLATION_CONNECTION": UTF8_COLLATION,
}
REMEDIES = {
    b"TIME_ZONE": "have the dump taken with --tz-utc, as mysqldump does by itself",
    b"CHARACTER_SET_CLIENT": "have the dump taken with --default-character-set=utf8mb4",
    b"COLLATION_CONNECTION": "have the dump taken with --default-character-set=utf8mb4",
    b"SQL_MODE": "have the dump taken with plain mysqldump, under no SQL mode of its own",
}
# mysqldump has a dozen.
MAX_VARIABLES = 1000
# What mysqldump saves before the first table, unless it runs with --compact, which writes UTC without saying so.
SAVED_BY_THE_HEADER = (b"@OLD_UNIQUE_CHECKS", b"@OLD_FOREIGN_KEY_CHECKS", b"@OLD_SQL_MODE", b"@OLD_SQL_NOTES")

_ASSIGNMENT = (
    rb"(?:(?P<user>@\w+)|(?:@@)?(?:(?:SESSION|LOCAL)[ .])?(?P<variable>\w+)) ?= ?"
    rb"(?P<value>'[^'\\]*'|@@(?:SESSION\.)?\w+|@\w+|\w+)"
)
ASSIGNMENT = re.compile(_ASSIGNMENT + rb"(?: ?, ?|$)")
NAMES = re.compile(rb"SET NAMES (\w+)")


class DumpSession:
    """What the session of a client would be that executed the dump so far.

    Args:
        from_start: False when what stands before was looked at earlier; variables that are not known are then good.

    Attributes:
        has_header: mysqldump's first lines are there, which it leaves out only with --compact.
    """

    def __init__(self, from_start: bool = True) -> None:
        self._from_start = from_start
        self._line = 0
        self._strange: dict[bytes, tuple[bytes, int]] = {}
        self._saved: dict[bytes, bytes] = {}
        self._names = b""
        self._has_time_zone = False
        self.has_header = False
        self._noted = False

    @property
    def ansi_quotes(self) -> bool:
        """Whether double quotes are around names here."""
        return not ANSI_QUOTES.isdisjoint(_modes(self._strange.get(b"SQL_MODE", (b"", 0))[0]))

    def understand(self, statement: bytes, line: int = 0) -> str:
        """Take one SET statement; return why it must not be there, or nothing.

        Args:
            statement: its words in capitals, parted by single spaces, without comments.
            line: of the file, where it begins.
        """
        self._line = line
        if names := NAMES.fullmatch(statement):
            self._names = names[1]
            self._set(b"CHARACTER_SET_CLIENT", names[1])
            self._set(b"COLLATION_CONNECTION", names[1])
            return ""
        at = len(b"SET ")
        while at < len(statement):
            assignment = ASSIGNMENT.match(statement, at)
            if not assignment:
                return "is a SET that mysqldump does not write"
            if fault := self._assign(assignment["user"], assignment["variable"], assignment["value"]):
                return fault
            at = assignment.end()
        return ""

    def rows_fault(self) -> tuple[str, str] | None:
        """Return what makes rows at this place mean something else to us, and what helps; or nothing."""
        for variable, (value, line) in self._strange.items():
            shown = f"{variable.decode().lower()} is {value[:80].decode('utf-8', 'replace')} (line {line})"
            return shown, REMEDIES[variable]
        return None

    def table_fault(self, table: TableDefinition) -> tuple[str, str] | None:
        """Return what makes a table at this place, or its rows, mean something else to us, and what helps; or nothing.

        mysqldump writes moments in UTC and says so, unless an option turns that off: then their zone is unknown.
        """
        has_header = self.has_header or not self._saved.keys().isdisjoint(SAVED_BY_THE_HEADER)
        if (
            self._from_start
            and has_header
            and not self._has_time_zone
            and any(column.type == "timestamp" for column in table.columns)
        ):
            return (
                "the dump sets no TIME_ZONE although the table has TIMESTAMP columns: it was taken with --skip-tz-utc",
                "have it taken without that option",
            )
        return self.rows_fault()

    def note(self, table: TableDefinition) -> str:
        """Return, once, what people should know of how the dump was taken."""
        if self._noted or self._names not in (b"UTF8", b"UTF8MB3") or "utf8mb4" not in table.charsets:
            return ""
        self._noted = True
        return (
            f"the dump was taken with three-byte utf8 (SET NAMES {self._names.decode().lower()}) although {table.name} "
            "is utf8mb4: letters beyond that, rare kanji and emoji, are '?' in it; have it taken with "
            "--default-character-set=utf8mb4"
        )

    def _assign(self, user: bytes | None, variable: bytes | None, value: bytes) -> str:
        source = re.sub(rb"@@(?:SESSION\.)?", b"", value) if value.startswith(b"@@") else None
        if user:
            if source is None and value != b"NULL":
                return "gives a variable a value of its own"
            if len(self._saved) >= MAX_VARIABLES:
                return f"comes after {MAX_VARIABLES:,} other variables"
            self._saved[user] = self._strange.get(source, (b"", 0))[0] if source else value
        elif source is not None and (variable == b"SQL_MODE" or variable in GOOD):
            return "is a SET that mysqldump does not write"
        elif variable == b"SQL_MODE":
            if value.startswith(b"@"):
                self._set(variable, self._saved.get(value, b""))
            elif value[:1] == b"'" and _modes(value) <= SAFE_MODES | OTHER_MODES:
                self._set(variable, value)
            else:
                return "changes how strings are written"
        elif variable in GOOD:
            self._has_time_zone = self._has_time_zone or variable == b"TIME_ZONE"
            unknown = value if self._from_start else b""
            self._set(variable, self._saved.get(value, unknown) if value.startswith(b"@") else value)
        elif variable not in HARMLESS:
            return "would change the server"
        return ""

    def _set(self, variable: bytes, value: bytes) -> None:
        good = _modes(value) <= SAFE_MODES if variable == b"SQL_MODE" else GOOD[variable].fullmatch(value)
        if not value or good:
            self._strange.pop(variable, None)
        else:
            self._strange[variable] = value, self._line


def _modes(value: bytes) -> frozenset[bytes]:
    return frozenset(filter(None, value.strip(b"'").upper().split(b",")))
