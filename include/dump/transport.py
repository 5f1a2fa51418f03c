"""What carries scanned statements to the server, and what a refusal by the server means.

There are two transports: `connections` (driver connections side by side, rows as LOAD DATA streams; the default) and
`client_program` (the `mysql` program, one statement after the other).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Protocol

from include.dump.errors import DumpError, StatementRefused
from include.dump.rejects import Reject
from include.dump.scanner import Kind, Statement
from include.dump.statements import NOT_UTF8
from include.warehouse.masking import mask_values
from include.warehouse.server_errors import trouble

# Warnings that change nothing: MySQL 9 advises against InnoDB and MyISAM in one transaction.
NOT_ABOUT_ROWS = frozenset((6414,))
# The same for INSERT, which says 1300 about binary strings without `_binary` (for text it would add 1366) and 1906
# about values for generated columns, which mariadb-dump writes; both are stored right.
NOT_ABOUT_INSERTED_ROWS = NOT_ABOUT_ROWS | {1300, 1906}
# A row whose id is 0 keeps it, and what the vendor calls a date is stored as it is; dbt cleans (hazards 12, 13).
SQL_MODE = "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES"

SYNTAX_SHOWN = 300
_NOT_UTF8 = re.compile(r"Incorrect string value|Invalid utf8(?:mb[34])? character")


class TransportFailed(RuntimeError):
    """The server or the client program gave up for reasons that are not in the dump; worth another try."""


class Transport(Protocol):
    """Where statements go, in the file's order.

    Attributes:
        duplicates: rows per table that the server did not take because their key was there already.
        rejects: these rows.
        doubtful: tables for which it is not certain that the first of two rows with the same key was the one taken;
            they must be loaded again, in order.
        seconds: time per table that the server needed.
        notes: what the server remarked without refusing anything.
    """

    duplicates: Counter[str]
    rejects: list[Reject]
    doubtful: set[str]
    seconds: dict[str, float]

    @property
    def notes(self) -> list[str]: ...  # noqa: D102

    def send(self, statement: Statement) -> None:
        """Hand over one statement; may return before the server has run it.

        Raises:
            StatementRefused: this or an earlier statement was refused, or changed on its way into the table.
            TransportFailed: the connection or the server is gone.
        """

    def finish(self) -> None:
        """Return when the server has run everything; raises as `send`."""

    def abort(self) -> None:
        """Stop at once; harmless after `finish`."""


def refusal(source: str, statement: Statement, code: int, text: str, keys: bool = False) -> Exception:
    """Return what a server error means for the load.

    Args:
        source: what messages call the dump.
        statement: the one that the server answered so.
        code: the server's, or the client library's.
        text: the server's own words.
        keys: the keys of the statement's table were being built.
    """
    found, said = trouble(code, text), f"error {code}: {_shown(statement, text)}"
    table = f"the keys of {statement.table}" if keys else statement.table
    if found and found.passing:
        return TransportFailed(f"the server {found.says}, at {table} ({said}); {found.remedy}")
    subject = table if keys else f"the {statement.kind} of {table}"
    if found:
        said, remedy = f"{said}): it {found.says}", found.remedy
    else:
        said, remedy = f"{said})", NOT_UTF8 if _NOT_UTF8.search(text) else "have the dump taken again"
    return StatementRefused(f"{source}, line {statement.line}: the server refused {subject} ({said}; {remedy}")


def changed_row(source: str, statement: Statement, code: int, text: str) -> DumpError:
    """Return the error for a row that the server would store as something else (hazards 28 to 31)."""
    remedy = NOT_UTF8 if _NOT_UTF8.search(text) else "have the row corrected at its source and the dump taken again"
    return StatementRefused(
        f"{source}, line {statement.line}: the server did not take a row of {statement.table} as it is (warning "
        f"{code}: {_shown(statement, text)}); {remedy}"
    )


def _shown(statement: Statement, text: str) -> str:
    """Return the server's words without values of rows; a syntax error shows the definition that it is about."""
    if statement.kind is Kind.CREATE_TABLE and "syntax to use near" in text:
        return " ".join(text[:SYNTAX_SHOWN].split())
    return mask_values(text)


def check_size(source: str, statement: Statement, max_packet_bytes: int) -> None:
    """Raise `StatementRefused` when the server would not take the statement because of its size (hazard 24)."""
    if len(statement.data) + 64 > max_packet_bytes:
        raise StatementRefused(
            f"{source}, line {statement.line}: a statement of {len(statement.data):,} bytes for {statement.table} "
            f"exceeds the server's max_allowed_packet of {max_packet_bytes:,}; raise it in the server's parameter group"
        )
