"""
### List of tenants

**What.** Writes the operators' list of present tenants, with names, phones and mails, as one Excel file. It is the
only report that holds personal data.

**When.** On demand only, by form, which asks what it is needed for. Your name and the reason are recorded in
`ops.reports`. Not at a fixed hour JST.

**Where.** `reports/tenants/<date>/tenants.xlsx` in the data bucket, which only those who may see tenants can read. It
is deleted after a week. Do not forward it: make a new one.

**When something is red.**

- `tenants`: the list is being built for another date: clear it in a minute. There is none yet: run `gghouse_daily`
  first.
"""

from __future__ import annotations

from airflow.sdk import DAG

from include.operators.dag_options import ON_REQUEST
from include.operators.form import params
from include.operators.policy import Tag
from include.operators.reports import ReportOperator
from include.reports.forms import FORMS

with DAG(
    dag_id="report_tenants",
    description="List of tenants with names and phones, recorded with your name",
    doc_md=__doc__,
    params=params(FORMS["tenants"]),
    tags=[Tag.MINOR, Tag.REPORTS],
    **ON_REQUEST,
):
    ReportOperator(task_id="tenants", report="tenants")
