"""The alert of a missed deadline; the triggerer calls it (`plugins/late_notice.py`)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from include.alerts.causes import Cause
from include.alerts.incident import Incident
from include.alerts.incident_store import open_incidents
from include.alerts.messages import BOTH
from include.alerts.notify import report_problem
from include.alerts.routes import s3_client, send
from include.schedule import business_date, date_of_run, format_jst
from include.settings import Settings

log = logging.getLogger(__name__)


def report_late(
    *,
    layer: str,
    run: Mapping[str, Any],
    due: datetime,
    page: str,
    topic: str,
    slack_webhook: Callable[[], str],
) -> None:
    """Send the alert that `layer` was not published by its deadline, unless it was published or the alert was sent.

    A run of an earlier date, which was late before it began, sends nothing.

    Args:
        layer: `gold` or `dashboards`.
        run: the DAG run as Airflow hands it to a deadline's callback, as JSON.
        due: the deadline, aware.
        page: the run in Airflow's UI.
        topic: topic of the alerts, should the environment name none.
        slack_webhook: see `include.alerts.routes.send`.

    Raises:
        BusinessDateError: the run is about a date that cannot be run.
    """
    now = datetime.now(UTC)
    requested, queued = (run.get("conf") or {}).get("target_date"), _instant(run["queued_at"])
    logical_date = _instant(run["logical_date"]) if run["logical_date"] else None
    target = date_of_run(requested, logical_date, _instant(run["run_after"]), now)
    if run["run_type"] != "scheduled" and (due <= queued or target < business_date(queued)):
        log.info("%s is a run of an earlier date; its deadline had passed before it began", run["dag_run_id"])
        return
    settings = Settings.from_environment()
    settings = replace(settings, alert_topic_arn=settings.alert_topic_arn or topic)
    s3 = s3_client()
    if _is_published(s3, settings, layer, target):
        log.info("%s shows %s already; only its run has not ended", layer, target)
        return
    incident = Incident(
        business_date=target,
        cause=Cause.LATE,
        subject=layer,
        reason=_why(s3, settings, target, str(run.get("state") or "running")),
        since=due,
        origin=run["dag_id"],
        url=page,
    )
    report_problem(s3, settings, incident, now, lambda message: send(settings, message, slack_webhook))


def _instant(text: Any) -> datetime:
    return datetime.fromisoformat(str(text))


def _is_published(s3: Any, settings: Settings, layer: Any, target: date) -> bool:
    from include.warehouse.readers import last_published

    try:
        last = last_published(s3, settings, layer)
    except Exception:
        log.exception("Whether %s was published is unknown; the alert says that it was not", layer)
        return False
    return last is not None and last.business_date >= target


def _why(s3: Any, settings: Settings, target: date, run_state: str) -> str:
    """Return the likely cause in both languages: the date's open incidents, else a missing dump, else a slow run."""
    from include.dump.location import missing_dumps

    try:
        known = [each for each in open_incidents(s3, settings, target) if each.business_date == target]
        sent = [
            f"{each.cause}{f' ({each.subject})' if each.subject else ''} since {format_jst(each.since)}"
            for each in known
            if each.cause != Cause.LATE
        ]
        if sent:
            names = "; ".join(sent)
            return _both(
                f"未解決の問題があります(個別のメールで通知済みです): {names}。",
                f"open incidents of this date, each with a mail of its own: {names}.",
            )
        if missing := missing_dumps(s3, settings, target):
            return _both(
                f"ダンプが届いていません: {'、'.join(missing)}。",
                f"{' and '.join(missing)} has not arrived; the run waits for it.",
            )
    except Exception:
        log.exception("Why the day is late is unknown")
        return _both("不明です(S3 を読み取れません)。", f"unknown, for S3 cannot be read; the run is {run_state}.")
    return _both(
        "ダンプは届いており、問題の記録もありません。処理に通常より時間がかかっています。",
        f"the dump has arrived and no incident is open; the run is {run_state} and takes longer than usual.",
    )


def _both(ja: str, en: str) -> str:
    return ja + BOTH + en
