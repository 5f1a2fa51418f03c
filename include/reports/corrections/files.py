"""The correction list as a workbook, a sheet for each kind, and as CSV.

Both hold ids and no names. Headers are Japanese and English, for the property manager and the international team.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from include.reports.corrections.listed import CorrectionsOfDate, Counts, Entry, Kind
from include.reports.workbook import DATE, LONGEST_TITLE, NUMBER, Column, Sheet, csv_file, workbook

SUMMARY = "概要 Summary"
CHANGES = (
    Column("該当\nOpen", 9, NUMBER),
    Column("前回比\nChange", 9, "+#,##0;-#,##0;0"),
    Column("新規\nNew", 9, NUMBER),
    Column("再発\nReturned", 10, NUMBER),
    Column("修正済\nCorrected", 10, NUMBER),
)
ENTRY = (
    Column("状態\nStatus", 15),
    Column("内容\nWhat the record says", 60, wrap=True),
    Column("物件ID\nBuilding ID", 12),
    Column("部屋ID\nRoom ID", 12),
    Column("入居者ID\nTenant ID", 12),
    Column("契約ID\nContract ID", 12),
    Column("記録上の発生日\nSince, by the record", 21, DATE),
    Column("掲載開始日\nOn the list since", 18, DATE),
    Column("初回掲載日\nFirst listed", 14, DATE),
)
CSV = (
    *("snapshot_date", "kind", "label_ja", "label_en", "status", "found", "apartment_id", "room_id", "tenant_id"),
    *("moving_id", "entry_key", "since_date", "listed_since", "first_listed_date", "what_to_change"),
)
NEW, RETURNED, OPEN = "new", "returned", "open"
STATUS = {NEW: "新規 New", RETURNED: "再発 Returned", OPEN: "継続 Open"}


def to_workbook(listed: CorrectionsOfDate) -> bytes:
    """Return the list as xlsx: the summary, then the kinds."""
    return workbook((_summary(listed), *(_of_kind(listed, kind) for kind in listed.kinds)), listed.day)


def to_csv(listed: CorrectionsOfDate) -> bytes:
    """Return all entries as one CSV file, in the order of the workbook."""
    return csv_file(CSV, (row for kind in listed.kinds for row in _csv_rows(listed, kind)))


def status(listed: CorrectionsOfDate, entry: Entry) -> str:
    """Return whether an entry is new on this list, has returned to it some time, or neither."""
    if entry.corrected_before:
        return RETURNED
    return NEW if entry.listed_since == listed.day else OPEN


def _csv_rows(listed: CorrectionsOfDate, kind: Kind) -> Iterator[tuple[object, ...]]:
    for entry in listed.entries.get(kind.kind, ()):
        yield (
            *(listed.day, kind.kind, kind.label_ja, kind.label_en, status(listed, entry)),
            *(entry.found, entry.apartment_id, entry.room_id, entry.tenant_id, entry.moving_id, entry.entry_key),
            *(entry.since_date, entry.listed_since, entry.first_listed_date, kind.what_to_change),
        )


def _summary(listed: CorrectionsOfDate) -> Sheet:
    days = [*listed.trend]
    return Sheet(
        SUMMARY,
        (
            Column("種別\nKind", 30, wrap=True),
            *CHANGES,
            Column("内容\nWhat is wrong", 48, wrap=True),
            Column("対応\nWhat to change", 48, wrap=True),
            *(Column(f"{day:%Y}\n{day:%m-%d}", 8, NUMBER) for day in days),
        ),
        [
            (
                f"{kind.label_ja}\n{kind.label_en}",
                *_counts(listed, kind),
                kind.what_is_wrong,
                kind.what_to_change,
                *(listed.open_on(day, kind) for day in days),
            )
            for kind in listed.kinds
        ],
        (
            f"修正対象一覧 {listed.day} / Records to correct as of {listed.day}",
            _in_words(listed, listed.total),
            "氏名・連絡先は含みません。IDで検索してください。 / It holds ids and no names; search by id.",
            "修正した記録は翌日の一覧から消え、再び該当すると「再発」と表示します。 / "
            "A corrected record is gone from the next day's list; one that comes back is marked as returned.",
            "右側の列は直近の一覧の件数です。 / The columns on the right are the counts of the last lists.",
        ),
    )


def _counts(listed: CorrectionsOfDate, kind: Kind) -> tuple[int | None, ...]:
    now = listed.counts[kind.kind]
    change = now.open - listed.open_on(listed.before, kind) if listed.before else None
    return now.open, change, now.new, now.returned, now.corrected


def _of_kind(listed: CorrectionsOfDate, kind: Kind) -> Sheet:
    entries = listed.entries.get(kind.kind, [])
    nothing = () if entries else ("該当する記録はありません。 / There is no such record.",)
    return Sheet(
        re.sub(r"[][:*?/\\']", "・", kind.label_ja)[:LONGEST_TITLE],
        ENTRY,
        (
            (
                *(STATUS[status(listed, entry)], entry.found),
                *(entry.apartment_id, entry.room_id, entry.tenant_id, entry.moving_id),
                *(entry.since_date, entry.listed_since, entry.first_listed_date),
            )
            for entry in entries
        ),
        (
            f"{kind.label_ja} / {kind.label_en}",
            f"内容 What is wrong: {kind.what_is_wrong}",
            f"対応 What to change: {kind.what_to_change}",
            _in_words(listed, listed.counts[kind.kind]),
            *nothing,
        ),
    )


def _in_words(listed: CorrectionsOfDate, counts: Counts) -> str:
    before = f"前回 {listed.before} / list before: {listed.before}" if listed.before else "初回 / first list"
    return (
        f"{listed.day} 該当 {counts.open:,} 件（新規 {counts.new:,}、再発 {counts.returned:,}、修正済 "
        f"{counts.corrected:,}） / {counts.open:,} open ({counts.new:,} new, {counts.returned:,} returned, "
        f"{counts.corrected:,} corrected) – {before}"
    )
