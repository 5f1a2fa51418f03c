"""What the triggerer does when a promise of the day is missed.

The triggerer imports this class, and on MWAA it sees `plugins/` but not `dags/` (so not `include/` either): see
https://github.com/apache/airflow/issues/65455. MWAA copies `dags/` to every component all the same, so the class looks
for the platform there, which knows incidents and what readers see. Should that fail it sends a plain mail of its own.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from airflow.configuration import conf
from airflow.providers.amazon.aws.notifications.sns import SnsNotifier

JST = ZoneInfo("Asia/Tokyo")


class LateNotice(SnsNotifier):
    """Tells people, once, that a layer was not published by its time.

    A run that somebody made for an old date was late before it began. That is no news, so it sends nothing.

    Args:
        layer: what is promised: `gold` or `dashboards`.
        fingerprint: keeps the deadline alive across deploys (`include.operators.deadline`); not used here.
        target_arn: topic of the alerts.
        subject: of the plain mail, with `{{ target }}` (business date) and `{{ due }}` (hour), both in Tokyo.
        message: of the plain mail, with these and `{{ page }}`, the run in Airflow's UI.
    """

    def __init__(self, *, layer: str, fingerprint: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.layer = layer
        self.fingerprint = fingerprint

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Render the plain mail with what a reader wants to know."""
        due = _jst(context["deadline"]["deadline_time"])
        words = {"target": _target(context["dag_run"]), "due": f"{due:%H:%M}", "page": _page(context["dag_run"])}
        super().render_template_fields({**context, **words}, jinja_env)

    async def async_notify(self, context: Any) -> None:
        """Tell people, unless the run is of an old date."""
        run = context["dag_run"]
        due, queued, target = _jst(context["deadline"]["deadline_time"]), _jst(run["queued_at"]), _target(run)
        if run["run_type"] != "scheduled" and (due <= queued or target < queued.date()):
            self.log.info("%s is a run of an old date; its deadline had passed before it began", run["dag_run_id"])
            return
        try:
            report, slack_webhook = _platform()
            await asyncio.to_thread(
                report,
                layer=self.layer,
                target=target,
                due=due,
                run_state=str(run.get("state") or "running"),
                dag_id=run["dag_id"],
                page=_page(run),
                topic=self.target_arn,
                slack_webhook=slack_webhook,
            )
        except Exception:
            self.log.exception("The platform's own alert cannot be made here; a plain mail is sent instead")
            await super().async_notify(context)


def _platform() -> Any:
    """Return `report_late` and the getter of the Slack webhook, imported from beside the DAG files if need be."""
    folder = conf.get("core", "dags_folder")
    if folder not in sys.path:
        sys.path.append(folder)
    from include.alerts.late import report_late
    from include.operators.callbacks import slack_webhook

    return report_late, slack_webhook


def _target(run: Any) -> date:
    requested = ((run.get("conf") or {}).get("target_date") or "").strip()
    return date.fromisoformat(requested) if requested else _jst(run["logical_date"] or run["run_after"]).date()


def _page(run: Any) -> str:
    base = conf.get("api", "base_url", fallback="http://localhost:8080").rstrip("/")
    return f"{base}/dags/{run['dag_id']}/runs/{run['dag_run_id']}"


def _jst(instant: Any) -> datetime:
    return datetime.fromisoformat(str(instant)).astimezone(JST)
