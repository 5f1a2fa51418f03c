"""Small hand-made dumps, as mysqldump writes them: the same tables in the classic and in the compact layout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from include.dump.contract import SOURCE_COLUMNS

TARGET = date(2026, 3, 2)
YESTERDAY = date(2026, 3, 1)

CLASSIC_HEADER = b"""-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
--
-- Host: pms.example    Database: basis
-- ------------------------------------------------------
-- Server version\t8.0.36

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;

--
-- Current Database: `basis`
--

CREATE DATABASE /*!32312 IF NOT EXISTS*/ `basis` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci */;

USE `basis`;
"""
CLASSIC_FOOTER = b"""/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;

-- Dump completed on 2026-03-02  5:31:07
"""
COMPACT_HEADER = b"""
CREATE DATABASE /*!32312 IF NOT EXISTS*/ `basis` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci */;

USE `basis`;
"""
TRIGGER = b"""/*!50003 SET @saved_cs_client      = @@character_set_client */ ;
/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION' */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 TRIGGER `rooms_ai` AFTER INSERT ON `rooms` FOR EACH ROW BEGIN
  -- it's a comment; with a quote
  INSERT INTO `options` VALUES (NEW.id, '; */ ;', "DELIMITER");
END */;;
DELIMITER ;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
"""
ROUTINE = b"""/*!50003 DROP FUNCTION IF EXISTS `f` */;
DELIMITER ;;
CREATE DEFINER=`root`@`%` FUNCTION `f`(a INT) RETURNS int DETERMINISTIC
BEGIN
  RETURN a; END ;;
DELIMITER ;
"""
EVENT = b"""/*!50106 SET @save_time_zone= @@TIME_ZONE */ ;
/*!50106 DROP EVENT IF EXISTS `e` */;
DELIMITER ;;
/*!50003 SET time_zone             = 'SYSTEM' */ ;;
/*!50106 CREATE*/ /*!50117 DEFINER=`root`@`%`*/ /*!50106 EVENT `e` ON SCHEDULE EVERY 1 DAY DO DELETE FROM `ry` */ ;;
DELIMITER ;
/*!50106 SET TIME_ZONE= @save_time_zone */ ;
"""
VIEW = b"""/*!50001 CREATE VIEW `v` AS SELECT
 1 AS `id`*/;
