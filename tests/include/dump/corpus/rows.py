"""Rows: what is hidden between values, and values whose meaning depends on how they are sent.

A row of a table of plain types may travel as LOAD DATA, where some spellings mean something else than in an INSERT.
"""

from __future__ import annotations

from include.dump.errors import AuditFailed, DumpError, StatementRefused, TruncatedDump
from tests.include.dump.corpus.case import (
    CREATE_U,
    EITHER,
    LOADED,
    REFUSED,
    at_the_end,
    either,
    family,
    loaded,
    refused,
    with_values,
)

PLACE = r"line \d+ \(byte \d+\): .* u "
REST = b",1,1.5,2.5,'x','2026-03-02 00:00:00')"
SECOND = b",(9,'second',1,1.5,2.5,'x',NULL)"


def inserts(text: bytes) -> bytes:
    """A dump with one more table and these statements."""
    return at_the_end(CREATE_U + text)


def as_text(value: bytes) -> bytes:
    """A dump with this value in a column of text, with a row after it."""
    return with_values(b"(1," + value + REST + SECOND)


def as_number(value: bytes) -> bytes:
    """A dump with this value in a column of integers."""
    return with_values(b"(1,'x'," + value + b",1.5,2.5,'x',NULL)" + SECOND)


def as_float(value: bytes) -> bytes:
    """A dump with this value in a column of floats."""
    return with_values(b"(1,'x',1," + value + b",2.5,'x',NULL)" + SECOND)


def as_decimal(value: bytes) -> bytes:
    """A dump with this value in a column of exact numbers."""
    return with_values(b"(1,'x',1,1.5," + value + b",'x',NULL)" + SECOND)


def as_enum(value: bytes) -> bytes:
    """A dump with this value in an ENUM('2','1','x')."""
    return with_values(b"(1,'x',1,1.5,2.5," + value + b",NULL)" + SECOND)


def as_time(value: bytes) -> bytes:
    """A dump with this value in a DATETIME."""
    return with_values(b"(1,'x',1,1.5,2.5,'x'," + value + b")" + SECOND)


# --- INSERTs that mysqldump does not write ----------------------------------------------------------------------------

FORMS = {
    "from a select": b"INSERT INTO `u` SELECT * FROM `movings`;",
    "from a select with columns": b"INSERT INTO `u` (`id`) SELECT `id` FROM gold.x;",
    "from a table": b"INSERT INTO `u` TABLE `movings`;",
    "set": b"INSERT INTO `u` SET id = SLEEP(9);",
    "on duplicate key": b"INSERT INTO `u` (`id`) VALUES (1),(2) ON DUPLICATE KEY UPDATE n=(1);",
    "on duplicate key with a function": b"INSERT INTO `u` (`id`) VALUES (1) ON DUPLICATE KEY UPDATE n=SLEEP(9);",
    "returning": b"INSERT INTO `u` (`id`) VALUES (1) RETURNING (SELECT 1);",
    "with an alias": b"INSERT INTO `u` (`id`) VALUES (1) AS x;",
    "rows as ROW": b"INSERT INTO `u` (`id`) VALUES ROW(1),ROW(2);",
    "value instead of values": b"INSERT INTO `u` (`id`) VALUE (1);",
    "partition": b"INSERT INTO `u` PARTITION (`p`) VALUES (1);",
    "another schema": b"INSERT INTO `gold`.`u` VALUES (1);",
    "no quotes": b"INSERT INTO u VALUES (1);",
    "a name of two parts in one": b"INSERT INTO `gold.u` VALUES (1);",
    "no INTO": b"INSERT `u` VALUES (1);",
    "priority": b"INSERT HIGH_PRIORITY INTO `u` VALUES (1);",
    "a comment in its head": b"INSERT INTO `u` /* x */ VALUES (1);",
    "a comment behind its head": b"INSERT INTO `u` VALUES /* x */ (1);",
    "an executable comment in its head": b"INSERT INTO `u` /*!50000 (`id`) SELECT 1 -- */ VALUES (1);",
    "a column of another schema": b"INSERT INTO `u` (`gold`.`id`) VALUES (1);",
    "a variable as a column": b"INSERT INTO `u` (@a) VALUES (1);",
    "no rows": b"INSERT INTO `u` VALUES ;",
    "a comma too many": b"INSERT INTO `u` (`id`) VALUES (1),(2),;",
    "a comma too few": b"INSERT INTO `u` (`id`) VALUES (1)(2);",
    "a bracket too many": b"INSERT INTO `u` (`id`) VALUES ((1),(2));",
    "a bracket too few": b"INSERT INTO `u` (`id`) VALUES (1,(2);",
}
family(REFUSED, "INSERT", FORMS, inserts, message=r"line \d+ \(byte \d+\): ")

