"""The messages: complete in both languages, true for what readers see, within SNS's limits."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.alerts.causes import Cause
from include.alerts.incident import Incident
from include.alerts.messages import Message, Published, problem, resolved
from include.alerts.wording import WORDS
from include.plain_text import hidden_character
from include.schedule import DASHBOARDS_DUE, JST, clock
from include.settings import PROJECT_DIR
from include.warehouse.readers import LastPublished

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 7, 12, tzinfo=JST)
SEVEN_FORTY = datetime(2026, 3, 1, 7, 40, tzinfo=JST)
RUNBOOK_PAGES = PROJECT_DIR / "include" / "alerts" / "runbooks"
NOTHING = Published(None, None)
YESTERDAY = Published(LastPublished(date(2026, 3, 1), SEVEN_FORTY), LastPublished(date(2026, 3, 1), SEVEN_FORTY))
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


def mail(shown: Published = YESTERDAY, now: datetime = NOW, **changes: object) -> Message:
    return problem("prod", replace(INCIDENT, **changes), shown, now)


def test_a_mail_says_everything_in_both_languages() -> None:
    assert mail().subject == "[prod] 2026-03-02 database trouble"
    assert mail().body.splitlines() == [
        "■ データベースに接続できない、またはロック待ちのため、2026-03-02 の処理が停止しました。",
        "",
        "発生日時: 2026-03-02 07:12 JST",
        "閲覧者に見えるもの: 前日の数値です(2026-03-01 時点)。",
        "最後に正常だった日: 2026-03-01(2026-03-01 07:40 JST 公開)",
        "考えられる原因: Aurora の停止・再起動・高負荷、または長時間のクエリによるロック。",
        "対応手順:",
        "1. 手順書の「確認」に従い、接続とロックの状態を確認してください。",
        "2. データベースの応答を確認した後に、Airflow で load_staging を Clear(Downstream を選択)してください。",
        "3. 15 分以上応答がない場合は、AWS の管理者に連絡してください。",
        "",
        "■ The run of 2026-03-02 stopped: the database is out of reach, or a lock is held for too long.",
        "",
        "Since: 2026-03-02 07:12 JST",
        "Readers see: yesterday's figures, as of 2026-03-01.",
        "Last good date: 2026-03-01 (published 2026-03-01 07:40 JST)",
        "Likely cause: Aurora is down, restarting or overloaded, or a long query holds a lock.",
        "What to do:",
        "1. Check the connection and the locks as the runbook describes.",
        "2. When the database answers, clear load_staging with Downstream in Airflow.",
        "3. If it does not answer within 15 minutes, contact the AWS administrator.",
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

    assert seen(mail(business_date=date(2026, 3, 1)).body).endswith(
        "the figures of 2026-03-01, published before this problem."
    )
    assert "the figures of 2026-03-01; the re-run of 2026-02-05 is not published" in seen(
        mail(business_date=date(2026, 2, 5)).body
    )
    assert "figures of 3 days ago, as of 2026-03-01" in seen(mail(now=NOW + timedelta(days=2)).body)
    ready = replace(YESTERDAY, gold=LastPublished(DAY, NOW))
    assert "The database (gold) already has those of 2026-03-02." in seen(mail(ready).body)


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


def test_a_missed_deadline_is_named_by_its_hour() -> None:
    gold = mail(cause=Cause.LATE, subject="gold", since=NOW.replace(hour=7, minute=30))
    assert gold.subject == "[prod] 2026-03-02 late: figures not ready at 07:30"
    dashboards = mail(cause=Cause.LATE, subject="dashboards", since=NOW.replace(hour=8, minute=0))
    assert dashboards.subject == "[prod] 2026-03-02 late: dashboards not ready at 08:00"
    assert "inform the readers" in dashboards.body


def test_a_run_that_was_stopped_is_named_as_a_run() -> None:
    stopped = mail(cause=Cause.PLATFORM, step="", reason="the run was stopped because it took too long")
    assert stopped.subject == "[prod] 2026-03-02 the run of gghouse_daily failed"
    assert "■ gghouse_daily の実行が失敗しました(2026-03-02)。" in stopped.body
    assert "■ gghouse_daily の load_staging が失敗しました(2026-03-02)。" in mail(cause=Cause.PLATFORM).body


def test_a_warning_says_that_the_figures_are_not_affected() -> None:
    warned = mail(warning=True, subject="archive_dump", step="archive_dump")
    assert warned.subject == "[prod] 2026-03-02 warning, archive_dump: database trouble"
    assert "Readers see: no change" in warned.body


def test_without_a_page_the_runbooks_file_is_named() -> None:
    assert "include/alerts/runbooks/database.md" in mail(url="").body


def test_a_resolved_mail_names_the_problems_and_the_duration() -> None:
    late = replace(INCIDENT, cause=Cause.LATE, subject="gold", since=NOW + timedelta(minutes=18))
    now = NOW + timedelta(hours=2, minutes=5)
    today = Published(LastPublished(DAY, now), LastPublished(DAY, now))
    message = resolved("prod", DAY, [INCIDENT, late], today, now)
    assert message.subject == "[prod] 2026-03-02 resolved"
    english = message.body[message.body.index("■ Resolved") :]
    assert english.splitlines() == [
        "■ Resolved: 2026-03-02. No action needed.",
        "",
        "Resolved at: 2026-03-02 09:17 JST",
        "Started at: 2026-03-02 07:12 JST",
        "Duration: 2 h 5 min",
        "Readers see: the figures of 2026-03-02.",
        "Resolved problems:",
        "- The run of 2026-03-02 stopped: the database is out of reach, or a lock is held for too long. "
        "(since 07:12 JST)",
        "- The figures of 2026-03-02 were not published by their deadline, 07:30 JST; "
        f"the dashboards are due at {clock(DASHBOARDS_DUE)}. (since 07:30 JST)",
    ]
    assert "2 時間 5 分" in message.body


@pytest.mark.parametrize("cause", list(Cause))
def test_every_class_has_words_in_both_languages_and_a_runbook(cause: Cause) -> None:
    """A new class fails here until wording.py and a page of runbooks/ have it."""
    assert cause in WORDS, f"add {cause} to WORDS in include/alerts/wording.py"
    words = WORDS[cause]
    assert words.title.isascii()
    for phrases, japanese in ((words.ja, True), (words.en, False)):
        sentences = [phrases.what, *phrases.steps, phrases.seen]
        assert len(sentences) > 3
        assert all(bool(re.search("[ぁ-ん]", sentence)) == japanese for sentence in sentences), sentences
        assert all(sentence.endswith("。" if japanese else ".") for sentence in sentences), sentences
    assert (RUNBOOK_PAGES / f"{cause}.md").is_file(), f"write include/alerts/runbooks/{cause}.md"


def test_a_reason_in_both_languages_is_split() -> None:
    late = mail(cause=Cause.LATE, subject="gold", reason="ダンプが届いていません。 / the dump has not arrived.").body
    assert "考えられる原因: ダンプが届いていません。\n" in late
    assert "Likely cause: the dump has not arrived.\n" in late


def test_a_japanese_subject_stays_japanese() -> None:
    assert mail(cause=Cause.DBT, subject="新規契約").subject == "[prod] 2026-03-02 dbt failed: 新規契約"


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("x" * 99, "x" * 99),
        ("x" * 100, "x" * 98 + "…"),
        ("契" * 99, "契" * 99),
        ("契" * 100, "契" * 98 + "…"),
        ("a" * 80 + " " + "b" * 17 + " c", "a" * 80 + " " + "b" * 17 + "…"),
        ("a" * 80 + ": " + "b" * 18, "a" * 80 + "…"),
        ("a" * 60 + " " + "b" * 60, "a" * 60 + " " + "b" * 37 + "…"),
    ],
)
def test_a_subject_is_cut_between_words(given: str, sent: str) -> None:
    assert Message(given, "").subject == sent


@pytest.mark.infra
@given(
    cause=st.sampled_from(Cause),
    warning=st.booleans(),
    step=st.text(max_size=120),
    subject=st.text(max_size=300),
    environment=st.text(max_size=120),
)
def test_sns_takes_the_subject_of_every_message(
    cause: Cause, warning: bool, step: str, subject: str, environment: str
) -> None:
    """SNS's own words: UTF-8 without line breaks or control characters, less than 100 characters long."""
    incident = replace(INCIDENT, cause=cause, warning=warning, step=step, subject=subject)
    for message in (
        problem(environment, incident, NOTHING, NOW),
        resolved(environment, DAY, [incident], NOTHING, NOW),
    ):
        message.subject.encode()
        assert 0 < len(message.subject) < 100
        assert "\n" not in message.subject
        assert "\t" not in message.subject
        assert hidden_character(message.subject) == ""


@pytest.mark.infra
@pytest.mark.parametrize("cause", list(Cause))
@pytest.mark.parametrize("length", [99, 100])
def test_the_edge_of_what_sns_takes_is_held_by_every_class(cause: Cause, length: int) -> None:
    plain = len(problem("", replace(INCIDENT, cause=cause), NOTHING, NOW).subject)
    subject = problem("e" * (length - plain), replace(INCIDENT, cause=cause), NOTHING, NOW).subject
    assert len(subject) <= 99
    assert subject.endswith("…") == (length == 100)
