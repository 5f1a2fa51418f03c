"""Retries, time limits, pools and tags shared by all DAGs.

The deployment creates the pools from `infra/pools.yaml`.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any

OWNER = "data-platform"

# One slot: loads never run side by side.
POOL_WAREHOUSE = "warehouse"
# Two slots: as many dbt processes as a small worker has memory for.
POOL_DBT = "dbt"
# Slots that the task preflight expects; infra/pools.yaml, which does not ship, is held equal by a test.
POOLS = {POOL_WAREHOUSE: 1, POOL_DBT: 2}

STAGING: dict[str, Any] = {"retries": 2, "retry_delay": timedelta(minutes=5)}

# A server that stopped responding or fails over is noticed within a minute and back within another, so the first retry
# must not wait for five. Airflow waits 30 to 60 s, then 1 to 2, 2 to 4 and 4 to 8 minutes.
LOADING: dict[str, Any] = {
    "pool": POOL_WAREHOUSE,
    "execution_timeout": timedelta(hours=1),
    "retries": 4,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 2.0,
}

# A sensor only looks. A busy scheduler may take its task for lost when the trigger fires seconds after it deferred
# ("finished with state success, but the task instance's state attribute is running"); that must not cost five minutes.
WAITING: dict[str, Any] = {"retries": 3, "retry_delay": timedelta(seconds=15)}

DBT: dict[str, Any] = {"retries": 3, "retry_delay": timedelta(minutes=1), "execution_timeout": timedelta(minutes=30)}

# Only after it was killed: the models' own tasks take over when it fails.
ONCE_MORE: dict[str, Any] = {"retries": 1, "retry_delay": timedelta(seconds=30)}

# The day goes on without it, soon: figures are due half an hour after the start. What the day needs takes its turn in
# the pool first.
ENRICHING: dict[str, Any] = {
    "pool": POOL_WAREHOUSE,
    "weight_rule": "absolute",
    "execution_timeout": timedelta(minutes=5),
    "retries": 1,
    "retry_delay": timedelta(seconds=15),
}

# A step after the figures; it also runs when no data set is configured.
LAST: dict[str, Any] = {"retry_delay": timedelta(seconds=30), "trigger_rule": "none_failed"}


class Tag(StrEnum):
    """The tags of a DAG; the `impact:` group says how severe its failure is."""

    CRITICAL = "impact:critical"
    MINOR = "impact:minor"
    DAILY = "daily"
    OPERATIONS = "operations"
    REPORTS = "reports"
