"""
### Restore the Aurora cluster to a point in time, as a new cluster

**What.** Creates a new cluster beside the original one, with the data of a given time. The original is not changed.
Without a time, it only shows the window that can be restored and the last five snapshots.

**When.** On demand only, at any hour (JST): after a loss that dumps and S3 cannot restore.

**How.** *Trigger* without a time and read the task `plan`. Then with a time; then with `dry_run` off and the id of
the original cluster in `confirm`. `execute` describes the next steps.

**When something is red.**

- `plan`: no cluster is configured, or the time is outside the window; the log names the window.
- `execute`: the confirmation is missing, or AWS refused; the log has its message. Fix the cause, then clear it.
"""

from __future__ import annotations

from airflow.sdk import DAG

from include.operators.dag_options import ON_REQUEST
from include.operators.policy import Tag
from include.operators.recovery_form import form, plan_and_execute

with DAG(
    dag_id="recover_cluster",
    description="Restore the Aurora cluster to a point in time, as a new cluster",
    doc_md=__doc__,
    params=form("cluster"),
    tags=[Tag.MINOR, Tag.OPERATIONS],
    **ON_REQUEST,
):
    plan_and_execute("cluster")
