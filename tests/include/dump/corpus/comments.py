"""Comments and quotes inside a CREATE TABLE: what one reader skips, another one runs.

A server skips a versioned comment that is not for its version; a reader who takes the inside for code sees a quote
there that opens a string, and so no longer sees what follows. Every hiding place is tried with everything that is worth
hiding; all of it must be refused, whatever the server and the transport.
"""

from __future__ import annotations

from include.dump.errors import DumpError, UnexpectedStatement
from tests.include.dump.corpus.case import EITHER, LOADED, REFUSED, at_the_end, family

PLACE = r"line \d+ \(byte \d+\): "
VICTIM = b"history.tenant_daily_snapshots"

# --- code that a server sees and a careless reader does not -----------------------------------------------------------

# What opens a string for the careless reader, and what closes it.
HIDING_PLACES = {
    "a version to come": (b"/*!999999 '*/", b"/*'*/"),
    "a version of five digits": (b"/*!99999 '*/", b"/*'*/"),
    "a version that MariaDB skips": (b"/*!50700 '*/", b"/*'*/"),
    "MariaDB to come": (b"/*M!999999 '*/", b"/*'*/"),
    "MariaDB": (b"/*M! '*/", b"/*'*/"),
    "a backtick": (b"/*!999999 `*/", b"/*`*/"),
    "a double quote": (b'/*!999999 "*/', b'/*"*/'),
    "dashes and a control character": (b"--\x01'\n", b"--\x01'\n"),
    "dashes and a delete": (b"--\x7f'\n", b"--\x7f'\n"),
}
HIDDEN = {
    "rows of another schema": b"(`id` int %s, `full_name` varchar(40)) SELECT * FROM (" + VICTIM + b" %s)",
    "a wait for each row of another schema": b"(`id` int) %s SELECT SLEEP(3) FROM " + VICTIM + b" WHERE SLEEP(1) %s",
    "an error that tells names": b"(`id` int) %s SELECT EXTRACTVALUE(1, CONCAT(0x7e,"
    b"(SELECT GROUP_CONCAT(full_name) FROM " + VICTIM + b"))) AS x %s",
    "another engine": b"(`id` int) %s ENGINE=BLACKHOLE %s",
    "a directory": b'(`id` int) %s DATA DIRECTORY="/tmp" %s',
    "another server": b'(`id` int) %s ENGINE=FEDERATED CONNECTION="mysql://x@y/z/u" %s',
    "the structure of another schema": b"%s LIKE " + VICTIM + b" %s",
    "another statement": b"(`id` int %s); DELETE FROM " + VICTIM + b"; SELECT (1 %s)",
}

for _name, _text in HIDDEN.items():
    family(
        REFUSED,
        f"hidden {_name}",
        {place: b"CREATE TABLE `u` " + _text % marks + b";" for place, marks in HIDING_PLACES.items()},
        at_the_end,
        error=UnexpectedStatement,
        message=PLACE,
        at=b"CREATE TABLE `u`",
    )

WHOLE_TABLES = {
    "columns that a server skips, and LIKE": b"CREATE TABLE `u` /*!999999 (`id` int) */ LIKE `movings`;",
    "columns that MariaDB skips, and LIKE": b"CREATE TABLE `u` /*!99998 (`id` int) */ LIKE `movings`;",
    "columns that MySQL skips, and LIKE": b"CREATE TABLE `u` /*M! (`id` int) */ LIKE `movings`;",
    "columns that a server skips, and TABLE": b"CREATE TABLE `u` (`id` int /*!999999 ( */) "
    b"TABLE `movings` /*!999999 ) */;",
    "an end that a server skips": b"CREATE TABLE `u` (`id` int /*!999999 ) ENGINE=InnoDB */) ENGINE=BLACKHOLE;",
    "a name that a server skips": b"CREATE TABLE /*!999999 `u` */ `movings` (`id` int);",
    "a column list that a server skips": b"CREATE TABLE `u` (`id` int /*!999999 , `a` text */) SELECT 1 AS `a`;",
    "a word that a server skips": b"CREATE /*!999999 TABLE `u` (`id` int) -- */ USER x\n;",
    "another kind of object": b"CREATE /*!999999 '*/ USER x /*'*/ TABLE `u` (`id` int);",
    "a table that is replaced": b"CREATE /*!999999 '*/ OR REPLACE /*'*/ TABLE `u` (`id` int);",
    "a schema before the name": b"CREATE TABLE /*!50000 `gold`. */ `u` (`id` int);",
    "a schema before the name for MariaDB": b"CREATE TABLE /*M!100000 `gold`. */ `u` (`id` int);",
}
family(REFUSED, "skipped code:", WHOLE_TABLES, at_the_end, error=DumpError, message=PLACE, at=b"CREATE ")

