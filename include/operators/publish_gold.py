"""Operators that publish gold, and that find out which business date is published."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.operators.base import DatedOperator, PlatformOperator
from include.operators.side_effects import only_warns, record_published


class PublishGoldOperator(DatedOperator):
    """Swap what dbt built and tested in `gold_next` into `gold`, all tables in one rename."""

    def execute(self, context: Any) -> dict[str, Any]:
        """Publish; return how many tables were replaced and how many were of that date already.

        Raises:
            AirflowFailException: `gold_next` is not a complete generation of the date; a retry would find the same.
            include.warehouse.gold.ReadersElsewhere: the tables do not appear where the dashboards read (I-15).
        """
        from include.warehouse.gold import GoldIncomplete, await_readers, model_names, publish_gold, row_count
        from include.warehouse.readers import note_published
        from include.warehouse.schema import GOLD

        settings, login, began, rows = self.settings, self.dbt, time.monotonic(), None
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
        self.trace(login, writes=[f"{GOLD.live}.{table}" for table in published.replaced])
        self.log.info("Gold shows %s: %d tables", published.target, len(models))
        self.log.info("Replaced: %s", ", ".join(published.replaced) or "nothing, every table was of that date already")
        record_published(self.log, lambda: self.loader, published.target, "gold", rows, seconds)
        with only_warns(self.log, f"The bucket does not note that gold shows {published.target}"):
            note_published(self.s3(), settings, "gold", published.target, datetime.now(UTC))
        return {"replaced": len(published.replaced), "stayed": len(published.stayed)}


class ShownDateOperator(PlatformOperator):
    """Return the business date that gold shows."""

    def execute(self, context: Any) -> str:
        """Return it as `YYYY-MM-DD`.

        Raises:
            AirflowSkipException: gold was never published, so there is nothing to test.
        """
        from include.warehouse.readers import gold_date

        with contextlib.closing(self.dbt.connect()) as connection:
            shown = gold_date(connection)
        if shown is None:
            raise AirflowSkipException("Gold was never published; the first run of gghouse_daily publishes it")
        self.log.info("Gold shows %s", shown)
        return shown.isoformat()
