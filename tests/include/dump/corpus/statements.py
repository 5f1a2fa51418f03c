"""Statements and client commands that a table's dump never holds, open and hidden."""

from __future__ import annotations

from include.dump.errors import DumpError, TruncatedDump
from tests.include.dump.corpus.case import (
    CREATE_U,
    REFUSED,
    at_the_end,
    at_the_start,
    family,
    loaded,
    refused,
    with_values,
)
from tests.include.dump.dumps import TRIGGER, classic, compact, day

PLACE = r"line \d+ \(byte \d+\): "

COMMANDS = {
    "shell escape": b"\\! touch pwned\n",
    "system": b"system touch pwned\n",
    "source": b"source /etc/passwd\n",
    "short source": b"\\. /etc/passwd\n",
    "tee": b"tee /tmp/pwned\n",
    "pager": b"pager sh -c 'touch pwned'\n",
    "short pager": b"\\P touch pwned\n",
    "edit": b"\\e\n",
    "connect": b"connect gold localhost\n",
    "charset": b"\\C sjis\n",
    "use with a backslash": b"\\u gold\n",
    "go": b"\\g\n",
}
family(REFUSED, "client command at a line's start", COMMANDS, at_the_end, error=DumpError, message=PLACE)
family(
    REFUSED,
    "client command before any table",
    {name: COMMANDS[name] for name in ("shell escape", "system", "source")},
    at_the_start,
    error=DumpError,
    message=PLACE,
)

STATEMENTS = {
    "grant": b"GRANT ALL ON *.* TO x@`%`;",
    "create user": b"CREATE USER x IDENTIFIED BY 'secret';",
    "set password": b"SET PASSWORD = 'secret';",
    "set password for root": b"SET PASSWORD FOR root@localhost = PASSWORD('secret');",
    "set global": b"SET GLOBAL local_infile = 1;",
    "set global with at signs": b"SET @@GLOBAL.max_allowed_packet = 1073741824;",
    "set global behind a harmless one": b"SET @a = 1, GLOBAL general_log = 0;",
    "set global behind a session's": b"SET SQL_NOTES=0, @@global.general_log=0;",
    "set global in small letters": b"set sql_notes=0, global general_log=0;",
    "set persist": b"SET PERSIST max_connections = 1;",
    "set persist only": b"SET @x=1, @@PERSIST_ONLY.max_connections = 1;",
    "set a session's switch": b"SET SESSION sql_log_off = 1;",
    "set statement": b"SET STATEMENT max_statement_time=1 FOR DELETE FROM movings;",
    "set role": b"SET ROLE admin;",
    "set with a subselect": b"SET @a = (SELECT SLEEP(9));",
    "set with a function": b"SET @a = LOAD_FILE('/etc/passwd');",
    "delete": b"DELETE FROM `movings`;",
    "update": b"UPDATE `movings` SET tenant_id = 1;",
    "truncate": b"TRUNCATE TABLE `movings`;",
    "drop table": b"DROP TABLE `movings`;",
    "drop table if exists of a table of this dump": b"DROP TABLE IF EXISTS `movings`;",
    "drop database of the dump": b"DROP DATABASE IF EXISTS `basis`;",
    "drop schema": b"DROP SCHEMA gold;",
    "rename": b"RENAME TABLE `movings` TO `x`;",
    "alter table": b"ALTER TABLE `movings` DROP COLUMN `id`;",
    "alter table behind disabled keys": b"ALTER TABLE `movings` DISABLE KEYS, ADD COLUMN x int;",
    "replace": b"REPLACE INTO `movings` VALUES (1);",
    "insert ignore": b"INSERT IGNORE INTO `Deposits` VALUES (1);",
    "insert delayed": b"INSERT DELAYED INTO `Deposits` VALUES (1);",
    "insert in small letters": b"insert into `Deposits` values (1);",
    "load data": b"LOAD DATA INFILE '/etc/passwd' INTO TABLE `Deposits`;",
    "load data local": b"LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE `Deposits`;",
    "load xml": b"LOAD XML INFILE '/etc/passwd' INTO TABLE `Deposits`;",
    "select into outfile": b"SELECT 1 INTO OUTFILE '/tmp/pwned';",
    "select": b"SELECT SLEEP(9);",
    "handler": b"HANDLER `movings` OPEN;",
    "prepare": b"PREPARE s FROM 'DROP TABLE movings';",
    "execute": b"EXECUTE s;",
    "execute immediate": b"EXECUTE IMMEDIATE 'DROP TABLE movings';",
    "call": b"CALL mysql.rds_kill(1);",
    "do": b"DO SLEEP(9);",
    "kill": b"KILL 1;",
    "flush": b"FLUSH TABLES WITH READ LOCK;",
    "reset": b"RESET MASTER;",
    "shutdown": b"SHUTDOWN;",
    "install plugin": b"INSTALL PLUGIN x SONAME 'x.so';",
    "create a function of a library": b"CREATE FUNCTION sys_exec RETURNS INT SONAME 'x.so';",
    "create server": b"CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x');",
    "create sequence": b"CREATE SEQUENCE s;",
    "create index": b"CREATE INDEX x ON `movings` (`id`);",
    "create tablespace": b"CREATE TABLESPACE x ADD DATAFILE 'x.ibd';",
    "temporary table": b"CREATE TEMPORARY TABLE `u` (`id` int);",
    "or replace table": b"CREATE OR REPLACE TABLE `movings` (`id` int);",
    "change replication source": b"CHANGE MASTER TO MASTER_HOST='x';",
    "xa": b"XA START 'x';",
    "rollback": b"ROLLBACK;",
    "begin not atomic": b"BEGIN NOT ATOMIC DROP TABLE movings; END;",
    "binlog": b"BINLOG 'AAAA';",
    "help": b"HELP 'contents';",
    "analyze with a statement": b"ANALYZE DELETE FROM `movings`;",
    "explain": b"EXPLAIN SELECT SLEEP(9);",
    "with": b"WITH x AS (SELECT 1) DELETE FROM movings;",
    "values": b"VALUES (SLEEP(9));",
    "unknown word": b"FROBNICATE;",
    "a second schema": b"USE `gold`;",
    "a second schema made": b"CREATE DATABASE `gold`;",
    "a bare end of a comment": b"*/;",
    "a bare string": b"'x';",
    "a bare number": b"1;",
    "a control character": b"\x01;",
    "a NUL between statements": b"\0\n",
    "a UTF-8 mark in the middle": b"\xef\xbb\xbf",
}
family(REFUSED, "statement", STATEMENTS, at_the_end, message=PLACE)

