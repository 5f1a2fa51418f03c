"""No report but the tenant list lets out who somebody is: not in a file, a mail, a log, nor in the record of requests.

Every report that there is runs on the simulated vendor's data, in which everything personal is a marker. A new report
fails here until `REQUESTS` says what is asked of it.
"""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from include.alerts.messages import Message
from include.dbt.personal_data import is_personal
from include.forms import read
from include.reports.registry import REPORTS
from include.reports.report import Finding, Made, ReportContext, make
from include.reports.store import CSV, FolderStore
from include.reports.workbook import DATE, Column, Sheet, csv_file, workbook
from include.schedule import JST
from include.warehouse.gold import publish_gold
from include.warehouse.schema import GOLD, table_names
from infra.local.database import Database
from tests.dbt.project import DbtProject
from tests.dbt.test_synthetic_source import load_days
from tests.include.conftest import SETTINGS

# A month end, on which a flash report is due and a rent roll can be compared.
DAY = date(2026, 2, 28)
HOLDS_PERSONAL_DATA = {"tenants"}
REQUESTS: dict[str, dict[str, str]] = {
    "corrections": {},
    "flash": {},
    "rent_roll": {},
    "tenants": {"reason": "a test"},
}
# Begins every personal text.
MARKER = "漏洩"
# Birth dates of everybody, and of one in fifty, whose age nobody believes.
BIRTH, IMPOSSIBLE = date(1931, 5, 17), date(1902, 5, 17)
WRITTEN = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
MARKERS = (MARKER, *(day.strftime(form) for day in (BIRTH, IMPOSSIBLE) for form in WRITTEN))
# Tables with people; elsewhere a `name` is that of a country or a bank.
WITH_PEOPLE = (("staging", "tenants"), ("staging", "movings"), ("staging", "inquiries"), ("history", "%"))
RENT_ROLL = (
    *("tenant", "unit", "asset_id", "ocp", "delete_flg", "period_year_month", "contract_start_date"),
    *("contract_end_date", "base_rent_amt"),
)


@dataclass(frozen=True)
class Output:
    """Everything that a report wrote, as text by the place where it wrote it."""

    texts: dict[str, str]

    def leaks(self) -> list[str]:
        """Return the places that hold a marker."""
        return [place for place, text in self.texts.items() if any(marker in text for marker in MARKERS)]


def output(made: Made, folder: Path, recorded: str, log: str) -> Output:
    """Gather what a report let out; `folder` has its files."""
    mail = f"{made.mail.subject}\n{made.mail.body}" if made.mail else ""
    findings = "\n".join(f"{finding.subject}: {finding.sentence}" for finding in made.findings)
    files = {str(file.relative_to(folder)): text_of(file) for file in sorted(folder.rglob("*")) if file.is_file()}
    return Output({"lines": str(made), "mail": mail, "findings": findings, "record": recorded, "log": log, **files})


def text_of(file: Path) -> str:
    """Return a file as text: of a workbook, all its parts, and its cells with dates as dates."""
    if file.suffix != ".xlsx":
        return file.read_text(encoding="utf-8-sig")
    with zipfile.ZipFile(file) as parts:
        raw = [parts.read(name).decode() for name in parts.namelist()]
    sheets = openpyxl.load_workbook(file).worksheets
    return "\n".join([*raw, *(str(value) for sheet in sheets for row in sheet.values for value in row)])


def book(*row: Any) -> bytes:
    columns = [Column("x", format=DATE if isinstance(value, date) else "General") for value in row]
    return workbook([Sheet("s", columns, [row])], DAY)


@pytest.mark.parametrize(
    ("place", "made", "file", "recorded", "log"),
    [
        ("a.xlsx", Made(()), ("a.xlsx", book(1, f"{MARKER}full_name")), "", ""),
        ("a.xlsx", Made(()), ("a.xlsx", book(1, BIRTH)), "", ""),
        ("b.csv", Made(()), ("b.csv", csv_file(["x"], [(f"{MARKER}phone_1",)])), "", ""),
        ("b.csv", Made(()), ("b.csv", csv_file(["x"], [(BIRTH,)])), "", ""),
        ("lines", Made((f"made for {MARKER}",)), None, "", ""),
        ("mail", Made((), mail=Message(f"for {MARKER}", "")), None, "", ""),
        ("mail", Made((), mail=Message("", f"born {BIRTH}")), None, "", ""),
        ("findings", Made((), findings=(Finding("x", f"ask {MARKER}"),)), None, "", ""),
        ("record", Made(()), None, f"failed: {MARKER}", ""),
        ("log", Made(()), None, "", f"WARNING {MARKER}"),
    ],
)
def test_a_leak_is_found_wherever_it_is(
    tmp_path: Path, place: str, made: Made, file: tuple[str, bytes] | None, recorded: str, log: str
) -> None:
    FolderStore(tmp_path).put("c.xlsx", book(1, DAY), CSV)
    if file:
        FolderStore(tmp_path).put(*file, CSV)
    assert output(made, tmp_path, recorded, log).leaks() == [place]


