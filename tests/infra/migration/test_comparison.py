"""Gold beside the earlier system's: nothing that differs is missed, and nothing that is the same is reported."""

from __future__ import annotations

import contextlib
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.settings import PROJECT_DIR
from infra.local.database import Database
from infra.migration import table_comparison
from infra.migration.__main__ import main
from infra.migration.explained import EXPLAINED

PASSWORD = "it's #1; a \\ test"
COUNTS = "(day DATE PRIMARY KEY, rooms INT, rate DECIMAL(5,4))"
ROWS = ["('2026-03-01', 225, 0.0140)", "('2026-03-02', 224, 0.0139)", "('2026-03-03', NULL, NULL)"]


class Sides:
    """The two sides as two schemas of one server, and the command on them."""

    def __init__(self, database: Database, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.admin = database.admin
        self.made: list[str] = []
        self.capsys = capsys
        self.option_file = directory / "login.cnf"
        self.option_file.write_text(
            f"[client]\nhost=127.0.0.1\nport={database.port}\nuser=compare\npassword='{PASSWORD}'\n"
        )

    def make(self, side: str, table: str, columns: str, rows: list[str]) -> None:
        self.made.append(f"{side}.{table}")
        values = f"INSERT INTO {side}.{table} VALUES {', '.join(rows)}" if rows else "DO 0"
        self.run(f"CREATE TABLE {side}.{table} {columns} COLLATE utf8mb4_unicode_ci", values)

    def run(self, *statements: str) -> None:
        with contextlib.closing(self.admin.connect()) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def compare(self, *options: str) -> tuple[int, str]:
        """Return exit code and what was printed."""
        file = str(self.option_file)
        schemas = ("--earlier-schema", "earlier", "--new-schema", "fresh")
        code = main(["--earlier", file, "--new", file, *schemas, *options])
        printed = self.capsys.readouterr()
        return code, printed.out + printed.err


@pytest.fixture(scope="module")
def server(database: Database) -> Iterator[Database]:
    """Two empty schemas and a login that may read them and nothing else."""
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE USER compare@localhost IDENTIFIED BY %s", [PASSWORD])
        for schema in ("earlier", "fresh"):
            cursor.execute(f"CREATE DATABASE {schema} CHARACTER SET utf8mb4")
            cursor.execute(f"GRANT SELECT ON {schema}.* TO compare@localhost")
        yield database
        cursor.execute("DROP USER compare@localhost")
        cursor.execute("DROP DATABASE earlier")
        cursor.execute("DROP DATABASE fresh")


@pytest.fixture
def sides(server: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Sides]:
    sides = Sides(server, tmp_path, capsys)
    yield sides
    sides.run(*(f"DROP TABLE {table}" for table in sides.made))


def test_equal_tables_are_equal(sides: Sides) -> None:
    for side in ("earlier", "fresh"):
        sides.make(side, "stock", COUNTS, ROWS)
        sides.make(side, "nothing", COUNTS, [])
    code, text = sides.compare()
    assert code == 0
    assert [line.split() for line in text.splitlines() if line.startswith("equal")] == [
        ["equal", "nothing", "0", "0"],
        ["equal", "stock", "3", "3"],
    ]
    assert text.endswith("2 tables: 2 equal\n")


def test_a_value_that_differs_is_shown_with_its_key_date_and_sums(sides: Sides) -> None:
    sides.make("earlier", "stock", COUNTS, ROWS)
    sides.make("fresh", "stock", COUNTS, [ROWS[0], "('2026-03-02', 220, 0.0139)", "('2026-03-03', 7, NULL)"])
    code, text = sides.compare()
    assert code == 1
    assert text.splitlines()[-8:] == [
        "",
        "stock",
        "  rooms: 2, sum 449 earlier, 452 new",
        "    by day: 2026-03-03 1, 2026-03-02 1",
        "    day 2026-03-02: 224 earlier, 220 new",
        "    day 2026-03-03: NULL earlier, 7 new",
        "",
        "1 table: 1 different",
    ]


def test_rows_of_one_side_are_counted_wherever_they_stand(sides: Sides) -> None:
    sides.make("earlier", "stock", COUNTS, ROWS[:1] + ROWS[2:])
    sides.make("fresh", "stock", COUNTS, [*ROWS[1:], "('2026-03-04', 1, 1)", "('2026-03-05', 1, 1)"])
    code, text = sides.compare()
    assert code == 1
    assert f"{table_comparison.ONLY_EARLIER}: 1\n    by day: 2026-03-01 1\n    day 2026-03-01\n" in text
    assert f"{table_comparison.ONLY_NEW}: 3\n" in text
    assert "rooms:" not in text


def test_an_empty_side_lacks_every_row(sides: Sides) -> None:
    sides.make("earlier", "stock", COUNTS, ROWS)
    sides.make("fresh", "stock", COUNTS, [])
    assert sides.compare()[0] == 1


def test_keys_of_text_find_each_other_whatever_the_collations(sides: Sides) -> None:
    """Each server would sort them in another way, and a merge would then report every row twice."""
    names = ["ä", "Z", "a", "B", "渋谷区", "b ", "_", "é", "Ａ"]
    columns = "(name VARCHAR(20) CHARACTER SET utf8mb4 COLLATE {}, number INT, PRIMARY KEY (name, number))"
    for side, collation in (("earlier", "utf8mb4_bin"), ("fresh", "utf8mb4_swedish_ci")):
        rows = [f"('{name}', {number})" for number, name in enumerate(names)]
        sides.make(side, "places", columns.format(collation), rows)
    assert sides.compare()[0] == 0


def test_a_null_in_a_key_of_the_earlier_system_is_a_row_of_its_own(sides: Sides) -> None:
    sides.make("earlier", "places", "(name VARCHAR(20), rooms INT)", ["(NULL, 1)", "('a', 2)"])
    sides.make("fresh", "places", "(name VARCHAR(20) PRIMARY KEY, rooms INT)", ["('a', 2)"])
    code, text = sides.compare()
    assert code == 1
    assert f"{table_comparison.ONLY_EARLIER}: 1\n    name None" in text


def test_a_key_with_several_rows_is_named_and_not_guessed_at(sides: Sides) -> None:
    sides.make("earlier", "stock", "(day DATE, rooms INT)", ["('2026-03-01', 1)", "('2026-03-01', 2)"])
    sides.make("fresh", "stock", "(day DATE PRIMARY KEY, rooms INT)", ["('2026-03-01', 1)"])
    code, text = sides.compare()
    assert code == 1
    assert f"{table_comparison.REPEATED}: 1" in text
    assert "day 2026-03-01: 2 rows earlier, 1 rows new" in text


FIGURES = [
    (("DECIMAL(9,4)", "0.0140"), ("DOUBLE", "0.014"), True),
    (("DECIMAL(9,4)", "0.0140"), ("DECIMAL(9,4)", "0.0141"), False),
    (("DECIMAL(9,4)", "65432.4999"), ("INT", "65432"), True),
    (("DECIMAL(9,4)", "65432.5"), ("INT", "65433"), True),
    (("DECIMAL(9,4)", "65432.7"), ("INT", "65432"), False),
    (("INT", "5"), ("BIGINT", "5"), True),
    (("INT", "5"), ("INT", "6"), False),
    (("DOUBLE", "0.1 + 0.2"), ("DOUBLE", "0.3"), True),
    (("DOUBLE", "139.7000001"), ("DOUBLE", "139.7"), False),
    (("FLOAT", "139.7671"), ("DECIMAL(9,6)", "139.767123"), True),
    (("DECIMAL(9,4)", "0"), ("DECIMAL(9,4)", "NULL"), False),
    (("DATETIME", "'2026-03-01 00:00:00'"), ("DATE", "'2026-03-01'"), True),
    (("DATETIME(6)", "'2026-03-01 09:00:00'"), ("DATETIME", "'2026-03-01 09:00:00'"), True),
    (("DATETIME", "'2026-03-01 09:00:00'"), ("DATE", "'2026-03-01'"), False),
    (("VARCHAR(9)", "'5.0'"), ("VARCHAR(9)", "'5'"), False),
    (("VARCHAR(9)", "'Tokyo'"), ("TEXT", "'tokyo'"), False),
    (("VARCHAR(9)", "''"), ("VARCHAR(9)", "NULL"), False),
]
"""Type and value in the earlier system and in the new one, and whether they are the same figure."""


def test_two_figures_are_equal_when_both_can_be_the_rounding_of_one(sides: Sides) -> None:
    for side, index in (("earlier", 0), ("fresh", 1)):
        declared = ", ".join(f"figure_{number} {pair[index][0]}" for number, pair in enumerate(FIGURES))
        values = ", ".join(pair[index][1] for pair in FIGURES)
        sides.make(side, "one", f"(id INT PRIMARY KEY, {declared})", [f"(1, {values})"])
    text = sides.compare()[1]
    for number, (earlier, new, same) in enumerate(FIGURES):
        assert (f"figure_{number}:" not in text) == same, (earlier, new)


def test_another_type_of_a_column_is_a_difference(sides: Sides) -> None:
    sides.make("earlier", "one", "(id INT PRIMARY KEY, flag VARCHAR(3))", ["(1, '1')"])
    sides.make("fresh", "one", "(id INT PRIMARY KEY, flag DECIMAL(3,0))", ["(1, 1)"])
    code, text = sides.compare()
    assert code == 1
    assert "flag: varchar(3) in the earlier system, decimal(3,0) here" in text


def test_columns_and_tables_of_one_side_are_named(sides: Sides) -> None:
    """What readers would lose is a difference; what they get in addition is none."""
    sides.make("earlier", "stock", "(day DATE PRIMARY KEY, gone INT, old INT)", ["('2026-03-01', 1, 2)"])
    sides.make("fresh", "stock", "(day DATE PRIMARY KEY, added INT)", ["('2026-03-01', 1)"])
    sides.make("earlier", "lost", COUNTS, ROWS)
    sides.make("fresh", "gained", COUNTS, ROWS)
    code, text = sides.compare()
    assert code == 1
    for line in ("gone: only the earlier system has this column", "only the new system has the column added"):
        assert line in text
    assert [line.split()[:2] for line in text.splitlines() if "only in the" in line] == [
        ["DIFFERENT", "lost"],
        ["new", "gained"],
    ]
    assert sides.compare("--table", "gained")[0] == 0
    assert sides.compare("--table", "lost")[0] == 1
    sides.make("earlier", "lost_backup_20260301", COUNTS, ROWS)
    code, text = sides.compare("--table", "lost_backup_20260301")
    assert code == 0
    assert "explained (I-33)" in text


@pytest.mark.parametrize(
    ("earlier", "new", "why"),
    [
        ("(day INT PRIMARY KEY)", "(night INT PRIMARY KEY)", "night of its key is missing in the earlier system"),
        ("(day INT PRIMARY KEY)", "(day DATE PRIMARY KEY)", "day of its key is missing in the earlier system or of an"),
        ("(day INT PRIMARY KEY)", "(day INT)", "it has no primary key in the new system"),
    ],
)
def test_a_table_whose_rows_cannot_find_each_other_is_not_compared(
    sides: Sides, earlier: str, new: str, why: str
) -> None:
    sides.make("earlier", "stock", earlier, [])
    sides.make("fresh", "stock", new, [])
    code, text = sides.compare()
    assert code == 2
    assert why in text
    assert text.endswith("1 table: 1 not compared\n")


def test_an_explained_difference_is_shown_with_its_reason_and_passes(sides: Sides) -> None:
    columns = "(snapshot_date DATE PRIMARY KEY, new_moveins INT, is_projection INT)"
    sides.make("earlier", "occupancy_daily_metrics", columns, ["('2026-03-01', 363, 0)"])
    sides.make("fresh", "occupancy_daily_metrics", columns, ["('2026-03-01', 304, 0)"])
    code, text = sides.compare()
    assert code == 0
    assert "new_moveins: 1, sum 363 earlier, 304 new" in text
    assert "explained (I-05): One definition" in text
    sides.run("UPDATE fresh.occupancy_daily_metrics SET is_projection = 1")
    code, text = sides.compare()
    assert code == 1
    assert "1 not explained, 1 explained" in text


def test_a_renamed_column_is_compared_under_its_new_name_even_as_a_key(sides: Sides) -> None:
    rows = ["('2026-02-27', 10, 0.5)", "('2026-02-28', 11, 0.5)"]
    sides.make("earlier", "kpi_month_end_metrics", "(as_of_date DATE PRIMARY KEY, rooms INT, rate DOUBLE)", rows)
    new_columns = "(snapshot_date DATE PRIMARY KEY, rooms INT, rate DOUBLE, as_of_date DATE)"
    new = ["('2026-02-27', 10, 0.5, '2026-02-28')", "('2026-02-28', 12, 0.5, '2026-02-28')"]
    sides.make("fresh", "kpi_month_end_metrics", new_columns, new)
    code, text = sides.compare()
    assert code == 1
    assert text.splitlines()[-7:-2] == [
        "  renamed: snapshot_date (earlier as_of_date)",
        "  rooms: 1, sum 21 earlier, 22 new",
        "    by snapshot_date: 2026-02-28 1",
        "    snapshot_date 2026-02-28: 11 earlier, 12 new",
        "  only the new system has the column as_of_date",
    ]


def test_a_renamed_figure_that_differs_is_a_difference(sides: Sides) -> None:
    key = "activity_date DATE PRIMARY KEY"
    sides.make("earlier", "funnel_application_to_movein_daily", f"({key}, movein_count INT)", ["('2026-03-01', 3)"])
    sides.make("fresh", "funnel_application_to_movein_daily", f"({key}, inquiry_to_movein_count INT)", [])
    sides.run("INSERT INTO fresh.funnel_application_to_movein_daily VALUES ('2026-03-01', 2)")
    code, text = sides.compare()
    assert code == 0
    assert "  inquiry_to_movein_count: 1, sum 3 earlier, 2 new\n" in text
    assert "explained (funnel_application_to_movein_daily):" in text


def test_a_funnel_that_parts_guesses_is_compared_with_one_that_does_not(sides: Sides) -> None:
    table, new = (
        "funnel_application_to_movein_daily",
        "nationality VARCHAR(9), nationality_is_predicted INT, inquiries INT",
    )
    sides.make("earlier", table, "(nationality VARCHAR(9) PRIMARY KEY, inquiries INT)", ["('a', 3)", "('b', 1)"])
    columns = f"({new}, PRIMARY KEY (nationality, nationality_is_predicted))"
    sides.make("fresh", table, columns, ["('a', 0, 2)", "('a', 1, 1)", "('b', 1, 1)"])
    code, text = sides.compare()
    assert code == 0
    assert "keys with several rows: 1" in text
    assert "A guessed nationality has a row of its own" in text


def test_a_system_that_has_the_new_name_already_is_compared_by_it(sides: Sides) -> None:
    columns = "(snapshot_date DATE PRIMARY KEY, as_of_date DATE)"
    for side in ("earlier", "fresh"):
        sides.make(side, "kpi_month_end_metrics", columns, ["('2026-03-01', '2026-03-02')"])
    code, text = sides.compare()
    assert code == 0
    assert "1 table: 1 equal" in text


FLAGS = [("'Yes'", 1, True), ("'No'", 0, True), ("'Yes'", 0, False), ("'No'", 1, False), ("NULL", 0, False)]


def test_yes_and_no_are_the_flags_one_and_zero(sides: Sides) -> None:
    old = [f"({number}, {earlier})" for number, (earlier, _, _) in enumerate(FLAGS)]
    now = [f"({number}, {new})" for number, (_, new, _) in enumerate(FLAGS)]
    sides.make("earlier", "new_contracts", "(contract_id INT PRIMARY KEY, renewal_flag VARCHAR(3))", old)
    sides.make("fresh", "new_contracts", "(contract_id INT PRIMARY KEY, is_renewal INT)", now)
    text = sides.compare()[1]
    assert "  is_renewal: 3\n" in text
    assert [f"contract_id {number}:" in text for number in range(len(FLAGS))] == [not same for _, _, same in FLAGS]
    assert "contract_id 2: Yes earlier, 0 new" in text


def test_a_text_that_says_neither_yes_nor_no_is_no_flag(sides: Sides) -> None:
    sides.make("earlier", "new_contracts", "(contract_id INT PRIMARY KEY, renewal_flag VARCHAR(9))", ["(1, 'perhaps')"])
    sides.make("fresh", "new_contracts", "(contract_id INT PRIMARY KEY, is_renewal INT)", ["(1, 0)"])
    assert "contract_id 1: perhaps earlier, 0 new" in sides.compare()[1]


def test_a_month_as_text_is_the_date_of_its_first_day(sides: Sides) -> None:
    old = ["('2026-03-01', '2026-03')", "('2026-04-02', '2026-03')"]
    now = ["('2026-03-01', '2026-03-01')", "('2026-04-02', '2026-04-01')"]
    columns = "(moveout_date DATE PRIMARY KEY, moveout_year_month VARCHAR(7))"
    sides.make("earlier", "moveout_summary", columns, old)
    sides.make("fresh", "moveout_summary", "(event_date DATE PRIMARY KEY, month_start DATE)", now)
    text = sides.compare()[1]
    assert "  month_start: 1\n" in text
    assert "event_date 2026-04-02: 2026-03 earlier, 2026-04-01 new" in text


def test_a_column_that_was_dropped_on_purpose_is_explained_by_the_list(sides: Sides) -> None:
    sides.make("earlier", "move_events", "(event_id INT PRIMARY KEY, event_count INT)", ["(1, 1)"])
    sides.make("fresh", "move_events", "(event_id INT PRIMARY KEY)", ["(1)"])
    code, text = sides.compare()
    assert code == 0
    assert "event_count: only the earlier system has this column" in text
    assert "explained (dbt/renamed_columns.csv): It was always 1" in text


def test_sides_of_two_business_dates_are_not_compared(sides: Sides) -> None:
    columns = "(calendar_today DATE PRIMARY KEY, as_of_snapshot_date DATE)"
    sides.make("earlier", "occupancy_kpi_meta", columns, ["('2026-03-02', '2026-03-01')"])
    columns = "(business_date DATE PRIMARY KEY, as_of_date DATE)"
    sides.make("fresh", "occupancy_kpi_meta", columns, ["('2026-03-02', '2026-03-02')"])
    code, text = sides.compare()
    assert code == 2
    assert "the earlier system is of 2026-03-01 and the new one of 2026-03-02" in text
    sides.run("UPDATE earlier.occupancy_kpi_meta SET as_of_snapshot_date = '2026-03-02'")
    code, text = sides.compare()
    assert code == 0
    assert text.startswith("Figures as of 2026-03-02\n")


def test_what_cannot_be_reached_is_one_sentence(sides: Sides, tmp_path: Path) -> None:
    code, text = sides.compare()
    assert code == 2
    assert "no table in common" in text
    sides.make("earlier", "stock", COUNTS, ROWS)
    sides.make("fresh", "stock", COUNTS, ROWS)
    assert "neither side has a table stocks" in sides.compare("--table", "stocks")[1]
    sides.option_file.write_text(sides.option_file.read_text().replace("it's", "its"))
    code, text = sides.compare()
    assert code == 2
    assert text.count("\n") == 1
    assert "Access denied" in text
    assert PASSWORD not in text
    sides.option_file = tmp_path / "none.cnf"
    code, text = sides.compare()
    assert code == 2
    assert "none.cnf is missing; write host, user, password and ssl-ca under [client] into it" in text


def test_memory_does_not_grow_with_the_table(sides: Sides) -> None:
    peaks = []
    for count in (10, 2000):
        rows = [f"('2020-01-01' + INTERVAL {day} DAY, {day}, 0)" for day in range(count)]
        for side in ("earlier", "fresh"):
            sides.make(side, f"stock_{count}", COUNTS, rows)
        sides.compare("--table", f"stock_{count}")
        tracemalloc.start()
        assert sides.compare("--table", f"stock_{count}")[0] == 0
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


def test_every_explanation_is_about_gold_and_has_a_reference() -> None:
    """A table that is no model any more, or an incident that is none, would explain nothing."""
    models = {file.stem for file in (PROJECT_DIR / "dbt" / "models").rglob("*.yml")}
    gold = {file.stem for file in (PROJECT_DIR / "dbt" / "models" / "gold").rglob("*.yml")}
    incidents = (PROJECT_DIR / "tests" / "incidents.md").read_text()
    for entry in EXPLAINED:
        assert {table for table in entry.tables if "*" not in table} <= gold, entry
        assert entry.reference in models or f"| [{entry.reference}](" in incidents, entry
        assert entry.reason.endswith("."), entry


def test_every_explained_column_is_one_of_gold_or_one_that_was_left_out_on_purpose() -> None:
    """A misspelt column would explain nothing."""
    nodes = json.loads((PROJECT_DIR / "dbt" / "target" / "manifest.json").read_text())["nodes"].values()
    columns = {node["name"]: set(node["columns"]) for node in nodes if node["resource_type"] == "model"}
    left_out = {
        "created_at",
        "updated_at",
        "generated_at",
        "dbt_updated_at",
        "full_name",
        "gold_occupancy_max_updated_at",
        "kpi_model_generated_at",
        "manifest_key",
        "silver_snapshot_max_updated_at",
        "source_database",
        "source_host",
        "trace_generated_at",
    }
    special = {table_comparison.ONLY_EARLIER, table_comparison.ONLY_NEW, table_comparison.REPEATED, "table"}
    for entry in EXPLAINED:
        known = {column for table in entry.tables for column in columns.get(table, ())}
        assert set(entry.aspects) <= known | left_out | special, entry
