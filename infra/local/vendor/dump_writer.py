"""The text of mysqldump, in the two layouts that the vendor's host has used.

`classic` is mysqldump with its defaults: banner, session settings, DROP, LOCK, DISABLE KEYS, footer. `compact` is what
the script of February 2026 asks for with --compact: none of these, though each CREATE TABLE keeps its three versioned
comments. Both are taken with -B, so they create and use the vendor's schema `basis`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from infra.local.vendor.clock import day_text
from infra.local.vendor.schema import Table

SCHEMA = "basis"
HOST = "pms-db.example.com"
# mysqldump ends an INSERT before it outgrows net_buffer_length.
STATEMENT_BYTES = 1_046_528
LAYOUTS = ("classic", "compact")

_CREATE_DATABASE = (
    f"\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ `{SCHEMA}` "
    "/*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci */;\n"
    f"\nUSE `{SCHEMA}`;\n"
)
_SETTINGS = """
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;
"""
_RESTORE = """/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;

/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;
"""
TRIGGER = """/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;
/*!50003 SET sql_mode              = 'NO_ENGINE_SUBSTITUTION' */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`pms`@`%`*/ /*!50003 TRIGGER `tenants_before_update` BEFORE UPDATE ON `tenants`
FOR EACH ROW BEGIN
  -- the office's clients forget it; keep it moving
  IF NEW.status <> OLD.status THEN SET NEW.updated_at = CURRENT_TIMESTAMP; END IF;
END */;;
DELIMITER ;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
"""
ROUTINE = """DELIMITER ;;
CREATE DEFINER=`pms`@`%` PROCEDURE `close_old_contracts`(IN before_day DATE)
BEGIN
  UPDATE movings SET is_moveout = 1 WHERE moveout_plans_date < before_day AND is_moveout = 0;
END ;;
DELIMITER ;
"""


class Layout:
    """What stands around the rows.

    Args:
        name: `classic` or `compact`.
        routines: also write a trigger and a procedure, with DELIMITER lines, as --triggers --routines do.
    """

    def __init__(self, name: str, routines: bool = False) -> None:
        self._classic = name == "classic"
        self._routines = routines

    def header(self) -> str:
        """Return everything before the first table."""
        if not self._classic:
            return _CREATE_DATABASE
        banner = (
            "-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\n"
            f"-- Host: {HOST}    Database: {SCHEMA}\n"
            "-- ------------------------------------------------------\n-- Server version\t8.0.36\n"
        )
        return banner + _SETTINGS + f"\n--\n-- Current Database: `{SCHEMA}`\n--\n" + _CREATE_DATABASE

    def before_rows(self, table: Table) -> str:
        """Return the definition of a table and what precedes its rows."""
        create = (
            "/*!40101 SET @saved_cs_client     = @@character_set_client */;\n"
            "/*!50503 SET character_set_client = utf8mb4 */;\n"
            f"{table.ddl}\n"
            "/*!40101 SET character_set_client = @saved_cs_client */;\n"
        )
        if not self._classic:
            return create
        return (
            f"\n--\n-- Table structure for table `{table.name}`\n--\n\nDROP TABLE IF EXISTS `{table.name}`;\n{create}"
            f"\n--\n-- Dumping data for table `{table.name}`\n--\n\nLOCK TABLES `{table.name}` WRITE;\n"
            f"/*!40000 ALTER TABLE `{table.name}` DISABLE KEYS */;\n"
        )

    def after_rows(self, table: Table) -> str:
        """Return what follows a table's rows."""
        trigger = TRIGGER if self._routines and table.name == "tenants" else ""
        if not self._classic:
            return trigger
        return f"/*!40000 ALTER TABLE `{table.name}` ENABLE KEYS */;\nUNLOCK TABLES;\n{trigger}"

    def footer(self, day: int) -> str:
        """Return everything after the last table."""
        routine = ROUTINE if self._routines else ""
        if not self._classic:
            return routine
        title = f"\n--\n-- Dumping routines for database '{SCHEMA}'\n--\n" if self._routines else ""
        return f"{title}{routine}{_RESTORE}\n-- Dump completed on {day_text(day)}  5:41:07\n"


def insert_statements(table: str, rows: Iterable[str]) -> Iterator[bytes]:
    """Pack rows into INSERT statements without a column list, each a line of at most about 1 MB."""
    opening = f"INSERT INTO `{table}` VALUES ".encode()
    pending: list[bytes] = []
    size = len(opening)
    for row in rows:
        data = row.encode()
        if pending and size + len(data) + 2 > STATEMENT_BYTES:
            yield opening + b",".join(pending) + b";\n"
            pending, size = [], len(opening)
        pending.append(data)
        size += len(data) + 1
    if pending:
        yield opening + b",".join(pending) + b";\n"
