"""A table is written for the server as it was understood, and whatever is not understood is refused."""

from __future__ import annotations

import random

import pytest

from include.dump.sql.create_table import parse_create_table
from include.dump.sql.target import AURORA, Target
from include.dump.sql.tokens import NotUnderstood
from tests.include.dump.corpus.all import CASES
from tests.include.dump.intrusions import intruded

MARIADB = Target(is_mariadb=True, version=101100)
OPTIONS = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"

WHOLE = b"""CREATE TABLE `u``x` (
  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT COMMENT 'it''s \\'quoted\\' \\\\ and\\n new',
  `a` varchar(40) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT 'x',
  `e` enum('a','b''c') NOT NULL DEFAULT 'a',
  `t` timestamp(3) NULL DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3),
  `n` int DEFAULT '7' /*!80023 INVISIBLE */,
  `g` int GENERATED ALWAYS AS (if((`n` > 1),json_extract(`a`,_utf8mb4'$."x"'),-(1))) VIRTUAL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `two` (`a`(10) DESC,`n`) USING BTREE COMMENT 'k',
  KEY `calc` ((lower(`a`))) /*!80000 INVISIBLE */,
  CONSTRAINT `small` CHECK ((`n` < 1.5e10)) /*!80016 NOT ENFORCED */,
  CONSTRAINT `parent` FOREIGN KEY (`n`) REFERENCES `p` (`id`) ON DELETE SET NULL ON UPDATE NO ACTION
) ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='c' /* of another tool */
/*!50100 PARTITION BY RANGE (`id`)
(PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB,
 PARTITION P1 VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */"""

WRITTEN = """CREATE TABLE `u``x` (
  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT COMMENT 'it''s ''quoted'' \\\\ and\\n new',
  `a` varchar(40) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT 'x',
  `e` enum('a','b''c') NOT NULL DEFAULT 'a',
  `t` timestamp(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `n` int DEFAULT '7' INVISIBLE,
  `g` int GENERATED ALWAYS AS (if( ( `n` > 1 ) , json_extract( `a` , _utf8mb4 '$."x"' ) , - ( 1 ) )) VIRTUAL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `two` (`a`(10) DESC,`n`) USING BTREE COMMENT 'k',
  KEY `calc` ((lower( `a` ))) INVISIBLE,
  CONSTRAINT `small` CHECK (( `n` < 1.5e10 )) NOT ENFORCED,
  CONSTRAINT `parent` FOREIGN KEY (`n`) REFERENCES `p` (`id`) ON DELETE SET NULL ON UPDATE NO ACTION
) ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='c'
PARTITION BY RANGE (`id`)
(PARTITION `p0` VALUES LESS THAN (10) ENGINE = InnoDB,
 PARTITION `P1` VALUES LESS THAN MAXVALUE ENGINE = InnoDB)"""


def created(definition: str, target: Target = AURORA) -> str:
    return parse_create_table(definition.encode(), target).create.decode()


def column(text: str, target: Target = AURORA) -> str:
    """What becomes of a column's definition."""
    return created(f"CREATE TABLE `t` (`c` {text})", target).removeprefix("CREATE TABLE `t` (\n  `c` ")[:-2].rstrip()


def test_a_table_is_written_anew() -> None:
    assert parse_create_table(WHOLE).create.decode() == WRITTEN


def test_a_server_that_skips_a_versioned_comment_gets_nothing_of_it() -> None:
    text = parse_create_table(WHOLE, MARIADB).create.decode()
    assert text == WRITTEN.replace(" INVISIBLE", "").replace(" NOT ENFORCED", "")


def test_what_is_written_means_the_same_when_it_is_read_again() -> None:
    chance, understood = random.Random(12), 0
    bodies = [case.make() for case in CASES.values() if case.name.startswith(("definition", "a key", "type", "table"))]
    texts = [body[body.index(b"CREATE TABLE `u`") :].split(b";\n")[0] for body in bodies if b"CREATE TABLE `u`" in body]
    for text in [*texts, *(intruded(b"u", chance) for _ in range(3000))]:
        for target in (AURORA, MARIADB):
            try:
                definition = parse_create_table(text, target)
            except NotUnderstood:
                continue
            understood += 1
            assert parse_create_table(definition.create, target) == definition
            assert b"/*" not in definition.create.replace(b"/* */", b"")
    assert understood > 200


