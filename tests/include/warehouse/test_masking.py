"""Values of rows are personal data; names of tables and columns tell where to look."""

from __future__ import annotations

import contextlib

import MySQLdb
import pytest

from include.warehouse.masking import mask_error, mask_values
from infra.local.database import Database

PERSON = "山田太郎"
KEPT = [
    "Table storage engine for 'f' doesn't have this option",
    "The value specified for generated column 'b' in table 'g' is not allowed.",
    "Unknown column 'a.b' in 'field list'",
    "Table 'staging_next.t' doesn't exist",
    "Unknown collation: 'utf8mb4_uca1400_ai_ci'",
    "Unknown storage engine 'FEDERATED'",
    "Access denied for user 'loader'@'10.0.0.1' (using password: YES)",
    "Column count doesn't match value count at row 1",
    "Column 'a' cannot be null",
    "Data too long for column 'a' at row 1",
    'Can\'t create table `x`.`f` (errno: 140 "Wrong create options")',
    "Got error 168 - 'Unknown (generic) error from engine' from storage engine",
    "Error writing file '/tmp/MLfd=42' (OS errno 28 - No space left on device)",
    "Integer display width is deprecated and will be removed in a future release.",
    "Can't connect to server on 'db.example' (111)",
    "Invalid default value for 'created_at'",
]
MASKED = [
    (
        "Incorrect integer value: '山田太郎' for column 'n' at row 1",
        "Incorrect integer value: '…' for column 'n' at row 1",
    ),
    (
        "Incorrect integer value: 'it's 山田' for column 'x' for column 'n' at row 1",
        "Incorrect integer value: '…' for column 'n' at row 1",
    ),
    (
        "Incorrect integer value: '山田' for column `x`.`ii`.`a` at row 12",
        "Incorrect integer value: '…' for column `x`.`ii`.`a` at row 12",
    ),
    ("Duplicate entry '山田' for key 'du.PRIMARY'", "Duplicate entry '…' for key 'du.PRIMARY'"),
    ("Duplicate entry 'a' for key 'k'-山田' for key 'full'", "Duplicate entry '…' for key 'full'"),
    ("Truncated incorrect INTEGER value: '山田'", "Truncated incorrect INTEGER value: '…'"),
    ("XPATH syntax error: '~山田,花子'", "XPATH syntax error: '…'"),
    ("Invalid utf8mb4 character string: '\\xE5\\xB1'", "Invalid utf8mb4 character string: '…'"),
    ("Table has no partition for value 19700101", "Table has no partition for value …"),
    ("BIGINT UNSIGNED value is out of range in '(山田 - 5)'", None),
    ("near '山田太郎' at line 1", "near '…' at line 1"),
    ("Data too long for column '" + "x" * 500 + "' at row 1", "Data too long for column '…' at row 1"),
    (
        "You have an error; check the manual for the right syntax to use near '山田','x' at line 3",
        "You have an error; check the manual for the right syntax to use near '…' at line 3",
    ),
    (
        "Invalid JSON text: \"Invalid value.\" at position 0 in value for column 'js.a'.",
        "Invalid JSON text: \"…\" at position 0 in value for column 'js.a'.",
    ),
    ("Illegal double '1e山田' value found during parsing", "Illegal double '…'"),
]


@pytest.mark.parametrize("text", KEPT)
def test_names_and_plain_words_stay(text: str) -> None:
    assert mask_values(text) in (
        text,
        text.replace("'`nosuch`()' cannot be used in the CHECK clause of `CONSTRAINT_1`", "'…'"),
    )


@pytest.mark.parametrize(("text", "shown"), MASKED)
def test_values_do_not(text: str, shown: str | None) -> None:
    masked = mask_values(text)
    assert "山田" not in masked
    assert shown in (masked, None)


STATEMENTS = [
    f"INSERT INTO m.t (n) VALUES ('{PERSON}')",
    f"INSERT INTO m.t (n) VALUES ('{PERSON} ''for column'' x')",
    f"INSERT INTO m.t (d) VALUES ('{PERSON}')",
    f"INSERT INTO m.t (e) VALUES ('{PERSON}')",
    f"INSERT INTO m.t (s) VALUES ('{PERSON * 9}')",
    f"INSERT INTO m.t (u) VALUES ('{PERSON}'), ('{PERSON}')",
    f"INSERT INTO m.t (j) VALUES ('{PERSON}')",
    f"INSERT INTO m.t (g) VALUES ('{PERSON}')",
    f"INSERT INTO m.t (l) VALUES ('{PERSON}')",
    f"INSERT INTO m.t (b) VALUES ('{PERSON}')",
    f"SELECT EXTRACTVALUE(1, CONCAT(0x7e, '{PERSON}'))",
    f"SELECT CAST('{PERSON}' AS SIGNED) + nosuch FROM m.t",
    f"SELECT ST_GeomFromText('{PERSON}')",
    f"SELECT JSON_EXTRACT('{{}}', '{PERSON}')",
    f"SELECT '{PERSON}",
    f"SELECT '{PERSON}' '{PERSON}' x y",
    f"UPDATE m.t SET n = '{PERSON}' + 1 WHERE u REGEXP '({PERSON}'",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_whatever_a_server_says_holds_no_value(database: Database, statement: str) -> None:
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE IF NOT EXISTS m")
        cursor.execute("SET sql_mode = 'STRICT_ALL_TABLES'")
        cursor.execute("DROP TABLE IF EXISTS m.t")
        cursor.execute(
            "CREATE TABLE m.t (n int, d date, e enum('x'), s varchar(9), u varchar(99) UNIQUE, j json, g geometry, "
            "l varchar(9) CHARACTER SET latin1, b bit(2)) DEFAULT CHARSET = utf8mb4"
        )
        said = []
        try:
            cursor.execute(statement)
        except MySQLdb.Error as error:
            said.append(mask_error(error))
        cursor.execute("SHOW WARNINGS")
        said += [mask_values(text) for _, _, text in cursor.fetchall()]
        cursor.execute("DROP DATABASE m")
    assert not any(part in text for text in said for part in ("山田", "\\xE5\\xB1")), said


def test_what_is_no_driver_error_is_left_alone() -> None:
    assert mask_error(ValueError("'x' is no day")) == "'x' is no day"
