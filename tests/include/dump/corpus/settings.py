"""Settings by which the file would mean something else than its bytes say, and texts in other encodings.

The session is ours, never the file's. So a file whose rows were written for other settings must be refused: with
NO_BACKSLASH_ESCAPES a backslash ends no string, with sjis it may be half a letter, with another time zone a TIMESTAMP
is another moment.
"""

from __future__ import annotations

from include.dump.errors import DumpError, StatementRefused, UnexpectedStatement
from tests.include.dump.corpus.case import (
    CREATE_U,
    EITHER,
    LOADED,
    REFUSED,
    at_the_end,
    at_the_start,
    either,
    family,
    loaded,
    refused,
)
from tests.include.dump.dumps import classic, compact, day

PLACE = r"line \d+ \(byte \d+\): "

STRING_RULES = {
    "NO_BACKSLASH_ESCAPES": b"SET sql_mode = 'NO_BACKSLASH_ESCAPES';",
    "in an executable comment": b"/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, "
    b"SQL_MODE='NO_AUTO_VALUE_ON_ZERO,NO_BACKSLASH_ESCAPES' */;",
    "with at signs": b"SET @@sql_mode = 'NO_BACKSLASH_ESCAPES';",
    "of the session": b"SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES';",
    "of the session with at signs": b"SET @@SESSION.sql_mode = 'NO_BACKSLASH_ESCAPES';",
    "LOCAL": b"SET LOCAL sql_mode = 'NO_BACKSLASH_ESCAPES';",
    "LOCAL with at signs": b"SET @@LOCAL.sql_mode = 'NO_BACKSLASH_ESCAPES';",
    "with a sign of assignment": b"SET sql_mode := 'NO_BACKSLASH_ESCAPES';",
    "in backticks": b"SET `sql_mode` = 'NO_BACKSLASH_ESCAPES';",
    "without quotes": b"SET sql_mode = NO_BACKSLASH_ESCAPES;",
    "as a number": b"SET sql_mode = 1048576;",
    "as a hexadecimal number": b"SET sql_mode = 0x100000;",
    "as a hexadecimal string": b"SET sql_mode = x'4E4F5F4241434B534C4153485F45534341504553';",
    "as a sum": b"SET sql_mode = 1048575 + 1;",
    "by a function": b"SET sql_mode = CONCAT('NO_BACKSLASH', '_ESCAPES');",
    "by two strings": b"SET sql_mode = 'NO_BACKSLASH' '_ESCAPES';",
    "by an escape": b"SET sql_mode = 'NO\\_BACKSLASH\\_ESCAPES';",
    "by an escaped letter": b"SET sql_mode = '\\NO_B\\ACKSLASH_ESCAPES';",
    "by double quotes": b'SET sql_mode = "NO_BACKSLASH_ESCAPES";',
    "in small letters": b"set sql_mode = 'no_backslash_escapes';",
    "by a variable": b"SET @m = 'NO_BACKSLASH_ESCAPES'; SET sql_mode = @m;",
    "by the saved one": b"SET @OLD_SQL_MODE='NO_BACKSLASH_ESCAPES'; /*!40101 SET SQL_MODE=@OLD_SQL_MODE */;",
    "behind a variable": b"SET @a = @@sql_mode, sql_mode = 'NO_BACKSLASH_ESCAPES';",
    "behind another setting": b"SET SQL_NOTES=0, SQL_MODE='NO_BACKSLASH_ESCAPES';",
    "added to the old one": b"SET sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES');",
    "ANSI_QUOTES": b"SET sql_mode = 'ANSI_QUOTES';",
    "ANSI": b"SET sql_mode = 'ANSI';",
    "ORACLE": b"SET sql_mode = 'ORACLE';",
    "MSSQL": b"SET sql_mode = 'MSSQL';",
    "DB2": b"SET sql_mode = 'DB2';",
    "MAXDB": b"SET sql_mode = 'MAXDB';",
    "POSTGRESQL": b"SET sql_mode = 'POSTGRESQL';",
    "ANSI_QUOTES as a number": b"SET sql_mode = 4;",
    "of the server": b"SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES';",
    "in an executable comment inside": b"SET sql_mode = /*!50000 'NO_BACKSLASH_ESCAPES' */;",
}
family(
    REFUSED,
    "other rules for strings",
    STRING_RULES,
    lambda text: at_the_start(text + b"\n"),
    message=PLACE,
)

