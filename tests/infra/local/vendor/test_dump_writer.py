from __future__ import annotations

import pytest

from infra.local.vendor.dump_writer import STATEMENT_BYTES, Layout, insert_statements
from infra.local.vendor.schema import tables
from infra.local.vendor.values import quote


def text_of(made):
    return made.dump.read_text(encoding="utf-8")


def without_rows(text):
    return "\n".join(line for line in text.splitlines() if not line.startswith("INSERT"))


@pytest.fixture(scope="module")
def classic(small):
    return without_rows(text_of(small))


@pytest.fixture(scope="module")
def compact(make):
    return without_rows(text_of(make(layout="compact")))


def test_both_layouts_create_and_use_the_vendors_schema(classic, compact):
    for text in (classic, compact):
        assert text.count("CREATE DATABASE /*!32312 IF NOT EXISTS*/ `basis`") == 1
        assert text.count("\nUSE `basis`;") == 1
        assert text.count("CREATE TABLE `") == 81
        assert "CREATE TABLE `Fundhing_Request`" in text


def test_i23_each_create_table_stands_between_versioned_comments(classic, compact):
    for text in (classic, compact):
        assert text.count("/*!40101 SET @saved_cs_client     = @@character_set_client */;") == 81
        assert text.count("/*!50503 SET character_set_client = utf8mb4 */;") == 81
        assert text.count("/*!40101 SET character_set_client = @saved_cs_client */;") == 81


def test_classic_has_banner_settings_locks_and_footer(classic):
    assert classic.startswith("-- MySQL dump 10.13")
    assert classic.count("DROP TABLE IF EXISTS `") == classic.count("LOCK TABLES `") == 81
    assert classic.count("UNLOCK TABLES;") == 81
    assert "SET TIME_ZONE='+00:00'" in classic
    assert classic.splitlines()[-1] == "-- Dump completed on 2026-03-02  5:41:07"


def test_compact_has_none_of_them(compact):
    for absent in ("DROP TABLE", "LOCK TABLES", "DISABLE KEYS", "Dump completed", "SET NAMES", "TIME_ZONE", "\n-- "):
        assert absent not in compact


@pytest.mark.parametrize("layout", ["classic", "compact"])
def test_trigger_and_procedure_come_with_delimiters_when_asked_for(layout, classic, make):
    text = without_rows(text_of(make(layout=layout, routines=True)))
    assert text.splitlines().count("DELIMITER ;;") == text.splitlines().count("DELIMITER ;") == 2
    assert "TRIGGER `tenants_before_update`" in text
    assert "PROCEDURE `close_old_contracts`" in text
    assert "DELIMITER" not in classic


def test_statements_are_lines_of_at_most_a_megabyte():
    rows = [f"({number},'{'x' * 1000}')" for number in range(5000)]
    statements = list(insert_statements("payments", rows))
    assert len(statements) == 5
    assert all(len(statement) <= STATEMENT_BYTES for statement in statements)
    assert all(statement.endswith(b"');\n") and statement.count(b"\n") == 1 for statement in statements)
    assert b"".join(statements).count(b"),(") == 5000 - 5


def test_an_empty_table_has_no_statement():
    assert list(insert_statements("Orders", [])) == []


def test_text_is_escaped_as_mysqldump_escapes_it():
    assert quote("a'b\"c\\d\ne\rf\0g\x1a; -- )") == r"'a\'b\"c\\d\ne\rf\0g\Z; -- )'"
    assert quote(None) == "NULL"
    assert quote("NULL") == "'NULL'"


def test_hostile_text_occurs_in_the_data(small):
    text = text_of(small)
    for literal in (
        r"\n翌月分",
        '\\"call me after 6 pm\\"',
        "🙆",
        r"C:\\scan\\2024",
        r"\',(\'1\',\'2\'),(NULL);",
        "/* 旧",
    ):
        assert literal in text, literal


def test_empty_tables_are_defined_all_the_same(classic):
    for name in ("Arrears_Management", "Orders", "pmc", "work_reports", "moves"):
        assert tables()[name].ddl in classic
        assert Layout("compact").after_rows(tables()[name]) == ""
