"""The SET statements of a dump: none is executed, but what they would mean for the rows is kept in mind.

Our session is UTF-8, UTC and escapes with backslashes, whatever the file wants (loader.md 0.2). Rows that were written
for another session would be stored as other letters or other moments, so they are refused. mysqldump does change the
session around triggers and events, and gives it back before the next table.
"""

from __future__ import annotations

import re

UTF8 = re.compile(rb"UTF8(?:MB[34])?")
UTF8_COLLATION = re.compile(rb"UTF8(?:MB[34])?(?:_\w+)?")
UTC = re.compile(rb"'\+00:00'|'UTC'")
SAFE_MODES = frozenset(
    rb"""
    NO_AUTO_VALUE_ON_ZERO STRICT_TRANS_TABLES STRICT_ALL_TABLES NO_ZERO_IN_DATE NO_ZERO_DATE ERROR_FOR_DIVISION_BY_ZERO
    NO_ENGINE_SUBSTITUTION NO_AUTO_CREATE_USER NO_AUTO_FIELD_OPTIONS NO_FIELD_OPTIONS NO_KEY_OPTIONS NO_TABLE_OPTIONS
    ONLY_FULL_GROUP_BY ALLOW_INVALID_DATES NO_DIR_IN_CREATE PAD_CHAR_TO_FULL_LENGTH NO_UNSIGNED_SUBTRACTION
    TIME_TRUNCATE_FRACTIONAL TIME_ROUND_FRACTIONAL SIMULTANEOUS_ASSIGNMENT TRADITIONAL
    """.split()
)
"""SQL modes that leave alone how strings, names and numbers are written (hazard 27)."""
HARMLESS = frozenset(
    b"SQL_LOG_BIN SQL_NOTES NOTE_VERBOSITY AUTOCOMMIT UNIQUE_CHECKS FOREIGN_KEY_CHECKS CHARACTER_SET_RESULTS".split()
)
GOOD = {
    b"TIME_ZONE": UTC,
    b"CHARACTER_SET_CLIENT": UTF8,
    b"COLLATION_CONNECTION": UTF8_COLLATION,
}
"""Variables that change what rows mean, and the values that mean what we mean."""

_ASSIGNMENT = (
    rb"(?:(?P<user>@\w+)|(?:@@)?(?:(?:SESSION|LOCAL)[ .])?(?P<variable>\w+)) ?= ?"
    rb"(?P<value>'[^'\\]*'|@@(?:SESSION\.)?\w+|@\w+|\w+)"
)
ASSIGNMENT = re.compile(_ASSIGNMENT + rb"(?: ?, ?|$)")
NAMES = re.compile(rb"SET NAMES (\w+)")
GTID_PURGED = re.compile(rb"SET @@GLOBAL\.GTID_PURGED ?= ?(?:'[^']*' ?)+")


class DumpSession:
    """What the session of a client would be that executed the dump so far.

    Args:
        from_start: False when what stands before was looked at earlier; variables that are not known are then good.
    """

    def __init__(self, from_start: bool = True) -> None:
        self._from_start = from_start
        self._strange: dict[bytes, bytes] = {}
        self._saved: dict[bytes, bytes] = {}

    def understand(self, statement: bytes) -> str:
        """Take one SET statement; return why it must not be there, or nothing.

        Args:
            statement: its words in capitals, parted by single spaces, without comments.
        """
        if GTID_PURGED.fullmatch(statement):
            return ""
        if names := NAMES.fullmatch(statement):
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

    def rows_fault(self) -> str:
        """Return what makes rows at this place mean something else to us, or nothing."""
        for variable, value in self._strange.items():
            return f"{variable.decode().lower()} is {value.decode('utf-8', 'replace')}"
        return ""

    def _assign(self, user: bytes | None, variable: bytes | None, value: bytes) -> str:
        source = re.sub(rb"@@(?:SESSION\.)?", b"", value) if value.startswith(b"@@") else None
        if user:
            if source is None and value != b"NULL":
                return "gives a variable a value of its own"
            self._saved[user] = self._strange.get(source, b"") if source else value
        elif source is not None and (variable == b"SQL_MODE" or variable in GOOD):
            return "is a SET that mysqldump does not write"
        elif variable == b"SQL_MODE":
            if not value.startswith(b"@") and not (value[:1] == b"'" and _safe_modes(value)):
                return "changes how strings are written"
        elif variable in GOOD:
            unknown = value if self._from_start else b""
            self._set(variable, self._saved.get(value, unknown) if value.startswith(b"@") else value)
        elif variable not in HARMLESS:
            return "would change the server"
        return ""

    def _set(self, variable: bytes, value: bytes) -> None:
        if not value or GOOD[variable].fullmatch(value):
            self._strange.pop(variable, None)
        else:
            self._strange[variable] = value


def _safe_modes(value: bytes) -> bool:
    return frozenset(filter(None, value.strip(b"'").upper().split(b","))) <= SAFE_MODES
