"""The tenant list: every column of the operators' screens, as it is, and nothing about who asked."""

from __future__ import annotations

import io
import json
import time
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
import yaml

from include.forms import Refused
from include.reports import tenants
from include.reports.report import Made, ReportContext, make
from include.reports.tenants import COLUMNS, TenantList
from infra.local.vendor import quirks
from tests.include.reports.conftest import execute

MODEL = Path(__file__).resolve().parents[3] / "dbt" / "models" / "silver" / "tokyo_beta_tenant_room_info.yml"
MONDAY = date(2026, 3, 2)
KEY = "reports/tenants/2026-03-02/tenants.xlsx"
# The screens show the labels of these.
CODES = {"management_status_code", "contract_type_code"}
HEADER = 2
TYPES = dict.fromkeys(("tenant_id", "moving_id", "days_stayed", "fixed_rent"), "INT") | dict.fromkeys(
    ("move_in_date", "contract_start_date", "moveout_date", "moveout_plans_date"), "DATE"
)
HOSTILE = {quirks.names(SimpleNamespace(id=number), "山田", "太郎")[0] for number in range(3000)}  # type: ignore[arg-type]


@pytest.fixture
def silver(warehouse: Any) -> Any:
    """The warehouse with the table of 2 March, empty."""
    columns = ", ".join(f"{name} {TYPES.get(name, 'VARCHAR(300)')}" for name in COLUMNS)
    execute(
        warehouse,
        f"CREATE TABLE silver.tokyo_beta_tenant_room_info ({columns}) CHARACTER SET utf8mb4 "
        "COMMENT 'Business date 2026-03-02'",
    )
    return warehouse


def put(connection: Any, *rows: dict[str, Any]) -> None:
    places = ", ".join(["%s"] * len(COLUMNS))
    execute(
        connection,
        f"INSERT INTO silver.tokyo_beta_tenant_room_info VALUES ({places})",
        *[tuple(row.get(name) for name in COLUMNS) for row in rows],
    )


def made_for(context: ReportContext) -> Made:
    return make(TenantList(), context, {"reason": "key handover on 3 March"})


def cells(context: ReportContext) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(context.store.get(KEY)))["入居者一覧"].iter_rows())


def values(context: ReportContext, column: str) -> list[Any]:
    place = [*COLUMNS].index(column)
    return [row[place].value for row in cells(context)[HEADER + 1 :]]


def test_every_column_of_the_table_is_there_but_codes_that_have_a_label() -> None:
    (model,) = yaml.safe_load(MODEL.read_text(encoding="utf-8"))["models"]
    assert [*COLUMNS] == [column["name"] for column in model["columns"] if column["name"] not in CODES]


def test_values_are_what_they_are(context: ReportContext, silver: Any) -> None:
    put(silver, {"tenant_id": 7, "phone_1": "0312345678", "phone_2": "+819012345678", "account_number": "0012",
                 "move_in_date": date(2025, 4, 1), "fixed_rent": 56000})  # fmt: skip
    made_for(context)
    head, personal, header, row = cells(context)
    assert head[0].value == "入居者一覧 2026-03-02 時点（1 件） / Tenants as of 2026-03-02: 1"
    assert "個人情報を含みます" in personal[0].value
    assert [cell.value for cell in header] == [column.title for column in COLUMNS.values()]
    by_name = dict(zip(COLUMNS, row, strict=True))
    assert [by_name[name].value for name in ("phone_1", "phone_2", "account_number", "tenant_id", "fixed_rent")] == [
        "0312345678", "+819012345678", "0012", 7, 56000,
    ]  # fmt: skip
    assert all(by_name[name].data_type == "s" for name in ("phone_1", "phone_2", "account_number"))
    assert (by_name["move_in_date"].value.date(), by_name["move_in_date"].number_format) == (
        date(2025, 4, 1),
        "yyyy-mm-dd",
    )


def test_hostile_names_stay_text(context: ReportContext, silver: Any) -> None:
    names = [*sorted(HOSTILE), '=HYPERLINK("http://example.com")', "@SUM(A1)", "-1+1"]
    assert len(HOSTILE) > 7
    put(silver, *[{"tenant_id": number, "tenant_name": name} for number, name in enumerate(names)])
    made_for(context)
    assert values(context, "tenant_name") == [name or None for name in names]
    place = [*COLUMNS].index("tenant_name")
    assert {row[place].data_type for row in cells(context)[HEADER + 1 :] if row[place].value} == {"s"}


def test_buildings_and_rooms_are_sorted_as_people_count(context: ReportContext, silver: Any) -> None:
    places = [
        ("Beta 10", "101"),
        ("Beta 9", "1001"),
        ("Beta 9", "201"),
        ("Beta 9", "A-2"),
        ("Beta 9", None),
        (None, "1"),
    ]
    put(silver, *[{"tenant_id": number, "property": building, "room_number": room}
                  for number, (building, room) in enumerate(places)])  # fmt: skip
    made_for(context)
    assert values(context, "tenant_id") == [2, 1, 3, 4, 0, 5]


def test_who_asked_and_why_is_recorded_and_not_in_the_file(context: ReportContext, silver: Any) -> None:
    put(silver, {"tenant_id": 7, "tenant_name": "山田 太郎"})
    made = made_for(replace(context, requested_by="keeper@example.com"))
    with silver.cursor() as cursor:
        cursor.execute("SELECT requested, requested_by, outcome FROM ops.reports")
        ((requested, by, outcome),) = cursor.fetchall()
    assert (json.loads(requested), by) == ({"reason": "key handover on 3 March"}, "keeper@example.com")
    assert outcome == str(made)
    assert "山田" not in outcome
    with zipfile.ZipFile(io.BytesIO(context.store.get(KEY))) as parts:
        text = b"".join(map(parts.read, parts.namelist())).decode()
    assert "keeper" not in text
    assert "handover" not in text


def test_the_same_date_gives_the_same_bytes(context: ReportContext, silver: Any) -> None:
    put(silver, {"tenant_id": 7}, {"tenant_id": 3})
    made_for(context)
    first = context.store.get(KEY)
    time.sleep(2.1)  # times in a zip file have steps of two seconds
    execute(silver, "ALTER TABLE silver.tokyo_beta_tenant_room_info ORDER BY tenant_id")
    made_for(context)
    assert context.store.get(KEY) == first


def test_before_the_first_day_there_is_none(context: ReportContext, warehouse: Any) -> None:
    with pytest.raises(Refused, match="tokyo_beta_tenant_room_info is not there yet"):
        made_for(context)


def test_a_list_that_changes_meanwhile_is_refused(
    context: ReportContext, silver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dates = iter((date(2026, 3, 1), MONDAY))
    monkeypatch.setattr(tenants, "_date", lambda connection: next(dates))
    with pytest.raises(Refused, match="being built for another date"):
        made_for(context)
    assert context.store.keys("reports/") == []
