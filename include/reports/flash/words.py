"""What the flash report calls its figures, and why a room may differ from gold, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

INDIVIDUAL, CORPORATE, UNKNOWN, TOTAL = TENANT_TYPES = ("individual", "corporate", "unknown", "total")
TYPES_JA = {INDIVIDUAL: "個人", CORPORATE: "法人", UNKNOWN: "種別不明", TOTAL: "合計"}
OCCUPIED = "occupied_0000"
# The report divides by a number of its own (dbt variable flash_report_rooms), which is not that of the portfolio.
REPORT_ROOMS = 16109


def month_end(day: date) -> date:
    """Return the last day of a date's month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


@dataclass(frozen=True)
class Metric:
    """One figure of the report.

    Attributes:
        name: as in `silver.flash_report_daily`.
        ja: its name in Japanese.
        en: its name in English.
        rule: what the report counts.
        rule_ja: the same in Japanese.
        beside: which figure of the warehouse stands beside it, and by which rule that counts.
    """

    name: str
    ja: str
    en: str
    rule: str
    rule_ja: str
    beside: str

    def window(self, as_of: date) -> tuple[date, date] | None:
        """Return the first and the last date that count, None when no date is left (planned, at month end)."""
        first, last = as_of.replace(day=1), month_end(as_of)
        if self.name == OCCUPIED:
            return first, first
        if self.name.endswith("_completed"):
            return first, as_of
        if self.name.endswith("_planned"):
            return (as_of + timedelta(days=1), last) if as_of < last else None
        return last + timedelta(days=1), month_end(last + timedelta(days=1))


_INS = "new_moveins of gold.occupancy_daily_metrics: by effective move-in, from the snapshot of each date"
_OUTS = "new_moveouts of gold.occupancy_daily_metrics: by effective move-out, from the departures of each date"
_OUTLOOK_INS = "outlook: effective move-ins in the snapshot of the as-of date"
_OUTLOOK_OUTS = "outlook: effective move-outs in the snapshot of the as-of date, of any tenant in the pipeline"
_PLANNED = "no renewal, tenant in the pipeline"
_PLANNED_JA = "更新を除く、入居手続き中または入居中"

METRICS = {
    metric.name: metric
    for metric in (
        Metric(
            OCCUPIED,
            "稼働室数(1日 0:00)",
            "Rooms occupied at 00:00 of the 1st",
            "rooms with a present tenant in the snapshot of the 1st, less status 7 that moves in on or after the 1st",
            "1日のスナップショットで入居中の部屋(1日以降に入居するステータス 7 を除く)",
            "occupancy_room_count_0000 of gold.kpi_month_end_metrics on the 1st",
        ),
        Metric(
            "moveins_completed",
            "入居・当月・完了",
            "Move-ins, this month, completed",
            "original move-in from the 1st to the as-of date, contract begun, no renewal",
            "1日から基準日までの当初入居日(契約開始済み、更新を除く)",
            _INS,
        ),
        Metric(
            "moveins_planned",
            "入居・当月・予定",
            "Move-ins, this month, planned",
            f"original move-in after the as-of date to the end of the month, {_PLANNED}",
            f"基準日の翌日から月末までの当初入居日({_PLANNED_JA})",
            _OUTLOOK_INS,
        ),
        Metric(
            "moveins_planned_next",
            "入居・翌月・予定",
            "Move-ins, next month, planned",
            f"original move-in in the next month, {_PLANNED}",
            f"翌月中の当初入居日({_PLANNED_JA})",
            _OUTLOOK_INS,
        ),
        Metric(
            "moveouts_completed",
            "退去・当月・完了",
            "Move-outs, this month, completed",
            "last date of rent from the 1st to the as-of date, tenant leaving or left",
            "1日から基準日までの賃料発生最終日(退去手続き中または退去済み)",
            _OUTS,
        ),
        Metric(
            "moveouts_planned",
            "退去・当月・予定",
            "Move-outs, this month, planned",
            "last date of rent after the as-of date to the end of the month, tenant leaving or left",
            "基準日の翌日から月末までの賃料発生最終日(退去手続き中または退去済み)",
            _OUTLOOK_OUTS,
        ),
        Metric(
            "moveouts_planned_next",
            "退去・翌月・予定",
            "Move-outs, next month, planned",
            "last date of rent in the next month, tenant leaving or left",
            "翌月中の賃料発生最終日(退去手続き中または退去済み)",
            _OUTLOOK_OUTS,
        ),
    )
}
MOVEMENTS = tuple(name for name in METRICS if name != OCCUPIED)