/*!50001 DROP VIEW IF EXISTS `v`*/;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`root`@`%` SQL SECURITY DEFINER */
/*!50001 VIEW `v` AS select `basis`.`rooms`.`id` AS `id` from `basis`.`rooms` */;
"""
HOSTILE_TEXT = "a),(b); -- \\ '' */ /* \"`DELIMITER ;;\n\\! id\t名前🏠\0\r\n"


@dataclass
class Table:
    """One table of a dump: columns as `name type`, and rows of Python values or of ready-made SQL bytes."""

    name: str
    columns: Sequence[str]
    rows: list[tuple[object, ...]] = field(default_factory=list)
    keys: Sequence[str] = ("PRIMARY KEY (`id`)",)

    def create(self) -> bytes:
        lines = [f"  `{column.split()[0]}` {column.split(maxsplit=1)[1]}" for column in self.columns]
        body = ",\n".join([*lines, *(f"  {key}" for key in self.keys)])
        options = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"
        return f"CREATE TABLE `{self.name}` (\n{body}\n) {options};\n".encode()

    def inserts(self, rows_each: int = 500) -> bytes:
        lines = []
        for start in range(0, len(self.rows), rows_each):
            rows = b",".join(
                b"(" + b",".join(literal(value) for value in row) + b")" for row in self.rows[start : start + rows_each]
            )
            lines.append(b"INSERT INTO `" + self.name.encode() + b"` VALUES " + rows + b";\n")
        return b"".join(lines)


def literal(value: object) -> bytes:
    """Write a value as mysqldump does; bytes are taken as they are."""
    if value is None:
        return b"NULL"
    if isinstance(value, bytes):
        return value
    if isinstance(value, int):
        return str(value).encode()
    text = str(value)
    for raw, escaped in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r"), ("\0", "\\0"), ('"', '\\"')):
        text = text.replace(raw, escaped)
    return b"'" + text.encode() + b"'"


def classic(tables: Sequence[Table], extra: bytes = b"", footer: bytes = CLASSIC_FOOTER) -> bytes:
    parts = [CLASSIC_HEADER]
    for table in tables:
        name = table.name.encode()
        parts += [
            b"\n--\n-- Table structure for table `" + name + b"`\n--\n\nDROP TABLE IF EXISTS `" + name + b"`;\n",
            b"/*!40101 SET @saved_cs_client     = @@character_set_client */;\n",
            b"/*!50503 SET character_set_client = utf8mb4 */;\n",
            table.create(),
            b"/*!40101 SET character_set_client = @saved_cs_client */;\n\n",
            b"LOCK TABLES `" + name + b"` WRITE;\n/*!40000 ALTER TABLE `" + name + b"` DISABLE KEYS */;\n",
            table.inserts(),
            b"/*!40000 ALTER TABLE `" + name + b"` ENABLE KEYS */;\nUNLOCK TABLES;\n",
        ]
    return b"".join([*parts, extra, footer])


def compact(tables: Sequence[Table], extra: bytes = b"") -> bytes:
    parts = [COMPACT_HEADER]
    for table in tables:
        parts += [
            b"/*!40101 SET @saved_cs_client     = @@character_set_client */;\n",
            b"/*!50503 SET character_set_client = utf8mb4 */;\n",
            table.create(),
            b"/*!40101 SET character_set_client = @saved_cs_client */;\n",
            table.inserts(),
        ]
    return b"".join([*parts, extra])


SOME = (*SOURCE_COLUMNS, "Deposits", "ry")
TYPES: Mapping[str, str] = {
    "id": "int NOT NULL",
    "full_name": "varchar(191) DEFAULT 'NULL'",
    "last_name": "varchar(191) DEFAULT NULL",
    "nationality_name": "varchar(191) DEFAULT NULL",
    "movein_date": "date DEFAULT NULL",
    "moveout_date": "date DEFAULT NULL",
    "created_at": "timestamp NULL DEFAULT NULL",
    "updated_at": "timestamp NULL DEFAULT NULL",
}


def day(target: date = TARGET, movings: int = 1100, tenants: int = 60, names: Iterable[str] = SOME) -> list[Table]:
    """Tables of the vendor's database as of a date; the modelled ones have rows, m_nationalities has none (I-03)."""
    changed = f"{target - timedelta(days=1)} 20:15:00"  # UTC, 05:15 of the target in Tokyo
    values: Mapping[str, object] = {
        "movein_date": target - timedelta(days=200),
        "moveout_date": None,
        "created_at": "2024-05-01 00:00:00",
        "updated_at": changed,
        "full_name": HOSTILE_TEXT,
        "last_name": "山田",
        "nationality_name": "日本",
    }
    counts = {"movings": movings, "tenants": tenants, "apartments": 3, "rooms": 9, "inquiries": 2}
    tables = []
    for name in sorted(names):
        wanted = SOURCE_COLUMNS.get(name, frozenset({"id"}))
        columns = ["id", *sorted(wanted - {"id"})]
        rows = [
            tuple(
                number if column == "id" else values.get(column, number % tenants + 1 if column == "tenant_id" else 1)
                for column in columns
            )
            for number in range(1, counts.get(name, 0) + 1)
        ]
        tables.append(Table(name, [f"{column} {TYPES.get(column, 'int DEFAULT NULL')}" for column in columns], rows))
    return tables


def pick(tables: Sequence[Table], name: str) -> Table:
    return next(table for table in tables if table.name == name)


def changed(name: str, column: str, value: object, every: int = 1) -> list[Table]:
    """The tables of the target with another value in every n-th row of a column."""
    tables = day()
    table = pick(tables, name)
    place = next(number for number, line in enumerate(table.columns) if line.split()[0] == column)
    table.rows = [
        (*row[:place], value, *row[place + 1 :]) if number % every == 0 else row
        for number, row in enumerate(table.rows)
    ]
    return tables


# Columns of a small table of its own.
NAME_COLUMNS = ["id int NOT NULL", "a varchar(3) NOT NULL", "b tinyint DEFAULT NULL", "c date DEFAULT NULL"]


def with_rows(name: str, rows: Sequence[tuple[object, ...]]) -> list[Table]:
    """The tables of the target with other rows in one of them."""
    tables = day()
    pick(tables, name).rows = list(rows)
    return tables
