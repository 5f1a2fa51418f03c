"""Operator that checks, before anything is loaded, that everything the day needs is there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from include.operators.base import RESTORE, PlatformOperator, endpoint
from include.operators.policy import POOLS
from include.settings import PROJECT_DIR

# Longest wait for an answer of MWAA's API, in seconds; the check of the pools is not worth more.
ASK_SECONDS = 5


class PreflightOperator(PlatformOperator):
    """Check programs, versions, connections, bucket, pools and manifest, and report all problems at once.

    Run it in default_pool and in parallel with the waiting tasks, because it checks that the other pools exist.

    Args:
        restore_conn_id: MySQL connection that sends what a dump says (templated).
    """

    template_fields = (*PlatformOperator.template_fields, "restore_conn_id")

    def __init__(self, *, restore_conn_id: str = RESTORE, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.restore_conn_id = restore_conn_id

    def execute(self, context: Any) -> None:
        """Log what was found.

        Raises:
            AirflowFailException: something is missing; a retry would miss it too.
            include.preflight.checks.CheckUnavailable: something did not answer.
        """
        from include.preflight import checks

        settings = self.settings
        lock = settings.dbt_project_dir / "requirements.lock"
        loader, restore, dbt = self.loader_conn_id, self.restore_conn_id, self.dbt_conn_id
        wanted = {
            "dbt": lambda: checks.dbt(Path(settings.dbt_executable), lock),
            "dbt manifest": lambda: checks.manifest(lambda: settings.dbt_manifest, lock),
            "mysql client": lambda: checks.client(settings.load_transport),
            loader: lambda: checks.database(partial(endpoint, loader)),
            restore: lambda: checks.restore_login(partial(endpoint, restore)),
            dbt: lambda: checks.database(partial(endpoint, dbt)),
            "bucket": lambda: checks.bucket(self.s3, settings.require("bucket")),
            "pools": lambda: checks.pools(self._slots, POOLS),
            "packages": lambda: checks.packages(PROJECT_DIR / "requirements.txt", checks.installed_here),
        }
        if settings.nationality_model:
            from include.enrichment.bedrock import Bedrock

            asked = Bedrock(settings.nationality_model, self.aws)
            wanted["language model"] = lambda: checks.language_model(settings.nationality_model, asked.refusal)
        if settings.startup_report:
            wanted = {"startup": lambda: checks.startup(Path(settings.startup_report)), **wanted}
        try:
            checks.run(wanted, self.log.info, self.log.warning)
        except checks.PreflightFailed as error:
            raise AirflowFailException(str(error)) from error

    def _slots(self) -> Mapping[str, int]:
        """Ask the Airflow that runs this task for its pools and their slots."""
        from include.airflow_api import HttpAirflow, MwaaAirflow, pool_slots

        if self.settings.mwaa_environment:
            patience = {
                "connect_timeout": ASK_SECONDS,
                "read_timeout": ASK_SECONDS,
                "retries": {"total_max_attempts": 1},
            }
            return pool_slots(MwaaAirflow(self.aws("mwaa", **patience), self.settings.mwaa_environment))
        from airflow.configuration import conf

        return pool_slots(HttpAirflow(conf.get("api", "base_url", fallback=""), seconds=ASK_SECONDS))
