"""Operator that finds out which business date readers see."""

from __future__ import annotations

import contextlib
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from include.operators.connections import DBT, endpoint


class ShownDateOperator(BaseOperator):
    """Return the business date of the figures in gold."""

    def execute(self, context: Any) -> str:
        """Return it as `YYYY-MM-DD`.

        Raises:
            AirflowSkipException: nothing was published yet, so there is nothing to look at.
        """
        from include.warehouse.readers import gold_date

        with contextlib.closing(endpoint(DBT).connect()) as connection:
            shown = gold_date(connection)
        if shown is None:
            raise AirflowSkipException("No figures were published yet; the first run of gghouse_daily does that")
        self.log.info("Readers see %s", shown)
        return shown.isoformat()
