"""Operator that cleans Airflow's metadata database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from include.operators.base import PlatformOperator
from include.operators.side_effects import fails_open


class CleanMetadataOperator(PlatformOperator):
    """Delete what is older than the param `keep_days`; when the last try fails, warn and skip."""

    def execute(self, context: Any) -> dict[str, int]:
        """Clean; return the rows of each table that had some.

        Raises:
            AirflowSkipException: this Airflow is not on MWAA, or the last try failed and a warning was sent.
            include.airflow_api.AirflowRefused: Airflow's command line refused.
            include.housekeeping.metadata.CleaningFailed: a table could not be cleaned.
        """
        if not self.settings.mwaa_environment:
            raise AirflowSkipException("This Airflow is not on MWAA: run `airflow db clean` where its database is")
        found: dict[str, int] = self._clean(context)
        return found

    @fails_open
    def _clean(self, context: Any) -> dict[str, int]:
        from include.airflow_api import MwaaCli
        from include.housekeeping.metadata import clean

        params = context["params"]
        cli = MwaaCli(self.aws("mwaa"), self.settings.mwaa_environment)
        return clean(cli.run, datetime.now(UTC), params["keep_days"], dry_run=params["dry_run"], say=self.log.info)
