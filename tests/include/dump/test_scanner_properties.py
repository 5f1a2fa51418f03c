"""Whatever the rows, the scan gives them back; whatever the bytes, it ends, and in words when it refuses them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from include.dump.errors import DumpError
from include.dump.scanner import Kind, Scanner, Statement
from tests.include.dump.corpus.all import CASES
from tests.include.dump.dumps import CLASSIC_FOOTER, CLASSIC_HEADER, EVENT, ROUTINE, TRIGGER, VIEW, classic, day
from tests.include.dump.reference import count_rows, rows_end

QUICK = settings(max_examples=150, deadline=2000, suppress_health_check=[HealthCheck.too_slow])

# --- any dump ---------------------------------------------------------------------------------------------------------

TRICKY = (
    b"),(",
    b");",
    b"(",
    b")",
    b",",
    b";",
    b"\n",
    b"\r\n",
    b"\\",
    b"'",
    b'"',
    b"`",
    b"0",
    b"L",
    b".",
    b"NULL",
    b"0x41",
    b"/*",
    b"*/",
    b"/*!",
    b"-- ",
    b"#",
    b"DELIMITER ;;\n",
    b"\\! id\n",
    b"\0",
    b"\x1a",
    b"%",
    b"_",
    b"N",
    b"_binary '",
    b"\xff",
    b"\xe5",
    "山".encode(),
    "🏠".encode(),
    b" ",
    b"x",
    b"),\n(",
    b"INSERT INTO `t` VALUES (1);\n",
    b"CREATE TABLE `x` (`id` int);\n",
)
# As mysql_real_escape_string does, which mysqldump uses.
ESCAPES = {
    0x00: rb"\0",
    0x0A: rb"\n",
    0x0D: rb"\r",
    0x1A: rb"\Z",
    0x22: rb"\"",
    0x27: rb"\'",
    0x5C: rb"\\",
}


def quoted(value: bytes) -> bytes:
    """Write a string as mysqldump does."""
    return b"'" + b"".join(ESCAPES.get(byte, bytes([byte])) for byte in value) + b"'"


raw = st.one_of(st.lists(st.sampled_from(TRICKY), max_size=8).map(b"".join), st.binary(max_size=30))
VALUES = {
    b"int": st.one_of(st.just(b"NULL"), st.integers(-(2**31), 2**31 - 1).map(lambda n: str(n).encode())),
    b"decimal(10,2)": st.one_of(st.just(b"NULL"), st.decimals(-999, 999, places=2).map(lambda n: str(n).encode())),
    b"double": st.one_of(
        st.just(b"NULL"), st.floats(allow_nan=False, allow_infinity=False).map(lambda n: repr(n).encode())
    ),
    b"varchar(200)": st.one_of(st.just(b"NULL"), raw.map(quoted)),
    b"datetime": st.one_of(st.just(b"NULL"), st.just(b"'2026-03-02 05:15:00'"), st.just(b"'0000-00-00 00:00:00'")),
    b"blob": st.one_of(
        st.just(b"NULL"),
        st.binary(min_size=1, max_size=9).map(lambda value: b"0x" + value.hex().upper().encode()),
        raw.map(lambda value: b"_binary " + quoted(value)),
    ),
}
BETWEEN = (
    b"",
    b"\n",
    b"--\n-- Dumping data for table `t`\n--\n\n",
    b"/*!40000 ALTER TABLE `t` DISABLE KEYS */;\n",
    b"UNLOCK TABLES;\n",
    b"/* it's ; */\n",
    b"# INSERT INTO `t` VALUES (1);\n",
    b"/*!40101 SET @saved_cs_client     = @@character_set_client */;\n",
    TRIGGER,
    ROUTINE,
    EVENT,
    VIEW,
)


@dataclass
class Part:
    """One table: its definition, and its rows as they are split into INSERTs."""

    create: bytes
    inserts: list[tuple[bytes, int]]


@st.composite
def parts(draw: Callable[[st.SearchStrategy], object], number: int) -> Part:
    types = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=4))
    names = [b"`c%d`" % place for place in range(len(types))]
    columns = b",\n".join(b"  " + name + b" " + kind for name, kind in zip(names, types, strict=True))
    name = b"`t%d`" % number
    head = b"INSERT INTO " + name + draw(st.sampled_from([b" ", b" (" + b", ".join(names) + b") "])) + b"VALUES "
    joint = draw(st.sampled_from([b",", b",\n"]))
    inserts = []
    for _ in range(draw(st.integers(0, 3))):
        lines = draw(st.lists(st.tuples(*(VALUES[kind] for kind in types)), min_size=1, max_size=6))
        text = joint.join(b"(" + b",".join(line) + b")" for line in lines)
        inserts.append((head + draw(st.sampled_from([b"", b"\n"])) * (joint == b",\n") + text, len(lines)))
    return Part(b"CREATE TABLE " + name + b" (\n" + columns + b"\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4", inserts)


@st.composite
def dumps(draw: Callable[[st.SearchStrategy], object]) -> tuple[list[Part], bytes, list[tuple[bytes, int, int]]]:
    """A dump, and what must be found in it: bytes, rows, place."""
    tables_ = [draw(parts(number)) for number in range(draw(st.integers(1, 3)))]
    end = draw(st.sampled_from([b";\n", b";\r\n"]))
    text = draw(st.sampled_from([b"", CLASSIC_HEADER]))
    found = []
    for part in tables_:
        for data, count in [(part.create, 0), *part.inserts]:
            text += draw(st.sampled_from(BETWEEN))
            found.append((data, count, len(text)))
            text += data + end
    return tables_, text + draw(st.sampled_from([b"", CLASSIC_FOOTER])), found


def cut(data: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    """Cut into pieces of these sizes, again and again."""
    at = turn = 0
    while at < len(data):
        yield data[at : at + sizes[turn % len(sizes)]]
        at += sizes[turn % len(sizes)]
        turn += 1


pieces = st.lists(st.integers(1, 200), min_size=1, max_size=5)


@QUICK
@given(dumps(), pieces)
def test_any_dump_is_given_back_with_its_places_and_its_rows_counted(
    dump: tuple[list[Part], bytes, list[tuple[bytes, int, int]]], sizes: list[int]
) -> None:
    _, text, found = dump
    for chunks in ([text], cut(text, sizes)):
        scanner = Scanner(chunks, "dump.sql")
        got = list(scanner)
        assert [(s.data, s.rows, s.offset) for s in got] == found
        assert [s.line for s in got] == [text[:offset].count(b"\n") + 1 for _, _, offset in found]
        assert scanner.offset == len(text)
        assert scanner.has_footer == text.endswith(CLASSIC_FOOTER)


# --- any bytes --------------------------------------------------------------------------------------------------------

FRAGMENTS = (
    *TRICKY,
    *BETWEEN,
    CLASSIC_HEADER,
    CLASSIC_FOOTER,
    b"CREATE TABLE `t` (`id` int, `a` text, `b` blob);\n",
    b"INSERT INTO `t` VALUES ",
    b"INSERT INTO `t` (`id`) VALUES\n",
    b"(1,'a',NULL)",
    b"(1,'",
    b"',0x00)",
    b"'),('",
    b"\\'",
    b"\\\\",
    b"''",
    b"*/;\n",
    b"DELIMITER ;\n",
    b"CREATE TABLE `u` (",
    b"COMMENT '",
    b"USE `basis`;\n",
    b"SET NAMES utf8mb4;\n",
    b"DROP TABLE IF EXISTS `t`;\n",
    b"\xef\xbb\xbf",
    b" ",
    b";\n",
    b"/*!999999\\- enable the sandbox mode */\n",
    b"/*M!100616 ",
    b"INSERT INTO `t` VALUES (1,'x',NULL);\n",
)
START = b"CREATE TABLE `t` (`id` int, `a` text, `b` text);\n"


@st.composite
def nearly_dumps(draw: Callable[[st.SearchStrategy], object]) -> bytes:
    """A dump in which something was put, lost or replaced in a place or two."""
    _, text, _ = draw(dumps())
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(text)))
        lost = draw(st.sampled_from([0, 0, 1, 2, 30]))
        text = text[:place] + draw(st.sampled_from(FRAGMENTS)) + text[place + lost :]
    return text


anything = st.one_of(
    nearly_dumps(),
    st.binary(max_size=300),
    st.lists(st.sampled_from(FRAGMENTS), max_size=25).map(b"".join),
    st.lists(st.sampled_from(FRAGMENTS), max_size=25).map(lambda found: START + b"".join(found)),
)


def outcome(data: bytes, chunks: Iterator[bytes]) -> list[Statement] | str:
    """Scan; return the statements, or what was said against them. Nothing else may be raised."""
    try:
        return list(Scanner(chunks, "dump.sql"))
    except DumpError as error:
        return str(error)


@QUICK
@given(anything, pieces)
@example(b"INSERT INTO `t` VALUES (1", [1])
@example(START + b"INSERT INTO `t` VALUES (1,'\\", [3])
@example(b"/*", [1])
@example(b"--", [1])
@example(b"-", [1])
def test_any_bytes_are_refused_in_words_or_tiled_by_statements_and_what_is_passed_over(
    data: bytes, sizes: list[int]
) -> None:
    found = outcome(data, iter([data]))
    if isinstance(found, str):
        assert found.startswith("dump.sql, line ")
        return
    scanner = Scanner([data], "dump.sql")
    assert len(list(scanner)) == len(found)
    assert scanner.offset == len(data)
    end, passed_over = 0, b""
    for statement in found:
        assert statement.offset >= end
        passed_over += data[end : statement.offset]
        end = statement.offset + len(statement.data)
        assert data[statement.offset : end] == statement.data
        assert re.match(rb"CREATE\s+TABLE\s|INSERT INTO `", statement.data)
        if statement.kind is Kind.INSERT:
            values = statement.data.index(b"VALUES") + len(b"VALUES")
            assert statement.rows == count_rows(statement.data[values:])
            assert data[end : rows_end(data, statement.offset)].strip() == b""
    # nothing that should have been found is left in what was passed over
    assert outcome(data, iter([passed_over + data[end:]])) == []


@QUICK
@given(anything, pieces)
def test_the_places_where_a_file_is_cut_into_chunks_change_nothing(data: bytes, sizes: list[int]) -> None:
    assert outcome(data, iter([data])) == outcome(data, cut(data, sizes))


# --- rows -------------------------------------------------------------------------------------------------------------

ROW_FRAGMENTS = (
    b"'",
    b"\\",
    b"\\'",
    b"\\\\",
    b"''",
    b"),(",
    b"),\n(",
    b")",
    b"(",
    b",",
    b"0",
    b"L",
    b".",
    b"\\0",
    b"9",
    b"N",
    b"NULL",
    b"1",
    b"'a'",
    b"x",
    b" ",
    b"\n",
    b"-",
    b"+",
    b"e",
    b"0x41",
    b"_binary ",
    b"\xff",
    b";",
    b");",
)
TYPES = (
    b"`a` text",
    b"`a` int",
    b"`a` blob",
    b"`a` text, `b` text",
    b"`a` int, `b` text",
    b"`a` double, `b` varchar(9)",
)


@settings(QUICK, max_examples=600)
@given(st.lists(st.sampled_from(ROW_FRAGMENTS), max_size=20).map(b"".join), st.sampled_from(TYPES))
@example(b"'),(',1),(2,'", TYPES[0])
@example(b"1,'0),('),(1,'\\'),(')", TYPES[4])
def test_rows_are_counted_as_a_reader_of_single_bytes_counts_them(text: bytes, columns: bytes) -> None:
    data = b"CREATE TABLE `t` (" + columns + b");\nINSERT INTO `t` VALUES (" + text + b");\n"
    found = outcome(data, iter([data]))
    if isinstance(found, list):
        insert = found[1]
        assert len(found) == 2
        assert insert.data == data[insert.offset :].removesuffix(b";\n")
        assert insert.rows == count_rows(b"(" + text + b")")


strings = st.lists(st.sampled_from(TRICKY), max_size=6).map(b"".join).map(quoted)


@settings(QUICK, max_examples=400)
@given(st.lists(st.tuples(strings, strings), min_size=1, max_size=6), st.sampled_from([b",", b",\n", b", ", b" ,\n\t"]))
def test_rows_of_strings_full_of_joints_are_counted(values: list[tuple[bytes, bytes]], joint: bytes) -> None:
    text = joint.join(b"(" + first + b"," + second + b")" for first, second in values)
    data = b"CREATE TABLE `t` (`a` text, `b` text);\nINSERT INTO `t` VALUES " + text + b";\n"
    _, insert = Scanner([data], "dump.sql")
    assert (insert.rows, insert.data + b";\n") == (len(values), data[insert.offset :])


# --- the corpus -------------------------------------------------------------------------------------------------------


def test_no_chunking_changes_what_is_said_about_the_corpus() -> None:
    tables_of_every_case = classic(day(), footer=b"")[len(CLASSIC_HEADER) :]
    for case in CASES.values():
        body = case.make().replace(tables_of_every_case, b"\n")
        if len(body) < 50_000 and not body.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
            assert outcome(body, iter([body])) == outcome(body, cut(body, [61])), case.name