EXPRESSIONS = {
    "a subselect": b"((SELECT full_name FROM tenants LIMIT 1),1)",
    "a select": b"(SELECT 1,1)",
    "LOAD_FILE": b"(LOAD_FILE('/etc/passwd'),1)",
    "SLEEP": b"(SLEEP(9),1)",
    "NOW": b"(NOW(),1)",
    "a word without brackets": b"(CURRENT_TIMESTAMP,1)",
    "a user variable": b"(@a,1)",
    "an assignment": b"(@a:=1,1)",
    "a system variable": b"(@@version,1)",
    "a column": b"(`id`,1)",
    "a bare word": b"(gold,1)",
    "a bare word in another script": "(日本,1)".encode(),
    "DEFAULT": b"(DEFAULT,1)",
    "TRUE": b"(TRUE,1)",
    "NULL in small letters": b"(null,1)",
    "NULL twice": b"(NULLNULL,1)",
    "NULL with a letter": b"(NULLx,1)",
    "NULL as a function": b"(NULL(1),1)",
    "backslash N": b"(\\N,1)",
    "a double-quoted string": b'("x",1)',
    "a double-quoted string with an apostrophe": b"(\"x'\",1),('y',2),(\"'\",3)",
    "a parameter": b"(?,1)",
    "a comment": b"(1 /* x */,1)",
    "an executable comment": b"(1/*!50000,1),(2*/,1)",
    "a line comment": b"(1,1 -- x\n)",
    "a hash comment": b"(1,1 # x\n)",
    "an introducer": b"(_utf8mb4'x',1)",
    "an introducer of another character set": b"(_sjis'\x95\\',1)",
    "a national string": b"(n'x',1)",
    "a date literal": b"(DATE'2026-03-02',1)",
    "a sum": b"(1+1,1)",
    "a difference": b"(3-1,1)",
    "a sum of strings": b"('1'+'1',1)",
    "a product": b"(2*3,1)",
    "a quotient": b"(2/3,1)",
    "a minus and a minus": b"(- -1,1)",
    "a comparison": b"(1=1,1)",
    "an interval": b"(1 DIV 0,1)",
    "a collation": b"('x' COLLATE utf8mb4_bin,1)",
    "a word operator": b"(1 OR 1,1)",
    "an object of ODBC": b"({d'2026-03-02'},1)",
    "two points": b"(1.2.3,1)",
    "two numbers": b"(1 2,1)",
    "two strings": b"('a' 'b',1)",
    "nothing": b"(,1)",
    "no value at all": b"()",
    "a broken hexadecimal": b"(0x4,1)",
    "a hexadecimal with other letters": b"(0x4Z,1)",
    "a NUL": b"(\0,1)",
    "a semicolon": b"(1;,1)",
    "a backslash": b"(\\'x',1)",
}


def _expression(rows: bytes) -> bytes:
    return inserts(b"INSERT INTO `u` (`a`, `id`) VALUES " + rows + b";\n")


_OPEN = ("a broken hexadecimal", "two strings")
family(
    REFUSED,
    "value",
    {name: rows for name, rows in EXPRESSIONS.items() if name not in _OPEN},
    _expression,
    error=DumpError,
    message=r"line \d+ \(byte \d+\): ",
    at=b"INSERT INTO `u`",
)
family(EITHER, "value", {name: EXPRESSIONS[name] for name in _OPEN}, _expression)

# --- strings ----------------------------------------------------------------------------------------------------------

