"""The files of a comparison: a workbook for people, and its tables as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import starmap
from typing import Any

from include.reports.rent_roll.compare import AGREED, UNEXPLAINED, Difference, Result, RoomClass, Rules
from include.reports.rent_roll.reader import RentRoll
from include.reports.rent_roll.stock import Stock
from include.reports.rent_roll.verdict import Figures, by_asset, figures
from include.reports.rent_roll.words import CLASSES, DIFFERENCES, VERDICTS
from include.reports.workbook import DATE, NUMBER, PERCENT, Column, Sheet, both, csv_file, workbook

WORST = 50
# Corrections that belong into the system.
TO_CORRECT = {
    Difference.MOVEOUT_PASSED: "入居中なら退去日を修正、退去済みなら退去処理 / Correct the date, or close it",
    Difference.RENT_MISSING: "賃料を登録 / Enter the rent",
    RoomClass.PAST_MOVEOUT: "退去処理を完了 / Close the departure",
    RoomClass.AMBIGUOUS_UNIT: "部屋番号を区別できるよう修正 / Number the rooms so that they can be told apart",
}


@dataclass(frozen=True)
class Comparison:
    """A comparison that was made.

    Attributes:
        key: of the rent roll.
        roll: what it says.
        stock: the rooms that it was compared with.
        rules: how much the two may differ.
        results: room by room.
    """

    key: str
    roll: RentRoll
    stock: Stock
    rules: Rules
    results: Sequence[Result]

    @cached_property
    def portfolio(self) -> Figures:
        """Figures of all buildings."""
        return figures(self.results)

    @cached_property
    def assets(self) -> dict[str, Figures]:
        """Figures of each building, the one with most unexplained rooms first."""
        return by_asset(self.results)


def files(comparison: Comparison) -> dict[str, bytes]:
    """Return the files by name; the same comparison gives the same bytes."""
    as_of = comparison.stock.as_of
    return {
        "report.xlsx": workbook(_sheets(comparison), as_of),
        "differences.csv": csv_file(list(DETAILS), _details(comparison)),
        "summary.csv": csv_file(
            ["period", "as_of", "asset_id", *FIGURES, *RoomClass, *(f"note_{difference}" for difference in Difference)],
            (
                [comparison.roll.period, as_of, asset, *_figures(found), *_counts(found)]
                for asset, found in [("", comparison.portfolio), *sorted(comparison.assets.items())]
            ),
        ),
    }


FIGURES = (
    "active_rooms",
    "pms_rooms",
    "matched_rooms",
    "unexplained_rooms",
    "unexplained_share",
    "raw_variance",
    "verdict",
)


def _figures(found: Figures) -> list[Any]:
    rates = [decimal(found.share), decimal(found.raw_variance)]
    return [found.active, found.pms, found.matched, found.unexplained, *rates, str(found.verdict)]


def _counts(found: Figures) -> list[int]:
    return [*(found.classes[name] for name in RoomClass), *(found.differences[name] for name in Difference)]


def decimal(share: Fraction | None) -> float | None:
    """Return a share with four decimals."""
    return None if share is None else round(float(share), 4)


def percent(share: Fraction | None) -> str:
    """Return a share for people; a dash when there is none."""
    return "–" if share is None else f"{float(share):.1%}"


# Columns of the differences: title in the workbook, width and format; the names are those of the CSV.
DETAILS = {
    "asset_id": Column("物件 Asset", 12),
    "unit": Column("部屋 Unit", 8),
    "class": Column("区分 Class", 16),
    "is_explained": Column("説明可 Explained", 10),
    "differs": Column("相違 What differs", 24),
    "meaning": Column("内容 Meaning", 72),
    "rent_roll_tenant": Column("RR 区分 RR tenant", 11),
    "pms_tenant_type": Column("PMS 区分 PMS tenant type", 11),
    "rent_roll_line": Column("RR 行 RR line", 9, NUMBER),
    "rent_roll_tenant_number": Column("RR 番号 RR number", 10),
    "tenant_id": Column("入居者ID Tenant", 10),
    "moving_id": Column("契約ID Contract", 10),
    "rent_roll_rent": Column("RR 賃料 RR rent", 10, NUMBER),
    "pms_rent": Column("PMS 賃料 PMS rent", 10, NUMBER),
    "rent_roll_start": Column("RR 開始 RR start", 12, DATE),
    "pms_start": Column("PMS 開始 PMS start", 12, DATE),
    "pms_first_movein": Column("PMS 初回入居 First move-in", 12, DATE),
    "rent_roll_end": Column("RR 終了 RR end", 12, DATE),
    "pms_expiration": Column("PMS 満了 PMS expiry", 12, DATE),
    "pms_moveout": Column("PMS 退去 PMS move-out", 12, DATE),
    "room_id": Column("部屋ID Room", 9),
}


def _details(comparison: Comparison) -> Iterator[list[Any]]:
    """Return what differs, unexplained rooms first."""
    shown = [result for result in comparison.results if result.room_class not in AGREED or result.differences]
    return map(_detail, sorted(shown, key=_weight))


def _weight(result: Result) -> tuple[int, int]:
    order = 0 if result.room_class in UNEXPLAINED else 1 if result.room_class not in AGREED else 2
    return order, list(RoomClass).index(result.room_class)


def _detail(result: Result) -> list[Any]:
    row, room, holder = result.row, result.room, result.room.holder if result.room else None
    matched = result.room_class in AGREED
    meaning = [DIFFERENCES[name] for name in result.differences] if matched else [CLASSES[result.room_class]]
    return [
        result.asset,
        result.unit,
        str(result.room_class),
        None if matched else "no" if result.room_class in UNEXPLAINED else "yes",
        ", ".join(result.differences) or None,
        "; ".join(starmap(both, meaning)),
        str(row.tenant.kind) if row else None,
        holder and holder.tenant_type,
        row and row.line,
        row and row.tenant.number,
        holder and holder.tenant_id,
        holder and holder.moving_id,
        row and row.rent,
        holder and holder.rent,
        row and row.start,
        holder and holder.movein,
        holder and holder.first_movein,
        row and row.end,
        holder and holder.expiration,
        holder and holder.moveout,
        room and room.room_id,
    ]


def _sheets(comparison: Comparison) -> list[Sheet]:
    found, as_of = comparison.portfolio, comparison.stock.as_of
    about = f"レントロール {comparison.roll.period} と {as_of} の PMS / Rent roll and system"
    verdict = both(*VERDICTS[found.verdict])
    return [
        Sheet(
            "概要 Summary",
            (
                Column("区分 Class", 18),
                Column("内容", 42),
                Column("Meaning", 52),
                Column("説明可 Explained", 17),
                Column("室数 Rooms", 12, NUMBER),
            ),
            list(_summary(found)),
            (
                f"判定 Verdict: {verdict}",
                about,
                f"説明できない室 Unexplained: {found.unexplained:,} / RR 入居 active in the rent roll {found.active:,} "
                f"= {percent(found.share)} (5% 未満は問題なし、15% 超は重大 / below 5 % fine, above 15 % critical)",
                f"PMS 入居 occupied in the system: {found.pms:,}  一致 matched: {found.matched:,}  "
                f"単純差 raw variance: {percent(found.raw_variance)}",
                f"ファイル File: {comparison.key}  行 rows: {comparison.roll.lines:,}  対象月 of the month: "
                f"{len(comparison.roll.rows):,}",
                f"賃料の許容差 rent tolerance: {comparison.rules.rent_tolerance:,} 円 yen  "
                f"入退去の許容日数 days around a move: {comparison.rules.days}",
                "",
            ),
        ),
        Sheet(
            "物件 Assets",
            (
                Column("物件 Asset", 12),
                Column("名称 Name", 30),
                Column("RR 入居 Active in rent roll", 13, NUMBER),
                Column("PMS 入居 Occupied in system", 14, NUMBER),
                Column("一致 Matched", 11, NUMBER),
                Column("説明できない Unexplained", 13, NUMBER),
                Column("割合 Share", 10, PERCENT),
                Column("判定 Verdict", 22),
            ),
            list(_worst(comparison)),
            (about, f"説明できない室が多い順、最大 {WORST} 件 / Most unexplained rooms first, at most {WORST}", ""),
        ),
        Sheet(
            "相違 Differences",
            tuple(DETAILS.values()),
            list(_details(comparison)),
            (about, "説明できない室が先 / Unexplained rooms first. RR = レントロール rent roll", ""),
        ),
        Sheet(
            "修正 Corrections",
            (
                Column("物件 Asset", 12),
                Column("部屋 Unit", 8),
                Column("区分 Kind", 16),
                Column("入居者ID Tenant", 11),
                Column("契約ID Contract", 11),
                Column("退去日 Move-out", 12, DATE),
                Column("賃料 Rent", 10, NUMBER),
                Column("修正内容 What to change in the system", 80),
            ),
            list(_corrections(comparison.results)),
            (about, "PMS で修正する記録 / Records to correct in the system", ""),
        ),
        Sheet(
            "読取 File",
            (Column("列 Column", 24), Column("読めないセル Unreadable cells", 20, NUMBER)),
            sorted(comparison.roll.unreadable.items()),
            (about, "読めないセルは空として扱う / Unreadable cells count as empty", ""),
        ),
    ]


def _summary(found: Figures) -> Iterator[list[Any]]:
    for room_class in RoomClass:
        explained = None if room_class in AGREED else "no" if room_class in UNEXPLAINED else "yes"
        yield [str(room_class), *CLASSES[room_class], explained, found.classes[room_class]]
    for difference, (ja, en) in DIFFERENCES.items():
        yield [str(difference), f"一致した室: {ja}", f"matched room: {en}", None, found.differences[difference]]


def _worst(comparison: Comparison) -> Iterator[list[Any]]:
    for asset, found in list(comparison.assets.items())[:WORST]:
        if found.unexplained:
            yield [
                asset,
                comparison.stock.buildings.get(asset),
                found.active,
                found.pms,
                found.matched,
                found.unexplained,
                decimal(found.share),
                both(*VERDICTS[found.verdict]),
            ]


def _corrections(results: Iterable[Result]) -> Iterator[list[Any]]:
    for result in results:
        holder = result.room.holder if result.room else None
        for reason in (result.room_class, *result.differences):
            if holder and reason in TO_CORRECT and (reason != Difference.RENT_MISSING or not (holder.rent or 0) > 0):
                yield [
                    result.asset,
                    result.unit,
                    str(reason),
                    holder.tenant_id,
                    holder.moving_id,
                    holder.moveout,
                    holder.rent,
                    TO_CORRECT[reason],
                ]
