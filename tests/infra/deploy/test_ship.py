"""Shipping to S3 of moto and to a fake MWAA (`fake_mwaa.py`; moto has none)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from include.operators.policy import POOLS
from infra.deploy import DeployError
from infra.deploy.current import locked, read_current
from infra.deploy.release import load
from infra.deploy.ship import deploy, rollback, verify
from tests.infra.deploy.world import FILES, NAME, World, commit

UPDATE = {"plugins.zip": "Plugins", "requirements.txt": "Requirements", "startup.sh": "StartupScript"}


def expected_update(world: World, *names: str) -> dict[str, str]:
    wanted = {f"{UPDATE[name]}S3Path": name for name in names} | {"WorkerReplacementStrategy": "GRACEFUL"}
    return wanted | {f"{UPDATE[name]}S3ObjectVersion": world.version(name) for name in names}


@contextmanager
def interrupted(world: World, stop_at: str) -> Iterator[None]:
    """Ctrl-C as soon as a key that begins so is written."""

    def interrupt(params: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name in ("PutObject", "CopyObject") and params["Key"].startswith(stop_at):
            raise KeyboardInterrupt

    world.s3.meta.events.register("provide-client-params.s3", interrupt)
    with pytest.raises(KeyboardInterrupt):
        yield
    world.s3.meta.events.unregister("provide-client-params.s3", interrupt)


def test_the_first_deploy_uploads_updates_and_verifies(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    deploy(world.target, world.bundle(1), apply=True)
    assert world.shipped() == FILES
    assert world.mwaa.updates == [expected_update(world, *UPDATE)]
    assert world.mwaa.environment
    assert world.mwaa.environment["Status"] == "AVAILABLE"
    release = load(world.target.bucket, commit(1))
    assert release
    assert (release.airflow_version, release.dag_ids) == ("3.3.1", ["gghouse_daily", "gghouse_watch"])
    current = read_current(world.target.bucket)
    assert (current.release, current.good, current.previous) == (commit(1), [commit(1)], None)
    text = capsys.readouterr().out
    assert "  dags/ added:       3  gghouse_daily.py, gghouse_watch.py, include/dump.py\n" in text
    assert "  new beside:        1  wheels/mysql-1.whl\n" in text
    assert "environment update, 10 to 30 minutes: plugins.zip changed, requirements.txt changed, startup.sh ch" in text
    assert "gghouse-dev is UPDATING after 1 min" in text
    assert f"gghouse-dev runs {commit(1)}: 2 DAGs, no import errors" in text


def test_pools_without_which_tasks_would_wait_for_ever_are_made(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(world.target, world.bundle(1), apply=False)
    assert world.mwaa.pools == {"default_pool": 128}
    deploy(world.target, world.bundle(1), apply=True)
    assert world.mwaa.pools == {"default_pool": 128, **POOLS}
    assert "  make pool warehouse with 1 slot\n  make pool dbt with 2 slots\n" in capsys.readouterr().out
    verify(world.target)
    del world.mwaa.pools["dbt"]
    with pytest.raises(
        DeployError, match="gghouse-dev needs this: make pool dbt with 2 slots; a deploy does it, or `python -m"
    ):
        verify(world.target)


def test_the_second_time_nothing_changed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    deploy(world.target, world.bundle(1), apply=True)
    before = read_current(world.target.bucket)
    world.writes()
    deploy(world.target, world.bundle(1), apply=True)
    assert "nothing to change, it is shipped already" in capsys.readouterr().out
    assert world.writes() == []
    assert len(world.mwaa.updates) == 1
    assert read_current(world.target.bucket) == before


def test_changed_dags_are_shipped_without_an_environment_update(world: World) -> None:
    deploy(world.target, world.bundle(1), apply=True)
    world.writes()
    changes = {"dags/gghouse_daily.py": "new", "dags/include/dump.py": "new", "dags/gghouse_watch.py": None}
    deploy(world.target, world.bundle(2, {**changes, "dags/include/scan.py": "added"}), apply=True)
    assert len(world.mwaa.updates) == 1
    shipped = [(call, key) for call, key in world.writes() if not key.startswith("releases/")]
    assert {*shipped[:2]} == {("CopyObject", "dags/include/dump.py"), ("CopyObject", "dags/include/scan.py")}
    assert shipped[2:] == [("CopyObject", "dags/gghouse_daily.py"), ("DeleteObject", "dags/gghouse_watch.py")], (
        "a DAG file comes after what it imports, and deleting comes last"
    )
    assert world.shipped()["dags/gghouse_daily.py"] == "new"


def test_changed_plugins_update_the_environment_before_the_dags_change(world: World) -> None:
    deploy(world.target, world.bundle(1), apply=True)
    seen: list[str] = []
    world.mwaa.on_update = lambda: seen.append(world.shipped()["dags/gghouse_daily.py"])
    deploy(world.target, world.bundle(2, {"plugins.zip": "two", "dags/gghouse_daily.py": "two"}), apply=True)
    assert world.mwaa.updates[1:] == [expected_update(world, "plugins.zip")]
    assert seen == [FILES["dags/gghouse_daily.py"]], "the old DAG files run until the environment is ready for the new"
    assert world.shipped()["dags/gghouse_daily.py"] == "two"


def test_a_failed_update_leaves_the_dags_and_says_why(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    deploy(world.target, world.bundle(1), apply=True)
    world.mwaa.fails_with = "requirements cannot be installed"
    bundle = world.bundle(2, {"plugins.zip": "two", "dags/gghouse_daily.py": "two"})
    with pytest.raises(
        DeployError,
        match=r"gghouse-dev is UPDATE_FAILED and not updated \(INCORRECT_CONFIGURATION: requirements cannot be inst"
        f"alled\\); go back to {commit(1)[:12]} with `go back`",
    ):
        deploy(world.target, bundle, apply=True)
    assert world.shipped()["dags/gghouse_daily.py"] == FILES["dags/gghouse_daily.py"]
    world.mwaa.fails_with = None
    deploy(world.target, bundle, apply=True)
    assert "plugins.zip is not the one in use" in capsys.readouterr().out, "the next run sees what MWAA took back"
    assert world.mwaa.updates[2:] == [expected_update(world, "plugins.zip")]
    assert world.shipped()["dags/gghouse_daily.py"] == "two"


def test_a_rollback_after_a_failed_update_puts_back_what_ran(world: World) -> None:
    deploy(world.target, world.bundle(1), apply=True)
    world.mwaa.fails_with = "requirements cannot be installed"
    with pytest.raises(DeployError):
        deploy(world.target, world.bundle(2, {"plugins.zip": "two"}), apply=True)
    world.mwaa.fails_with = None
    rollback(world.target, apply=True)
    assert world.shipped() == FILES
    assert world.mwaa.updates[2:] == [expected_update(world, "plugins.zip")]


def test_an_update_without_end_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.infra.deploy.fake_mwaa.UPDATE_SECONDS", 10**6)
    with pytest.raises(DeployError, match="gghouse-dev was not updated within 90 minutes"):
        deploy(world.target, world.bundle(1), apply=True)


def test_a_changing_environment_gets_no_release(world: World) -> None:
    world.mwaa.environment = {"Status": "MAINTENANCE"}
    with pytest.raises(DeployError, match="gghouse-dev is MAINTENANCE; deploy again when it is AVAILABLE"):
        deploy(world.target, world.bundle(1), apply=True)
    assert world.shipped() == {}


def test_a_plan_that_only_deletes_is_refused_unless_it_is_meant(world: World) -> None:
    deploy(world.target, world.bundle(1), apply=True)
    emptied = world.bundle(2, {"dags/gghouse_watch.py": None, "dags/include/dump.py": None})
    for apply in (False, True):
        with pytest.raises(DeployError, match="would only delete 2 files, as a broken build would; if it is meant so"):
            deploy(world.target, emptied, apply=apply)
    assert world.shipped() == FILES
    deploy(world.target, emptied, apply=True, deletions_only=True)
    assert "dags/gghouse_watch.py" not in world.shipped()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"dags/gghouse_daily.py": None, "dags/gghouse_watch.py": None},
            "is not a whole bundle: a DAG in dags/ missing",
        ),
        (
            {"plugins.zip": None, "REVISION": None},
            "is not a whole bundle: plugins.zip, REVISION missing; build it with",
        ),
        ({"REVISION": f"{commit(1)}-dirty\n"}, r"was built from 0+1-dirty, which is not a commit alone; commit or rem"),
        ({"requirements.txt": "pymysql\n"}, "does not say which Airflow it is for"),
    ],
)
def test_what_is_no_bundle_of_a_commit_is_refused(world: World, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DeployError, match=sentence):
        deploy(world.target, world.bundle(1, changes), apply=True)
    assert world.shipped() == {}


def test_a_bundle_for_another_airflow_than_the_environment_s_is_refused(world: World) -> None:
    for_321 = {"requirements.txt": '--constraint "/usr/local/airflow/plugins/constraints-3.2.1.txt"\n'}
    for apply in (False, True):
        with pytest.raises(
            DeployError,
            match=r"gghouse-dev runs Airflow 3\.3\.1, and release 0{12} is for 3\.2\.1, whose packages may not "
            r"install there; build it with `make deploy AIRFLOW=3\.3\.1`, or upgrade the environment first",
        ):
            deploy(world.target, world.bundle(1, for_321), apply=apply)
    assert world.shipped() == {}
    assert world.mwaa.environment
    world.mwaa.environment["AirflowVersion"] = world.mwaa.airflow_version = "3.2.1"
    deploy(world.target, world.bundle(1, for_321), apply=True)


def test_the_same_commit_with_other_bytes_is_refused(world: World) -> None:
    deploy(world.target, world.bundle(1), apply=True)
    for apply in (False, True):
        with pytest.raises(DeployError, match=r"is in the bucket with other bytes \(dags/include/dump.py\), and a rel"):
            deploy(world.target, world.bundle(1, {"dags/include/dump.py": "other"}), apply=apply)
    assert world.shipped() == FILES


def test_what_is_kept_for_ever_is_never_overwritten(world: World) -> None:
    deploy(world.target, world.bundle(1), apply=True)
    with pytest.raises(DeployError, match=r"wheels/mysql-1.whl is there already with other bytes"):
        deploy(world.target, world.bundle(2, {"wheels/mysql-1.whl": "other"}), apply=True)
    assert world.shipped() == FILES


@pytest.mark.parametrize("stop_at", ["releases/", "current.json", "plugins.zip", "dags/include/dump.py", "dags/ggho"])
def test_the_next_run_finishes_what_was_interrupted(world: World, stop_at: str) -> None:
    deploy(world.target, world.bundle(1), apply=True)
    changed = {"dags/gghouse_daily.py": "two", "dags/include/dump.py": "two", "plugins.zip": "two"}
    bundle = world.bundle(2, {**changed, "dags/gghouse_watch.py": None})
    with interrupted(world, stop_at):
        deploy(world.target, bundle, apply=True)
    deploy(world.target, bundle, apply=True)
    assert world.shipped() == {**{name: FILES[name] for name in FILES if name != "dags/gghouse_watch.py"}, **changed}
    current = read_current(world.target.bucket)
    assert (current.release, current.good) == (commit(2), [commit(1), commit(2)])
    assert load(world.target.bucket, commit(2))
    assert world.mwaa.environment
    assert world.mwaa.environment["PluginsS3ObjectVersion"] == world.version("plugins.zip")


def test_a_dry_run_writes_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    deploy(world.target, world.bundle(1), apply=False)
    assert "plugins.zip changed" in capsys.readouterr().out
    deploy(world.target, world.bundle(1), apply=True)
    deploy(world.target, world.bundle(2, {"plugins.zip": "two"}), apply=True)
    world.writes()
    capsys.readouterr()
    deploy(world.target, world.bundle(3, {"dags/gghouse_daily.py": "three"}), apply=False)
    rollback(world.target, apply=False)
    assert world.writes() == []
    assert len(world.mwaa.updates) == 2
    text = capsys.readouterr().out
    assert "changed:     1  gghouse_daily.py" in text
    assert f"gghouse-dev gets release {commit(1)}" in text


def test_before_terraform_made_the_environment_it_only_uploads(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.mwaa.environment = None
    for _ in range(2):
        deploy(world.target, world.bundle(1), apply=True)
        assert "is uploaded; `terraform apply` makes the environment, then deploy once more" in capsys.readouterr().out
    assert world.shipped() == FILES
    world.mwaa.environment = {"Status": "AVAILABLE", "AirflowVersion": "3.3.1", "DagS3Path": "dags"}
    deploy(world.target, world.bundle(1), apply=True)
    assert world.mwaa.updates == [expected_update(world, *UPDATE)]


def test_a_rollback_restores_bytes_and_versions_and_a_second_goes_further_back(world: World) -> None:
    deploy(world.target, world.bundle(1), apply=True)
    two = {"plugins.zip": "two", "dags/gghouse_daily.py": "two", "dags/include/new.py": "two"}
    deploy(world.target, world.bundle(2, two), apply=True)
    deploy(world.target, world.bundle(3, {**two, "dags/gghouse_daily.py": "three"}), apply=True)
    updates = len(world.mwaa.updates)

    rollback(world.target, apply=True)
    assert world.shipped() == {**FILES, **two}
    assert len(world.mwaa.updates) == updates, "plugins did not change between the two"

    rollback(world.target, apply=True)
    assert world.shipped() == FILES
    assert world.mwaa.updates[updates:] == [expected_update(world, "plugins.zip")]
    assert world.mwaa.environment
    version = world.mwaa.environment["PluginsS3ObjectVersion"]
    content = world.s3.get_object(Bucket=NAME, Key="plugins.zip", VersionId=version)["Body"].read()
    assert content == b"plugins one"
    with pytest.raises(DeployError, match=r"there is no good release before 0+; deploy a fixed commit instead"):
        rollback(world.target, apply=True)

    deploy(world.target, world.bundle(4, {"dags/gghouse_daily.py": "four"}), apply=True)
    assert read_current(world.target.bucket).good == [commit(1), commit(4)], "what was rolled back is not gone back to"


def test_a_rollback_that_was_interrupted_goes_no_further_back_the_next_time(world: World) -> None:
    for number in (1, 2, 3):
        deploy(world.target, world.bundle(number, {"dags/gghouse_daily.py": f"{number}"}), apply=True)
    with interrupted(world, "dags/gghouse_daily.py"):
        rollback(world.target, apply=True)
    assert read_current(world.target.bucket).release == commit(2)
    assert world.shipped()["dags/gghouse_daily.py"] == "3"
    rollback(world.target, apply=True)
    assert world.shipped()["dags/gghouse_daily.py"] == "2"


def test_a_rollback_to_a_release_whose_wheels_are_gone_is_refused(world: World) -> None:
    deploy(world.target, world.bundle(1), apply=True)
    deploy(world.target, world.bundle(2, {"wheels/mysql-1.whl": None, "wheels/mysql-2.whl": "x"}), apply=True)
    world.target.bucket.delete("wheels/mysql-1.whl")
    with pytest.raises(DeployError, match=r"wheels/mysql-1.whl is gone from the bucket; deploy that commit again"):
        rollback(world.target, apply=True)


def test_a_rollback_may_only_delete(world: World) -> None:
    deploy(world.target, world.bundle(1), apply=True)
    deploy(world.target, world.bundle(2, {"dags/include/new.py": "two"}), apply=True)
    rollback(world.target, apply=True)
    assert world.shipped() == FILES


def test_a_rollback_skips_what_never_ran(world: World) -> None:
    deploy(world.target, world.bundle(1), apply=True)
    for number in (2, 3):
        with pytest.raises(DeployError, match=f"go back to {commit(1)[:12]}"):
            deploy(world.target, world.bundle(number, {"dags/gghouse_daily.py": f"broken {number}"}), apply=True)
    rollback(world.target, apply=True)
    assert world.shipped() == FILES


def test_a_dag_that_cannot_be_imported_fails_and_the_way_back_is_named(world: World) -> None:
    deploy(world.target, world.bundle(1), apply=True)
    with pytest.raises(
        DeployError,
        match=r"gghouse-dev does not run 0+ as it should: gghouse_daily.py cannot be imported "
        r"\(ModuleNotFoundError: No module named 'nowhere'\); not there: gghouse_daily; go back to 0+ with `go back`",
    ):
        deploy(world.target, world.bundle(2, {"dags/gghouse_daily.py": "broken"}), apply=True)
    current = read_current(world.target.bucket)
    assert (current.release, current.previous, current.good) == (commit(2), commit(1), [commit(1)])
    with pytest.raises(DeployError, match="cannot be imported"):
        verify(world.target)
    with pytest.raises(DeployError, match="cannot be imported"):
        deploy(world.target, world.bundle(2, {"dags/gghouse_daily.py": "broken"}), apply=True)


def test_an_old_parse_proves_nothing(world: World) -> None:
    deploy(world.target, world.bundle(1), apply=True)
    world.mwaa.parses = False
    with pytest.raises(DeployError, match=r"not parsed since: gghouse_daily, gghouse_watch"):
        deploy(world.target, world.bundle(2, {"dags/include/dump.py": "two"}), apply=True)


def test_another_airflow_than_expected_fails(world: World) -> None:
    world.mwaa.airflow_version = "3.2.1"
    with pytest.raises(
        DeployError,
        match=r"Airflow is 3\.2\.1, requirements\.txt is for 3\.3\.1; there is no good release to go back to",
    ):
        deploy(world.target, world.bundle(1), apply=True)


def test_web_servers_that_are_being_replaced_are_waited_for(world: World) -> None:
    world.mwaa.silent_for = 5
    deploy(world.target, world.bundle(1), apply=True)
    assert read_current(world.target.bucket).good == [commit(1)]
    world.mwaa.silent_for = 10**6
    with pytest.raises(DeployError, match="Airflow's REST API answers 503"):
        verify(world.target)


def test_two_deploys_at_once(world: World) -> None:
    bucket = world.target.bucket
    with locked(bucket, "arn:aws:iam::1:user/eve", world.mwaa.clock, "unlock"):
        for attempt in (deploy, rollback):
            arguments = [world.target] + ([world.bundle(1)] if attempt is deploy else [])
            with pytest.raises(
                DeployError, match=r"arn:aws:iam::1:user/eve \(since 2026-03-02T09:00:00\+00:00\) is depl"
            ):
                attempt(*arguments, apply=True)
        deploy(world.target, world.bundle(1), apply=False)
        assert world.shipped() == {}
    deploy(world.target, world.bundle(1), apply=True)
    assert bucket.read("deploy.lock") is None


def test_a_lock_that_was_removed_as_stale_is_not_taken_from_the_next(world: World) -> None:
    bucket = world.target.bucket
    with locked(bucket, "first", world.mwaa.clock, "unlock"):
        bucket.delete("deploy.lock")
        bucket.put("deploy.lock", json.dumps({"who": "second", "since": "now"}).encode())
    assert bucket.read("deploy.lock")