@pytest.fixture(scope="module")
def project(
    make_database: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[DbtProject, Database]]:
    """A day of the simulated vendor, everything personal marked, with silver and gold of it."""
    server = make_database()
    dbt = DbtProject(server, tmp_path_factory.mktemp("dbt"), sources=False)
    for day in load_days(server, [DAY], tmp_path_factory.mktemp("source")):
        mark(dbt)
        dbt.dbt("seed")
        dbt.dbt("run", str(day), "--exclude", "path:models/reports")
        publish_gold(dbt.connection, table_names(dbt.connection, GOLD.next), day)
    yield dbt, server
    dbt.close()


def mark(dbt: DbtProject) -> None:
    """Replace everything personal."""
    for schema, table in WITH_PEOPLE:
        columns = dbt.execute(
            "select table_name, column_name, data_type, character_maximum_length from information_schema.columns "
            "where table_schema = %s and table_name like %s",
            (schema, table),
        )
        for name, column, data_type, length in columns:
            if is_personal(column) and length and length > len(MARKER):
                dbt.execute(f"update {schema}.{name} set {column} = %s", (f"{MARKER}{column}"[:length],))
            elif is_personal(column) and data_type == "date":
                births = (IMPOSSIBLE, BIRTH)
                dbt.execute(f"update {schema}.{name} set {column} = if(id %% 50 = 0, %s, %s)", births)


def rent_roll(dbt: DbtProject) -> bytes:
    """Return a rent roll of the month in which each tenant has a name, and every tenth room differs."""
    rooms = dbt.execute(
        "select asset_id_hj, room_number, min(movings.id), min(movings.rent) from staging.movings as movings "
        "inner join silver.stg_rooms as rooms on movings.room_id = rooms.room_id "
        "inner join silver.stg_apartments as buildings on rooms.apartment_id = buildings.apartment_id "
        "where movings.is_moveout = 0 group by asset_id_hj, room_number"
    )
    rows = [
        (f"{MARKER} {moving}", room, asset, int(moving % 10 > 0), None, f"{DAY:%Y%m}", None, None, rent)
        for asset, room, moving, rent in rooms
    ]
    return csv_file(RENT_ROLL, rows)


@pytest.mark.full
@pytest.mark.parametrize("name", REPORTS)
def test_who_somebody_is_stays_inside(
    project: tuple[DbtProject, Database],
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    dbt, server = project
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(ReportContext, "build", lambda self, folder, target: build(dbt, folder, target))
    context = ReportContext(
        settings=SETTINGS,
        loader=server.admin,
        dbt=server.admin,
        aws=partial(pytest.fail, "no service is needed"),
        store=FolderStore(tmp_path),
        requested_by="somebody",
        now=datetime(2026, 2, 28, 8, 5, tzinfo=JST),
        target=DAY,
    )
    given = f"rent-roll/{DAY:%Y%m}/rent_roll.csv"
    context.store.put(given, rent_roll(dbt), CSV)
    report = REPORTS[name]
    made = make(report, context, read(report.form, REQUESTS[name], context.today))
    (tmp_path / given).unlink()
    ((*recorded,),) = dbt.execute("select * from ops.reports order by report_id desc limit 1")
    found = output(made, tmp_path, str(recorded), caplog.text)
    assert any(place.endswith(".xlsx") for place in found.texts), "nothing was made that could leak"
    if name in HOLDS_PERSONAL_DATA:
        (file,) = found.leaks()
        assert file.endswith(".xlsx")
        assert all(f"{MARKER}{column}" in found.texts[file] for column in ("full_name", "tel_1", "email_1"))
    else:
        assert found.leaks() == []


def build(dbt: DbtProject, folder: str, target: date) -> None:
    dbt.dbt("run", str(target), "--select", f"path:models/reports/{folder}")
