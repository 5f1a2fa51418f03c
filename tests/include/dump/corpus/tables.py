"""Definitions of tables: those that reach out of the schema, and those that are hard to take apart."""

from __future__ import annotations

from include.dump.errors import DumpError
from tests.include.dump.corpus.case import CREATE_U, EITHER, LOADED, REFUSED, at_the_end, either, family, loaded

PLACE = r"line \d+ \(byte \d+\): "

FOREIGN = b"CREATE TABLE `u` (`id` int, FOREIGN KEY (`id`) REFERENCES %s (`id`));"
# With rows for which the server must evaluate the expression.
CHECK = b"CREATE TABLE `u` (`id` int, CHECK (%s));\nINSERT INTO `u` VALUES (1);"
DEFAULT = b"CREATE TABLE `u` (`id` int, `x` bigint DEFAULT (%s));\nINSERT INTO `u` (`id`) VALUES (1);"

REACHING_OUT = {
    "select": b"CREATE TABLE `u` (`id` int) SELECT * FROM movings;",
    "as select": b"CREATE TABLE `u` AS SELECT * FROM movings;",
    "select in brackets": b"CREATE TABLE `u` (`id` int) AS (SELECT SLEEP(9));",
    "ignore select": b"CREATE TABLE `u` (`id` int) IGNORE SELECT 1;",
    "as table": b"CREATE TABLE `u` (`id` int) AS TABLE `movings`;",
    "table": b"CREATE TABLE `u` (`id` int) TABLE `movings`;",
    "values": b"CREATE TABLE `u` (`id` int) VALUES (1),(SLEEP(9));",
    "values row": b"CREATE TABLE `u` (`id` int) AS VALUES ROW(1);",
    "like": b"CREATE TABLE `u` LIKE `movings`;",
    "like in brackets": b"CREATE TABLE `u` (LIKE `movings`);",
    "like in brackets with a comment": b"CREATE TABLE `u` (/*!50000 LIKE*/ `movings`);",
    "union": b"CREATE TABLE `u` (`id` int) ENGINE=MERGE UNION=(`movings`);",
    "data directory": b"CREATE TABLE `u` (`id` int) DATA DIRECTORY='/tmp';",
    "index directory": b"CREATE TABLE `u` (`id` int) ENGINE=MyISAM INDEX DIRECTORY='/tmp';",
    "data directory on two lines": b"CREATE TABLE `u` (`id` int)\nDATA\nDIRECTORY\n=\n'/tmp';",
    "data directory for MySQL 5": b"CREATE TABLE `u` (`id` int) /*!50000 DATA DIRECTORY='/tmp' */;",
    "data directory of a partition": b"CREATE TABLE `u` (`id` int) PARTITION BY HASH (id) "
    b"(PARTITION p DATA DIRECTORY='/tmp');",
    "tablespace": b"CREATE TABLE `u` (`id` int) TABLESPACE `mysql`;",
    "connection": b"CREATE TABLE `u` (`id` int) CONNECTION='mysql://x';",
    "engine FEDERATED": b"CREATE TABLE `u` (`id` int) ENGINE=FEDERATED;",
    "engine CONNECT": b"CREATE TABLE `u` (`id` int) ENGINE=CONNECT TABLE_TYPE=DOS FILE_NAME='/etc/passwd';",
    "engine without a sign": b"CREATE TABLE `u` (`id` int) COMMENT='' ENGINE CONNECT;",
    "engine as a string": b"CREATE TABLE `u` (`id` int) ENGINE='CONNECT';",
    "engine as a double-quoted string": b'CREATE TABLE `u` (`id` int) ENGINE="CONNECT";',
    "engine as a name": b"CREATE TABLE `u` (`id` int) ENGINE=`CONNECT`;",
    "engine as a name behind another": b"CREATE TABLE `u` (`id` int) ENGINE=InnoDB ENGINE=`BLACKHOLE`;",
    "engine for MariaDB": b"CREATE TABLE `u` (`id` int) /*M!100000 ENGINE=SPIDER */;",
    "engine of two comments": b"CREATE TABLE `u` (`id` int) /*!50000 ENGINE=*//*!50000 CONNECT*/;",
    "engine BLACKHOLE": b"CREATE TABLE `u` (`id` int) ENGINE=BLACKHOLE;",
    "engine MEMORY": b"CREATE TABLE `u` (`id` int) ENGINE=MEMORY;",
    "engine CSV": b"CREATE TABLE `u` (`id` int NOT NULL) ENGINE=CSV;",
    "engine SEQUENCE": b"CREATE TABLE `u` (`id` int) ENGINE=SEQUENCE;",
    "engine S3": b"CREATE TABLE `u` (`id` int) ENGINE=S3;",
    "old engine option": b"CREATE TABLE `u` (`id` int) TYPE=MEMORY;",
    "foreign key of another schema": FOREIGN % b"`gold`.`x`",
    "foreign key of another schema without quotes": FOREIGN % b"gold.x",
    "foreign key of a schema with a digit": FOREIGN % b"gold2.x",
    "foreign key of a schema in another script": FOREIGN % "金.x".encode(),
    "foreign key of a schema with a sign": FOREIGN % b"gold$.x",
    "foreign key with a half-quoted name": FOREIGN % b"`gold` . x",
    "column of another schema": b"CREATE TABLE `u` (`gold`.`u`.`id` int);",
    "a comment": b"CREATE TABLE `u` (`id` int /* what */);",
    "a line comment": b"CREATE TABLE `u` (`id` int -- what\n);",
    "a statement behind it": b"CREATE TABLE `u` (`id` int); DROP TABLE `movings`;",
    "a statement in a comment": b"CREATE TABLE `u` (`id` int) /*!50100 ; DROP TABLE `movings` */;",
    "as a temporary one for MySQL 5": b"CREATE /*!50000 TEMPORARY */ TABLE `u` (`id` int);",
    "check that waits": CHECK % b"SLEEP(9) = 0",
    "check that reads a file": CHECK % b"LOAD_FILE('/etc/passwd') <> ''",
    "check that locks": CHECK % b"GET_LOCK('x', 9) = 1",
    "check that calculates": CHECK % b"BENCHMARK(1000000000, MD5(1)) = 0",
    "check that waits for a replica": CHECK % b"MASTER_POS_WAIT('x', 4, 9) = 1",
    "check that waits for a replica of MySQL": CHECK % b"SOURCE_POS_WAIT('x', 4, 9) = 1",
    "check that waits for MariaDB's replica": CHECK % b"MASTER_GTID_WAIT('0-1-1', 9) = 0",
    "check that frees our lock": CHECK % b"RELEASE_LOCK('gghouse_writer') = 1",
    "check that frees all locks": CHECK % b"RELEASE_ALL_LOCKS() = 1",
    "default that waits": DEFAULT % b"SLEEP(9)",
    "default that locks": DEFAULT % b"GET_LOCK('gghouse_load', 9)",
    "default that frees all locks": DEFAULT % b"RELEASE_ALL_LOCKS()",
    "default that frees our lock": DEFAULT % b"RELEASE_LOCK('gghouse_load')",
    "default that waits for a replica": DEFAULT % b"MASTER_GTID_WAIT('0-1-1', 9)",
    "default that waits for another replica": DEFAULT % b"MASTER_POS_WAIT('x', 4, 9)",
    "default that reads what we set": DEFAULT % b"LENGTH(@@hostname)",
    "default that is the last id": DEFAULT % b"LAST_INSERT_ID(7)",
    "default that runs a program": DEFAULT % b"sys_exec('touch pwned')",
    "generated column that waits": b"CREATE TABLE `u` (`id` int, `x` int AS (SLEEP(`id`)));",
    "generated column that runs a program": b"CREATE TABLE `u` (`id` int, `x` int AS (sys_eval('id')) STORED);",
    "generated column of another schema": b"CREATE TABLE `u` (`id` int, `x` int AS (gold.f(`id`)));",
    "key that waits": b"CREATE TABLE `u` (`id` int, KEY `x` ((SLEEP(`id`))));",
    "default of a sequence": b"CREATE TABLE `u` (`id` int DEFAULT NEXTVAL(`s`));",
    "default of a sequence of another schema": b"CREATE TABLE `u` (`id` int DEFAULT (NEXT VALUE FOR `gold`.`s`));",
    "without columns": b"CREATE TABLE `u` ENGINE=InnoDB;",
    "a backslash": b"CREATE TABLE `u` (`id` int DEFAULT \\N);",
    "a variable": b"CREATE TABLE `u` (`id` int DEFAULT (@a));",
    "a control character": b"CREATE TABLE `u` (`id`\x01 int);",
}
family(
    REFUSED,
    "table",
    REACHING_OUT,
    at_the_end,
    error=DumpError,
    message=PLACE + r"|line \d+: the server refused",
    at=b"",
)

