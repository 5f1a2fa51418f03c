"""Run dbt, and describe its run results."""

# Tests that no model's task runs, because they compare models of which none is built after the others. The task
# check_gold runs them before gold is published.
BEFORE_PUBLISH = "tag:before_publish"
# Tests that read all dates and take too long for the morning. gghouse_quality runs them on what readers see.
AFTER_PUBLISH = "tag:after_publish"
