"""
### Restore the Aurora cluster at a point in time, into a new cluster

**What.** Makes a new cluster beside the original one, as it was at a time that you name. The original is never
touched. Without a time it only shows the window that can be restored and the last five snapshots.

**When.** Never by itself; by hand, at any hour (JST), when something was lost that dumps and S3 do not give back.

**How.** *Trigger* without a time and read the task `plan`. Then with a time; then with `dry_run` off and the id of
the original cluster typed into `confirm`. `execute` says how to go on.

**When something is red.**

- `plan`: no cluster is configured, or the time is outside the window; the log says which is allowed.
- `execute`: it was not confirmed, or AWS refused; the log has its words. Clear it after mending.
"""

from __future__ import annotations

from airflow.sdk import DAG

from include.operators.policy import Tag
from include.operators.recovery_form import RECOVERY, form, plan_and_execute

with DAG(
    dag_id="recover_cluster",
    description="Restore the Aurora cluster at a point in time, into a new cluster",
    doc_md=__doc__,
    params=form("cluster"),
    tags=[Tag.MINOR, Tag.OPERATIONS],
    **RECOVERY,
):
    plan_and_execute("cluster")
