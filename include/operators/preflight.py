"""Operator that sees, before anything is loaded, that everything the day needs is there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from include.operators.connections import DBT, LOADER, RESTORE, endpoint
from include.operators.policy import POOLS
from include.settings import PROJECT_DIR, Settings

ASK_SECONDS = 5
"""How long the API of MWAA may take to answer; the pools are not worth a longer wait."""


class PreflightOperator(BaseOperator):
    """Look at programs, versions, connections, bucket, pools and manifest, and tell all problems at once.

    It belongs into a pool that always exists, beside and not behind the tasks whose pools it looks for.
    """

    def execute(self, context: Any) -> None:
        """List what was found.

        Raises:
            AirflowFailException: something is missing, so that another try would miss it too.
            include.preflight.checks.Unanswered: something did not answer.
        """
        import boto3

        from include.preflight import checks

        settings = Settings.from_environment()
        lock = settings.dbt_project_dir / "requirements.lock"
        wanted = {
            "dbt": lambda: checks.dbt(Path(settings.dbt_executable), lock),
            "dbt manifest": lambda: checks.manifest(lambda: settings.dbt_manifest, lock),
            "mysql client": lambda: checks.client(settings.load_transport),
            LOADER: lambda: checks.database(partial(endpoint, LOADER)),
            RESTORE: lambda: checks.restore_login(partial(endpoint, RESTORE)),
            DBT: lambda: checks.database(partial(endpoint, DBT)),
            "bucket": lambda: checks.bucket(partial(boto3.client, "s3"), settings.require("bucket")),
            "pools": lambda: checks.pools(partial(_slots, settings), POOLS),
            "packages": lambda: checks.packages(PROJECT_DIR / "requirements.txt", checks.installed_here),
        }
        if settings.startup_report:
            wanted = {"startup": lambda: checks.startup(Path(settings.startup_report)), **wanted}
        try:
            checks.run(wanted, self.log.info, self.log.warning)
        except checks.PreflightFailed as error:
            raise AirflowFailException(str(error)) from error


def _slots(settings: Settings) -> Mapping[str, int]:
    """Ask the Airflow that runs this task for its pools."""
    from include.preflight.pools import slots_at, slots_on_mwaa

    if settings.mwaa_environment:
        import boto3
        from botocore.config import Config

        patience = Config(connect_timeout=ASK_SECONDS, read_timeout=ASK_SECONDS, retries={"total_max_attempts": 1})
        return slots_on_mwaa(boto3.client("mwaa", config=patience), settings.mwaa_environment)
    from airflow.configuration import conf

    return slots_at(conf.get("api", "base_url", fallback=""))
