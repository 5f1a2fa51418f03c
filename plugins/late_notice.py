"""The mail of a missed deadline.

The triggerer imports this class, and on MWAA it sees `plugins/` but not `dags/` (so not `include/` either): hence this
module stands on its own. See https://github.com/apache/airflow/issues/65455.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from airflow.providers.amazon.aws.notifications.sns import SnsNotifier

JST = ZoneInfo("Asia/Tokyo")


class LateNotice(SnsNotifier):
    """SNS mail with the business date as `{{ target }}` and the missed time as `{{ due }}`, both in Tokyo.

    A run that somebody made for an old logical date was late before it began. That is no news, so it sends nothing.
    """

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Render the mail with what a reader wants to know."""
        run = context["dag_run"]
        due = _jst(context["deadline"]["deadline_time"])
        requested = (run.get("conf") or {}).get("target_date")
        target = requested or f"{_jst(run['logical_date'] or run['run_after']):%Y-%m-%d}"
        super().render_template_fields({**context, "target": target, "due": f"{due:%H:%M}"}, jinja_env)

    async def async_notify(self, context: Any) -> None:
        """Send the mail, unless the deadline had passed before the run was asked for."""
        run = context["dag_run"]
        if run["run_type"] != "scheduled" and _jst(context["deadline"]["deadline_time"]) <= _jst(run["queued_at"]):
            self.log.info("%s is a run of an old date; its deadline had passed before it began", run["dag_run_id"])
            return
        await super().async_notify(context)


def _jst(instant: Any) -> datetime:
    return datetime.fromisoformat(str(instant)).astimezone(JST)
