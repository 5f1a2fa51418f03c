"""The scanner gives back the tables and their rows, byte for byte, and nothing else."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from include.dump.errors import TruncatedDump, UnexpectedStatement
from include.dump.scanner import MAX_INSERT_BYTES, Kind, Scanner, Statement
from tests.include.dump import dumps
from tests.include.dump.dumps import EVENT, HOSTILE_TEXT, ROUTINE, TRIGGER, VIEW, Table, classic, compact, day, literal

CREATE = b"CREATE TABLE `t` (\n  `id` int NOT NULL\n) ENGINE=InnoDB;\n"
SKIPPED = TRIGGER + ROUTINE + EVENT + VIEW


def cut(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def scan(data: bytes, size: int = 1 << 20) -> list[Statement]:
    return list(Scanner(cut(data, size), "dump.sql"))


def refused(data: bytes) -> str:
    with pytest.raises(UnexpectedStatement) as caught:
        scan(CREATE + data)
    return str(caught.value)


@pytest.mark.parametrize("size", [1, 7, 64, 4096, 1 << 20])
@pytest.mark.parametrize("layout", [classic, compact])
def test_i23_both_layouts_give_every_table_and_every_row(layout: object, size: int) -> None:
    tables = day(movings=30, tenants=20)
    scanner = Scanner(cut(layout(tables, extra=SKIPPED), size), "dump.sql")  # type: ignore[operator]
    found = list(scanner)
    assert [s.table for s in found if s.kind is Kind.CREATE_TABLE] == [table.name for table in tables]
    for table in tables:
        create, *inserts = [s for s in found if s.table == table.name]
        assert create.data + b";\n" == table.create()
        assert b"".join(s.data + b";\n" for s in inserts) == table.inserts()
        assert sum(s.rows for s in inserts) == len(table.rows)
    assert scanner.skipped == {"trigger": 1, "routine": 1, "event": 1, "view": 1}
    assert scanner.databases == {"basis"}
    assert scanner.has_footer is (layout is classic)


def test_places_are_those_of_the_file() -> None:
    data = classic(day(movings=30, tenants=20), extra=SKIPPED)
    for size in (5, 1 << 20):
        for statement in scan(data, size):
            assert data[statement.offset : statement.offset + len(statement.data)] == statement.data
            assert data[: statement.offset].count(b"\n") + 1 == statement.line


def test_i02_nothing_but_tables_and_rows_comes_out() -> None:
    found = scan(classic(day(movings=30, tenants=20), extra=SKIPPED))
    assert {statement.data.split(b" `")[0] for statement in found} == {b"CREATE TABLE", b"INSERT INTO"}
    assert not [s for s in found if b"basis" in s.data or b"DROP" in s.data]


@given(
    st.lists(
        st.tuples(
            st.integers(),
            st.one_of(st.none(), st.text()),
            st.sampled_from([b"1.5", b"-2e-07", b"0xAF", b"_binary 'x'"]),
        ),
        min_size=1,
        max_size=30,
    ),
    st.integers(1, 200),
)
def test_any_rows_are_counted_and_given_back(rows: list[tuple[object, ...]], size: int) -> None:
    table = Table("t", ["id int", "a text", "b double"], rows)
    _, insert = scan(table.create() + table.inserts(1000), size)
    assert insert.data + b";\n" == table.inserts(1000)
    assert insert.rows == len(rows)


@given(st.binary(max_size=40), st.integers(1, 50))
@example(b"\0" * 40, 1)
def test_any_bytes_in_a_literal_are_given_back(value: bytes, size: int) -> None:
    escaped = value.replace(b"\\", b"\\\\").replace(b"'", b"\\'")
    data = CREATE + b"INSERT INTO `t` VALUES (_binary '" + escaped + b"'),(NULL);\n"
    _, insert = scan(data, size)
    assert (insert.data + b";\n", insert.rows) == (data[len(CREATE) :], 2)


@pytest.mark.parametrize("shift", range(4))
def test_windows_never_cut_an_escape(shift: int) -> None:
    text = b"x" * ((256 * 1024) - len(b"('") - 9 + shift) + b"\\\\" * 9 + b"\\'),(\\\\"
    _, insert = scan(CREATE + b"INSERT INTO `t` VALUES ('" + text + b"'),('b');\n")
    assert insert.rows == 2


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        (b"(1),(2)", 2),
        (b"('),('),(');')", 2),
        (b"('it''s','),('),(NULL,'NULL')", 2),
        (b"(1,'a'),\n(2,'b'),\r\n(3,'c')", 3),
        (b"(-1,+2.5,1e20,0xFF,b'01',_binary '\xff\xfe'''),(NULL,NULL)", 2),
        (b"('\\\\'),('\\\\\\''),('\\'),(')", 3),
        (b"('-- '),('/* '),('# ')", 3),
    ],
)
def test_rows_are_counted_outside_strings_only(rows: bytes, count: int) -> None:
    assert scan(CREATE + b"INSERT INTO `t` VALUES " + rows + b";\n")[1].rows == count


def test_rows_with_a_column_list_and_rows_on_lines_of_their_own() -> None:
    create = b"CREATE TABLE `t` (`id` int, `a` int);\n"
    assert scan(create + b"INSERT INTO `t` (`id`, `a`) VALUES\n(1,2),\n(3,4);\n")[1].rows == 2


@pytest.mark.parametrize(
    ("version", "collation"),
    [
        ("5.7.44-log", b"utf8mb4_general_ci"),
        ("10.4.32-MariaDB", b"utf8mb4_general_ci"),
        ("8.0.36", b""),
        ("9.7.4", b""),
    ],
)
def test_a_collation_that_is_left_out_is_the_default_of_the_dumps_server(version: str, collation: bytes) -> None:
    header = f"-- MySQL dump 10.13\n--\n-- Server version\t{version}\n\n".encode()
    scanner = Scanner([header + b"CREATE TABLE `t` (`a` text) DEFAULT CHARSET=utf8mb4;\n"], "dump.sql")
    (create,) = scanner
    assert create.definition.create.partition(b" COLLATE=")[2] == collation
    again = Scanner([create.data + b";\n"], "dump.sql", create.offset, create.line, scanner.target)
    assert next(iter(again)).definition == create.definition


@pytest.mark.parametrize(
    "line",
    [
        b"/*!999999\\- enable the sandbox mode */ \n",
        b"/*M!999999\\- enable the sandbox mode */ \n",
        b"\xef\xbb\xbf",
        b"-- a comment; it's one\n#another\n/* and 'one' */\n--\n",
        b"SET @@SESSION.SQL_LOG_BIN= 0;\n",
        b"SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '';\n",
        b"SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;\n",
        b"/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0 */;\n",
        b"ALTER DATABASE `basis` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ;\n",
        b"set autocommit=0;\ncommit;\n",
        b"/*!50001 CREATE TABLE `v` (\n  `id` int\n) ENGINE=MyISAM */;\n/*!50001 DROP TABLE IF EXISTS `v`*/;\n",
        b"SET @a = @@TIME_ZONE;\nDELIMITER //\n/*!50003 SET time_zone = 'SYSTEM' */ //\nDELIMITER ;\n"
        b"SET TIME_ZONE = @a;\n",
        b";;\n",
    ],
)
def test_harmless_things_are_passed_over(line: bytes) -> None:
    assert [s.table for s in scan(line + CREATE + line.removeprefix(b"\xef\xbb\xbf"))] == ["t"]


def test_the_message_names_the_place_and_the_thing() -> None:
    assert refused(b"\nGRANT ALL ON *.* TO `x`;") == (
        "dump.sql, line 5 (byte 57): 'GRANT ALL ON *.* TO `x`' is not what mysqldump writes for tables and their rows; "
        "have the dump taken with plain mysqldump"
    )


def test_values_inside_strings_are_never_part_of_a_message() -> None:
    assert "secret" not in refused(b"UPDATE `t` SET name = 'secret';")


@pytest.mark.parametrize("layout", [classic, compact])
def test_a_file_cut_anywhere_loses_nothing_silently(layout: object) -> None:
    tables = day(movings=4, tenants=3)
    data = layout(tables, extra=SKIPPED)  # type: ignore[operator]
    whole = scan(data)
    for end in range(0, len(data), 13):
        try:
            found = scan(data[:end])
        except (TruncatedDump, UnexpectedStatement):
            continue
        assert found == whole[: len(found)]


@pytest.mark.parametrize(
    "tail",
    [
        b"INSERT INTO `t` VALUES (1),(2",
        b"INSERT INTO `t` VALUES (1),(2)",
        b"INSERT INTO `t` VALUES ('a);\n",
        b"INSERT INTO `t` VAL",
        b"INSERT INTO `t` (`id`,",
        b"CREATE TABLE `u` (\n `id`",
        b"/* a comment",
        b"/*!40101 SET @a=1 */",
        b"DELIMITER ;;\nCREATE FUNCTION `f`() RETURNS INT RETURN 1;",
        b"LOCK TABLES `t` WRITE",
    ],
)
def test_an_unfinished_end_is_named(tail: bytes) -> None:
    for size in (3, 1 << 20):
        with pytest.raises(TruncatedDump, match=r"dump\.sql, line \d+ .*ends inside .*; have it delivered again"):
            scan(CREATE + tail, size)


def test_i23_a_footer_counts_only_at_the_end() -> None:
    scanner = Scanner([CREATE, b"-- Dump completed on 2026-03-02\n", b"INSERT INTO `t` VALUES (1);\n"], "dump.sql")
    list(scanner)
    assert not scanner.has_footer


def test_a_statement_without_end_does_not_fill_the_memory() -> None:
    def endless() -> Iterator[bytes]:
        yield CREATE + b"INSERT INTO `t` VALUES ('"
        while True:
            yield b"x" * (1 << 20)

    with pytest.raises(UnexpectedStatement, match=f"a statement of more than {MAX_INSERT_BYTES >> 20} MiB"):
        list(Scanner(endless(), "dump.sql"))


def test_hostile_text_survives() -> None:
    _, insert = scan(CREATE + b"INSERT INTO `t` VALUES (" + literal(HOSTILE_TEXT) + b");\n", 3)
    assert literal(HOSTILE_TEXT) in insert.data


def test_dumps_are_what_they_claim() -> None:
    assert dumps.compact(day(movings=1, tenants=1)).count(b"--") < dumps.classic(day(movings=1, tenants=1)).count(b"--")


def seconds_to_scan(data: bytes) -> float:
    began = time.process_time()
    with contextlib.suppress(UnexpectedStatement):
        scan(data)
    return time.process_time() - began


def test_what_a_file_costs_grows_with_its_size_only() -> None:
    """Each of these took minutes, or would have taken days; a second is a hundred times what they need."""
    names = b"`" + b"``".join(b"a" * 3 for _ in range(40)) + b"`"
    for data in (
        CREATE + b"INSERT INTO `t` (" + names.replace(b"``", b"` `") + b"x) VALUES (1);",
        CREATE + b"INSERT INTO `t` (`" + b"a``" * 5000 + b"x) VALUES (1);",
        CREATE + b"INSERT INTO `t` VALUES (1);" * 20_000,
        b"CREATE TABLE `t` (`" + b"a" * 1_000_000 + b"` int);",
    ):
        assert seconds_to_scan(data) < 5


def test_the_order_of_columns_is_hostile_and_costs_little_memory() -> None:
    columns = [b"`c%d`" % number for number in range(60)]
    create = b"CREATE TABLE `t` (" + b", ".join(name + b" int" for name in columns) + b");\n"
    row = b"(" + b",".join(b"1" for _ in columns) + b");\n"
    inserts = [
        b"INSERT INTO `t` (" + b", ".join(columns[turn:] + columns[:turn]) + b") VALUES " + row for turn in range(60)
    ]
    assert sum(statement.rows for statement in scan(create + b"".join(inserts))) == 60


def test_a_table_that_is_too_wide_for_a_pattern_goes_as_insert() -> None:
    create = b"CREATE TABLE `t` (" + b", ".join(b"`c%d` text" % number for number in range(4096)) + b");\n"
    _, insert = scan(create + b"INSERT INTO `t` VALUES (" + b",".join([b"'x'"] * 4096) + b");\n")
    assert (insert.rows, insert.loadable) == (1, False)


@pytest.mark.parametrize(
    "line",
    [
        b"INSERT  IGNORE INTO `t` VALUES (9012345678,0x54616e616b61,'x');",
        b"insert into `t` values (9012345678,0x54616e616b61,'x');",
        b"Tanaka Hanako','note; more');",
        b"9012345678,'x'),(3,'y');",
        b"REPLACE INTO `t` (`a`) VALUES (9012345678);",
        b"SELECT 9012345678, 0x54616e616b61;",
    ],
)
def test_no_value_of_a_row_is_in_a_message(line: bytes) -> None:
    text = refused(line).upper()
    assert not [value for value in ("9012345678", "54616E", "TANAKA", "HANAKO", "NOTE") if value in text]


def test_only_the_header_says_which_defaults_a_dump_was_taken_with() -> None:
    """Two dumps in one file: the second reading of the first one's tables must not differ from the first reading."""
    create = b"CREATE TABLE `%s` (`a` text) DEFAULT CHARSET=utf8mb4;\n"
    scanner = Scanner([create % b"t" + b"-- Server version\t8.0.1\n" + create % b"u"], "dump.sql")
    assert all(b"utf8mb4_general_ci" in statement.definition.create for statement in scanner)
    assert scanner.target.implicit_collation


def test_a_name_with_a_backslash_is_called_so() -> None:
    assert "a name with a backslash; " in refused(b"CREATE TABLE `u` (`a\\` int, `b` int);\n-- Dump completed\n")
