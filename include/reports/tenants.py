"""The operators' list of tenants as a workbook: the one report that holds personal data.

Who asked for it and why is recorded in `ops.reports` and not in the file.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from include.forms import Refused
from include.reports.forms import FORMS
from include.reports.report import Made, ReportContext, Request
from include.reports.store import XLSX
from include.reports.workbook import DATE, NUMBER, Column, Sheet, workbook
from include.warehouse.readers import gold_table_dates

if TYPE_CHECKING:
    import MySQLdb

SCHEMA, TABLE = "silver", "tokyo_beta_tenant_room_info"
# With a little room between a number and the text after it.
ID = "0_)"
# Columns of the table in the order of the operators' screens, with their names there.
COLUMNS = {
    "management_status": Column("管理ステータス", 16),
    "tenant_id": Column("入居者ID", 11, ID),
    "tenant_name": Column("氏名", 24),
    "tenant_name_kana": Column("フリガナ", 24),
    "property": Column("物件名", 26),
    "room_number": Column("部屋番号", 10),
    "contract_category": Column("契約区分", 16),
    "gender": Column("性別", 7),
    "age_display": Column("年齢", 8),
    "nationality": Column("国籍", 16),
    "phone_1": Column("電話番号1", 17),
    "phone_2": Column("電話番号2", 17),
    "email_1": Column("メールアドレス1", 30),
    "email_2": Column("メールアドレス2", 30),
    "account_number": Column("口座番号", 14),
    "fixed_rent": Column("固定賃料（円）", 13, NUMBER),
    "move_in_date": Column("入居日", 12, DATE),
    "contract_start_date": Column("契約開始日", 12, DATE),
    "moveout_date": Column("退去日", 12, DATE),
    "moveout_plans_date": Column("実際の退去日", 13, DATE),
    "days_stayed": Column("居住日数", 10, NUMBER),
    "moving_id": Column("契約ID", 10),
}
PERSONAL = (
    "個人情報を含みます。依頼した目的にのみ使用し、転送せず、使用後は削除してください。 / "
    "Personal data: use it for what it was asked for, do not pass it on, delete it after use."
)


class TenantList:
    """Write the operators' list of tenants, of the date that silver holds."""

    form = FORMS["tenants"]

    def make(self, context: ReportContext, request: Request) -> Made:
        """Write the workbook; the same date gives the same bytes.

        Raises:
            include.forms.Refused: silver holds no list, or it is being built right now.
        """
        day, rows = _read(context)
        head = (f"入居者一覧 {day} 時点（{len(rows):,} 件） / Tenants as of {day}: {len(rows):,}", PERSONAL)
        body = workbook([Sheet("入居者一覧", [*COLUMNS.values()], rows, head)], day)
        file = context.store.put(f"reports/tenants/{day}/tenants.xlsx", body, XLSX)
        return Made((f"Tenants as of {day}: {len(rows):,}. The file holds personal data",), (file,))


def _read(context: ReportContext) -> tuple[date, list[tuple[Any, ...]]]:
    """Return the date of the table and its rows by building and room."""
    with contextlib.closing(context.dbt.connect()) as connection:
        day = _date(connection)
        if day is None:
            raise Refused(f"{SCHEMA}.{TABLE} is not there yet; the next run of gghouse_daily builds it")
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM {SCHEMA}.{TABLE}")
            rows = sorted(cursor.fetchall(), key=_place)
        if _date(connection) != day:
            raise Refused("the list of tenants is being built for another date right now; ask again in a minute")
    return day, rows


def _date(connection: MySQLdb.Connection) -> date | None:
    return gold_table_dates(connection, SCHEMA).get(TABLE)


def _place(row: Sequence[Any]) -> tuple[Any, ...]:
    """Return what sorts by building and room, 9 before 10; those without one come last."""
    columns = [*COLUMNS]
    building, room, tenant = (row[columns.index(name)] for name in ("property", "room_number", "tenant_id"))
    return building is None, _natural(building), room is None, _natural(room), tenant


def _natural(text: str | None) -> str:
    return re.sub(r"\d+", lambda digits: digits[0].zfill(12), unicodedata.normalize("NFKC", text or ""))