CHARACTER_SETS = {
    "SET NAMES sjis": b"SET NAMES sjis;",
    "SET NAMES cp932": b"/*!40101 SET NAMES cp932 */;",
    "SET NAMES gbk": b"SET NAMES gbk;",
    "SET NAMES big5": b"SET NAMES 'big5';",
    "SET NAMES latin1": b"/*!50503 SET NAMES latin1 */;",
    "SET NAMES ujis": b"set names ujis;",
    "SET NAMES utf16": b"SET NAMES utf16;",
    "SET NAMES in double quotes": b'SET NAMES "sjis";',
    "SET NAMES with a collation": b"SET NAMES latin1 COLLATE latin1_bin;",
    "SET NAMES by a comment": b"SET NAMES /*!50000 sjis */;",
    "SET NAMES for one of two versions": b"SET NAMES /*!40101 utf8mb4 *//*!99999 sjis */;",
    "SET NAMES DEFAULT": b"SET NAMES DEFAULT;",
    "SET NAMES behind another": b"SET SQL_NOTES=0, NAMES sjis;",
    "SET CHARACTER SET": b"SET CHARACTER SET sjis;",
    "SET CHARSET": b"SET CHARSET 'sjis';",
    "character_set_client": b"/*!50503 SET character_set_client = sjis */;",
    "character_set_client in quotes": b"SET character_set_client = 'latin1';",
    "character_set_client as a number": b"SET character_set_client = 13;",
    "character_set_client with at signs": b"SET @@session.character_set_client = gbk;",
    "character_set_client behind another": b"SET SQL_NOTES=0, character_set_client=sjis;",
    "character_set_client by a variable": b"SET @a='sjis'; SET character_set_client=@a;",
    "character_set_connection": b"SET character_set_connection = latin1;",
    "collation_connection": b"SET collation_connection = sjis_japanese_ci;",
    "character_set_database": b"SET character_set_database = latin1;",
}
family(REFUSED, "character set", CHARACTER_SETS, lambda text: at_the_start(text + b"\n"), message=PLACE, at=b"")

TIME_ZONES = {
    "Tokyo": b"/*!40103 SET TIME_ZONE='+09:00' */;",
    "by name": b"SET TIME_ZONE='Asia/Tokyo';",
    "of the server": b"SET time_zone = 'SYSTEM';",
    "by a variable": b"SET @z='+09:00'; SET TIME_ZONE=@z;",
    "of the session": b"SET SESSION time_zone = '+09:00';",
    "behind another": b"SET SQL_NOTES=0, TIME_ZONE='+09:00';",
}
family(REFUSED, "time zone", TIME_ZONES, lambda text: at_the_start(text + b"\n"), message=PLACE, at=b"")

LIKE_OURS = {
    "UTC": b"SET TIME_ZONE='+00:00';",
    "strict mode": b"SET SQL_MODE='NO_AUTO_VALUE_ON_ZERO,STRICT_TRANS_TABLES';",
    "no mode": b"SET SQL_MODE='';",
    "no binary log": b"SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;\nSET @@SESSION.SQL_LOG_BIN= 0;",
}
family(LOADED, "settings like ours", LIKE_OURS, lambda text: at_the_start(text + b"\n"))


ODD_SETTINGS = {
    "utf8mb4 with a collation": b"SET NAMES utf8mb4 COLLATE utf8mb4_bin;",
    "utf8mb4 in quotes": b"SET NAMES 'utf8mb4';",
    "UTF-8 without its long letters, but they are there": b"/*!40101 SET NAMES utf8 */;",
    "a mode that the server does not know": b"SET SQL_MODE='KLINGON';",
}
family(EITHER, "settings", ODD_SETTINGS, lambda text: at_the_start(text + b"\n"))


@either()
def half_a_surrogate() -> bytes:
    return at_the_end(CREATE_U + b"INSERT INTO `u` (`id`, `a`) VALUES (1,'x'),(2,'\xed\xa0\x80');\n")


