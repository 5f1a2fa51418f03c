"""Rent rolls in a store, rooms in a warehouse: what is compared, recorded, written and told."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from include.forms import Refused, read
from include.reports.rent_roll.compare import RoomClass
from include.reports.rent_roll.report import RentRoll
from include.reports.report import Made, ReportContext
from include.reports.store import FolderStore
from include.settings import Settings
from include.warehouse.endpoint import Endpoint
from infra.local.database import Database
from infra.local.vendor import quirks
from infra.local.vendor.core_rows import display_name
from infra.local.vendor.quirks import expiration
from infra.local.vendor.rent_roll import Planted, moveout, write
from tests.include.reports.rent_roll.conftest import AS_OF
from tests.include.reports.rent_roll.lists import PERIOD, as_csv, line

NOW = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
XLSX, CSV = f"rent-roll/{PERIOD}/rent_roll_20260228.xlsx", f"rent-roll/{PERIOD}/rent_roll_20260228.csv"
REPORT = f"reports/rent-roll/{PERIOD}/{AS_OF}/"
TABLES = (
    "silver.business_calendar (business_date date, is_gap int)",
    "silver.stg_apartments (apartment_id int, asset_id_hj varchar(32), apartment_name varchar(191))",
    "silver.stg_rooms (room_id int, apartment_id int, room_number varchar(191), room_status int)",
    "silver.stg_tenants (tenant_id int)",
    "silver.stg_movings (moving_id int, contract_expiration_date date)",
    "silver.room_departures_daily (snapshot_date date, apartment_id int, room_id int)",
    "silver.tenant_room_snapshot_daily (snapshot_date date, tenant_id int, apartment_id int, room_id int, "
    "moving_id int, tenant_status_code int, contract_type_code int, movein_date date, effective_movein_date date, "
    "effective_moveout_date date, monthly_rent decimal(10, 2), is_room_primary int)",
    "seeds.code_contract_type (code int, tenant_type varchar(32))",
)


@dataclass(frozen=True)
class Context(ReportContext):
    """A context whose dbt only notes what it was asked for."""

    built: list[tuple[str, date]] = field(default_factory=list)

    def build(self, folder: str, target: date) -> None:
        self.built.append((folder, target))


@dataclass
class Warehouse:
    """The rooms of the planted company as silver holds them, and a store."""

    context: Context
    folder: Path
    execute: Callable[..., list[tuple[Any, ...]]]

    def make(self, **given: Any) -> Made:
        return RentRoll().make(self.context, read(RentRoll.form, given, self.context.today))

    def put(self, key: str, body: bytes) -> None:
        file = self.folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)

    def got(self, name: str) -> bytes:
        return (self.folder / REPORT / name).read_bytes()


def rows_of(planted: Planted) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Return table and values of each row of silver."""

    def day(ordinal: int | None) -> date | None:
        return None if ordinal is None else date.fromordinal(ordinal)

    places = [*planted.places, *planted.strays]
    apartments = {place.room.apartment.id for place in places}
    yield from (("silver.stg_apartments", (number, f"J{number:06}", f"東京β {number}")) for number in apartments)
    for place in places:
        building = place.room.apartment.id
        yield "silver.stg_rooms", (place.room.id, building, place.room.number, place.room.status)
        yield from (
            ("silver.room_departures_daily", (day(left), building, place.room.id)) for left in sorted(set(place.left))
        )
        for tenant in [*([place.holder] if place.holder else []), *place.reserved]:
            moving = tenant.moving
            assert moving
            yield "silver.stg_tenants", (tenant.id,)
            yield "silver.stg_movings", (moving.id, day(expiration(moving)))
            yield (
                "silver.tenant_room_snapshot_daily",
                (
                    *(AS_OF, tenant.id, building, place.room.id, moving.id, tenant.status, tenant.agreement_type),
                    *(day(moving.movein), day(moving.original_movein), day(moveout(moving)), quirks.rent(moving)),
                    int(tenant is place.holder),
                ),
            )
    yield from (("seeds.code_contract_type", (code, "corporate")) for code in (2, 3))
    yield from (("seeds.code_contract_type", (code, "individual")) for code in (1, 6, 7, 9))
    for gap, numbers in ((0, (26, 28)), (1, (27,))):
        yield from (("silver.business_calendar", (date(2026, 2, number), gap)) for number in numbers)


@pytest.fixture
def warehouse(
    database: Database, loader: Endpoint, settings: Settings, planted: Planted, tmp_path: Path
) -> Iterator[Warehouse]:
    connection = database.admin.connect()

    def execute(sql: str, *arguments: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, arguments or None)
            return list(cursor.fetchall())

    for schema in ("silver", "seeds"):
        execute(f"DROP DATABASE IF EXISTS {schema}")
        execute(f"CREATE DATABASE {schema} CHARACTER SET utf8mb4")
    for table in TABLES:
        execute(f"CREATE TABLE {table}")
    for table, values in rows_of(planted):
        execute(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(values))})", *values)
    context = Context(
        settings, loader, database.admin, lambda service: None, FolderStore(tmp_path), "operator", NOW, date(2026, 3, 2)
    )
    yield Warehouse(context, tmp_path, execute)
    for schema in ("silver", "seeds"):
        execute(f"DROP DATABASE {schema}")
    connection.close()


