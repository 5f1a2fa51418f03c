"""Run dbt, and describe its run results."""

# Tests that no model's task runs, because they compare models of which none is built after the others. The task
# check_gold runs them before gold is published.
BEFORE_PUBLISH = "tag:before_publish"
# Models that the DAGs of the reports build by themselves, from a published day.
OF_REPORTS = "path:models/reports"
# Tests that read all dates and take too long for the morning. gghouse_quality runs them on what readers see.
AFTER_PUBLISH = "tag:after_publish"