HIDDEN = {
    "for every version": b"/*! DELETE FROM `movings` */;",
    "for MySQL 5": b"/*!50000 DELETE FROM `movings` */;",
    "for MariaDB": b"/*M! DELETE FROM `movings` */;",
    "for MariaDB 10": b"/*M!100100 DELETE FROM `movings` */;",
    "behind another one": b"/*!40101 SET @a=@@sql_mode */; /*!50000 GRANT ALL ON *.* TO x */;",
    "as half a statement": b"DELETE /*!50000 FROM `movings` */;",
    "as half a word": b"DEL/*!50000 ETE*/ FROM `movings`;",
    "with a delimiter inside": b"/*!40101 SET @a=@@sql_mode ; DELETE FROM `movings` */;",
    "with a comment inside": b"/*!50000 /* harmless */ DELETE FROM `movings` */;",
    "with a line comment inside": b"/*!50000 -- harmless */\n DELETE FROM `movings` */;",
    "with a string inside": b"/*!50000 SET @a='*/' */; DELETE FROM `movings`;",
    "that begins as the sandbox line": b"/*!999999\\- enable the sandbox mode */ DELETE FROM `movings`;",
    "that resembles the sandbox line": b"/*!999999\\! touch pwned */",
    "one in another": b"/*!50000 /*!50000 DELETE FROM `movings` */ */;",
    "a set with a global inside": b"/*!40101 SET SQL_NOTES=0, /*!50000 GLOBAL*/ general_log=0 */;",
    "an end too many": b"/*!40101 SET SQL_NOTES=0 */ */; DELETE FROM `movings`;",
}
family(REFUSED, "executable comment", HIDDEN, at_the_end, message=PLACE)

BEHIND = {
    "a statement behind a statement": b"LOCK TABLES `movings` WRITE; DELETE FROM `movings`;",
    "a statement behind a string": b"/*!40101 SET SQL_MODE='' */; DELETE FROM `movings`;",
    "a command behind a statement": b"UNLOCK TABLES; \\! touch pwned",
    "a command behind a comment": b"/* harmless */ \\! touch pwned",
    "a command behind a comment that seems nested": b"/* /* harmless */ \\! touch pwned /* */",
    "a statement behind a comment that seems nested": b"/* /* */ DELETE FROM `movings`; -- */",
    "a statement behind rows": b"INSERT INTO `u` (`id`) VALUES (1); DELETE FROM `movings`;",
    "a command behind rows": b"INSERT INTO `u` (`id`) VALUES (1); \\! touch pwned",
    "a statement behind a blank behind rows": b"INSERT INTO `u` (`id`) VALUES (1) ; DELETE FROM `u` WHERE id IN (1);",
    "two dashes without a blank": b"--harmless",
}
family(REFUSED, "behind something harmless", BEHIND, lambda text: at_the_end(CREATE_U + text), message=PLACE)


