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
            include.preflight.Unanswered: something did not answer.
        """
        import boto3

        from include import preflight

        settings = Settings.from_environment()
        lock = settings.dbt_project_dir / "requirements.lock"
        checks = {
            "dbt": lambda: preflight.dbt(Path(settings.dbt_executable), lock),
            "dbt manifest": lambda: preflight.manifest(lambda: settings.dbt_manifest, lock),
            "mysql client": lambda: preflight.client(settings.load_transport),
            LOADER: lambda: preflight.database(partial(endpoint, LOADER)),
            RESTORE: lambda: preflight.restore_login(partial(endpoint, RESTORE)),
            DBT: lambda: preflight.database(partial(endpoint, DBT)),
            "bucket": lambda: preflight.bucket(partial(boto3.client, "s3"), settings.require("bucket")),
            "pools": lambda: preflight.pools(partial(_slots, settings), POOLS),
            "packages": lambda: preflight.packages(PROJECT_DIR / "requirements.txt", preflight.installed_here),
        }
        if settings.startup_report:
            checks = {"startup": lambda: preflight.startup(Path(settings.startup_report)), **checks}
        try:
            preflight.run(checks, self.log.info, self.log.warning)
        except preflight.PreflightFailed as error:
            raise AirflowFailException(str(error)) from error


def _slots(settings: Settings) -> Mapping[str, int]:
    """Ask the Airflow that runs this task for its pools."""
    from include.pools import slots_at, slots_on_mwaa

    if settings.mwaa_environment:
        import boto3
        from botocore.config import Config

        patience = Config(connect_timeout=ASK_SECONDS, read_timeout=ASK_SECONDS, retries={"total_max_attempts": 1})
        return slots_on_mwaa(boto3.client("mwaa", config=patience), settings.mwaa_environment)
    from airflow.configuration import conf

    return slots_at(conf.get("api", "base_url", fallback=""))
