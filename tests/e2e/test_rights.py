"""A day lives on the rights of the execution role, as Terraform renders it: enough, and each of them needed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from include.schedule import DAILY
from infra.local.airflow_api import AirflowApi, TaskInstance, wait_until
from infra.local.airflow_home import ui_url
from infra.local.aws.account import planned
from infra.local.aws.iam import Wish
from infra.local.aws.moto_server import ASKED_FILE, ROLE_FILE
from infra.local.day import Follower
from infra.local.state import State
from tests.e2e.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.full]

DATE = "2026-03-02"
TASK_SECONDS = 120

# What no day asks for from here, and who asks on AWS.
OTHERS = {
    "airflow:InvokeRestApi": "preflight on MWAA; here the pools are asked for at Airflow itself",
    "airflow:CreateCliToken": "gghouse_housekeeping on MWAA",
    "airflow:PublishMetrics": "MWAA itself",
    "kms:CreateGrant": "recover_cluster, through RDS",
    "kms:DescribeKey": "recover_cluster, through RDS, and MWAA itself",
    "kms:Encrypt": "MWAA's queue",
    "logs:": "MWAA itself",
    "quicksight:ListIngestions": "a refresh that meets QuickSight's daily limit",
    "rds:": "recover_cluster",
    "s3:AbortMultipartUpload": "an upload that failed half-way",
    "s3:GetAccountPublicAccessBlock": "MWAA itself",
    "s3:GetBucketLocation": "MWAA itself, and clients that look for a bucket's region",
    "s3:GetBucketPublicAccessBlock": "MWAA itself",
    "s3:GetBucketVersioning": "MWAA itself",
    "s3:GetEncryptionConfiguration": "MWAA itself",
    "s3:GetObjectVersion": "a load that reads the version of the dump that it began with; moto's bucket has none",
    "s3:ListBucketVersions": "MWAA itself",
    "s3:PutObjectTagging": "the archive of a dump that bears tags",
    "sqs:": "MWAA's queue",
}


@dataclass(frozen=True)
class Right:
    """A right, and the task that cannot do without it; tasks that come last come first here."""

    action: str
    task: str
    resource: str = "*"

    def taken(self) -> str:
        """Return the role's policy without the right."""
        policy = planned()["execution_role"]
        denied = {"Sid": "Taken", "Effect": "Deny", "Action": self.action, "Resource": self.resource}
        return json.dumps(policy | {"Statement": [*policy["Statement"], denied]})


NEEDED = (
    Right("s3:PutObject", "status_page", "*/status/index.html"),
    Right("s3:PutObject", "dbt_docs", "*/docs/*"),
    Right("s3:PutObject", "archive_dump", "*/processed/*"),
    Right("quicksight:CreateIngestion", "refresh_quicksight"),
    Right("quicksight:DescribeIngestion", "refresh_quicksight"),
    Right("s3:PutObject", "capture_snapshot", "*/snapshots/*"),
    Right("kms:GenerateDataKey", "capture_snapshot"),
    Right("s3:GetObject", "load_staging", "*/dumps/*"),
    Right("s3:GetObject", "load_staging", "*/dumps-manifest/*"),
    Right("secretsmanager:GetSecretValue", "load_staging"),
    Right("kms:Decrypt", "plan_day"),
    Right("s3:ListBucket", "preflight"),
)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform(State(tmp_path_factory.mktemp("rights") / "local", {}))
    platform.run("--date", DATE)
    yield platform
    platform.command("down")


def asked(platform: Platform) -> list[tuple[Wish, bool]]:
    lines = (platform.state.logs / ASKED_FILE).read_text().splitlines()
    return [
        (Wish(action, resource, tuple(context.items())), allowed)
        for action, resource, context, allowed in map(json.loads, lines)
    ]


def test_a_day_needs_no_other_right(platform: Platform) -> None:
    assert refused(platform) == []


def test_every_right_is_asked_for_or_somebody_elses(platform: Platform) -> None:
    policy = planned()["execution_role"]
    wishes = {wish.action for wish, _ in asked(platform)} | {"sns:Publish"}  # a green day mails nothing
    listed = [each["Action"] for each in policy["Statement"]]
    actions = {action for each in listed for action in ([each] if isinstance(each, str) else each)}
    assert {action for action in actions - wishes if not action.startswith(tuple(OTHERS))} == set()


@pytest.mark.parametrize("right", NEEDED, ids=lambda right: f"{right.action} {right.resource} {right.task}")
def test_a_day_without_a_right_is_red(platform: Platform, right: Right) -> None:
    role = platform.state.directory / ROLE_FILE
    api = AirflowApi(ui_url(platform.state))
    run_id = api.last_run(DAILY)
    seen = len(refused(platform))
    role.write_text(right.taken())
    try:
        tries = last_try(api, run_id, right.task)
        clear(api, run_id, right.task)
        wait_until(lambda: is_red(api, run_id, right.task, tries), TASK_SECONDS, f"{right.task} did not turn red")
    finally:
        role.write_text(json.dumps(planned()["execution_role"]))
    assert {wish.action for wish in refused(platform)[seen:]} == {right.action}


def test_the_run_ends_green_when_all_rights_are_back(platform: Platform) -> None:
    api = AirflowApi(ui_url(platform.state))
    run_id = api.last_run(DAILY)
    clear(api, run_id, *dict.fromkeys(right.task for right in NEEDED))
    assert Follower(platform.state, api, run_id, print).follow() == "success"


def refused(platform: Platform) -> list[Wish]:
    return [wish for wish, allowed in asked(platform) if not allowed]


def clear(api: AirflowApi, run_id: str, *tasks: str) -> None:
    """Clear tasks; of mapped ones the first is enough."""
    named = [[task, 0] if task == "refresh_quicksight" else task for task in tasks]
    body: dict[str, Any] = {"dry_run": False, "dag_run_id": run_id, "task_ids": named, "only_failed": False}
    api._call("POST", f"/dags/{DAILY}/clearTaskInstances", body | {"reset_dag_runs": True})


def tries_of(api: AirflowApi, run_id: str, task: str) -> list[TaskInstance]:
    return [each for each in api.task_instances(DAILY, run_id) if each.task_id == task and each.map_index <= 0]


def last_try(api: AirflowApi, run_id: str, task: str) -> int:
    return max(each.try_number for each in tries_of(api, run_id, task))


def is_red(api: AirflowApi, run_id: str, task: str, tries: int) -> bool:
    (last,) = tries_of(api, run_id, task)
    return last.try_number > tries and last.state in ("failed", "up_for_retry")
