"""Statements that other programs and options write in place of what mysqldump writes by itself, and what helps."""

from __future__ import annotations

import re

from include.dump.sql.tokens import NotUnderstood

# How the statement begins when it is normalised, what it is, and the remedy.
_KNOWN = (
    (
        rb"SELECT COUNT ?\(\*\) INTO @ROCKSDB|PREPARE S FROM @ROCKSDB|SET @ROCKSDB",
        "is what Percona's mysqldump writes to ask for RocksDB",
        "have the dump taken with the mysqldump of MySQL itself",
    ),
    (
        rb"REPLACE INTO ",
        "is what mysqldump --replace writes",
        "have the dump taken without --replace",
    ),
    (
        rb"INSERT IGNORE INTO |INSERT DELAYED ",
        "is what mysqldump --insert-ignore writes",
        "have the dump taken without --insert-ignore",
    ),
    (
        rb"(?:CREATE TABLE|INSERT INTO|LOCK TABLES|DROP TABLE IF EXISTS) (?:IF NOT EXISTS )?[\w$]+(?: |\(|$)",
        "has a name without backticks around it",
        "have the dump taken without --skip-quote-names",
    ),
    (
        rb"(?:CREATE TABLE|INSERT INTO) ''",
        "has double quotes around a name",
        "have the dump taken without --compatible=ansi",
    ),
    (
        rb"ALTER TABLE `[^`]*` (?:ADD|MODIFY) ",
        "is what phpMyAdmin writes",
        "have the dump taken with mysqldump",
    ),
    (
        rb"CREATE (?:UNDO )?TABLESPACE |CREATE LOGFILE GROUP ",
        "is what mysqldump --all-tablespaces writes",
        "have the dump taken with --no-tablespaces",
    ),
    (
        rb"(?:CHANGE (?:MASTER|REPLICATION SOURCE) TO|STOP (?:SLAVE|REPLICA)|START (?:SLAVE|REPLICA))\b",
        "is what mysqldump --master-data or --dump-slave writes",
        "have the dump taken without that option",
    ),
)
# What a statement, or a command of the client programs, begins with.
_VERBS = frozenset(
    rb"""
    ALTER ANALYZE BEGIN BINLOG CALL CHANGE CHARSET CHECK CHECKSUM CLEAR COMMIT CONNECT CREATE DEALLOCATE DELETE
    DELIMITER DESC DESCRIBE DO DROP EDIT EXECUTE EXIT EXPLAIN FLUSH GRANT HANDLER HELP IMPORT INSERT INSTALL KILL
    LOAD LOCK MERGE NOPAGER NOTEE OPTIMIZE PAGER PREPARE PRINT PURGE QUIT RELEASE RENAME REPAIR REPLACE RESET
    RESIGNAL REVOKE ROLLBACK SAVEPOINT SELECT SET SHOW SHUTDOWN SIGNAL SOURCE START STATUS STOP SYSTEM TEE TRUNCATE
    UNINSTALL UNLOCK UPDATE USE VALUES WARNINGS WITH XA
    """.split()
)
_VALUES = re.compile(rb" ?VALUES\b.*|\b[0-9]\w{2,}.*", re.DOTALL)
SHOWN_BYTES = 80
_PATTERNS = tuple((re.compile(pattern), what, remedy) for pattern, what, remedy in _KNOWN)


def strange(text: bytes, shown: str) -> NotUnderstood:
    """Return what a statement is that must not be there.

    Args:
        text: the statement, normalised.
        shown: what messages call it.
    """
    for pattern, what, remedy in _PATTERNS:
        if pattern.match(text):
            return NotUnderstood(f"{shown} {what}", remedy)
    return NotUnderstood(f"{shown} is not what mysqldump writes for tables and their rows")


def shown_beginning(text: bytes) -> str:
    """Return how messages show a statement: its first words, and nothing that may be the value of a row.

    Args:
        text: the statement, normalised.
    """
    if text.split(b" ", 1)[0].split(b"(", 1)[0] not in _VERBS:
        return "a statement that begins with no word of SQL"
    return repr(_VALUES.sub(b"", text[:SHOWN_BYTES]).decode("utf-8", "replace"))
