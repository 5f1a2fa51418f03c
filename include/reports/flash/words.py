"""What the flash report calls its figures, and why a room may differ from gold, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

INDIVIDUAL, CORPORATE, UNKNOWN, TOTAL = TENANT_TYPES = ("individual", "corporate", "unknown", "total")
TYPES_JA = {INDIVIDUAL: "個人", CORPORATE: "法人", UNKNOWN: "種別不明", TOTAL: "合計"}
OCCUPIED = "occupied_0000"
# The report divides by a number of its own (dbt variable flash_report_rooms); it is not the portfolio's 16108.
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

UNEXPLAINED = "unexplained"
# Why only one of report and gold counts a room, by `difference_class`; a class that is not here explains nothing.
CLASSES = {
    "final_rent_vs_effective_date": "The last date of rent and the effective move-out lie in different windows; the report "
    "counts by the first, gold by the second.",
    "date_changed_later": "The contract had another date when gold counted it, or has one now.",
    "room_changed_later": "The contract was moved to another room after gold had counted it.",
    "gap_day": "The date is a gap: gold has no facts of it, while the contract names it.",
    "entered_later": "The contract was entered on or after its date, so that no snapshot of that date holds it.",
    "status_of_that_date": "On the date the tenant had a status that gold does not count.",
    "not_the_current_contract": "The tenant record points at another contract, and gold follows the record.",
    "flagged_as_moved_out": "The contract is already flagged as moved out, so that the snapshot leaves it out.",
    "already_left": "The tenant of a planned move-out has already left by status, so that the snapshot leaves the room out.",
    "record_deleted": "The contract that gold counted is no longer in the dump.",
    "cancelled_later": "The contract was cancelled after gold had counted it.",
    "tenant_missing": "The contract's tenant is no longer in the dump.",
    "renewal_flag": "The contract is a renewal, which the report leaves out.",
    "original_date_missing": "The contract has no original move-in date; gold takes its start instead.",
    "start_after_as_of": "The contract itself starts after the as-of date, or its start is unknown.",
    "final_rent_date_missing": "The contract has no last date of rent, by which the report counts.",
    "status_left_moveout": "The tenant is not leaving any more: the status went back after gold had counted the move-out.",
    "no_notice": "A date of departure without notice, mostly the end of a fixed term; the report waits for the notice.",
    "contract_of_another_tenant": "The tenant in the snapshot points at somebody else's contract.",
    "second_room_of_window": "Somebody moves on two dates of the window; gold counts the room twice, the report once.",
    "second_type_of_room": "The room has two types of tenant in the window: it counts under both, and once in the total.",
    "moved_in_on_the_1st": "Somebody moves in on the 1st: present in its snapshot, not yet there at 00:00 by gold.",
    "present_before_movein": "The tenant is present in the snapshot of the 1st although the move-in lies after it.",
    "left_on_the_1st": "Somebody leaves on the 1st: there at 00:00 by gold, no longer present in the report.",
    "renewal_in_status_7": "A renewed contract in status 7 that starts on or after the 1st: no move-in by gold.",
}
WITHOUT_REASON = "No rule explains the room; look it up in rooms.csv."
