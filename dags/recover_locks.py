"""
### Show locks and long queries; end one session on request

**What.** Shows sessions, long statements, transactions and lock waits of the database, those of a publish that a reader
holds up included. It changes nothing unless `end_session` names one session of the platform's own users and `dry_run`
is off.

**When.** On demand only, at any hour (JST), when a task waits.

**How.** *Trigger* and read the task `plan`. To end a session give its number, first with `dry_run` on.

**When something is red.**

- `plan`: the session does not exist, or belongs to another user; the log says which.
- `execute`: the server refused. Clear it, or check again.
"""

from __future__ import annotations

from airflow.sdk import DAG

from include.operators.dag_options import ON_REQUEST
from include.operators.policy import Tag
from include.operators.recovery_form import form, plan_and_execute

with DAG(
    dag_id="recover_locks",
    description="Show locks and long queries; end one session on request",
    doc_md=__doc__,
    params=form("locks"),
    tags=[Tag.MINOR, Tag.OPERATIONS],
    **ON_REQUEST,
):
    plan_and_execute("locks")
