"""The mail of the flash report: its figures, and what is not explained, Japanese first and English below."""

from __future__ import annotations

from collections.abc import Sequence

from include.alerts.messages import Message
from include.reports.flash.figures import Figures
from include.reports.flash.reconcile import Check, Comparison, check, compare
from include.reports.flash.words import CORPORATE, INDIVIDUAL, METRICS, MOVEMENTS, OCCUPIED, TOTAL, UNKNOWN

CONSOLE = "https://s3.console.aws.amazon.com/s3/object/"


def message(environment: str, figures: Figures, file: str) -> Message:
    """Return the mail.

    Args:
        environment: for example `prod`.
        figures: what the report says.
        file: address of the workbook.
    """
    differing = [each for each in compare(figures) if each.open_rooms]
    out = [each for each in check(figures) if each.agrees is False]
    body = [
        f"■ {figures.as_of} 時点のフラッシュレポートを作成しました。",
        "",
        *_figures_ja(figures),
        *_open_ja(differing, out),
        f"ファイル: {file}",
        *_console("AWS コンソールで開く", file),
        "",
        f"■ The flash report as of {figures.as_of} is ready.",
        "",
        *_figures_en(figures),
        *_open_en(differing, out),
        f"File: {file}",
        *_console("Open in the AWS console", file),
    ]
    return Message(f"[{environment}] {figures.as_of} flash report: {_short(figures)}", "\n".join(body))


def _short(figures: Figures) -> str:
    """Return the totals that everybody looks at first."""
    rooms, ins, outs = (figures.rooms_of(name, TOTAL) for name in (OCCUPIED, "moveins_completed", "moveouts_completed"))
    return f"{'unknown' if rooms is None else f'{rooms:,}'} occupied, {ins:,} in, {outs:,} out"


def _figures_ja(figures: Figures) -> list[str]:
    rooms = figures.rooms_of(OCCUPIED, TOTAL)
    return [
        *([] if rooms is None else [f"{figures.as_of.replace(day=1)} 0:00 の稼働室数: {rooms:,} 室"]),
        figures.rate()[0],
        *(
            f"{METRICS[name].ja}: 個人 {figures.rooms_of(name, INDIVIDUAL):,}、"
            f"法人 {figures.rooms_of(name, CORPORATE):,}"
            for name in MOVEMENTS
        ),
        "種別不明(個人・法人に含まれません): "
        + ("、".join(f"{METRICS[name].ja} {rooms:,} 室" for name, rooms in _unknown(figures)) or "なし"),
    ]


def _figures_en(figures: Figures) -> list[str]:
    rooms = figures.rooms_of(OCCUPIED, TOTAL)
    return [
        *([] if rooms is None else [f"Rooms occupied at 00:00 of {figures.as_of.replace(day=1)}: {rooms:,}"]),
        figures.rate()[1],
        *(
            f"{METRICS[name].en}: individual {figures.rooms_of(name, INDIVIDUAL):,}, "
            f"corporate {figures.rooms_of(name, CORPORATE):,}"
            for name in MOVEMENTS
        ),
        "Unknown tenant type (neither individual nor corporate): "
        + ("; ".join(f"{METRICS[name].en} {rooms:,}" for name, rooms in _unknown(figures)) or "none"),
    ]


def _unknown(figures: Figures) -> list[tuple[str, int]]:
    return [(name, rooms) for name in METRICS if (rooms := figures.rooms_of(name, UNKNOWN))]


def _open_ja(differing: Sequence[Comparison], out: Sequence[Check]) -> list[str]:
    lines = [
        f"・{METRICS[each.metric].ja}: レポート {each.report:,}、gold {each.beside:,}、"
        f"説明できない部屋 {each.open_rooms:,} 室"
        for each in differing
    ] + [
        f"・{METRICS[each.benchmark.metric].ja}: レポート {each.rooms:,}、基準値 {each.benchmark.value:,}"
        f"(許容差 {each.benchmark.tolerance:,}、{each.benchmark.told_by})"
        for each in out
    ]
    return (
        ["説明できない差:", *lines]
        if lines
        else ["説明できない差: なし(gold との差は reconciliation.csv に理由別に記載)"]
    )


def _open_en(differing: Sequence[Comparison], out: Sequence[Check]) -> list[str]:
    lines = [
        f"- {METRICS[each.metric].en}: report {each.report:,}, gold {each.beside:,}, "
        f"rooms without a reason {each.open_rooms:,}"
        for each in differing
    ] + [
        f"- {METRICS[each.benchmark.metric].en}: report {each.rooms:,}, benchmark {each.benchmark.value:,} "
        f"(tolerance {each.benchmark.tolerance:,}, {each.benchmark.told_by})"
        for each in out
    ]
    none = "Differences that nothing explains: none (reconciliation.csv has the reasons of each difference from gold)"
    return ["Differences that nothing explains:", *lines] if lines else [none]


def _console(words: str, file: str) -> list[str]:
    bucket, _, key = file.removeprefix("s3://").partition("/")
    return [f"{words}: {CONSOLE}{bucket}?prefix={key}"] if file.startswith("s3://") else []