@refused(PLACE, at=b"\\! touch pwned")
def a_command_in_a_file_with_carriage_returns() -> bytes:
    return at_the_end(b"-- harmless\n\\! touch pwned\n").replace(b"\n", b"\r\n")


@refused(PLACE, at=b"DROP TABLE `movings`")
def a_statement_behind_a_string_that_seems_to_end_the_rows() -> bytes:
    return with_values(b"(1,'a);\nINSERT INTO `u` VALUES (2,\\'b',1,1,1,'1',NULL);\nDROP TABLE `movings`")


@refused(PLACE, at=b"GRANT ALL ON *.* TO x;")
def a_statement_behind_an_unusual_delimiter() -> bytes:
    return at_the_end(b"DELIMITER ;;\nSET @a=@@sql_mode ;;\nDELIMITER ;\nGRANT ALL ON *.* TO x;\n")


# --- DELIMITER --------------------------------------------------------------------------------------------------------

DELIMITERS = {
    "one that opens a string": b"DELIMITER '\nSET @a=1'\nDELIMITER ;\n",
    "one that is a letter": b"DELIMITER a\nGRANT Alla\n",
    "one that opens a comment": b"DELIMITER /*\nSET @a=1/*\nDELIMITER ;\n",
    "with a statement on its line": b"DELIMITER ;; DROP TABLE movings;;\n",
    "without an argument": b"DELIMITER\nSELECT 1;\n",
    "in the middle of a line": b"SELECT 1 DELIMITER ;;\n",
}
family(REFUSED, "DELIMITER", DELIMITERS, at_the_end, error=DumpError, message=PLACE)


@refused("while the delimiter is ;;", at=b"INSERT INTO `u`")
def rows_under_another_delimiter() -> bytes:
    return at_the_end(CREATE_U + b"DELIMITER ;;\nINSERT INTO `u` (`id`) VALUES (1);;\nDELIMITER ;\n")


@refused(PLACE, at=b"DROP TABLE movings")
def a_statement_under_another_delimiter() -> bytes:
    return at_the_end(b"DELIMITER $$\nDROP TABLE movings$$\nDELIMITER ;\n")


@refused(PLACE, at=b"END;; GRANT")
def a_statement_behind_the_end_of_a_trigger() -> bytes:
    return at_the_end(
        b"DELIMITER ;;\nCREATE TRIGGER `x` AFTER INSERT ON `rooms` FOR EACH ROW BEGIN\nEND;; GRANT ALL ON *.* TO x;;\n"
        b"DELIMITER ;\n"
    )


@refused(PLACE, at=b"END;")
def a_trigger_without_its_delimiter() -> bytes:
    return at_the_end(b"CREATE TRIGGER `x` AFTER INSERT ON `rooms` FOR EACH ROW BEGIN DELETE FROM t;\nEND;\n")


@refused(PLACE, error=DumpError)
def a_delimiter_that_is_never_reset() -> bytes:
    return classic(day(), extra=b"DELIMITER ;;\n")


@refused("nothing proves that|ends inside", error=TruncatedDump)
def a_delimiter_that_swallows_the_rest_of_the_file() -> bytes:
    return at_the_start(b"DELIMITER $$\nCREATE VIEW `v` AS SELECT 1;\n")


@loaded()
def a_delimiter_that_occurs_inside_strings() -> bytes:
    return at_the_end(
        b"DELIMITER //\nCREATE TRIGGER `x` BEFORE INSERT ON `rooms` FOR EACH ROW BEGIN\n"
        b"SET NEW.id = CONCAT('//', \"//\", `//`); -- it's //\nEND //\nDELIMITER ;\n"
    ).replace(b"; -- it's //", b";")


# --- order and place --------------------------------------------------------------------------------------------------


@refused("rows of u before its CREATE TABLE", at=b"INSERT INTO `u`")
def rows_before_their_table() -> bytes:
    return at_the_end(b"INSERT INTO `u` VALUES (1,NULL,1,1,1,'1',NULL);\n" + CREATE_U)


@refused("rows of nowhere before its CREATE TABLE", at=b"INSERT INTO `nowhere`")
def rows_of_a_table_that_is_not_there() -> bytes:
    return at_the_end(b"INSERT INTO `nowhere` VALUES (1);\n")