ODD_MARKS = {
    "no digits": (b"/*! '*/", b"/*'*/"),
    "no blank": (b"/*!999999'*/", b"/*'*/"),
    "zeros": (b"/*!00000 '*/", b"/*'*/"),
    "one digit": (b"/*!9 '*/", b"/*'*/"),
    "four digits": (b"/*!9999 '*/", b"/*'*/"),
    "six digits and a zero before": (b"/*!050700 '*/", b"/*'*/"),
    "seven digits": (b"/*!9999999 '*/", b"/*'*/"),
    "MySQL 8.0": (b"/*!80000 '*/", b"/*'*/"),
    "MySQL 9.9": (b"/*!90900 '*/", b"/*'*/"),
    "the last that MariaDB skips": (b"/*!99999 '*/", b"/*'*/"),
    "the first that MariaDB runs": (b"/*!100000 '*/", b"/*'*/"),
    "MariaDB 10.1": (b"/*M!100100 '*/", b"/*'*/"),
    "MariaDB to come, a double quote": (b'/*M!999999 "*/', b'/*"*/'),
    "MariaDB to come, a backtick": (b"/*M!999999 `*/", b"/*`*/"),
    "one in another": (b"/*!40000 /*!999999 '*/ */", b"/*'*/"),
    "one in another, both to come": (b"/*!999999 /*!999999 */ '*/", b"/*'*/"),
    "a comment inside": (b"/*!999999 /* */ '*/", b"/*'*/"),
    "a line comment inside": (b"/*!999999 -- */", b"/*\n*/"),
    "a hash inside": (b"/*!999999 # */", b"/*\n*/"),
    "a hint": (b"/*+ '*/", b"/*'*/"),
    "a mark of TiDB": (b"/*T![x] '*/", b"/*'*/"),
    "a plain comment": (b"/* '*/", b"/*'*/"),
    "an empty comment": (b"/**/'/**/'", b""),
    "a comment that seems nested": (b"/* /* '*/", b"/*'*/"),
    "a backslash before the quote": (b"/*!999999 \\'*/", b"/*'*/"),
    "an escaped quote": (b"/*!999999 '\\'*/", b"/*'*/"),
    "two kinds of quotes": (b"/*!999999 \"'*/", b"/*\"'*/"),
    "a hash": (b"#'\n", b"#'\n"),
    "dashes and a blank": (b"-- '\n", b"-- '\n"),
    "dashes and a tabulator": (b"--\t'\n", b"--\t'\n"),
    "dashes and a line end": (b"--\n'", b"--\n'"),
    "dashes and a carriage return": (b"--\r'\n", b"--\r'\n"),
    "dashes and a vertical tabulator": (b"--\x0b'\n", b"--\x0b'\n"),
    "dashes and a form feed": (b"--\x0c'\n", b"--\x0c'\n"),
    "dashes and a NUL": (b"--\0'\n", b"--\0'\n"),
    "dashes and a bell": (b"--\x07'\n", b"--\x07'\n"),
    "dashes and an escape": (b"--\x1b'\n", b"--\x1b'\n"),
    "dashes and a unit separator": (b"--\x1f'\n", b"--\x1f'\n"),
    "dashes and a quote": (b"--'\n", b"--'\n"),
    "dashes and a byte above ASCII": (b"--\xa0'\n", b"--\xa0'\n"),
    "dashes and a blank of Unicode": ("--\u3000'\n".encode(), "--\u3000'\n".encode()),
    "dashes and a line end of Unicode": ("--\u2028'\n".encode(), "--\u2028'\n".encode()),
    "three dashes and a control character": (b"---\x01'\n", b"---\x01'\n"),
    "a NUL": (b"\0'", b"\0'"),
    "a quote without an end in a comment": (b"/*!999999 '*/", b""),
    "a comment without an end": (b"", b"/*!999999 "),
    "a comment without an end and a quote": (b"", b"/*!999999 '"),
}
family(
    REFUSED,
    "another engine behind",
    {name: b"CREATE TABLE `u` (`id` int) %s ENGINE=BLACKHOLE %s;" % marks for name, marks in ODD_MARKS.items()},
    at_the_end,
    error=DumpError,
    message=PLACE,
    at=b"CREATE TABLE `u`",
)