@loaded()
def other_settings_around_a_trigger() -> bytes:
    return at_the_end(
        b"/*!50003 SET @saved_cs_client      = @@character_set_client */ ;\n"
        b"/*!50003 SET @saved_cs_results     = @@character_set_results */ ;\n"
        b"/*!50003 SET @saved_col_connection = @@collation_connection */ ;\n"
        b"/*!50003 SET character_set_client  = latin1 */ ;\n/*!50003 SET character_set_results = latin1 */ ;\n"
        b"/*!50003 SET collation_connection  = latin1_swedish_ci */ ;\n"
        b"/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;\n"
        b"/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES' */ ;\nDELIMITER ;;\n"
        b"/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 TRIGGER `x` AFTER INSERT ON "
        b"`rooms` FOR EACH ROW BEGIN\nEND */;;\n"
        b"DELIMITER ;\n/*!50003 SET sql_mode              = @saved_sql_mode */ ;\n"
        b"/*!50003 SET character_set_client  = @saved_cs_client */ ;\n"
        b"/*!50003 SET character_set_results = @saved_cs_results */ ;\n"
        b"/*!50003 SET collation_connection  = @saved_col_connection */ ;\n"
        + CREATE_U
        + "INSERT INTO `u` (`id`, `a`) VALUES (1,'表示');\n".encode()
    )


@refused(PLACE)
def rows_between_a_triggers_settings() -> bytes:
    return at_the_end(
        CREATE_U + b"/*!50003 SET character_set_client  = sjis */ ;\nINSERT INTO `u` (`id`, `a`) VALUES (1,'\x95\\');\n"
    )


# --- encodings --------------------------------------------------------------------------------------------------------

BYTES = {
    "a byte that begins nothing": b"'a\xff'",
    "half a letter": b"'a\xe5\xb1'",
    "half a letter before the end": b"'a\xe5\xb1\xb1\xe7'",
    "a letter written too long": b"'\xc0\xa7'",
    "a letter beyond Unicode": b"'\xf5\x80\x80\x80'",
    "latin1": "'Zürich'".encode("latin1"),
    "Shift-JIS": "'山田'".encode("cp932"),
}
family(
    REFUSED,
    "not UTF-8",
    BYTES,
    lambda value: at_the_end(CREATE_U + b"INSERT INTO `u` (`id`, `a`) VALUES (1,'x'),(2," + value + b"),(3,'y');\n"),
    error=StatementRefused,
    message=r"row of u|the INSERT of u",
    at=b"INSERT INTO `u`",
)
family(
    REFUSED,
    "not UTF-8 and a quote",
    {
        "GBK": b"'\xbf\\',1),(2,'x'",
        "GBK without a backslash": b"'\xbf','x'",
        "Shift-JIS": b"'\x95\\','x'",
        "a lead byte before the end": b"'\xe5','x'",
        "a long lead byte before the end": b"'\xf0',''",
    },
    lambda value: at_the_end(CREATE_U + b"INSERT INTO `u` (`id`, `a`) VALUES (1," + value + b");\n"),
    error=DumpError,
    message="",
    at=b"",
)


@refused(PLACE, error=UnexpectedStatement)
def a_file_in_utf_16() -> bytes:
    return classic(day()).decode().encode("utf-16")


@refused(PLACE, error=UnexpectedStatement)
def a_file_in_utf_16_without_a_mark() -> bytes:
    return classic(day()).decode().encode("utf-16-be")


@loaded()
def a_file_with_a_mark() -> bytes:
    return b"\xef\xbb\xbf" + classic(day())


@refused(PLACE, error=UnexpectedStatement)
def a_file_with_two_marks() -> bytes:
    return b"\xef\xbb\xbf" * 2 + classic(day())


@refused("", error=DumpError)
def a_file_in_ebcdic() -> bytes:
    return classic(day()).decode().encode("cp500", "replace")


@loaded()
def a_file_with_carriage_returns() -> bytes:
    return at_the_end(CREATE_U + b"INSERT INTO `u` (`id`, `a`) VALUES\n(1,'a\r\nb\nc\rd'),\n(2,NULL);\n").replace(
        b";\n", b";\r\n"
    )


@loaded(manifest={})
def a_compact_file_with_carriage_returns() -> bytes:
    return compact(day()).replace(b"\n", b"\r\n")


@refused("refused the CREATE TABLE of u|in the CREATE TABLE", error=DumpError)
def a_collation_that_is_not_known() -> bytes:
    return at_the_end(CREATE_U.replace(b"utf8mb4_unicode_ci", b"utf8mb4_klingon_ci"))


@refused("refused the CREATE TABLE of u|in the CREATE TABLE", error=DumpError)
def a_column_of_a_character_set_that_is_not_known() -> bytes:
    return at_the_end(CREATE_U.replace(b"varchar(200)", b"varchar(200) CHARACTER SET klingon"))
