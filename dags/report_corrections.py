"""
### Records to correct

**What.** Lists the records of the property-management system that contradict themselves or each other, for the
property manager: ids, what is wrong, since when, and what to change, without names. Records that were corrected leave
the list by themselves; one that comes back says so.

**When.** Each time `gold` is published, about 07:30 JST, and by form. The figures never wait for it.

**Where.** `reports/corrections/<date>/` in the data bucket: `corrections.xlsx` with a sheet for each kind, and
`corrections.csv`. The counts are on the status page and on the *Data Quality* dashboard.

**When something is red.**

- `corrections`: the end of the log says why. `staging` holds another date by now: `recover_range` runs the date again
  and makes its list. A model failed, or the files could not be written: fix the cause, then clear it and downstream.
- `refresh_quicksight`: QuickSight failed or refused; its own reason is in the log. Clear it.
"""

from __future__ import annotations

from airflow.sdk import DAG

from include.operators.dag_options import AFTER_GOLD
from include.operators.form import params
from include.operators.policy import POOL_DBT, Tag
from include.operators.refresh_quicksight import RefreshQuickSightOperator
from include.operators.reports import ReportOperator
from include.operators.run_date import run_date
from include.reports.forms import FORMS
from include.settings import Settings

DATE = "{{ run_date(dag_run, params) }}"
settings = Settings.from_environment()

with DAG(
    dag_id="report_corrections",
    description="Records to correct in the property-management system",
    doc_md=__doc__,
    params=params(FORMS["corrections"]),
    tags=[Tag.MINOR, Tag.DAILY, Tag.REPORTS],
    user_defined_macros={"run_date": run_date},
    **AFTER_GOLD,
):
    corrections = ReportOperator(task_id="corrections", report="corrections", pool=POOL_DBT)
    refresh_quicksight = RefreshQuickSightOperator.partial(
        task_id="refresh_quicksight", target_date=DATE, map_index_template="{{ task.dataset_id }}"
    ).expand(dataset_id=[one for one in settings.report_datasets if one.endswith("-correction_counts")])
    corrections >> refresh_quicksight