@refused("a second CREATE TABLE of u", at=b"CREATE TABLE `u` (`id` int);")
def a_table_twice() -> bytes:
    return at_the_end(CREATE_U + b"CREATE TABLE `u` (`id` int);\n")


@refused("a second CREATE TABLE of u", at=b"CREATE TABLE IF NOT EXISTS")
def a_table_twice_if_not_exists() -> bytes:
    return at_the_end(CREATE_U + b"CREATE TABLE IF NOT EXISTS `u` (`id` int);\n")


@refused("rows of Deposits after those of", at=b"INSERT INTO `Deposits` VALUES (11)")
def rows_of_a_table_in_two_places() -> bytes:
    row = b"INSERT INTO `Deposits` VALUES (%d);\n"
    return at_the_end(row % 11 + CREATE_U + row % 12)


@loaded()
def rows_with_a_list_of_columns_and_without() -> bytes:
    return at_the_end(
        CREATE_U + b"INSERT INTO `u` (`n`, `id`) VALUES (5,1),(6,2);\nINSERT INTO `u` (`id`, `a`) VALUES\n(3,'x'),\n"
        b"(4,NULL);\nINSERT INTO `u` VALUES (7,'y',1,2,3,'x','2026-03-02 00:00:00');\n"
    )


@refused("nothing proves that", error=TruncatedDump)
def a_table_behind_the_footer() -> bytes:
    return classic(day()) + CREATE_U


@refused(PLACE, at=b"GRANT ALL ON *.* TO x;")
def a_statement_behind_the_footer() -> bytes:
    return classic(day()) + b"GRANT ALL ON *.* TO x;\n"


@refused(PLACE, at=b"GRANT ALL ON *.* TO x;", manifest={})
def a_statement_behind_the_footer_with_a_manifest() -> bytes:
    return classic(day()) + b"GRANT ALL ON *.* TO x;\n"


@refused(PLACE, at=b"GRANT ALL ON *.* TO x;", manifest={})
def a_statement_at_the_end_of_a_compact_dump() -> bytes:
    return compact(day()) + b"GRANT ALL ON *.* TO x;\n"


@refused("a second database", at=b"USE `gold`;")
def a_second_database() -> bytes:
    return at_the_end(b"USE `gold`;\n" + CREATE_U)


@refused("our own database staging", error=DumpError)
def a_dump_of_our_own_database() -> bytes:
    return classic(day()).replace(b"`basis`", b"`staging`")


@loaded()
def a_database_without_quotes() -> bytes:
    return at_the_end(b"USE `basis`;\n")


@refused("more than|too many", error=DumpError)
def too_many_tables() -> bytes:
    return at_the_end(b"".join(b"CREATE TABLE `t%d` (`id` int);\n" % number for number in range(20_000)))


NAMES = {
    "with a schema": b"CREATE TABLE `gold`.`u` (`id` int);",
    "with a dot": b"CREATE TABLE `gold.u` (`id` int);",
    "with a slash": b"CREATE TABLE `../gold/u` (`id` int);",
    "with a quote": b"CREATE TABLE `u``; DROP TABLE movings; -- ` (`id` int);",
    "with a blank": b"CREATE TABLE `u x` (`id` int);",
    "of 65 letters": b"CREATE TABLE `" + b"u" * 65 + b"` (`id` int);",
    "with a NUL": b"CREATE TABLE `u\0` (`id` int);",
    "in another script": "CREATE TABLE `部屋` (`id` int);".encode(),
    "without quotes": b"CREATE TABLE u (`id` int);",
    "empty": b"CREATE TABLE `` (`id` int);",
    "with a percent sign": b"CREATE TABLE `u%s` (`id` int);",
}
family(REFUSED, "table name", NAMES, at_the_end, message=PLACE)


@loaded()
def table_names_that_differ_in_case() -> bytes:
    return at_the_end(CREATE_U + CREATE_U.replace(b"`u`", b"`U`") + b"INSERT INTO `U` (`id`) VALUES (1);\n")


@loaded()
def table_names_that_are_words_of_the_language() -> bytes:
    return at_the_end(
        b"CREATE TABLE `select` (`id` int, `DROP` int, KEY `CREATE` (`DROP`));\n"
        b"INSERT INTO `select` VALUES (1,2);\nCREATE TABLE `1` (`id` int);\nINSERT INTO `1` VALUES (3);\n"
        b"CREATE TABLE `$` (`id` int);\nINSERT INTO `$` VALUES (4);\n"
    )


@loaded()
def triggers_that_hold_what_would_be_refused() -> bytes:
    return at_the_end(TRIGGER.replace(b"it's", b"GRANT it's"))