NEVER_THE_SAME = {
    "chance": b"RAND()",
    "a number of the server's": b"UUID_SHORT()",
    "our name": b"LENGTH(USER())",
    "the moment of the load": b"UNIX_TIMESTAMP()",
}
family(
    EITHER,
    "a default that is never the same, but every row has its value",
    NEVER_THE_SAME,
    lambda text: at_the_end(DEFAULT.replace(b"(`id`) VALUES (1)", b"VALUES (1,2)") % text + b"\n"),
)

FILL = b"INSERT INTO `u` (`id`, `n`) VALUES (1,'x'),(2,'y'),(3,NULL);\n"
OPTIONS = b"\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"


def with_lines(lines: bytes) -> bytes:
    """A dump with a table of these lines, as mysqldump would write them, and rows."""
    return at_the_end(b"CREATE TABLE `u` (\n  " + lines + OPTIONS + b";\n" + FILL)


N = b"`n` varchar(20) DEFAULT NULL"
PK = b",\n  PRIMARY KEY (`id`)"
HARD = {
    "keys of every kind": b"`id` int NOT NULL,\n  " + N + PK + b",\n  UNIQUE KEY `a` (`n`),\n  KEY `b` (`n`,`id`),\n"
    b"  KEY `c` (`n`(3)),\n  FULLTEXT KEY `f` (`n`)",
    "keys with comments": b"`id` int NOT NULL,\n  "
    + N
    + PK
    + b",\n  KEY `b` (`n`) USING BTREE COMMENT 'it''s ),\\n KEY'",
    "a key with an odd name": b"`id` int NOT NULL,\n  " + N + PK + b",\n  KEY `a``),\n  KEY (` (`n`)",
    "a comment that looks like a key": b"`id` int NOT NULL COMMENT 'x,\n  KEY `b` (`n`),\n',\n  " + N + PK,
    "a comment that looks like the end": b"`id` int NOT NULL COMMENT '\n) ENGINE=InnoDB;\n',\n  " + N + PK,
    "a comment that looks like a blob": b"`id` int NOT NULL COMMENT '`n` blob',\n  " + N + PK,
    "a default that looks like a key": b"`id` int NOT NULL,\n  `n` varchar(90) DEFAULT 'a,\n  KEY `b` (`n`)'" + PK,
    "a column that is called KEY": b"`id` int NOT NULL,\n  `KEY` int DEFAULT NULL,\n  "
    + N
    + PK
    + b",\n  KEY `KEY` (`KEY`)",
    "a column that is called PRIMARY KEY": b"`PRIMARY KEY (` int DEFAULT NULL,\n  `id` int NOT NULL,\n  " + N + PK,
    "a column with a bracket": b"`id` int NOT NULL,\n  `x) , y` int DEFAULT NULL,\n  "
    + N
    + PK
    + b",\n  KEY `k` (`x) , y`)",
    "a column with a backtick": b"`id` int NOT NULL,\n  `x``y` int DEFAULT NULL,\n  "
    + N
    + PK
    + b",\n  KEY `k` (`x``y`)",
    "a column in another script": "`id` int NOT NULL,\n  `部屋` int DEFAULT NULL,\n  ".encode() + N + PK,
    "a column that is called blob": b"`id` int NOT NULL,\n  `blob` int DEFAULT NULL,\n  " + N + PK,
    "an auto-increment without a primary key": b"`id` int NOT NULL AUTO_INCREMENT,\n  " + N + b",\n  KEY `id` (`id`)",
    "no key at all": b"`id` int NOT NULL,\n  " + N,
    "only a unique key": b"`id` int NOT NULL,\n  " + N + b",\n  UNIQUE KEY `u` (`id`)",
    "a key in its column": b"`id` int NOT NULL PRIMARY KEY,\n  `n` varchar(20) UNIQUE",
    "a check": b"`id` int NOT NULL,\n  "
    + N
    + PK
    + b",\n  CONSTRAINT `c` CHECK (`id` > 0 and `n` <> ',\n  KEY `x` (`n`)')",
    "a check with a function": b"`id` int NOT NULL,\n  " + N + PK + b",\n  CHECK (char_length(`n`) < 5)",
    "a generated column": b"`id` int NOT NULL,\n  "
    + N
    + b",\n  `g` varchar(50) GENERATED ALWAYS AS (concat(`n`,_utf8mb4'),')) STORED"
    + PK
    + b",\n  KEY `g` (`g`)",
    "a virtual column": b"`id` int NOT NULL,\n  " + N + b",\n  `g` int GENERATED ALWAYS AS (`id` * 2) VIRTUAL" + PK,
    "a default that calculates": b"`id` int NOT NULL,\n  " + N + b",\n  `x` int DEFAULT (1 + 2)" + PK,
    "a default in text": b"`id` int NOT NULL,\n  `n` varchar(20) DEFAULT '0x41'" + PK,
    "an enum with everything": b"`id` int NOT NULL,\n  `n` enum('x','y','),',''';','NULL') DEFAULT 'x'" + PK,
    "a key on a foreign key": b"`id` int NOT NULL,\n  "
    + N
    + PK
    + b",\n  KEY `id` (`id`),\n  CONSTRAINT `fk` FOREIGN KEY (`id`) "
    b"REFERENCES `rooms` (`id`)",
    "everything on one line": b"`id` int NOT NULL, " + N + b", PRIMARY KEY (`id`), KEY `b` (`n`)",
    "carriage returns": b"`id` int NOT NULL,\r\n  " + N + b",\r\n  PRIMARY KEY (`id`),\r\n  KEY `b` (`n`)\r",
    "an invisible column": b"`id` int NOT NULL,\n  `i` int DEFAULT NULL INVISIBLE,\n  " + N + PK,
}
family(LOADED, "definition with", HARD, with_lines)


