"""
### Monthly flash report

**What.** Fills the readers' Excel template, or makes our own workbook when there is none, with occupied rooms at
00:00 of the 1st and the move-ins and move-outs of the month and the next, by individual and corporate tenants. Beside
each figure stands what gold says, with every difference broken down by its reason, room by room.

**When.** When `gold` of a month end or of a 1st is published, about 07:30 JST, and by form for any business date. A
mail with the figures follows; by form only when `send` is on.

**Where.** `reports/flash/<month>/<as-of date>/` in the data bucket: the workbook, `metrics.csv`, `reconciliation.csv`
and `rooms.csv`. The same date gives the same files. Templates: `templates/flash_report/<name>.xlsx` with
`<name>.json`, which says what goes into which cell.

**When something is red.**

- `flash`: the date has no facts, or the template is refused; the end of the log says which and what to do. Correct
  the template or choose another date, then clear it. The figures on the dashboards are not affected.
- `flash` is skipped: the date is neither a month end nor a 1st.
"""

from __future__ import annotations

from airflow.sdk import DAG

from include.operators.dag_options import AFTER_GOLD
from include.operators.form import params
from include.operators.policy import Tag
from include.operators.reports import ReportOperator
from include.reports.forms import FORMS

with DAG(
    dag_id="report_flash",
    description="Monthly flash report: the readers' template, filled and explained",
    doc_md=__doc__,
    params=params(FORMS["flash"]),
    tags=[Tag.MINOR, Tag.REPORTS],
    **AFTER_GOLD,
):
    ReportOperator(task_id="flash", report="flash")