def test_every_file_that_was_not_compared_yet_is_compared(warehouse: Warehouse, planted: Planted) -> None:
    write(planted, warehouse.folder, AS_OF)
    made = warehouse.make()
    assert [text.partition(" ")[0] for text in made.lines] == [CSV, XLSX]
    assert len(made.files) == 6
    assert warehouse.make() == Made(("No file below rent-roll/<YYYYMM>/ waits to be compared",))
    assert warehouse.context.built == [("rent_roll", date(2026, 3, 2))] * 2
    warehouse.put(CSV, (warehouse.folder / CSV).read_bytes() + b"\r\n")
    assert [text.partition(" ")[0] for text in warehouse.make().lines] == [CSV]
    assert warehouse.execute("SELECT COUNT(*) FROM ops.rent_roll_runs") == [(3,)]


def test_what_was_planted_is_recorded_and_nothing_else(warehouse: Warehouse, planted: Planted) -> None:
    write(planted, warehouse.folder, AS_OF)
    warehouse.make()
    found = warehouse.execute(
        "SELECT file_key, class, rooms FROM ops.rent_roll_classes JOIN ops.rent_roll_runs USING (run_id) "
        "WHERE asset_id = ''"
    )
    notes = {f"matched:{name}": rooms for name, rooms in planted.differences.items()}
    for key in (CSV, XLSX):
        assert {name: rooms for file, name, rooms in found if file == key} == {**planted.classes, **notes}
    sums = warehouse.execute(
        "SELECT class, explained, SUM(IF(asset_id = '', rooms, 0)), SUM(IF(asset_id = '', 0, rooms)) "
        "FROM ops.rent_roll_classes GROUP BY class, explained"
    )
    assert all(portfolio == buildings for _, _, portfolio, buildings in sums)
    assert {name for name, explained, _, _ in sums if not explained} == {
        *("ambiguous_unit", "unknown_asset", "unknown_unit", "duplicate", "deleted", "only_rent_roll", "only_pms")
    }


def test_a_comparison_that_is_repeated_replaces_its_run_and_gives_the_same_bytes(
    warehouse: Warehouse, planted: Planted
) -> None:
    write(planted, warehouse.folder, AS_OF)
    names = ("report.xlsx", "differences.csv", "summary.csv")
    warehouse.make(key=XLSX)
    before = [hashlib.sha256(warehouse.got(name)).hexdigest() for name in names]
    classes = warehouse.execute("SELECT * FROM ops.rent_roll_classes")
    again = replace(warehouse.context, now=NOW.replace(hour=5), requested_by="somebody else")
    Warehouse(again, warehouse.folder, warehouse.execute).make(key=XLSX)
    assert [hashlib.sha256(warehouse.got(name)).hexdigest() for name in names] == before
    assert warehouse.execute("SELECT * FROM ops.rent_roll_classes") == classes
    ((period, as_of, sha256, by, made_at),) = warehouse.execute(
        "SELECT period, as_of, sha256, requested_by, made_at FROM ops.rent_roll_runs"
    )
    body = (warehouse.folder / XLSX).read_bytes()
    assert (period, as_of, sha256) == (str(PERIOD), AS_OF, hashlib.sha256(body).hexdigest())
    assert (by, made_at) == ("somebody else", datetime(2026, 3, 2, 5, 30))  # noqa: DTZ001 - as MySQL has it


def test_the_files_hold_the_same_rooms_and_figures(warehouse: Warehouse, planted: Planted) -> None:
    write(planted, warehouse.folder, AS_OF)
    warehouse.make(key=XLSX)
    book = openpyxl.load_workbook(io.BytesIO(warehouse.got("report.xlsx")))
    assert book.sheetnames == ["概要 Summary", "物件 Assets", "相違 Differences", "修正 Corrections", "読取 File"]
    details = list(csv.DictReader(io.StringIO(warehouse.got("differences.csv").decode("utf-8-sig"))))
    shown = [row for row in book["相違 Differences"].iter_rows(values_only=True) if str(row[0]).startswith("J")]
    assert [(row[0], row[1], row[2]) for row in shown] == [
        (row["asset_id"], row["unit"], row["class"]) for row in details
    ]
    differing = sum(rooms for name, rooms in planted.classes.items() if name not in ("matched", "vacant_both"))
    assert len([row for row in details if row["class"] not in ("matched", "vacant_both")]) == differing
    assert all(row["differs"] for row in details if row["class"] == "matched")
    summary = list(csv.DictReader(io.StringIO(warehouse.got("summary.csv").decode("utf-8-sig"))))
    assert {name: int(summary[0][name]) for name in RoomClass} == {name: planted.classes[name] for name in RoomClass}
    assert sum(int(row["unexplained_rooms"]) for row in summary[1:]) == int(summary[0]["unexplained_rooms"])
    corrections = [row for row in book["修正 Corrections"].iter_rows(values_only=True) if str(row[0]).startswith("J")]
    for name in ("past_moveout", "moveout_passed", "rent_missing"):
        planned = planted.classes[name] + planted.differences[name]
        assert sum(row[2] == name for row in corrections) == planned


