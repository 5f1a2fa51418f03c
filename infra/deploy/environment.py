"""The MWAA environment: which object versions it uses, and whether Airflow in it runs a release without errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from include.airflow_api import MwaaAirflow
from infra.deploy import DeployError
from infra.deploy.release import Release
from infra.pools import ensure_pools, wanted_pools

if TYPE_CHECKING:
    from types_boto3_mwaa import MWAAClient

PARAMETERS = {
    "plugins.zip": ("PluginsS3Path", "PluginsS3ObjectVersion"),
    "requirements.txt": ("RequirementsS3Path", "RequirementsS3ObjectVersion"),
    "startup.sh": ("StartupScriptS3Path", "StartupScriptS3ObjectVersion"),
}
"""How an environment names path and version of each file."""

READY = ("AVAILABLE", "UPDATE_FAILED")
"""Can be updated; after a failed update MWAA has restored what was before."""
CHANGING = ("CREATING_SNAPSHOT", "MAINTENANCE", "PENDING", "ROLLING_BACK", "UPDATING")

POLL_SECONDS = 60
UPDATE_MINUTES = 90
"""Three times the longest update that AWS names."""

SYNC_SECONDS = 60
"""Twice the time in which MWAA copies `dags/` to its components; what was parsed before may be the old files."""
VERIFY_POLL_SECONDS = 30
VERIFY_MINUTES = 15
"""Airflow looks for new DAG files every 5 minutes, and parses them after that."""
PAGE = 100
"""The most that Airflow's REST API returns at once."""

REST_ERRORS = ("RestApiClientException", "RestApiServerException")


@dataclass(frozen=True)
class Environment:
    """An MWAA environment.

    Attributes:
        mwaa: boto3 MWAA client.
        name: for example gghouse-dev.
        sleep: waits for seconds.
    """

    mwaa: MWAAClient
    name: str
    sleep: Callable[[float], None]

    def look(self) -> dict[str, Any] | None:
        """Return the environment as MWAA describes it, or None when there is none yet."""
        try:
            return dict(self.mwaa.get_environment(Name=self.name)["Environment"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise

    def update(self, versions: dict[str, str]) -> None:
        """Have the environment use these versions of the files, and wait until it does.

        Args:
            versions: object version by key, the keys being of `PARAMETERS`.

        Raises:
            DeployError: MWAA refused the update, or did not finish in `UPDATE_MINUTES`.
        """
        wanted: dict[str, Any] = {}
        for key, version in versions.items():
            path_parameter, version_parameter = PARAMETERS[key]
            wanted |= {path_parameter: key, version_parameter: version}
        # Graceful: tasks that run are not killed but end on the old workers.
        self.mwaa.update_environment(Name=self.name, WorkerReplacementStrategy="GRACEFUL", **wanted)
        for minutes in range(POLL_SECONDS // 60, UPDATE_MINUTES + 1, POLL_SECONDS // 60):
            self.sleep(POLL_SECONDS)
            found = self.look() or {"Status": "DELETED"}
            print(f"  {self.name} is {found['Status']} after {minutes} min", flush=True)
            if found["Status"] == "AVAILABLE" and wanted.items() <= found.items():
                return
            if found["Status"] not in (*CHANGING, "AVAILABLE"):
                error = found.get("LastUpdate", {}).get("Error", {})
                reason = f"{error.get('ErrorCode', 'no code')}: {error.get('ErrorMessage', 'MWAA gives no reason')}"
                raise DeployError(f"{self.name} is {found['Status']} and not updated ({reason})")
        raise DeployError(
            f"{self.name} was not updated within {UPDATE_MINUTES} minutes; look at it in the MWAA console"
        )

    def verify(self, release: Release, shipped_at: datetime) -> None:
        """Wait until Airflow runs the release: its version, no import errors, every DAG parsed since it was shipped.

        Raises:
            DeployError: after `VERIFY_MINUTES` something is still not as it must be; the message says what.
        """
        parsed_since = shipped_at + timedelta(seconds=SYNC_SECONDS)
        problems = self._problems(release, parsed_since)
        for _ in range(VERIFY_MINUTES * 60 // VERIFY_POLL_SECONDS):
            if not problems:
                return
            self.sleep(VERIFY_POLL_SECONDS)
            before, problems = problems, self._problems(release, parsed_since)
            if problems and problems != before:
                print(f"  not yet: {'; '.join(problems)}", flush=True)
        if problems:
            raise DeployError(f"{self.name} does not run {release.commit[:12]} as it should: {'; '.join(problems)}")

    def pools(self, *, apply: bool) -> list[str]:
        """Return what Airflow's pools lack, in sentences, and with `apply` change them; see `infra.pools`."""
        return ensure_pools(self.mwaa, self.name, wanted_pools(), apply=apply)

    def _problems(self, release: Release, parsed_since: datetime) -> list[str]:
        try:
            version = self._get("/version")["version"]
            errors = self._get("/importErrors", limit=PAGE)["import_errors"]
            dags = {each["dag_id"]: each["last_parsed_time"] for each in self._get("/dags", limit=PAGE)["dags"]}
        except ClientError as error:
            # Web servers are being replaced during an update and for some time after.
            if error.response["Error"]["Code"] not in REST_ERRORS:
                raise
            return [f"Airflow's REST API answers {error.response.get('RestApiStatusCode', 'with an error')}"]
        problems = []
        if version != release.airflow_version:
            problems.append(f"Airflow is {version}, requirements.txt is for {release.airflow_version}")
        for each in errors:
            problems.append(f"{each['filename']} cannot be imported ({last_line(each['stack_trace'])})")
        missing = [dag_id for dag_id in release.dag_ids if dag_id not in dags]
        if missing:
            problems.append(f"not there: {', '.join(missing)}")
        old = [dag_id for dag_id in release.dag_ids if dag_id in dags and not _is_since(dags[dag_id], parsed_since)]
        if old:
            problems.append(f"not parsed since: {', '.join(old)}")
        return problems

    def _get(self, path: str, **query: int) -> dict[str, Any]:
        return MwaaAirflow(self.mwaa, self.name).call("GET", path, query=query)


def last_line(stack_trace: str) -> str:
    """Return the line of a traceback that names the error."""
    return (stack_trace.strip().splitlines() or ["no reason given"])[-1]


def _is_since(moment: str | None, since: datetime) -> bool:
    return moment is not None and datetime.fromisoformat(moment) >= since