# Why only one of report and gold counts a room, by `difference_class`, in Japanese and in English; a class that is not
# here explains nothing.
CLASSES = {
    "final_rent_vs_effective_date": (
        "賃料発生最終日と実際の退去日が別の期間にある(レポートは前者、gold は後者で数える)",
        "The last date of rent and the effective move-out lie in different windows; the report goes by the first",
    ),
    "date_changed_later": (
        "gold が数えた後に契約の日付が変わった",
        "The date of the contract changed after gold had counted it",
    ),
    "room_changed_later": (
        "gold が数えた後に契約の部屋が変わった",
        "The room of the contract changed after gold had counted it",
    ),
    "gap_day": ("欠測日のため gold に実績がない", "The date is a gap, of which gold has no facts"),
    "entered_later": (
        "該当日以降に登録された契約のため、その日のデータにない",
        "The contract was entered on or after its date, so that the data of the date lack it",
    ),
    "status_of_that_date": (
        "該当日の入居者ステータスが gold の対象外だった",
        "On the date the tenant had a status that gold does not count",
    ),
    "not_the_current_contract": (
        "入居者の現契約が別の契約(gold は現契約で数える)",
        "The tenant's current contract is another one, which gold goes by",
    ),
    "flagged_as_moved_out": (
        "契約が退去済みとされているため gold の対象外",
        "The contract is flagged as moved out already, so that gold leaves it out",
    ),
    "already_left": (
        "退去予定日の前にステータスが退去済みになった",
        "The tenant has left by status before the planned date",
    ),
    "record_deleted": ("gold が数えた契約がダンプにない", "The contract that gold counted is no longer in the dump"),
    "cancelled_later": ("gold が数えた後に契約が取り消された", "The contract was cancelled after gold had counted it"),
    "tenant_missing": ("契約の入居者がダンプにない", "The tenant of the contract is no longer in the dump"),
    "renewal_flag": ("更新契約(レポートの対象外)", "The contract is a renewal, which the report leaves out"),
    "original_date_missing": (
        "当初入居日がない(gold は契約開始日で数える)",
        "The original move-in date is missing; gold goes by the start of the contract",
    ),
    "start_after_as_of": (
        "契約の開始日が基準日より後、または不明",
        "The contract itself starts after the as-of date, or its start is unknown",
    ),
    "final_rent_date_missing": (
        "賃料発生最終日がない",
        "The contract has no last date of rent, by which the report counts",
    ),
    "status_left_moveout": (
        "退去を取りやめ、ステータスが戻った",
        "The tenant stays after all: the status went back after gold had counted the move-out",
    ),
    "no_notice": (
        "退去通知がない(主に定期契約の満了)",
        "There is no notice, mostly the end of a fixed term; the report waits for the notice",
    ),
    "contract_of_another_tenant": (
        "入居者の契約が別の入居者のもの",
        "The tenant in the data of the date points at the contract of somebody else",
    ),
    "second_room_of_window": (
        "期間中に同じ部屋で2回移動があった(gold は2回、レポートは1室)",
        "Somebody moves on two dates of the window: twice in gold, one room in the report",
    ),
    "second_type_of_room": (
        "期間中に2種別の入居者がいる(各種別で1室、合計で1室)",
        "The room has two types of tenant in the window: one room of each, one of the total",
    ),
    "moved_in_on_the_1st": (
        "1日に入居(gold では 0:00 時点で不在)",
        "Somebody moves in on the 1st, who by gold is not there yet at 00:00",
    ),
    "present_before_movein": (
        "入居日が1日より後だが、すでに入居中のステータス",
        "The tenant is present by status although the move-in lies after the 1st",
    ),
    "left_on_the_1st": (
        "1日に退去(gold では 0:00 時点で在室)",
        "Somebody leaves on the 1st, who by gold is there still at 00:00",
    ),
    "renewal_in_status_7": (
        "1日以降に始まる更新契約でステータス 7(gold では在室)",
        "A renewed contract in status 7 starts on or after the 1st, which by gold is no move-in",
    ),
}
WITHOUT_REASON = ("理由が不明。rooms.csv で確認", "No rule explains the room; look it up in rooms.csv")
