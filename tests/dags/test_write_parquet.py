"""History as Parquet is a task of the day only where its setting says so, and costs nothing where it does not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.dags.airflow_home import PROJECT

READS = """
import json, sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/plugins"]
from airflow.dag_processing.dagbag import DagBag
dag = DagBag(sys.argv[1] + "/dags/gghouse_daily.py").dags["gghouse_daily"]
task = dag.task_dict.get("write_parquet")
found = task and [sorted(task.upstream_task_ids), sorted(task.downstream_task_ids), task.trigger_rule]
print(json.dumps([found, "pyarrow" in sys.modules, "include.lake" in sys.modules]))
"""


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        (None, "[null, false, false]"),
        ("false", "[null, false, false]"),
        ("true", '[[["refresh_quicksight"], [], "none_failed"], false, false]'),
    ],
)
def test_the_setting_decides_whether_the_day_writes_parquet(setting: str | None, found: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW__GGHOUSE__")}
    if setting:
        environment["AIRFLOW__GGHOUSE__HISTORY_PARQUET"] = setting
    command = [sys.executable, "-c", READS, str(PROJECT)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == found
