"""
### Rent roll against the property-management system

**What.** Compares a rent roll room by room with the rooms that the property-management system had occupied on a date,
says of each difference what it is and whether that explains it, and gives a verdict for the portfolio and each
building. Names are neither compared nor kept.

**When.** Each time `gold` is published, about 07:30 JST, for files in `rent-roll/<YYYYMM>/` of the data bucket that
were not compared yet, and by form for one file. Without a new file its tasks are skipped. A mail with the verdict
follows.

**Where.** `reports/rent-roll/<period>/<date>/` in the data bucket: `report.xlsx`, `differences.csv`, `summary.csv`.
Each run is kept in `ops.rent_roll_runs`; the last verdicts are on the status page and on the Data Quality dashboard.

**When something is red.**

- `rent_roll`: a file is refused, for example because Excel cut it off; the end of the log names it and the remedy. Put
  a right one there under the same name, then clear this and downstream. The others were compared all the same; their
  verdicts stand in the same message.
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
    dag_id="report_rent_roll",
    description="Rent roll compared with the property-management system, room by room",
    doc_md=__doc__,
    params=params(FORMS["rent_roll"]),
    tags=[Tag.MINOR, Tag.REPORTS],
    user_defined_macros={"run_date": run_date},
    **AFTER_GOLD,
):
    rent_roll = ReportOperator(task_id="rent_roll", report="rent_roll", pool=POOL_DBT)
    refresh_quicksight = RefreshQuickSightOperator.partial(
        task_id="refresh_quicksight", target_date=DATE, map_index_template="{{ task.dataset_id }}"
    ).expand(dataset_id=[one for one in settings.report_datasets if one.endswith("-rent_roll_verdicts")])
    rent_roll >> refresh_quicksight
