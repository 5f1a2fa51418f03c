"""The messages: complete in both languages, true for what readers see, within SNS's limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from include.alerts.causes import Cause
from include.alerts.incident import Incident
from include.alerts.messages import SUBJECT_LIMIT, Message, Shown, problem, resolved
from include.schedule import JST
from include.warehouse.readers import LastPublished

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 7, 12, tzinfo=JST)
SEVEN_FORTY = datetime(2026, 3, 1, 7, 40, tzinfo=JST)
NOTHING = Shown(None, None)
YESTERDAY = Shown(LastPublished(date(2026, 3, 1), SEVEN_FORTY), LastPublished(date(2026, 3, 1), SEVEN_FORTY))
INCIDENT = Incident(
    business_date=DAY,
    cause=Cause.DATABASE,
    reason="(2013, 'Lost connection to server during query')",
    since=NOW,
    origin="gghouse_daily",
    step="load_staging",
    tries=3,
    url="https://ui/dags/gghouse_daily/runs/r1/tasks/load_staging?try_number=3",
)


def mail(shown: Shown = YESTERDAY, now: datetime = NOW, **changes: object) -> Message:
    return problem("prod", replace(INCIDENT, **changes), shown, now)


def test_a_mail_says_everything_in_both_languages() -> None:
    assert mail().subject == "[prod] 2026-03-02 database trouble"
    assert mail().body.splitlines() == [
        "■ データベースに接続できない、またはロック待ちで処理できませんでした(2026-03-02)。",
        "",
        "発生: 2026-03-02 07:12 JST",
        "閲覧者に見えるもの: 前日の数値(2026-03-01 時点)。",
        "最後に正常だった日: 2026-03-01(2026-03-01 07:40 JST 公開)",
        "考えられる原因: Aurora の停止・再起動・負荷、または長いクエリによるロック。",
        "やること:",
        "1. 手順書の「Check」で接続とロックを確認する。",
        "2. データベースが応答したら Airflow で load_staging を Clear(Downstream 付き)。",
        "3. 15 分たっても応答がなければ AWS 担当に連絡する。",
        "",
        "■ The database could not be reached, or held the work up with a lock (2026-03-02).",
        "",
        "Since: 2026-03-02 07:12 JST",
        "Readers see: yesterday's figures, as of 2026-03-01.",
        "Last good date: 2026-03-01 (shown 2026-03-01 07:40 JST)",
        "Likely cause: Aurora is down, restarting or overloaded, or a long query holds a lock.",
        "What to do:",
        "1. Check connection and locks as the runbook says.",
        "2. Once the database answers, clear load_staging with Downstream.",
        "3. If it does not answer within 15 minutes, call whoever runs AWS.",
        "",
        "■ 手順書 / Runbook",
        "https://ui/gghouse/runbooks/database",
        "■ 画面 / Where to look",
        "https://ui/dags/gghouse_daily/runs/r1/tasks/load_staging?try_number=3",
        "■ 詳細 / Detail",
        "gghouse_daily.load_staging, 3 tries:",
        "(2013, 'Lost connection to server during query')",
    ]


def test_what_readers_see_is_true_whichever_day_is_run() -> None:
    def seen(body: str) -> str:
        return next(line for line in body.splitlines() if line.startswith("Readers see: "))

    assert seen(mail(business_date=date(2026, 3, 1)).body).endswith("the figures of 2026-03-01, published before this.")
    assert "the figures of 2026-03-01; the re-run of 2026-02-05 is not in them" in seen(
        mail(business_date=date(2026, 2, 5)).body
    )
    assert "figures of 3 days ago, as of 2026-03-01" in seen(mail(now=NOW + timedelta(days=2)).body)
    ready = replace(YESTERDAY, gold=LastPublished(DAY, NOW))
    assert "The database (gold) has those of 2026-03-02 already." in seen(mail(ready).body)


def test_i36_what_is_not_known_is_called_unknown_and_nothing_ever_prints_none() -> None:
    for cause in Cause:
        for facts in (
            {},
            {"url": "", "step": "", "origin": "", "tries": 0, "reason": "", "subject": ""},
            {"warning": True},
        ):
            for shown in (NOTHING, YESTERDAY, replace(NOTHING, gold=YESTERDAY.gold)):
                message = mail(shown, cause=cause, **facts)
                assert "None" not in message.body + message.subject
                assert "{" not in message.body + message.subject
    assert "Readers see: unknown" in mail(NOTHING).body
    assert "最後に正常だった日: 不明" in mail(NOTHING).body
    over = [replace(INCIDENT, cause=cause, step="", url="", reason="") for cause in Cause]
    assert "None" not in resolved("prod", DAY, over, NOTHING, NOW).body


def test_the_two_promises_are_named_by_their_hours() -> None:
    gold = mail(cause=Cause.LATE, subject="gold", since=NOW.replace(hour=7, minute=30))
    assert gold.subject == "[prod] 2026-03-02 late: figures not ready at 07:30"
    dashboards = mail(cause=Cause.LATE, subject="dashboards", since=NOW.replace(hour=8, minute=0))
    assert dashboards.subject == "[prod] 2026-03-02 late: dashboards not ready at 08:00"
    assert "tell the readers" in dashboards.body


def test_a_warning_says_that_no_reader_is_touched() -> None:
    warned = mail(warning=True, subject="archive_dump", step="archive_dump")
    assert warned.subject == "[prod] 2026-03-02 warning, archive_dump: database trouble"
    assert "Readers see: no change" in warned.body


def test_without_a_page_the_runbooks_file_is_named() -> None:
    assert "include/alerts/runbooks/database.md" in mail(url="").body


def test_a_recovery_says_what_is_over_and_how_long_it_took() -> None:
    late = replace(INCIDENT, cause=Cause.LATE, subject="gold", since=NOW + timedelta(minutes=18))
    now = NOW + timedelta(hours=2, minutes=5)
    today = Shown(LastPublished(DAY, now), LastPublished(DAY, now))
    message = resolved("prod", DAY, [INCIDENT, late], today, now)
    assert message.subject == "[prod] 2026-03-02 well again"
    english = message.body[message.body.index("■ 2026-03-02 is well again") :]
    assert english.splitlines() == [
        "■ 2026-03-02 is well again. Nothing is left to do.",
        "",
        "Well since: 2026-03-02 09:17 JST",
        "Trouble since: 2026-03-02 07:12 JST, it took 2 h 5 min",
        "Readers see: the figures of 2026-03-02.",
        "What is over:",
        "- The database could not be reached, or held the work up with a lock (2026-03-02). (since 07:12 JST)",
        "- The figures of 2026-03-02 were not ready by 07:30 JST; the dashboards are due at 08:00. (since 07:30 JST)",
    ]
    assert "2 時間 5 分" in message.body


@pytest.mark.parametrize("subject", ["x" * 300, "新規契約"])
def test_subjects_fit_sns(subject: str) -> None:
    message = mail(cause=Cause.DBT, subject=subject)
    assert len(message.subject) <= SUBJECT_LIMIT
    assert message.subject.isascii()
