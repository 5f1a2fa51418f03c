"""
### Accept a dump with far fewer rows than the load before

**What.** The audit rejects a dump in which a table lost more than a fifth of its rows. This marks the load before as
`superseded`, so that the next load of the date passes. Nothing is loaded, and readers see no change. The reason and
your name are recorded in `ops.recoveries`.

**When.** Never by itself; by hand, at any hour (JST), after the property-management side confirmed that the rows
really are fewer.

**How.** *Trigger* with `dry_run` on: `plan` scans the dump and lists the tables with the rows of both loads. Then the
same with `dry_run` off, and clear `load_staging` of the day's run with *Downstream*.

**When something is red.**

- `plan`: the dump is missing or at fault, or no table lost rows; the log says which.
- `execute`: another dump was delivered, or another load published, since the plan. Nothing was changed; trigger it
  again.
"""

from __future__ import annotations

from airflow.sdk import DAG

from include.operators.dag_options import ON_REQUEST
from include.operators.policy import POOL_WAREHOUSE, Tag
from include.operators.recovery_form import form, plan_and_execute

with DAG(
    dag_id="recover_baseline",
    description="Accept a dump with far fewer rows than the load before",
    doc_md=__doc__,
    params=form("baseline"),
    tags=[Tag.CRITICAL, Tag.OPERATIONS],
    **ON_REQUEST,
):
    plan_and_execute("baseline", pool=POOL_WAREHOUSE)
