from __future__ import annotations

from dataclasses import replace
from datetime import date

from include.reports.flash.mail import message
from include.reports.flash.words import OCCUPIED, TENANT_TYPES
from tests.include.reports.flash.example import counts, differing, figures

FILE = "s3://bucket/reports/flash/2026-02/2026-02-26/flash_report.xlsx"
CONSOLE = "https://s3.console.aws.amazon.com/s3/object/bucket?prefix=reports/flash/2026-02/2026-02-26/flash_report.xlsx"


def test_the_mail_has_the_twelve_numbers_in_both_languages() -> None:
    made = message("prod", figures(), FILE)
    assert made.subject == "[prod] 2026-02-26 flash report: 5 occupied, 3 in, 2 out"
    assert (
        made.body
        == f"""\
■ 2026-02-26 時点のフラッシュレポートを作成しました。

2026-02-01 0:00 の稼働室数: 5 室
2026-02-01 0:00 の稼働率: 5 / 16,109 = 0.0%
入居・当月・完了: 個人 1、法人 1
入居・当月・予定: 個人 1、法人 0
入居・翌月・予定: 個人 0、法人 1
退去・当月・完了: 個人 1、法人 1
退去・当月・予定: 個人 0、法人 0
退去・翌月・予定: 個人 1、法人 0
種別不明(個人・法人に含まれません): 入居・当月・完了 1 室
説明できない差: なし(gold との差は reconciliation.csv に理由別に記載)
ファイル: {FILE}
AWS コンソールで開く: {CONSOLE}

■ The flash report as of 2026-02-26 is ready.

Rooms occupied at 00:00 of 2026-02-01: 5
Occupancy rate at 00:00 of 2026-02-01: 5 / 16,109 = 0.0%
Move-ins, this month, completed: individual 1, corporate 1
Move-ins, this month, planned: individual 1, corporate 0
Move-ins, next month, planned: individual 0, corporate 1
Move-outs, this month, completed: individual 1, corporate 1
Move-outs, this month, planned: individual 0, corporate 0
Move-outs, next month, planned: individual 1, corporate 0
Unknown tenant type (neither individual nor corporate): Move-ins, this month, completed 1
Differences that nothing explains: none (reconciliation.csv has the reasons of each difference from gold)
File: {FILE}
Open in the AWS console: {CONSOLE}"""
    )


def test_the_mail_names_what_is_not_explained_and_nothing_else() -> None:
    body = message("prod", differing(), FILE).body
    assert [line for line in body.splitlines() if line[0:1] in ("・", "-")] == [
        "・退去・当月・完了: レポート 2、gold 4、説明できない部屋 1 室",
        "・稼働室数(1日 0:00): レポート 5、基準値 20(許容差 10、the readers)",
        "- Move-outs, this month, completed: report 2, gold 4, rooms without a reason 1",
        "- Rooms occupied at 00:00 of the 1st: report 5, benchmark 20 (tolerance 10, the readers)",
    ]


def test_the_mail_says_that_the_1st_is_a_gap() -> None:
    rows = counts()
    rows |= {(OCCUPIED, kind): replace(rows[OCCUPIED, kind], rooms=None) for kind in TENANT_TYPES}
    made = message("prod", figures(counts=rows, last_before=(date(2026, 1, 31), 11_250)), FILE)
    assert made.subject == "[prod] 2026-02-26 flash report: unknown occupied, 3 in, 2 out"
    assert (
        "2026-02-01 0:00 の稼働室数: 不明(欠測日)。直前のデータは 2026-01-31 の期末 11,250 室" in made.body.splitlines()
    )


def test_a_file_of_this_machine_has_no_console_link() -> None:
    assert "console" not in message("dev", figures(), "/tmp/flash_report.xlsx").body


def test_the_subject_fits_sns() -> None:
    rows = {each: replace(count, rooms=9_999_999) for each, count in counts().items()}
    made = message("a-long-environment-name", figures(counts=rows), FILE)
    assert len(made.subject.encode()) <= 99
    assert made.subject.endswith("9,999,999 out")
