"""Operator that writes the status page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import BaseOperator

from include.operators.connections import DBT, endpoint
from include.operators.fail_open import fails_open
from include.settings import Settings


class StatusPageOperator(BaseOperator):
    """Write the state of the platform as one HTML page into the bucket, where the plugin finds it.

    Use it as a teardown (`.as_teardown()`): it then runs however the day went, and says nothing about how the run
    ended (incident I-22: a last step that always succeeds must not turn a failed run green).
    """

    @fails_open
    def execute(self, context: Any) -> str:
        """Write the page; return its first sentence.

        Raises:
            AirflowSkipException: the last try failed; the people have been warned.
        """
        import boto3
        from airflow.configuration import conf

        from include.status_page.facts import collect
        from include.status_page.render import render
        from include.status_page.store import put_page

        s3, settings = boto3.client("s3"), Settings.from_environment()
        facts = collect(s3, settings, endpoint(DBT), datetime.now(UTC))
        address = put_page(s3, settings, render(facts, conf.get("api", "base_url", fallback="")))
        self.log.info("%s: %s. %s", address, facts.headline.word, facts.headline.sentence)
        return facts.headline.sentence
