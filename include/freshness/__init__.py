"""Judge how fresh dumps, tables and dashboards are: ages, counts, expectations, the watch."""
