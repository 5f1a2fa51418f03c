"""What DAGs besides the day's own have in common."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum

from include.operators.assets import GOLD
from include.operators.callbacks import run_failed, run_succeeded, task_failed
from include.operators.policy import OWNER
from include.schedule import FIRST_DATE, RUN_LIMIT

# A person decides when: recoveries, and what somebody asks for by form.
ON_REQUEST: dict[str, Any] = {
    "schedule": None,
    "start_date": pendulum.datetime(FIRST_DATE.year, FIRST_DATE.month, FIRST_DATE.day, tz="Asia/Tokyo"),
    "catchup": False,
    "max_active_runs": 1,
    "max_active_tasks": 1,
    "dagrun_timeout": RUN_LIMIT,
    "on_failure_callback": run_failed,
    "on_success_callback": run_succeeded,
    "default_args": {
        "owner": OWNER,
        "on_failure_callback": task_failed,
        "execution_timeout": timedelta(minutes=10),
        "retries": 2,
        "retry_delay": timedelta(seconds=30),
    },
}
# Whenever gold was published, for the business date that the event of the asset names; by form as well.
AFTER_GOLD: dict[str, Any] = ON_REQUEST | {"schedule": [GOLD]}
