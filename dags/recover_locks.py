"""
### Look at locks and long queries; end one session if told

**What.** Shows sessions, long statements, transactions and lock waits of the database. It only looks, unless
`end_session` names one session, of our own users, and `dry_run` is off.

**When.** Never by itself; by hand, at any hour (JST), when something waits.

**How.** *Trigger* and read the task `plan`. To end a session give its number, first with `dry_run` on.

**When something is red.**

- `plan`: the session is not there, or is not ours to end; the log says so.
- `execute`: the server refused. Clear it, or look again.
"""

from __future__ import annotations

from airflow.sdk import DAG

from include.operators.policy import Tag
from include.operators.recovery_form import RECOVERY, form, plan_and_execute

with DAG(
    dag_id="recover_locks",
    description="Look at locks and long queries; end one session if told",
    doc_md=__doc__,
    params=form("locks"),
    tags=[Tag.MINOR, Tag.OPERATIONS],
    **RECOVERY,
):
    plan_and_execute("locks")
