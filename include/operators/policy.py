"""How hard the platform tries: retries, time limits, pools and tags, in one place for every DAG.

The environment makes the pools of `infra/pools.yaml`.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any

OWNER = "data-platform"
POOL_WAREHOUSE = "warehouse"
"""One slot: loads never run side by side."""
POOL_DBT = "dbt"
"""Two slots: as many dbt processes as a small worker has memory for."""
POOLS = {POOL_WAREHOUSE: 1, POOL_DBT: 2}
"""Slots that the task preflight expects; infra/pools.yaml, which does not ship, is held equal by a test."""

STAGING: dict[str, Any] = {"retries": 2, "retry_delay": timedelta(minutes=5)}
LOADING: dict[str, Any] = {
    "pool": POOL_WAREHOUSE,
    "execution_timeout": timedelta(hours=1),
    "retries": 4,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 2.0,
}
"""A server that fell silent or fails over is noticed within a minute and back within another: then the load must not
wait for five. Airflow waits 30 to 60 s, then 1 to 2, 2 to 4 and 4 to 8 minutes."""
WAITING: dict[str, Any] = {"retries": 3, "retry_delay": timedelta(seconds=15)}
"""A sensor only looks. And a busy scheduler may take a task for lost when its trigger fires seconds after it deferred
("finished with state success, but the task instance's state attribute is running"); that must not cost five minutes."""
DBT: dict[str, Any] = {"retries": 3, "retry_delay": timedelta(minutes=1), "execution_timeout": timedelta(minutes=30)}
LAST: dict[str, Any] = {"retry_delay": timedelta(seconds=30), "trigger_rule": "none_failed"}
"""A step after the figures; it runs although no data set may be there to refresh."""


class Tag(StrEnum):
    """The tags that a DAG may carry; the first group says how much its failure hurts."""

    CRITICAL = "impact:critical"
    MINOR = "impact:minor"
    DAILY = "daily"
    OPERATIONS = "operations"