def test_the_mail_says_the_verdict_and_names_nobody(warehouse: Warehouse, planted: Planted) -> None:
    write(planted, warehouse.folder, AS_OF)
    made = warehouse.make(key=XLSX)
    assert made.mail
    assert made.mail.subject == "[dev] rent roll 202602: investigate"
    japanese, _, english = made.mail.body.partition("■ Rent roll 202602 compared with the system as of 2026-02-28.")
    assert "照合結果: 要調査" in japanese
    assert "Verdict: investigate" in english
    assert len(re.findall(r"^- J\d{7}: \d+ / \d+", english, re.MULTILINE)) == 5
    assert made.mail.body.endswith("\n".join(made.files))
    (finding,) = made.findings
    assert finding.subject == str(PERIOD)
    names = {display_name(place.holder) for place in planted.places if place.holder} - {"NULL", "--", "*", ""}
    sheets = openpyxl.load_workbook(io.BytesIO(warehouse.got("report.xlsx")))
    cells = [str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row]
    texts = [*cells, warehouse.got("differences.csv").decode(), warehouse.got("summary.csv").decode()]
    told = "\n".join(
        [*texts, str(made), made.mail.body, *map(str, warehouse.execute("SELECT * FROM ops.rent_roll_runs"))]
    )
    assert not [name for name in names if name in told]


def test_without_a_file_the_table_for_readers_is_made_once(warehouse: Warehouse) -> None:
    assert warehouse.make().files == ()
    assert [folder for folder, _ in warehouse.context.built] == ["rent_roll"]
    warehouse.execute("CREATE DATABASE IF NOT EXISTS reports")
    warehouse.execute("CREATE TABLE reports.rent_roll_verdicts (id INT PRIMARY KEY)")
    warehouse.make()
    assert len(warehouse.context.built) == 1
    warehouse.execute("DROP TABLE reports.rent_roll_verdicts")


def test_one_refused_file_does_not_keep_the_others_from_being_compared(warehouse: Warehouse, planted: Planted) -> None:
    write(planted, warehouse.folder, AS_OF)
    warehouse.put(f"rent-roll/{PERIOD}/a_empty.csv", b"")
    warehouse.put("rent-roll/202512/early.csv", as_csv([line(period_year_month=202512)]))
    with pytest.raises(Refused) as refused:
        warehouse.make()
    assert str(refused.value).split("; ")[0] == ("rent-roll/202512/early.csv: no date of 202512 has facts")
    assert f"rent-roll/{PERIOD}/a_empty.csv: the file is empty" in str(refused.value)
    assert str(refused.value).count("compared all the same: ") == 2
    assert warehouse.execute("SELECT COUNT(*) FROM ops.rent_roll_runs") == [(2,)]
    assert warehouse.context.built


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"key": "rent-roll/202602/none.xlsx"}, r"none\.xlsx is not there; upload it"),
        (
            {"key": CSV, "as_of": "2026-02-27"},
            "2026-02-27 has no facts; the nearest with facts: 2026-02-26 and 2026-02-28;",
        ),
        ({"key": CSV, "as_of": "2026-03-01"}, "2026-03-01 has no facts; the nearest with facts: 2026-02-28;"),
        ({"key": CSV, "period": "202613"}, "period 202613 is no month"),
        ({"key": CSV, "period": "202601"}, "no row of 202601; found are 202602"),
        ({"key": "rent-roll/loose.csv"}, "the key names no month"),
        ({"key": "reports/tenants/2026-02-28/tenants.xlsx"}, "is not below rent-roll/; upload"),
    ],
)
def test_refused_requests(warehouse: Warehouse, given: dict[str, str], sentence: str) -> None:
    for key in (CSV, "rent-roll/loose.csv"):
        warehouse.put(key, as_csv([line()]))
    with pytest.raises(Refused, match=sentence):
        warehouse.make(**given)


def test_another_date_of_the_month_can_be_asked_for_and_headers_be_set(warehouse: Warehouse) -> None:
    warehouse.put("rent-roll/columns.json", b'{"x": "unit"}')
    warehouse.put(CSV, as_csv([line()]))
    with pytest.raises(Refused, match=r"\.csv: rent-roll/columns\.json must name a header for each"):
        warehouse.make()
    (warehouse.folder / "rent-roll" / "columns.json").unlink()
    made = warehouse.make(key=CSV, as_of="2026-02-26")
    assert made.files[0].endswith("reports/rent-roll/202602/2026-02-26/report.xlsx")
    with contextlib.closing(warehouse.context.loader.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT as_of, pms_rooms, verdict FROM ops.rent_roll_runs")
        assert cursor.fetchall() == ((date(2026, 2, 26), 0, "critical"),)