IN_PLACES = {
    "the type": b"CREATE TABLE `u` (`id` %s int, `x` int AS (SLEEP(1)) %s);",
    "the default": b"CREATE TABLE `u` (`id` int DEFAULT 1 %s, `x` int DEFAULT (SLEEP(1)) %s);",
    "a generated column": b"CREATE TABLE `u` (`id` int, `x` int AS (`id` %s + SLEEP(1) %s));",
    "a check": b"CREATE TABLE `u` (`id` int, CHECK (`id` > 0 %s OR SLEEP(1) %s));",
    "a foreign key": b"CREATE TABLE `u` (`id` int, FOREIGN KEY (`id`) REFERENCES %s `gold`. %s `rooms` (`id`));",
    "a partition": b"CREATE TABLE `u` (`id` int) PARTITION BY HASH (`id`) (PARTITION `p` %s DATA DIRECTORY='/tmp' %s);",
    "a key": b"CREATE TABLE `u` (`id` int, KEY `k` (`id`) %s , KEY `l` ((SLEEP(1))) %s);",
}
for _place, _text in IN_PLACES.items():
    family(
        REFUSED,
        f"hidden in {_place} by",
        {
            name: _text % HIDING_PLACES[name]
            for name in ("a version to come", "MariaDB", "a backtick", "dashes and a control character")
        },
        at_the_end,
        error=DumpError,
        message=PLACE,
        at=b"CREATE TABLE `u`",
    )

# --- versioned comments that real dumps hold --------------------------------------------------------------------------

INSERT = b"\nINSERT INTO `u` (`id`, `a`) VALUES (1,'x'),(2,NULL);\n"


def _table(lines: bytes, options: bytes = b"") -> bytes:
    return (
        b"CREATE TABLE `u` (\n  `id` int NOT NULL,\n  `a` varchar(40) " + lines + b"\n) ENGINE=InnoDB" + options + b";"
    )


