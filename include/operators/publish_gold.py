"""Operator that shows the day's gold to its readers."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from include.operators.connections import DBT, endpoint
from include.operators.dated import DatedOperator
from include.operators.fail_open import only_warns
from include.operators.publishing import record
from include.settings import Settings


class PublishGoldOperator(DatedOperator):
    """Swap what dbt built and tested in `gold_next` into `gold`, all tables in one rename."""

    def execute(self, context: Any) -> dict[str, Any]:
        """Publish; return how many tables are new and how many were of that date already.

        Raises:
            AirflowFailException: what was built is no whole generation of the date; another try would find the same.
            include.warehouse.gold.ReadersElsewhere: it does not arrive where the dashboards are filled from (I-15).
        """
        import boto3

        from include.warehouse.gold import GoldIncomplete, await_readers, model_names, publish_gold, row_count
        from include.warehouse.readers import note_published

        settings, login, began, rows = Settings.from_environment(), endpoint(DBT), time.monotonic(), None
        models = model_names(settings.dbt_manifest)
        try:
            with contextlib.closing(login.connect()) as connection:
                published = publish_gold(connection, models, self.target)
                seconds = time.monotonic() - began
                with only_warns(self.log, "The rows of gold could not be counted"):
                    rows = row_count(connection)
        except GoldIncomplete as error:
            raise AirflowFailException(str(error)) from error
        await_readers(replace(login, host=settings.readers_host or login.host), published.target)
        self.log.info("Readers of gold see %s: %d tables", published.target, len(models))
        self.log.info("New: %s", ", ".join(published.replaced) or "nothing, all of it was there already")
        record(self.log, published.target, "gold", rows, seconds)
        with only_warns(self.log, f"That gold shows {published.target} was not noted in the bucket"):
            note_published(boto3.client("s3"), settings, "gold", published.target, datetime.now(UTC))
        return {"replaced": len(published.replaced), "stayed": len(published.stayed)}
