"""Which error codes tell of the server, which of what the server cannot have, and which of neither."""

from __future__ import annotations

import MySQLdb
import pytest

from include.warehouse.server_errors import (
    CONNECTIONS,
    ENGINE,
    FILES,
    INTERRUPTED,
    KEY_REQUIRED,
    LOCKED,
    LOST,
    MEMORY,
    OF_MARIADB,
    OF_MYSQL,
    PACKET,
    READ_ONLY,
    RIGHTS,
    SPACE,
    STOPPING,
    TABLE_OPTIONS,
    TLS,
    UNKNOWN,
    UNREACHABLE,
    WIDE_KEY,
    WIDE_ROW,
    Trouble,
    is_lost,
    passing_codes,
    sentence,
    trouble,
)

SYNTAX = "the manual that corresponds to your {} server version for the right syntax to use near '{}' at line 3"
CASES: list[tuple[int, str, Trouble | None]] = [
    (0, "", UNKNOWN),
    (2013, "Lost connection to MySQL server during query", LOST),
    (2006, "Server has gone away", LOST),
    (4031, "The client was disconnected by the server because of inactivity", LOST),
    (2003, "Can't connect to server on 'db' (111)", UNREACHABLE),
    (2026, "SSL connection error: certificate verify failed", TLS),
    (1053, "Server shutdown in progress", STOPPING),
    (1290, "The MySQL server is running with the --read-only option so it cannot execute this statement", READ_ONLY),
    (1290, "The MySQL server is running with the --secure-file-priv option so it cannot execute this", RIGHTS),
    (1836, "Running in read-only mode", READ_ONLY),
    (1040, "Too many connections", CONNECTIONS),
    (1135, "Can't create a new thread (errno 11)", CONNECTIONS),
    (1038, "Out of sort memory, consider increasing server sort buffer size", MEMORY),
    (1114, "The table '#sql-1_2' is full", SPACE),
    (1878, "Temporary file write failure.", SPACE),
    (3, "Error writing file '/tmp/MLfd=42' (OS errno 28 - No space left on device)", SPACE),
    (1026, "Error writing file '/tmp/x' (errno: 28 \"No space left on device\")", SPACE),
    (1030, "Got error 28 - 'No space left on device' from storage engine", SPACE),
    (1030, 'Got error 135 "No more room in record file" from storage engine InnoDB', SPACE),
    (1030, "Got error 168 - 'Unknown (generic) error from engine' from storage engine", ENGINE),
    (1030, 'Got error 128 "Out of memory in engine" from storage engine InnoDB', MEMORY),
    (1005, 'Can\'t create table `x`.`t` (errno: 28 "No space left on device")', SPACE),
    (1005, 'Can\'t create table `x`.`t` (errno: 24 "Too many open files")', FILES),
    (1005, 'Can\'t create table `x`.`t` (errno: 140 "Wrong create options")', TABLE_OPTIONS),
    (1005, 'Can\'t create table `x`.`t` (errno: 150 "Foreign key constraint is incorrectly formed")', None),
    (1030, 'Got error 139 "Too big row" from storage engine InnoDB', WIDE_ROW),
    (1205, "Lock wait timeout exceeded; try restarting transaction", LOCKED),
    (3572, "Statement aborted because lock(s) could not be acquired immediately and NOWAIT is set.", LOCKED),
    (1927, "Connection was killed", INTERRUPTED),
    (1045, "Access denied for user 'loader'@'10.0.0.1' (using password: YES)", RIGHTS),
    (1118, "Row size too large (> 8126). Changing some columns to TEXT or BLOB may help.", WIDE_ROW),
    (1118, "Row size too large. The maximum row size for the used table type is 65535.", None),
    (1031, "Table storage engine for 'f' doesn't have this option", TABLE_OPTIONS),
    (1709, "Index column size too large. The maximum column size is 767 bytes", WIDE_KEY),
    (3750, "Unable to create or change a table without a primary key", KEY_REQUIRED),
    (1153, "Got a packet bigger than 'max_allowed_packet' bytes", PACKET),
    (1273, "Unknown collation: 'utf8mb4_uca1400_ai_ci'", OF_MARIADB),
    (1273, "Unknown collation: 'utf8mb4_0900_ai_ci'", OF_MYSQL),
    (1064, SYNTAX.format("MySQL", "inet6 DEFAULT NULL"), OF_MARIADB),
    (1064, SYNTAX.format("MySQL", "PAGE_CHECKSUM=1"), OF_MARIADB),
    (1064, SYNTAX.format("MariaDB", "(`a` + 1))"), OF_MYSQL),
    (1064, SYNTAX.format("MySQL", "foo"), None),
    (1064, SYNTAX.format("MariaDB", "inet6"), None),
    (3105, "The value specified for generated column 'b' in table 'g' is not allowed.", OF_MARIADB),
    (1062, "Duplicate entry '1' for key 'PRIMARY'", None),
    (1366, "Incorrect integer value: 'a' for column 'n' at row 1", None),
    (1105, "XPATH syntax error: '~a'", None),
]


@pytest.mark.parametrize(("code", "text", "expected"), CASES)
def test_an_error_is_known_by_its_code_and_where_that_says_too_little_by_its_text(
    code: int, text: str, expected: Trouble | None
) -> None:
    assert trouble(code, text) is expected


def test_no_code_is_in_two_kinds() -> None:
    from include.warehouse import server_errors

    own = [
        code
        for kind, codes in server_errors._CODES.items()
        for code in codes
        if kind is not LOST or code not in server_errors.CLIENT_ERRORS
    ]
    assert sorted(own) == sorted(set(own))


def test_a_connection_is_lost_or_only_its_statement() -> None:
    assert is_lost(MySQLdb.OperationalError(2013, "Lost connection"))
    assert is_lost(MySQLdb.OperationalError(1927, "Connection was killed"))
    assert not is_lost(MySQLdb.OperationalError(1317, "Query execution was interrupted"))
    assert not is_lost(MySQLdb.OperationalError(3024, "maximum statement execution time exceeded"))


def test_rights_are_told_apart_from_what_else_may_pass() -> None:
    assert {1044, 1045, 1142, 1143, 1227, 1370, 1698} <= set(passing_codes(rights=True))
    assert {1040, 1053, 1205, 1213, 1290, 1317, 1836, 1927} <= set(passing_codes(rights=False))


def test_a_sentence_names_what_the_server_lacks_and_no_value() -> None:
    assert sentence(MySQLdb.OperationalError(1114, "The table 't' is full")) == (
        "the server has no disk or temporary space left (innodb_tmpdir, tmpdir, FreeLocalStorage) (error 1114: The "
        "table 't' is full); free or add space, then try again"
    )
    assert "山田" not in sentence(MySQLdb.IntegrityError(1062, "Duplicate entry '山田' for key 'PRIMARY'"))
