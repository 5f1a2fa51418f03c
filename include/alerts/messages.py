"""The messages of the platform: plain text, Japanese first and English below, each complete in itself.

They are read on a telephone by the operator in Tokyo before the dashboards are due, and by an international team. So
each says what is late or broken, since when, what readers see meanwhile, the last good date, the likely cause, what to
do, and where. What is not known is called unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from include.alerts.causes import WARNINGS
from include.alerts.incident import Incident
from include.alerts.wording import Words, words_of
from include.plain_text import showable
from include.schedule import business_date, format_jst

if TYPE_CHECKING:
    from include.warehouse.readers import LastPublished

# SNS takes subjects of fewer than 100 characters of UTF-8, without line breaks and controls:
# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html.
SUBJECT_LIMIT = 99
# A subject is cut between words, but not for the sake of a word longer than this.
LONGEST_WORD = 30
# Characters; SNS takes 256 KiB, and a character has up to four bytes.
BODY_LIMIT = 60_000
# Where the plugin shows the runbooks in Airflow's web UI.
RUNBOOKS = "/gghouse/runbooks/"
# Between the Japanese and the English half of a reason that has both.
BOTH = " / "


@dataclass(frozen=True)
class Message:
    """One message; `subject` is made to fit SNS, and `body` to be plain text, whatever they quote."""

    subject: str
    body: str

    def __post_init__(self) -> None:
        """Replace characters that no route carries, and cut texts that are too long."""
        object.__setattr__(self, "subject", _fitting(" ".join(showable(self.subject).split())))
        object.__setattr__(self, "body", showable(self.body)[:BODY_LIMIT])


@dataclass(frozen=True)
class Published:
    """What readers see: the newest published business date of the tables of gold, and of the dashboards."""

    gold: LastPublished | None
    dashboards: LastPublished | None


def problem(environment: str, incident: Incident, shown: Published, now: datetime) -> Message:
    """Return the message for an incident.

    Args:
        environment: for example `prod`.
        incident: what happened.
        shown: what readers see.
        now: the present, aware.
    """
    words = _words(incident)
    seen_ja, seen_en = _seen(incident.business_date, shown, business_date(now))
    if incident.warning:
        seen_ja, seen_en = words.ja.seen, words.en.seen
    good_ja, good_en = _last_good(shown)
    body = [
        f"■ {words.ja.what}",
        "",
        f"発生日時: {format_jst(incident.since)}",
        f"閲覧者に見えるもの: {seen_ja}",
        f"最後に正常だった日: {good_ja}",
        f"考えられる原因: {words.ja.cause}",
        "対応手順:",
        *_numbered(words.ja.steps),
        "",
        f"■ {words.en.what}",
        "",
        f"Since: {format_jst(incident.since)}",
        f"Readers see: {seen_en}",
        f"Last good date: {good_en}",
        f"Likely cause: {words.en.cause}",
        "What to do:",
        *_numbered(words.en.steps),
        "",
        "■ 手順書 / Runbook",
        _runbook(incident),
        *(["■ 画面 / Where to look", incident.url] if incident.url else []),
        "■ 詳細 / Detail",
        *_detail(incident),
    ]
    # A class of its own names what it is about; any other failure does not say which step went without it.
    step = "" if incident.cause in WARNINGS else f", {incident.step}"
    kind = f"warning{step}: {words.title}" if incident.warning else words.title
    return Message(_subject(environment, incident.business_date, kind), "\n".join(body))


def resolved(environment: str, target: date, incidents: Sequence[Incident], shown: Published, now: datetime) -> Message:
    """Return the message that the incidents of a date are resolved.

    Args:
        environment: for example `prod`.
        target: business date.
        incidents: those whose alert was sent, the oldest first.
        shown: what readers see now.
        now: the present, aware.
    """
    began = min(incident.since for incident in incidents)
    seen_ja, seen_en = _seen(target, shown, business_date(now))
    if shown.dashboards and shown.dashboards.business_date >= target:
        day = shown.dashboards.business_date
        seen_ja, seen_en = f"{day} の数値です。", f"the figures of {day}."
    whats = [(_words(incident), format_jst(incident.since, "%H:%M JST")) for incident in incidents]
    body = [
        f"■ {target} の問題は解消しました。対応は不要です。",
        "",
        f"解消日時: {format_jst(now)}",
        f"発生日時: {format_jst(began)}",
        f"所要時間: {_duration(began, now, '時間', '分')}",
        f"閲覧者に見えるもの: {seen_ja}",
        "解消した問題:",
        *(f"・{words.ja.what}({since} から)" for words, since in whats),
        "",
        f"■ Resolved: {target}. No action needed.",
        "",
        f"Resolved at: {format_jst(now)}",
        f"Started at: {format_jst(began)}",
        f"Duration: {_duration(began, now, 'h', 'min')}",
        f"Readers see: {seen_en}",
        "Resolved problems:",
        *(f"- {words.en.what} (since {since})" for words, since in whats),
    ]
    return Message(_subject(environment, target, "resolved"), "\n".join(body))


def _words(incident: Incident) -> Words:
    words = words_of(incident.cause, incident.subject)
    reason_ja, _, reason_en = (incident.reason.strip() or "see the log").splitlines()[0].partition(BOTH)
    facts = {
        "target": f"{incident.business_date}",
        "subject": incident.subject,
        "due": format_jst(incident.since, "%H:%M"),
    }
    ja = {
        "step": incident.step or "赤いタスク",
        "place": f"{incident.origin} の{f' {incident.step} ' if incident.step else '実行'}",
        "reason": reason_ja,
    }
    en = {
        "step": incident.step or "the red task",
        "place": f"{incident.step or 'the run'} of {incident.origin}",
        "reason": reason_en or reason_ja,
    }
    title = words.title.format(**facts, **en).strip(" :")
    return Words(title, words.ja.filled(facts | ja), words.en.filled(facts | en))


def _seen(target: date, shown: Published, today: date) -> tuple[str, str]:
    """Return which figures readers see, in Japanese and in English."""
    if shown.dashboards is None:
        ja = "不明です(公開の記録がありません)。ダッシュボードで確認してください。"
        return ja, "unknown (no publication is recorded); check the dashboards."
    day = shown.dashboards.business_date
    if day == target:
        return f"{day} の数値です(公開済み)。", f"the figures of {day}, published before this problem."
    if day > target:
        ja = f"{day} の数値です。再実行した {target} の結果はまだ公開されていません。"
        return ja, f"the figures of {day}; the re-run of {target} is not published yet."
    age = (today - day).days
    old_ja, old_en = ("前日", "yesterday's figures") if age == 1 else (f"{age} 日前", f"figures of {age} days ago")
    ja, en = f"{old_ja}の数値です({day} 時点)。", f"{old_en}, as of {day}."
    if shown.gold and shown.gold.business_date == target:
        ja += f"データベース(gold)の数値は {target} まで更新済みです。"
        en += f" The database (gold) already has those of {target}."
    return ja, en


def _last_good(shown: Published) -> tuple[str, str]:
    last = shown.dashboards or shown.gold
    if last is None:
        return "不明", "unknown"
    return (
        f"{last.business_date}({format_jst(last.published_at)} 公開)",
        f"{last.business_date} (published {format_jst(last.published_at)})",
    )


def _runbook(incident: Incident) -> str:
    base, found, _ = incident.url.partition("/dags/")
    return f"{base}{RUNBOOKS}{incident.cause}" if found else f"include/alerts/runbooks/{incident.cause}.md"


def _detail(incident: Incident) -> list[str]:
    where = ".".join(part for part in (incident.origin, incident.step) if part)
    if incident.tries:
        where += f", {incident.tries} {'try' if incident.tries == 1 else 'tries'}"
    return [*([f"{where}:"] if where else []), incident.reason.strip() or "No reason was given; see the log."]


def _numbered(steps: Sequence[str]) -> list[str]:
    return [f"{number}. {step}" for number, step in enumerate(steps, 1)]


def _duration(began: datetime, now: datetime, hour: str, minute: str) -> str:
    hours, minutes = divmod(max(0, round((now - began).total_seconds() / 60)), 60)
    return f"{hours} {hour} {minutes} {minute}" if hours else f"{minutes} {minute}"


def _subject(environment: str, target: date, text: str) -> str:
    return f"[{environment}] {target} {text}"


def _fitting(subject: str) -> str:
    if len(subject) <= SUBJECT_LIMIT:
        return subject
    cut = subject[: SUBJECT_LIMIT - 1]
    between = cut if subject[len(cut)] == " " else cut.rpartition(" ")[0]
    return (between if len(cut) - len(between) <= LONGEST_WORD else cut).rstrip(" ,:;") + "…"
