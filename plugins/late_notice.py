"""What the triggerer does when a deadline of the day is missed.

The triggerer imports this class, and on MWAA it sees `plugins/` but not `dags/` (so not `include/` either): see
https://github.com/apache/airflow/issues/65455. MWAA copies `dags/` to every component all the same, so the class looks
for the platform there, which knows the business date, the incidents and what readers see. When that fails it sends a
plain mail of its own.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from airflow.configuration import conf
from airflow.providers.amazon.aws.notifications.sns import SnsNotifier


class LateNotice(SnsNotifier):
    """Sends one alert that a layer was not published by its deadline.

    Args:
        layer: what is due: `gold` or `dashboards`.
        fingerprint: keeps the deadline alive across deploys (`include.operators.deadline`); not used here.
        target_arn: topic of the alerts.
        subject: of the plain mail, with `{{ day }}` and `{{ due }}`, date and hour of the deadline, both in Tokyo.
        message: of the plain mail, with these and `{{ page }}`, the run in Airflow's UI.
    """

    def __init__(self, *, layer: str, fingerprint: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.layer = layer
        self.fingerprint = fingerprint

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Render the plain mail."""
        due = datetime.fromisoformat(str(context["deadline"]["deadline_time"])).astimezone(ZoneInfo("Asia/Tokyo"))
        words = {"day": f"{due:%Y-%m-%d}", "due": f"{due:%H:%M}", "page": _page(context["dag_run"])}
        more: Any = {**context, **words}
        super().render_template_fields(more, jinja_env)

    async def async_notify(self, context: Any) -> None:
        """Send the platform's own alert, or the plain mail when the platform's code cannot be used."""
        run = context["dag_run"]
        try:
            report_late, slack_webhook = _platform()
            await asyncio.to_thread(
                report_late,
                layer=self.layer,
                run=run,
                due=datetime.fromisoformat(str(context["deadline"]["deadline_time"])),
                page=_page(run),
                topic=self.target_arn,
                slack_webhook=slack_webhook,
            )
        except Exception:
            self.log.exception("The platform's own alert cannot be made here")
            if run["run_type"] == "scheduled":  # any other run may be of an earlier date, which is never late
                await super().async_notify(context)  # type: ignore[no-untyped-call]


def _platform() -> Any:
    """Return `report_late` and the getter of the Slack webhook, imported from beside the DAG files if need be."""
    folder = conf.get("core", "dags_folder")
    if folder not in sys.path:
        sys.path.append(folder)
    from include.alerts.late import report_late
    from include.operators.callbacks import slack_webhook

    return report_late, slack_webhook


def _page(run: Any) -> str:
    base = conf.get("api", "base_url", fallback="http://localhost:8080").rstrip("/")
    return f"{base}/dags/{run['dag_id']}/runs/{run['dag_run_id']}"
