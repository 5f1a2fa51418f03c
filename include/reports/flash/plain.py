"""The flash report as a workbook of our own, for when there is no template."""

from __future__ import annotations

from include.reports.flash.figures import Figures
from include.reports.flash.reconcile import lines
from include.reports.flash.words import METRICS, TENANT_TYPES, TOTAL, TYPES_JA
from include.reports.workbook import DATE, NUMBER, Column, Sheet, both, workbook

MONTH = "yyyy-mm"
CHANGE = "#,##0;[Red]-#,##0;0"
KINDS = {"figure": "数値 figure", "class": "理由 class", "not explained": "不明 not explained"}
NAMES = (Column("項目", 24), Column("Figure", 34))
EARLIER_RULE = (
    "旧ルール: 稼働室数は1日ではなく基準日に入居中の部屋、翌月予定は基準日の翌日から(当月の残りを含む)。比較用です。",
    "Earlier rule: the rooms are those occupied on the as-of date instead of the 1st, and the next month begins on the "
    "day after the as-of date. For comparison only.",
)
BY_IDS = ("部屋別の一覧には社内の番号だけがあり、氏名はありません。", "The rooms are listed by ids, without names.")
COUNTING = (
    "種別不明の部屋は合計に含み、個人・法人には含みません。",
    "Rooms of an unknown tenant type are in the total, and neither in individual nor in corporate.",
    "期間中に2種別の入居者がいる部屋は各種別で1室、合計でも1室のため、種別の和は合計と一致しないことがあります。",
    "A room under two tenant types is one room of each and one of the total, which need not be the sum of the types.",
)


def report(figures: Figures) -> bytes:
    """Return the workbook."""
    sheets = (
        _summary(figures),
        _earlier_rule(figures),
        _reconciliation(figures),
        _benchmarks(figures),
        _rooms(figures),
        _notes(),
    )
    return workbook((sheet for sheet in sheets if sheet.rows), figures.as_of)


def _title(figures: Figures) -> str:
    return both(f"フラッシュレポート {figures.as_of} 時点", f"Flash report as of {figures.as_of}")


def _names(metric: str) -> tuple[str, str]:
    return METRICS[metric].ja, METRICS[metric].en


def _summary(figures: Figures) -> Sheet:
    columns = (
        *NAMES,
        Column("対象月\nMonth", 10, MONTH),
        Column("開始\nFrom", 12, DATE),
        Column("終了\nTo", 12, DATE),
        *(Column(f"{TYPES_JA[kind]}\n{kind.capitalize()}", 11, NUMBER) for kind in TENANT_TYPES),
        Column("合計・旧ルール\nTotal, earlier rule", 18, NUMBER),
        Column("差\nDifference", 12, CHANGE),
    )
    rows = [
        (
            *_names(metric),
            figures.month(metric),
            *figures.window(metric),
            *(figures.rooms_of(metric, kind) for kind in TENANT_TYPES),
            figures.counts[metric, TOTAL].by_earlier_rule,
            figures.counts[metric, TOTAL].difference,
        )
        for metric in METRICS
    ]
    return Sheet("速報 Flash report", columns, rows, (_title(figures), *figures.rate()))


def _earlier_rule(figures: Figures) -> Sheet:
    columns = (
        *NAMES,
        Column("種別\nTenant type", 12),
        Column("室数\nRooms", 11, NUMBER),
        Column("旧ルール\nEarlier rule", 13, NUMBER),
        Column("差\nDifference", 12, CHANGE),
    )
    rows = [
        (*_names(metric), TYPES_JA[kind], count.rooms, count.by_earlier_rule, count.difference)
        for (metric, kind), count in figures.counts.items()
    ]
    return Sheet("旧ルール Earlier rule", columns, rows, (_title(figures), *EARLIER_RULE))


def _reconciliation(figures: Figures) -> Sheet:
    columns = (
        *NAMES,
        Column("区分\nKind", 20),
        Column("分類\nClass", 28),
        Column("レポート\nReport", 11, NUMBER),
        Column("データ基盤\nGold", 11, NUMBER),
        Column("差\nDifference", 12, CHANGE),
        Column("説明\nWhat it means", 72, wrap=True),
    )
    rows = [
        (*_names(line.metric), KINDS[line.kind], line.name, line.report, line.reference, line.difference, line.note)
        for line in lines(figures)
        if line.kind in KINDS
    ]
    notes = (
        _title(figures),
        "各数値とデータ基盤(gold)の差を部屋ごとの理由別に示します。"
        "not explained が 0 でない場合は開発者に連絡してください。",
        "Each figure beside gold's own, and why rooms differ. Where 'not explained' is not 0, tell the developers.",
    )
    return Sheet("突合 Reconciliation", columns, rows, notes)


def _benchmarks(figures: Figures) -> Sheet:
    columns = (
        *NAMES,
        Column("種別\nTenant type", 12),
        Column("レポート\nReport", 11, NUMBER),
        Column("基準値\nBenchmark", 11, NUMBER),
        Column("差\nDifference", 12, CHANGE),
        Column("許容差\nTolerance", 11, NUMBER),
        Column("出所\nTold by", 32, wrap=True),
        Column("判定\nVerdict", 40, wrap=True),
    )
    rows = [
        (
            *_names(line.metric),
            TYPES_JA[line.tenant_type],
            line.report,
            line.reference,
            line.difference,
            line.tolerance,
            line.name,
            line.note,
        )
        for line in lines(figures)
        if line.kind not in KINDS
    ]
    return Sheet("基準値 Benchmarks", columns, rows, (_title(figures),))


def _rooms(figures: Figures) -> Sheet:
    columns = (
        *NAMES,
        Column("種別\nTenant type", 12),
        Column("差の分類\nClass of the difference", 30),
        Column("apartment_id", 14),
        Column("room_id", 12),
        Column("moving_id", 12),
        Column("レポートの日付\nDate, report", 16, DATE),
        Column("goldの日付\nDate, gold", 14, DATE),
        Column("レポート\nIn report", 11),
        Column("gold\nIn gold", 9),
    )
    rows = [
        (
            *_names(room.metric),
            TYPES_JA[room.tenant_type],
            room.difference_class,
            room.apartment_id,
            room.room_id,
            room.moving_id,
            room.report_date,
            room.gold_date,
            room.is_in_report,
            room.is_in_gold,
        )
        for room in figures.rooms
    ]
    return Sheet("部屋別 Rooms", columns, rows, (_title(figures), *BY_IDS))


def _notes() -> Sheet:
    columns = (
        *NAMES,
        Column("数え方\nWhat is counted", 80, wrap=True),
        Column("並べる数値\nGold beside it", 60, wrap=True),
    )
    rows = [(metric.ja, metric.en, both(metric.rule_ja, metric.rule), metric.beside) for metric in METRICS.values()]
    title = both("数値の定義", "What each figure means")
    return Sheet("注記 Notes", columns, rows, (title, *COUNTING, *EARLIER_RULE))
