"""Operator that writes the status page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from include.operators.base import PlatformOperator
from include.operators.side_effects import fails_open


class StatusPageOperator(PlatformOperator):
    """Write the state of the platform as one HTML page to the bucket, from where the Airflow plugin serves it.

    Use it as a teardown (`.as_teardown()`): it then runs after failures too, and its success does not make a failed
    run succeed (incident I-22).
    """

    @fails_open
    def execute(self, context: Any) -> str:
        """Write the page; return its headline.

        Raises:
            AirflowSkipException: the last try failed; a warning was sent.
        """
        from airflow.configuration import conf

        from include.status_page.facts import collect
        from include.status_page.render import render
        from include.status_page.store import put_page

        s3 = self.s3()
        facts = collect(s3, self.settings, self.dbt, datetime.now(UTC))
        address = put_page(s3, self.settings, render(facts, conf.get("api", "base_url", fallback="")))
        self.log.info("%s: %s. %s", address, facts.headline.word, facts.headline.sentence)
        return facts.headline.sentence