@loaded()
def a_table_of_partitions() -> bytes:
    return at_the_end(
        b"CREATE TABLE `u` (\n  `id` int NOT NULL,\n  "
        + N
        + PK
        + b",\n  KEY `n` (`n`)"
        + OPTIONS
        + b"\n/*!50100 PARTITION BY HASH (`id`)\nPARTITIONS 2 */;\n"
        + FILL
    )


HIDDEN_BYTES = {
    "with a backtick in its name": b"`x``y` blob",
    "behind an executable comment": b"`x` /*!50000 blob */",
    "behind an executable comment in its name's place": b"/*!50000 `x` */ blob",
    "behind blanks": b"`x`\n\t  blob",
    "in capitals": b"`x` BLOB",
    "as a character set": b"`x` varchar(40) CHARACTER SET binary",
    "as a collation": b"`x` varchar(40) COLLATE binary",
    "as an old attribute": b"`x` char(40) BYTE",
    "without quotes around its name": b"x blob",
    "of a type of many words": b"`x` long varbinary",
    "under another name": b"`x` raw(40)",
}


def _hidden(column: bytes) -> bytes:
    """A table whose second column holds bytes, and rows that must not be taken for text."""
    return at_the_end(
        b"CREATE TABLE `u` (`id` int, " + column + b", `n` varchar(20));\n"
        b"INSERT INTO `u` VALUES (1,'a\\0b','x');\nINSERT INTO `u` VALUES (2,0x4100FF,'y');\n"
        b"INSERT INTO `u` VALUES (3,_binary '\xff\xfe','z'),(4,NULL,NULL);\nINSERT INTO `u` VALUES (5,'\xff','0x41');\n"
    )


