"""Operator that refreshes one QuickSight data set."""

from __future__ import annotations

import time
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from include.operators.dated import DatedOperator
from include.operators.publishing import record


class RefreshQuickSightOperator(DatedOperator):
    """Refresh a data set and wait until its readers see the new figures.

    Args:
        dataset_id: data set to refresh; one mapped task each.
        timeout_seconds: longest wait for QuickSight, in seconds.
    """

    template_fields = (*DatedOperator.template_fields, "dataset_id")

    def __init__(self, *, dataset_id: str, timeout_seconds: float = 900.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dataset_id = dataset_id
        self.timeout_seconds = timeout_seconds

    def execute(self, context: Any) -> dict[str, Any]:
        """Refresh; return the ingestion's id and row counts.

        Raises:
            AirflowFailException: the daily limit is spent; further tries could only spend more.
            include.quicksight.refresh.IngestionError: QuickSight's own error.
        """
        import boto3

        from include.quicksight.refresh import DailyLimitSpent, new_ingestion_id, refresh_dataset
        from include.warehouse.publications import quicksight_layer

        ti, target, began = context["ti"], self.target, time.monotonic()
        try:
            done = refresh_dataset(
                boto3.client("quicksight"),
                boto3.client("sts").get_caller_identity()["Account"],
                self.dataset_id,
                new_ingestion_id(target, ti.run_id, ti.try_number),
                self.log.info,
                timeout_seconds=self.timeout_seconds,
            )
        except DailyLimitSpent as error:
            raise AirflowFailException(str(error)) from error
        self.log.info("%s holds %d rows, %d dropped", done.dataset_id, done.rows, done.rows_dropped)
        record(self.log, target, quicksight_layer(done.dataset_id), done.rows, time.monotonic() - began)
        return {"ingestion_id": done.ingestion_id, "rows": done.rows, "rows_dropped": done.rows_dropped}