def test_an_old_dump_keeps_the_collation_that_it_leaves_out() -> None:
    """MySQL 5.7 writes CHARSET=utf8mb4 for utf8mb4_general_ci; MySQL 8 would make utf8mb4_0900_ai_ci of it."""
    assert created("CREATE TABLE `t` (`c` int) DEFAULT CHARSET=utf8mb4").endswith(
        ") DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci"
    )
    assert column("text CHARACTER SET utf8mb4 NOT NULL") == (
        "text CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL"
    )
    for untouched in ("text", "text COLLATE utf8mb4_bin", "text CHARACTER SET latin1"):
        assert column(untouched) == untouched
    assert "COLLATE" not in created("CREATE TABLE `t` (`c` int) DEFAULT CHARSET=utf8mb3")


@pytest.mark.parametrize(
    ("written", "mysql", "mariadb"),
    [
        ("int /*! UNSIGNED */", "int unsigned", "int unsigned"),
        ("int /*!50699 unsigned */", "int unsigned", "int unsigned"),
        ("int /*!80023 INVISIBLE */", "int INVISIBLE", "int"),
        ("int /*!99999 INVISIBLE */", "int", "int"),
        ("int /*!100301 INVISIBLE */", "int", "int INVISIBLE"),
        ("text /*M!100301 COMPRESSED*/", "text", "text COMPRESSED"),
        ("text /*M!120000 COMPRESSED*/", "text", "text"),
        ("point /*!80003 SRID 4326 */", "point SRID 4326", "point"),
    ],
)
def test_versioned_comments_are_code_where_the_server_would_run_them(written: str, mysql: str, mariadb: str) -> None:
    assert (column(written), column(written, MARIADB)) == (mysql, mariadb)


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        ("`c` int /*!999999 '*/, `d` int/*'*/", "versioned comment"),
        ("`c` int /*!99999 `*/ /*`*/", "versioned comment"),
        ("`c` int /*!50700 , `d` int */", "versioned comment"),
        ("`c` int /*!5010 unsigned */", "versioned comment"),
        ("`c` int /*!0501000 unsigned */", "versioned comment"),
        ("`c` int /*M! '*/", "versioned comment"),
        ("`c` int /*!50000 /*!50000 unsigned */ */", "inside another"),
        ("`c` int /*!50000 unsigned", "without an end"),
        ("`c` int */", "never began"),
        ("`c` int --\x01'\n'", "two dashes"),
        ("`c` int -- x\n", "two dashes"),
        ("`c` int # x\n", "a comment"),
        ("`c` int /* x */", "a comment"),
        ("`c`\x01 int", "control character"),
        ("`c\x7f` int", "control character"),
        ("`c\\` int COMMENT '`; DROP TABLE `x`; -- '", "backslash in a name"),
        ("`c` int COMMENT 'x' 'y'", "in the definition of column c|two strings"),
        ('`c` int COMMENT "x"', "double quotes"),
        ("`c` int DEFAULT \\N", "backslash"),
        ("`c` int DEFAULT (@a)", "variable"),
        ("`c` int DEFAULT (sleep(9))", r"SLEEP\(\)"),
        ("`c` int DEFAULT (`sleep`(9))", "schema, or a function"),
        ("`c` int DEFAULT (gold.f(1))", "word GOLD|'.'"),
        ("`c` int CHECK (`c` in (select 1))", "SELECT"),
        ("`c` int DEFAULT (1", "the end"),
        ("`c` int DEFAULT " + "(" * 200 + "1" + ")" * 200, "brackets"),
        ("`gold`.`c` int", "a name with a schema"),
        ("`c` int REFERENCES `x` (`y`)", "REFERENCES"),
        ("`c` int, FOREIGN KEY (`c`) REFERENCES `gold`.`x` (`y`)", "a name with a schema"),
        ("LIKE `x`", "LIKE"),
        ("`c` geometrix", "GEOMETRIX"),
        ("`c` uuid", "a MariaDB dump that MySQL cannot take"),
        ("`c` char(36) DEFAULT uuid()", "a MariaDB dump that MySQL cannot take"),
        ("c int", "C where PRIMARY"),
    ],
)
def test_what_is_not_in_the_grammar_is_refused(definition: str, reason: str) -> None:
    with pytest.raises(NotUnderstood, match=reason):
        created(f"CREATE TABLE `t` ({definition})")