PK = b",\n  PRIMARY KEY (`id`)"
NULL = b"DEFAULT NULL"
REAL = {
    "an invisible column": _table(b"DEFAULT NULL /*!80023 INVISIBLE */" + PK),
    "an invisible key": _table(NULL + PK + b",\n  KEY `a` (`a`) /*!80000 INVISIBLE */"),
    "a check that is not enforced": _table(
        NULL + PK + b",\n  CONSTRAINT `c` CHECK ((`id` < 100)) /*!80016 NOT ENFORCED */"
    ),
    "an SRID": _table(NULL + b",\n  `p` point /*!80003 SRID 0 */ DEFAULT NULL" + PK),
    "partitions": _table(NULL + PK, b"\n/*!50100 PARTITION BY HASH (`id`)\nPARTITIONS 4 */"),
    "partitions with names": _table(
        NULL + PK,
        b"\n/*!50100 PARTITION BY RANGE (`id`)\n(PARTITION p0 VALUES LESS THAN (10) COMMENT = 'it''s; )',\n"
        b" PARTITION pm VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */",
    ),
    "partitions of several columns": _table(
        NULL + b",\n  PRIMARY KEY (`id`)",
        b"\n/*!50500 PARTITION BY RANGE  COLUMNS(id)\n(PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB,\n"
        b" PARTITION pm VALUES LESS THAN (MAXVALUE) ENGINE = InnoDB) */",
    ),
    "a compressed column": _table(b"/*M!100301 COMPRESSED*/ DEFAULT NULL" + PK),
    "marks of comments in names and texts": b"CREATE TABLE `u` (\n"
    b"  `id` int NOT NULL COMMENT '/*!999999 x */ -- y # z',\n"
    b"  `a` varchar(40) DEFAULT '*/ /*! x',\n  `/*!50000 x */` int DEFAULT NULL,\n  `-- x` int DEFAULT NULL,\n"
    b"  KEY `/* # */` (`a`)\n) ENGINE=InnoDB COMMENT='it''s /* \\' */ --\\t#';",
}
family(LOADED, "a versioned comment for", REAL, lambda text: at_the_end(text + INSERT))

HARMLESS = {
    "what MariaDB lacks, a column's format": _table(
        b"/*!50606 STORAGE MEMORY */ /*!50606 COLUMN_FORMAT DYNAMIC */" + PK
    ),
    "what MariaDB lacks, a parser of words": _table(
        NULL + PK + b",\n  FULLTEXT KEY `f` (`a`) /*!50100 WITH PARSER `ngram` */"
    ),
    "a plain comment between columns": _table(NULL + b" /* what's that */" + PK),
    "a plain comment in the options": _table(NULL + PK, b" /* `compression`='tokudb_zlib' */"),
    "a line comment": _table(NULL + b" -- what's that\n" + PK),
    "a hash": _table(NULL + b" # what's that\n" + PK),
    "an empty versioned comment": _table(NULL + b" /*!*/ /*!50100 */" + PK),
    "a versioned comment that nobody reads": _table(NULL + b" /*!999999 COMMENT 'it''s' */" + PK),
    "a versioned comment of MySQL 8": _table(NULL + b" /*!80000 COMMENT 'it''s' */" + PK),
    "a versioned comment of MySQL 5.7": _table(NULL + b" /*!50700 COMMENT 'it''s' */" + PK),
    "a versioned comment of MySQL 5.6": _table(NULL + b" /*!50699 COMMENT 'it''s' */" + PK),
    "a versioned comment of MariaDB": _table(NULL + b" /*M!100100 COMMENT 'it''s' */" + PK),
    "a versioned comment of MariaDB to come": _table(NULL + b" /*M!120000 COMMENT 'it''s' */" + PK),
    "a versioned comment of six digits": _table(NULL + b" /*!050100 COMMENT 'it''s' */" + PK),
    "a versioned comment of four digits": _table(NULL + b" /*!4000 COMMENT 'it''s' */" + PK),
    "a versioned comment of seven digits": _table(NULL + b" /*!0501000 COMMENT 'it''s' */" + PK),
    "a versioned comment in a word": b"CREATE TABLE `u` (`id` int, `a` varchar(/*!50000 4*/0));",
    "a versioned comment around a column": _table(NULL + b" /*!50000 , `b` int DEFAULT 7 */" + PK),
    "a comment of TiDB": _table(NULL + b",\n  PRIMARY KEY (`id`) /*T![clustered_index] CLUSTERED */"),
}
family(EITHER, "harmless", HARMLESS, lambda text: at_the_end(text + INSERT))