family(EITHER, "bytes in a column", HIDDEN_BYTES, _hidden)

VERSIONS = {
    "for every version": b"/*! `b` blob, */",
    "for MySQL 5": b"/*!50000 `b` blob, */",
    "for a version to come": b"/*!99999 `b` blob, */",
    "for MariaDB": b"/*M!100000 `b` blob, */",
    "for MariaDB to come": b"/*M!999999 `b` blob, */",
    "for MySQL 8": b"/*!80000 `b` blob, */",
}
family(
    EITHER,
    "a column",
    VERSIONS,
    lambda text: with_lines(text + b"`id` int NOT NULL, " + N).replace(
        FILL, FILL + b"INSERT INTO `u` VALUES (0x41,5,'x');\nINSERT INTO `u` VALUES (6,'x');\n"
    ),
)


@either()
def a_key_for_another_version() -> bytes:
    return with_lines(b"`id` int NOT NULL,\n  " + N + PK + b",\n  /*!99999 KEY `b` (`n`), */ KEY `c` (`n`)")


@either()
def a_table_behind_an_empty_executable_comment() -> bytes:
    return at_the_end(b"/*!40101 */ " + CREATE_U)


@either()
def a_table_in_an_executable_comment() -> bytes:
    return at_the_end(b"/*!40101 " + CREATE_U.replace(b";\n", b" */;\n"))


