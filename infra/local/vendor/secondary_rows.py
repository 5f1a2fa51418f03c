"""Rows of the tables that no model reads: histories, masters, dead tables.

A row is a function of its number alone, so the beginning of a history is the same text in every dump.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from infra.local.vendor import quirks
from infra.local.vendor.chance import Lot
from infra.local.vendor.clock import OPENED, day_text
from infra.local.vendor.literals import Line, Recipe, clock, quote, recipe
from infra.local.vendor.scale import Scale
from infra.local.vendor.schema import Table
from infra.local.vendor.schema.volumes import (
    DEAD,
    DEAD_END,
    DEAD_START,
    GROWING,
    HISTORY_DAYS,
    HISTORY_START,
    rows_before,
)

NULL_SHARE = 0.12

# Masters whose labels are known.
MASTERS = {
    ("m_moving_reasons", "reason_name"): ["転職", "帰国", "転勤", "結婚", "家族の都合", "経済的理由", "その他"],
    ("m_personal_identities", "identity_name"): (
        [
            "運転免許証",
            "健康保険証",
            "パスポート",
            "特別永住者証明書",
            "住民票",
            "マイナンバーカード",
            "その他",
            "在留カード",
        ]
    ),
    ("apartment_prefectures", "prefecture_name"): [
        "東京都",
        "神奈川県",
        "埼玉県",
        "千葉県",
        "茨城県",
        "栃木県",
        "群馬県",
    ],
    ("currency", "currency_code"): ["JPY"],
}


@dataclass(frozen=True)
class Contracts:
    """The contracts that histories refer to, in order of entry, and how many there were when each day began.

    Attributes:
        rows: moving, tenant, apartment and room id, and the rent.
        before: number of contracts by day since `first_day`.
        first_day: ordinal of the first entry of `before`.
    """

    rows: list[tuple[int, int, int, int, int]]
    before: list[int]
    first_day: int

    def known(self, day: int) -> int:
        """Return how many contracts can be referred to on a day (at least one)."""
        index = min(max(day - self.first_day, 0), len(self.before) - 1)
        return max(1, self.before[index])


def rows(table: Table, scale: Scale, contracts: Contracts, day: int, first: int, stop: int) -> Iterator[str]:
    """Write rows number `first` up to `stop` (not included) of a table as of `day`.

    Each is a parenthesised list of literals; a row may come twice (`quirks.REPEATED`).
    """
    fills = _recipes(table)
    lot = Lot(table.name)
    start, length, total = _timeline(table.name, day, scale)
    current_day = -1
    opening, known = "", 1
    for number in range(first, stop):
        row_day = start + number * length // total
        if row_day != current_day:
            current_day, opening, known = row_day, f"'{day_text(row_day)}", contracts.known(row_day)
        key = lot.number(number)
        moving, tenant, apartment, room, rent = contracts.rows[key % known]
        stamp = opening + clock(key)
        line = Line(number + 1, key, f"{opening}'", stamp, stamp, moving, tenant, apartment, room, rent)
        text = "(" + ",".join([fill(line) for fill in fills]) + ")"
        yield text
        if quirks.is_repeated(table.name, number):
            yield text


def _timeline(table: str, day: int, scale: Scale) -> tuple[int, int, int]:
    """Return the first day of a table's rows, the number of days, and the number of rows over these days."""
    if table in GROWING:
        return HISTORY_START, HISTORY_DAYS, scale.of(GROWING[table])
    if table in DEAD:
        return DEAD_START, DEAD_END - DEAD_START, scale.of(DEAD[table])
    return OPENED, 300, max(1, rows_before(table, day, scale))


def _recipes(table: Table) -> list[Recipe]:
    fills = []
    for column in table.columns:
        place = (table.name, column.name)
        fill = recipe(column, NULL_SHARE)
        if place in MASTERS:
            fill = _label([quote(text) for text in MASTERS[place]])
        elif place in quirks.ABSURD_DATES:
            fill = _absurd(quirks.ABSURD_DATES[place], fill)
        fills.append(fill)
    return fills


def _label(labels: list[str]) -> Recipe:
    return lambda line: labels[(line.id - 1) % len(labels)]


def _absurd(literal: str, otherwise: Recipe) -> Recipe:
    return lambda line: literal if line.id == quirks.ABSURD_ROW else otherwise(line)
