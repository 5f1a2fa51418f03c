"""What the server remarks about rows: an ENUM's error value comes back as it was, anything else stops the load."""

from __future__ import annotations

import pytest

from include.dump.errors import StatementRefused
from include.dump.sending import TRANSPORTS
from tests.include.dump.dumps import classic, day
from tests.include.dump.platform import Platform

KINDS = b"enum('single','double') NOT NULL DEFAULT 'single'"
CREATE = (
    b"CREATE TABLE `beds` (\n  `id` int NOT NULL,\n  `kind` " + KINDS + b",\n  `note` varchar(9) DEFAULT NULL,\n"
    b"  PRIMARY KEY (`id`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;\n"
)
# More than MySQL keeps warnings of one statement.
MANY = 3000


def beds(rows: bytes) -> bytes:
    return classic(day(), extra=CREATE + b"INSERT INTO `beds` VALUES " + rows + b";\n")


def kinds(platform: Platform) -> list[tuple[object, ...]]:
    return platform.query("SELECT kind + 0, COUNT(*) FROM staging.beds GROUP BY 1 ORDER BY 1")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_an_error_value_of_an_enum_is_loaded_as_it_stood_in_the_source(platform: Platform, transport: str) -> None:
    platform.put(beds(b"(1,'single',NULL),(2,'',''),(3,'double','x'),(4,'','')"))
    platform.load(load_transport=transport)
    assert kinds(platform) == [(0, 2), (1, 1), (2, 1)]


@pytest.mark.parametrize("column", [b"'',NULL", b"'','0x41'"], ids=["loadable", "with a literal"])
def test_so_are_more_of_them_than_the_server_keeps_warnings(platform: Platform, column: bytes) -> None:
    platform.put(beds(b",".join(b"(%d,%s)" % (number, column) for number in range(MANY)) + b",(9999,'double','x')"))
    platform.load()
    assert kinds(platform) == [(0, MANY), (2, 1)]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("before", [0, MANY], ids=["alone", "behind many error values"])
def test_a_value_that_an_enum_does_not_have_stops_the_load(platform: Platform, transport: str, before: int) -> None:
    rows = [b"(%d,'',NULL)" % number for number in range(before)]
    platform.put(beds(b",".join([*rows, b"(9998,'triple',NULL)", b"(9999,'',NULL)"])))
    with pytest.raises(StatementRefused, match=r"line \d+: the server did not take a row of beds") as caught:
        platform.load(load_transport=transport)
    assert "triple" not in str(caught.value)


def test_a_key_twice_beside_error_values_costs_one_row(platform: Platform) -> None:
    platform.put(beds(b"(1,'',NULL),(2,'',NULL),(2,'double','second'),(3,'single',NULL)"))
    report = platform.load()
    assert report.rejects == 1
    assert kinds(platform) == [(0, 2), (1, 1)]
    assert platform.query("SELECT row_data FROM ops.rejected_rows") == [(b"(2,'double','second')",)]


def test_one_row_in_each_insert_is_sent_together_and_found_again_by_its_line(platform: Platform) -> None:
    rows = [b"INSERT INTO `beds` VALUES (%d,'single','%d');\r\n" % (number, number) for number in range(500)]
    rows.insert(300, b"INSERT INTO `beds` VALUES (7,'double','second');\r\n")
    body = classic(day(), extra=CREATE + b"".join(rows))
    platform.put(body)
    report = platform.load()
    assert (report.rejects, platform.query("SELECT COUNT(*) FROM staging.beds")) == (1, [(500,)])
    line = body[: body.index(b"'second'")].count(b"\n") + 1
    assert platform.query("SELECT line, row_data FROM ops.rejected_rows") == [(line, b"(7,'double','second')")]


def test_two_columns_of_error_values_are_sent_in_smaller_pieces(platform: Platform) -> None:
    create = CREATE.replace(b"`note` varchar(9) DEFAULT NULL", b"`note` enum('a') DEFAULT NULL")
    rows = b",".join(b"(%d,'','')" % number for number in range(MANY))
    platform.put(classic(day(), extra=create + b"INSERT INTO `beds` VALUES " + rows + b";\n"))
    platform.load()
    assert platform.query("SELECT SUM(kind + 0), SUM(note + 0), COUNT(*) FROM staging.beds") == [(0, 0, MANY)]


def test_rows_that_cannot_be_taken_back_are_sent_in_pieces_from_the_start(platform: Platform) -> None:
    rows = b",".join(b"(%d,'',NULL)" % number for number in range(MANY))
    create = CREATE.replace(b"ENGINE=InnoDB", b"ENGINE=MyISAM")
    platform.put(classic(day(), extra=create + b"INSERT INTO `beds` VALUES " + rows + b";\n"))
    platform.load()
    assert kinds(platform) == [(0, MANY)]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_more_warnings_than_an_answer_can_count_hide_nothing(platform: Platform, transport: str) -> None:
    create = CREATE.replace(b"`note` varchar(9)", b"`note` decimal(3,1)").replace(b"PRIMARY KEY (`id`)", b"KEY (`id`)")
    rows = b",".join([b"(1,'',1)"] * 65_535 + [b"(1,'single','7up')", b"(1,'single',999)"])
    platform.put(classic(day(), extra=create + b"INSERT INTO `beds` VALUES " + rows + b";\n"))
    with pytest.raises(StatementRefused, match=r"line \d+: the server did not take a row of beds"):
        platform.load(load_transport=transport)