@either()
def a_table_of_a_real_type_that_another_mode_changes() -> bytes:
    return at_the_end(b"CREATE TABLE `u` (`id` int, `x` real);\nINSERT INTO `u` VALUES (1,1.23456789);\n")


@either()
def a_table_with_history() -> bytes:
    return at_the_end(b"CREATE TABLE `u` (`id` int) WITH SYSTEM VERSIONING;\nINSERT INTO `u` VALUES (1);\n")


@loaded()
def a_table_if_it_does_not_exist() -> bytes:
    return at_the_end(CREATE_U.replace(b"TABLE", b"TABLE IF NOT EXISTS"))


@loaded()
def words_that_are_refused_inside_quotes() -> bytes:
    return at_the_end(
        b"CREATE TABLE `u` (\n  `select` int DEFAULT NULL COMMENT 'SELECT * FROM gold.x UNION; DATA DIRECTORY',\n"
        b"  `connection` varchar(20) DEFAULT 'ENGINE=CONNECT'\n) ENGINE=InnoDB COMMENT='ENGINE=FEDERATED -- /* x */';\n"
    )


TYPES = {
    "blob": (b"blob", [b"0xFF00", b"_binary 'a\\0\xff'", b"'x'", b"NULL"]),
    "binary": (b"binary(4)", [b"0xFF00", b"'ab'"]),
    "varbinary": (b"varbinary(40)", [b"0xFF00", b"_binary '\xff\\'\\\\'"]),
    "bit": (b"bit(9)", [b"b'101'", b"0x05", b"5"]),
    "json": (b"json", [b'\'{"a": "it\\\'s \\\\\\\\"}\'']),
    "point": (
        b"point",
        [
            b"0x000000000101000000000000000000F03F000000000000F03F",
            b"_binary '\\0\\0\\0\\0"
            + bytes.fromhex("0101000000000000000000f03f000000000000f03f").replace(b"\0", b"\\0")
            + b"'",
        ],
    ),
    "set": (b"set('a','b','c')", [b"'a,c'", b"''", b"5", b"NULL"]),
    "year": (b"year", [b"2026", b"'1999'", b"0000", b"0", b"'0'", b"00", b"5", b"70"]),
    "time": (b"time(3)", [b"'-838:59:59.000'", b"'00:00:00.001'"]),
    "bigint": (b"bigint unsigned", [b"18446744073709551615", b"0"]),
    "float": (b"float", [b"1.17549e-38", b"-3.40282e38", b"0", b"-0"]),
    "boolean": (b"tinyint(1)", [b"1", b"0", b"'1'"]),
    "char": (b"char(5)", [b"'a'", b"' a '"]),
    "binary text": (b"varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", ["'é'".encode()]),
    "text of latin1": (b"varchar(9) CHARACTER SET latin1", ["'é'".encode()]),
    "text of sjis": (b"varchar(9) CHARACTER SET sjis", ["'表ソ'".encode()]),
    "text of utf16": (b"varchar(9) CHARACTER SET utf16", ["'表🏠'".encode()]),
    "text of ucs2": (b"varchar(9) CHARACTER SET ucs2", ["'表'".encode()]),
    "text of utf8mb3": (b"longtext CHARACTER SET utf8mb3", ["'表'".encode()]),
}


def _of_type(kind: bytes, values: list[bytes]) -> bytes:
    rows = b",".join(b"(%d,%s)" % (number, value) for number, value in enumerate(values))
    return at_the_end(
        b"CREATE TABLE `u` (\n  `id` int NOT NULL,\n  `x` "
        + kind
        + b",\n  PRIMARY KEY (`id`)"
        + OPTIONS
        + b";\nINSERT INTO `u` VALUES "
        + rows
        + b";\n"
    )


for _name, (_kind, _values) in TYPES.items():
    family(LOADED, "type", {_name: _kind}, lambda _kind, values=_values: _of_type(_kind, values))
