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

# The lists of prefectures and municipalities that a building may have: 7 and 62, those of the portfolio among them.
LISTED = {
    "東京都": (
        "千代田区 中央区 港区 新宿区 文京区 台東区 墨田区 江東区 品川区 目黒区 大田区 世田谷区 渋谷区 中野区 杉並区 "
        "豊島区 北区 荒川区 板橋区 練馬区 足立区 葛飾区 江戸川区 八王子市 立川市 武蔵野市 三鷹市 府中市 調布市 "
        "町田市 西東京市"
    ),
    "神奈川県": (
        "横浜市鶴見区 横浜市神奈川区 横浜市港北区 横浜市南区 横浜市保土ケ谷区 川崎市川崎区 川崎市幸区 川崎市中原区 "
        "川崎市高津区 川崎市多摩区 相模原市中央区"
    ),
    "埼玉県": "川口市 蕨市 戸田市 草加市 朝霞市 和光市 新座市 さいたま市浦和区 さいたま市南区 さいたま市大宮区",
    "千葉県": "市川市 松戸市 船橋市 浦安市 柏市 千葉市中央区 千葉市花見川区",
    "茨城県": "つくば市",
    "栃木県": "宇都宮市",
    "群馬県": "高崎市",
}
_MUNICIPALITIES = [
    (str(number), name) for number, names in enumerate(LISTED.values(), 1) for name in names.split()
]  # with the id of the prefecture


def _texts(names: str) -> list[str]:
    return [quote(name) for name in names.split()]


# Masters whose content is known, as SQL literals.
MASTERS = {
    ("m_moving_reasons", "reason_name"): _texts("転職 帰国 転勤 結婚 家族の都合 経済的理由 その他"),
    ("m_personal_identities", "identity_name"): _texts(
        "運転免許証 健康保険証 パスポート 特別永住者証明書 住民票 マイナンバーカード その他 在留カード"
    ),
    ("apartment_prefectures", "prefecture_name"): _texts(" ".join(LISTED)),
    ("apartment_prefectures", "sort_order"): [str(number) for number in range(1, len(LISTED) + 1)],
    ("apartment_municipalities", "municipality_name"): [quote(name) for _, name in _MUNICIPALITIES],
    ("apartment_municipalities", "apartment_prefecture_id"): [prefecture for prefecture, _ in _MUNICIPALITIES],
    ("apartment_municipalities", "sort_order"): [str(number) for number in range(1, len(_MUNICIPALITIES) + 1)],
    ("currency", "currency_code"): _texts("JPY"),
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
            fill = _label(MASTERS[place])
        elif place in quirks.ABSURD_DATES:
            fill = _absurd(quirks.ABSURD_DATES[place], fill)
        fills.append(fill)
    return fills


def _label(labels: list[str]) -> Recipe:
    return lambda line: labels[(line.id - 1) % len(labels)]


def _absurd(literal: str, otherwise: Recipe) -> Recipe:
    return lambda line: literal if line.id == quirks.ABSURD_ROW else otherwise(line)
