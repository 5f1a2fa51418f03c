"""Operator that checks which day a run is about."""

from __future__ import annotations

import contextlib
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from include.operators.base import PlatformOperator
from include.operators.run_date import run_date
from include.schedule import BusinessDateError


class PlanDayOperator(PlatformOperator):
    """Check the business date, create the platform's own tables where they are missing, and log what the run will do.

    A date that cannot be run fails at once: a retry would meet the same date.
    """

    def execute(self, context: Any) -> str:
        """Return the business date as `YYYY-MM-DD`.

        Raises:
            AirflowFailException: the requested date cannot be run.
            include.settings.SettingsError: the bucket is not configured.
        """
        from include.dump.location import dump_key, dump_names
        from include.warehouse.schema import ensure_platform_tables

        try:
            target = run_date(context["dag_run"], context["params"])
        except BusinessDateError as error:
            raise AirflowFailException(str(error)) from error
        settings = self.settings
        with contextlib.closing(self.loader.connect()) as connection:
            ensure_platform_tables(connection)
        self.log.info("Business date %s (Tokyo), environment %s", target, settings.environment)
        for name in dump_names(settings):
            self.log.info("Waits for s3://%s/%s[.gz|.zst]", settings.require("bucket"), dump_key(target, name))
        self.log.info("Replaces staging, silver and gold with the state of that day")
        self.log.info("Refreshes QuickSight: %s", ", ".join(settings.quicksight_datasets) or "no data set configured")
        return target.isoformat()
