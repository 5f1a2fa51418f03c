"""What Airflow does to every DAG that it reads on a laptop; it finds this in its folder `config` (`airflow_home`).

See https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/cluster-policies.html.
"""

from __future__ import annotations

from typing import Any


def dag_policy(dag: Any) -> None:
    """Take away the clock of a DAG: 07:00 in Tokyo starts nothing on a laptop, while a published asset does."""
    from airflow.sdk.definitions.timetables.assets import AssetTriggeredTimetable
    from airflow.sdk.definitions.timetables.simple import NullTimetable

    if not isinstance(dag.timetable, AssetTriggeredTimetable):
        dag.timetable = NullTimetable()
