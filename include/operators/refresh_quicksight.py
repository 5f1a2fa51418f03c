"""Operator that refreshes one QuickSight data set."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from include.alerts.causes import Cause, Fault
from include.operators.assets import data_set
from include.operators.base import DatedOperator
from include.operators.callbacks import warn_people
from include.operators.side_effects import only_warns, record_published


class RefreshQuickSightOperator(DatedOperator):
    """Refresh a data set and wait until it shows the new figures.

    Rows that QuickSight dropped raise a warning: readers see the others.

    Args:
        dataset_id: data set to refresh; one mapped task each (templated).
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
            AirflowFailException: the daily limit of refreshes is spent; a retry could only count against it.
            include.quicksight.refresh.IngestionError: QuickSight's own error.
        """
        from include.quicksight.refresh import DailyLimitSpent, missing_rows, new_ingestion_id, refresh_dataset
        from include.warehouse.publications import quicksight_layer

        # The outlets of a mapped task are those of all its instances.
        self.outlets = [asset for asset in self.outlets if asset == data_set(self.dataset_id)]
        ti, target, began = context["ti"], self.target, time.monotonic()
        client, account = self.aws("quicksight"), self.aws("sts").get_caller_identity()["Account"]
        try:
            done = refresh_dataset(
                client,
                account,
                self.dataset_id,
                new_ingestion_id(target, ti.run_id, ti.try_number),
                self.log.info,
                timeout_seconds=self.timeout_seconds,
            )
        except DailyLimitSpent as error:
            raise AirflowFailException(str(error)) from error
        self.log.info("%s holds %d rows, %d dropped", done.dataset_id, done.rows, done.rows_dropped)
        layer = quicksight_layer(done.dataset_id)
        record_published(self.log, lambda: self.loader, target, layer, done.rows, time.monotonic() - began)
        table, in_table = self._source(client, account)
        if sentence := missing_rows(done, table, in_table):
            self.log.warning("%s", sentence)
            warn_people(context, Fault(Cause.QUICKSIGHT_ROWS, done.dataset_id), sentence)
        return {"ingestion_id": done.ingestion_id, "rows": done.rows, "rows_dropped": done.rows_dropped}

    def _source(self, client: Any, account: str) -> tuple[str, int | None]:
        """Return the table behind the data set ("" if unknown) and its rows (None if unknown)."""
        from include.quicksight.refresh import table_shown
        from include.warehouse.schema import table_rows

        table = ""
        with only_warns(self.log, f"The rows of {self.dataset_id} could not be compared with those of its table"):
            if table := table_shown(client, account, self.dataset_id):
                login = self.dbt
                self.trace(login, reads=[table])
                readers = replace(login, host=self.settings.readers_host or login.host)
                with contextlib.closing(readers.connect()) as connection:
                    return table, table_rows(connection, *table.split(".", 1))
        return table, None