STRINGS = {
    "the end of rows": b"'a);'",
    "the end of rows and a statement on its line": b"'a);\nDROP TABLE `movings`;\n'",
    "rows in rows": b"'a\\'),(2,\\'b'",
    "the joint of rows": b"'),('",
    "only the joint of rows": b"'),'",
    "a client command": b"'x\n\\\\! touch pwned\n'",
    "a raw client command": b"'x\n\\! touch pwned\n'",
    "DELIMITER": b"'x\nDELIMITER ;;\n'",
    "comments": b"'/* x */ -- x\n# x\n/*!50000 x */'",
    "an open comment": b"'/*'",
    "apostrophes by doubling": b"'it''s'",
    "only an apostrophe": b"''''",
    "apostrophes at both ends": b"'''x'''",
    "an apostrophe by a backslash": b"'it\\'s'",
    "a backslash at the end": b"'x\\\\'",
    "two backslashes and an apostrophe": b"'x\\\\\\''",
    "many backslashes": b"'" + b"\\\\" * 50 + b"'",
    "double quotes": b'\'"x" \\"y\\"\'',
    "backticks": b"'`x` ``'",
    "the word NULL": b"'NULL'",
    "the letter of NULL, escaped": b"'\\N'",
    "the letter of NULL, escaped, in a word": b"'x\\Ny'",
    "a backslash and the letter of NULL": b"'\\\\N'",
    "a percent sign, escaped": b"'50\\%'",
    "an underscore, escaped": b"'a\\_b'",
    "a backspace, escaped": b"'a\\bb'",
    "a tabulator, escaped": b"'a\\tb'",
    "line ends, escaped": b"'a\\r\\nb'",
    "a substitute, escaped": b"'a\\Zb'",
    "a NUL, escaped": b"'a\\0b'",
    "a letter, escaped": b"'\\a\\x\\B\\T\\z'",
    "a comma, escaped": b"'\\,\\(\\)\\;'",
    "a byte of a letter, escaped": "'\\日\\本'".encode(),
    "a raw tabulator": b"'a\tb'",
    "raw line ends": b"'a\r\nb\nc\rd'",
    "a raw NUL": b"'a\0b'",
    "a raw substitute": b"'a\x1ab'",
    "a delete and other control characters": b"'\x01\x02\x07\x08\x0b\x0c\x1b\x7f'",
    "blanks at both ends": b"'  x  '",
    "nothing": b"''",
    "a blank": b"' '",
    "an emoji": "'🏠👨‍👩‍👧'".encode(),
    "letters that compare equal": "'ﾃｽﾄテスト'".encode(),
    "half a binary literal": b"'0x41'",
    "the mark of a binary literal": b"'_binary '",
    "a binary literal behind a comma": b"'a,0x41,_binary x'",
    "a literal in a literal": b"'(0x41,_binary \\'x\\')'",
    "a second mark of a file": b"'\xef\xbb\xbf'",
    "a letter of Shift-JIS that ends in a backslash": "'表示ソ'".encode(),
}
family(LOADED, "string", STRINGS, as_text)

LITERALS = {
    "a number": b"1",
    "a number with zeros": b"007",
    "a number with a plus": b"+5",
    "a number with a minus": b"-5",
    "minus zero": b"-0",
    "a number with an exponent": b"1e3",
    "a number with a great exponent": b"1e400",
    "a number without its zero": b".5",
    "a number without its fraction": b"5.",
    "a number with zeros behind": b"1.50",
    "a number of 40 digits": b"1234567890" * 4,
    "a number of 300 digits": b"1" * 300,
    "a hexadecimal number": b"0x41",
    "a long hexadecimal number": b"0x" + b"41" * 40,
    "a hexadecimal number with a small letter": b"0x4a",
    "a hexadecimal string": b"x'41'",
    "a hexadecimal string with a capital": b"X'41'",
    "a bit string": b"b'1000001'",
    "a bit string with a capital": b"B'1000001'",
    "a bit number": b"0b1000001",
    "_binary": b"_binary 'x'",
    "_binary without a blank": b"_binary'x'",
    "_binary in capitals": b"_BINARY 'x'",
    "_binary with raw bytes": b"_binary 'x\\0\xff'",
    "blanks before it": b" 'x'",
    "blanks behind it": b"'x' ",
    "line ends around it": b"\n'x'\n",
    "a tabulator before it": b"\t'x'",
    "blanks around NULL": b" NULL ",
}
family(EITHER, "text given as", LITERALS, as_text)
NUMBERS = (
    "a number with zeros",
    "a number with a plus",
    "minus zero",
    "a number with an exponent",
    "a number with a great exponent",
    "a number without its zero",
    "a number of 40 digits",
    "a number of 300 digits",
    "a hexadecimal number",
    "a bit string",
    "blanks before it",
)
NUMBERS = {name: LITERALS[name] for name in NUMBERS}
family(EITHER, "integer given as", NUMBERS | {"a string": b"'12'", "a string with more": b"'12x'"}, as_number)
family(EITHER, "float given as", NUMBERS | {"an exponent with a sign": b"-1.5E-07", "no exponent": b"1e"}, as_float)
family(
    EITHER,
    "decimal given as",
    NUMBERS | {"a fraction too long": b"1.1234567", "a fraction that rounds twice": b"1.000004" + b"9" * 40},
    as_decimal,
)
family(
    EITHER,
    "enum given as",
    {"its number": b"1", "the number of another": b"2", "a string": b"'1'", "no string of its": b"'y'", "zero": b"0"},
    as_enum,
)
family(
    EITHER,
    "time given as",
    {
        "a number": b"20260302051500",
        "a date": b"'2026-03-02'",
        "zero": b"'0000-00-00 00:00:00'",
        "no time": b"'soon'",
        "a zone": b"'2026-03-02 05:15:00+09:00'",
        "fractions": b"'2026-03-02 05:15:00.999999'",
        "T": b"'2026-03-02T05:15:00'",
    },
    as_time,
)