@pytest.mark.parametrize(
    "option",
    [
        "SELECT * FROM x",
        "AS SELECT 1",
        "IGNORE SELECT 1",
        "TABLE `x`",
        "VALUES ROW(1)",
        "ENGINE=BLACKHOLE",
        "ENGINE=MEMORY",
        "ENGINE=InnoDB ENGINE=InnoDB",
        "ENGINE='FEDERATED'",
        "TYPE=InnoDB",
        "DATA DIRECTORY='/tmp'",
        "INDEX DIRECTORY='/tmp'",
        "TABLESPACE `x`",
        "/*!50100 TABLESPACE `x` */",
        "CONNECTION='x'",
        "UNION=(`x`)",
        "AUTOEXTEND_SIZE=268435456",
        "SECONDARY_ENGINE=RAPID",
        "ENGINE_ATTRIBUTE='{}'",
        "START TRANSACTION",
        "WITH SYSTEM VERSIONING",
        "SEQUENCE=1",
        "ROW_FORMAT=WIDE",
        "PARTITION BY HASH (`c`) PARTITIONS 101",
        "PARTITION BY HASH (`c`) PARTITIONS 8192",
        "PARTITION BY KEY (`c`) PARTITIONS 20 SUBPARTITION BY HASH (`c`) SUBPARTITIONS 20",
        "PARTITION BY HASH (`c`) (PARTITION p DATA DIRECTORY = '/tmp')",
        "PARTITION BY RANGE (`c`) (PARTITION p VALUES LESS THAN (sleep(9)))",
        "PARTITION BY RANGE (`c`) ("
        + ",".join(f"PARTITION p{n} VALUES LESS THAN ({n})" for n in range(101)) + ")",
    ],
)  # fmt: skip
def test_options_that_reach_out_or_cost_too_much_are_refused(option: str) -> None:
    with pytest.raises(NotUnderstood):
        created(f"CREATE TABLE `t` (`c` int) {option}")


def test_options_of_aria_are_left_to_mariadb() -> None:
    definition = "CREATE TABLE `t` (`c` int) ENGINE=Aria PAGE_CHECKSUM=1 TRANSACTIONAL=1 COMMENT='x'"
    assert created(definition, MARIADB).endswith(") ENGINE=Aria PAGE_CHECKSUM=1 TRANSACTIONAL=1 COMMENT='x'")
    assert created(definition).endswith(") ENGINE=Aria COMMENT='x'")


@pytest.mark.parametrize(("value", "written"), [("1", "1"), ("'1'", "'1'"), ("'ON'", "'ON'"), ("DEFAULT", "default")])
def test_switches_of_mariadb_are_numbers_or_words_of_their_own(value: str, written: str) -> None:
    definition = f"CREATE TABLE `t` (`c` int) `PAGE_COMPRESSED`={value}"
    assert created(definition, MARIADB).endswith(f") PAGE_COMPRESSED={written}")
    with pytest.raises(NotUnderstood, match="MariaDB dump that MySQL cannot take"):
        created(definition)
    with pytest.raises(NotUnderstood, match="a value of PAGE_COMPRESSED"):
        created("CREATE TABLE `t` (`c` int) `PAGE_COMPRESSED`=select", MARIADB)


def test_keys_that_a_foreign_key_points_to_are_there_before_the_rows() -> None:
    parent = parse_create_table(
        b"CREATE TABLE `parent` (`id` int NOT NULL, `a` int, `b` int, PRIMARY KEY (`id`), UNIQUE KEY `ab` (`a`,`b`), "
        b"KEY `b` (`b`), KEY `c` (`b`,`a`))"
    )
    child = parse_create_table(
        b"CREATE TABLE `child` (`a` int, FOREIGN KEY (`a`) REFERENCES `Parent` (`a`))"
    )  # names of tables may be written in another case, where the server keeps them in small letters
    assert [key.name for key in parent.deferrable()] == ["ab", "b", "c"]
    assert [key.name for key in parent.deferrable(pointed_at=child.references)] == ["b", "c"]
    assert child.deferrable() == ()
    assert parent.create_without(parent.deferrable()).count(b"KEY") == 1
    assert parent.add_keys(parent.deferrable()) == (
        b"ALTER TABLE `parent` ADD UNIQUE KEY `ab` (`a`,`b`), ADD KEY `b` (`b`), ADD KEY `c` (`b`,`a`)"
    )


@pytest.mark.parametrize("version", ["8.0.39", "9.7.4", "8.0.mysql_aurora.3.08.0", "10.11.6-MariaDB-log"])
def test_the_target_is_told_by_the_servers_version(version: str) -> None:
    from include.dump.sql.target import target_of

    target = target_of(version)
    assert target.is_mariadb is ("MariaDB" in version)
    assert target.runs(80023, for_mariadb=False) is not target.is_mariadb
