"""The messages of the platform: plain text, Japanese first and English below, each complete in itself.

They are read on a telephone by somebody on duty in Tokyo before eight in the morning, and by an international team. So
each says what is late or broken, since when, what readers see meanwhile, the last good date, the likely cause, what to
do, and where. What is not known is called unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from include.alerts.incident import Incident
from include.alerts.wording import LATE, WORDS, Words
from include.plain_text import showable
from include.schedule import business_date, format_jst

if TYPE_CHECKING:
    from include.warehouse.readers import LastPublished

SUBJECT_LIMIT = 99
"""SNS takes subjects of fewer than 100 ASCII characters, without line breaks and controls:
https://docs.aws.amazon.com/sns/latest/api/API_Publish.html."""
BODY_LIMIT = 60_000
"""Characters; SNS takes 256 KiB, and a character has up to four bytes."""
RUNBOOKS = "/gghouse/runbooks/"
"""Where the plugin page shows the runbooks in Airflow's web UI."""


@dataclass(frozen=True)
class Message:
    """One message: `subject` fits SNS, `body` is plain text; both are made so, whatever they quote."""

    subject: str
    body: str

    def __post_init__(self) -> None:
        """Replace what no route could carry, and cut what is too long."""
        subject = " ".join(showable(self.subject).split()).encode("ascii", "replace").decode()
        object.__setattr__(self, "subject", subject[:SUBJECT_LIMIT])
        object.__setattr__(self, "body", showable(self.body)[:BODY_LIMIT])


@dataclass(frozen=True)
class Shown:
    """What readers see: the newest published business date of the tables of gold, and of the dashboards."""

    gold: LastPublished | None
    dashboards: LastPublished | None


def problem(environment: str, incident: Incident, shown: Shown, now: datetime) -> Message:
    """Return the message for an incident.

    Args:
        environment: for example `prod`.
        incident: what happened.
        shown: what readers see.
        now: the present, aware.
    """
    words = _words(incident)
    if incident.warning:
        seen_ja, seen_en = words.seen_ja, words.seen_en
    else:
        seen_ja, seen_en = _seen(incident.business_date, shown, business_date(now))
    good_ja, good_en = _last_good(shown)
    body = [
        f"■ {words.what_ja}",
        "",
        f"発生: {format_jst(incident.since)}",
        f"閲覧者に見えるもの: {seen_ja}",
        f"最後に正常だった日: {good_ja}",
        f"考えられる原因: {words.cause_ja}",
        "やること:",
        *_numbered(words.do_ja),
        "",
        f"■ {words.what_en}",
        "",
        f"Since: {format_jst(incident.since)}",
        f"Readers see: {seen_en}",
        f"Last good date: {good_en}",
        f"Likely cause: {words.cause_en}",
        "What to do:",
        *_numbered(words.do_en),
        "",
        "■ 手順書 / Runbook",
        _runbook(incident),
        *(["■ 画面 / Where to look", incident.url] if incident.url else []),
        "■ 詳細 / Detail",
        *_detail(incident),
    ]
    kind = f"warning, {incident.step}: {words.title}" if incident.warning else words.title
    return Message(_subject(environment, incident.business_date, kind), "\n".join(body))


def resolved(environment: str, target: date, over: Sequence[Incident], shown: Shown, now: datetime) -> Message:
    """Return the message that a date is well again.

    Args:
        environment: for example `prod`.
        target: business date.
        over: the incidents that people had been told of and that are over, the oldest first.
        shown: what readers see now.
        now: the present, aware.
    """
    began = min(incident.since for incident in over)
    seen_ja, seen_en = _seen(target, shown, business_date(now))
    if shown.dashboards and shown.dashboards.business_date >= target:
        day = shown.dashboards.business_date
        seen_ja, seen_en = f"{day} の数値。", f"the figures of {day}."
    ja, en = [], []
    for incident in over:
        words, since = _words(incident), format_jst(incident.since, "%H:%M JST")
        ja.append(f"・{words.what_ja}({since} から)")
        en.append(f"- {words.what_en} (since {since})")
    body = [
        f"■ {target} は正常に戻りました。対応は不要です。",
        "",
        f"回復: {format_jst(now)}",
        f"発生: {format_jst(began)}({_duration_ja(began, now)}後に回復)",
        f"閲覧者に見えるもの: {seen_ja}",
        "解消した問題:",
        *ja,
        "",
        f"■ {target} is well again. Nothing is left to do.",
        "",
        f"Well since: {format_jst(now)}",
        f"Trouble since: {format_jst(began)}, it took {_duration_en(began, now)}",
        f"Readers see: {seen_en}",
        "What is over:",
        *en,
    ]
    return Message(_subject(environment, target, "well again"), "\n".join(body))


def _words(incident: Incident) -> Words:
    words = LATE.get(incident.subject, WORDS[incident.cause]) if incident.cause == "late" else WORDS[incident.cause]
    return words.about(
        target=f"{incident.business_date}",
        subject=incident.subject,
        step=incident.step or "the red task",
        step_ja=incident.step or "赤いタスク",
        dag=incident.origin,
        reason=(incident.reason.strip() or "see the log").splitlines()[0],
        due=format_jst(incident.since, "%H:%M"),
    )


def _seen(target: date, shown: Shown, today: date) -> tuple[str, str]:
    """Say which figures readers see, in Japanese and in English."""
    if shown.dashboards is None:
        ja = "不明(公開の記録がありません。画面で確認してください)。"
        return ja, "unknown (no publication is on record); look at the dashboards."
    day = shown.dashboards.business_date
    if day == target:
        return f"{day} の数値(公開済み)。", f"the figures of {day}, published before this."
    if day > target:
        ja = f"{day} の数値。やり直し中の {target} はまだ反映されていません。"
        return ja, f"the figures of {day}; the re-run of {target} is not in them yet."
    age = (today - day).days
    old_ja, old_en = ("前日", "yesterday's figures") if age == 1 else (f"{age} 日前", f"figures of {age} days ago")
    ja, en = f"{old_ja}の数値({day} 時点)。", f"{old_en}, as of {day}."
    if shown.gold and shown.gold.business_date == target:
        ja += f"データベース(gold)には {target} の数値があります。"
        en += f" The database (gold) has those of {target} already."
    return ja, en


def _last_good(shown: Shown) -> tuple[str, str]:
    last = shown.dashboards or shown.gold
    if last is None:
        return "不明", "unknown"
    return (
        f"{last.business_date}({format_jst(last.published_at)} 公開)",
        f"{last.business_date} (shown {format_jst(last.published_at)})",
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


def _duration_ja(began: datetime, now: datetime) -> str:
    hours, minutes = divmod(_minutes(began, now), 60)
    return f"{hours} 時間 {minutes} 分" if hours else f"{minutes} 分"


def _duration_en(began: datetime, now: datetime) -> str:
    hours, minutes = divmod(_minutes(began, now), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _minutes(began: datetime, now: datetime) -> int:
    return max(0, round((now - began).total_seconds() / 60))


def _subject(environment: str, target: date, text: str) -> str:
    return f"[{environment}] {target} {text}"