@either()
def blanks_between_rows() -> bytes:
    return with_values(b"(1,'a'" + REST + b" , (2,'b'" + REST + b"\n,\n\t(3,'c'" + REST)


@either()
def blanks_before_the_semicolon() -> bytes:
    return with_values(b"(1,'a'" + REST + b" ")


@loaded()
def the_tail_of_rows_in_the_last_string() -> bytes:
    return inserts(b"INSERT INTO `u` (`id`, `a`) VALUES (1,'x'),(2,');'),(3,'\\');\\n--');\n")


@loaded()
def a_string_that_looks_like_the_rows_that_follow() -> bytes:
    row = b"(1,'a'" + REST
    return with_values(row + SECOND + b",(3,'" + row.replace(b"'", b"\\'") + b"'" + REST)


@loaded()
def a_great_string() -> bytes:
    return inserts(
        b"CREATE TABLE `big` (`id` int, `x` longtext);\nINSERT INTO `big` VALUES (1,'"
        + b"),('"[:2] * 3_000_000
        + b"');\n"
    )


@refused(r"a statement of more than \d+ MiB", at=b"INSERT INTO `u`")
def a_gigantic_statement() -> bytes:
    return with_values(b",".join([b"(1,'%s'%s" % (b"x" * 190, REST)] * 330_000))


@refused(r"a statement of more than \d+ MiB|ends inside", error=DumpError, at=b"INSERT INTO `u`")
def a_gigantic_string_without_end() -> bytes:
    return with_values(b"(1,'" + b"x" * 20_000_000)


@refused(r"a statement of more than \d+ MiB", at=b"-- xxx")
def a_gigantic_comment() -> bytes:
    return at_the_end(b"-- " + b"x" * 20_000_000 + b"\n")


@refused(r"refused the INSERT of u|row of u", error=StatementRefused)
def a_row_too_short() -> bytes:
    return with_values(b"(1,'a',1,1.5,2.5,'x',NULL),(2,'a',1,1.5,2.5,'x')")


@refused(r"refused the INSERT of u|row of u", error=StatementRefused)
def a_row_too_long() -> bytes:
    return with_values(b"(1,'a',1,1.5,2.5,'x',NULL),(2,'a',1,1.5,2.5,'x',NULL,1)")


@refused(r"refused the INSERT of u|row of u", error=StatementRefused)
def short_and_long_rows_that_add_up() -> bytes:
    return with_values(b"(1,'a',1,1.5,2.5,'x'),(2,'a',1,1.5,2.5,'x',NULL,1)")


@refused(r"refused the INSERT of u|row of u", error=StatementRefused)
def all_rows_too_short() -> bytes:
    return with_values(b"(1,'a',1),(2,'a',1)")


@refused(r"refused the INSERT of u|row of u", error=StatementRefused)
def a_column_that_is_not_there() -> bytes:
    return inserts(b"INSERT INTO `u` (`id`, `nowhere`) VALUES (1,1);\n")


@refused(r"refused the INSERT of u|row of u", error=StatementRefused)
def a_column_twice() -> bytes:
    return inserts(b"INSERT INTO `u` (`id`, `id`) VALUES (1,1);\n")


@refused(r"row of u", error=StatementRefused)
def a_number_too_great() -> bytes:
    return as_number(b"99999999999")


@refused(r"row of u", error=StatementRefused)
def a_text_too_long() -> bytes:
    return as_text(b"'" + b"x" * 201 + b"'")


@refused("have a key that the dump holds already", error=AuditFailed)
def too_many_rows_with_one_key() -> bytes:
    return with_values(b",".join([b"(1,'x'" + REST] * 30))


@refused("ends inside", error=TruncatedDump)
def rows_without_end() -> bytes:
    return at_the_end(CREATE_U) + b"INSERT INTO `u` VALUES (1,'x'"
