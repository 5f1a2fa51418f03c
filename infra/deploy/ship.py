"""Deploy a release, or go back to the one before: plan, show, and only then change anything."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from infra.deploy import DeployError
from infra.deploy.bucket import Bucket, in_parallel
from infra.deploy.current import Current, locked, read_current, write_current
from infra.deploy.environment import Environment
from infra.deploy.plan import Plan, make_plan
from infra.deploy.release import is_dag, load, read_bundle, refuse_other_bytes, upload


@dataclass(frozen=True)
class Target:
    """Where releases are shipped to.

    Attributes:
        bucket: what the environment reads its code from.
        environment: the MWAA environment.
        who: who deploys, for the lock.
        now: tells the time.
        rollback_command: for the message when something failed.
        unlock_command: for the message when another deploy is running.
    """

    bucket: Bucket
    environment: Environment
    who: str
    now: Callable[[], datetime]
    rollback_command: str
    unlock_command: str


def deploy(target: Target, bundle: Path, *, apply: bool, deletions_only: bool = False) -> None:
    """Ship a built bundle as the release of its commit, wait, and verify it.

    Args:
        target: where to.
        bundle: folder that `make bundle` wrote.
        apply: False shows the plan and changes nothing.
        deletions_only: accept a plan that only deletes.

    Raises:
        DeployError: refused before anything changed, or not shipped, or not running as it should.
    """
    release = read_bundle(bundle)
    refuse_other_bytes(target.bucket, release)

    def planned() -> Plan:
        plan = make_plan(target.bucket, target.environment, release)
        print(plan, flush=True)
        if not deletions_only:
            plan.refuse_deletions_only()
        return plan

    if not apply:
        planned()
        return
    with _locked(target):
        plan = planned()
        upload(target.bucket, release, bundle)
        _ship(target, plan, read_current(target.bucket).shipping(release.commit))


def rollback(target: Target, *, apply: bool) -> None:
    """Ship the last good release before the one that is shipped; done again, the one before that.

    Args:
        target: where to.
        apply: False shows the plan and changes nothing.

    Raises:
        DeployError: there is none to go back to, or as in `deploy`.
    """

    def planned() -> tuple[Plan, Current]:
        state = read_current(target.bucket).going_back()
        assert state.release  # noqa: S101  `going_back` has one or raises
        release = load(target.bucket, state.release)
        if release is None:
            raise DeployError(f"release {state.release[:12]} is not in the bucket any more; deploy that commit again")
        plan = make_plan(target.bucket, target.environment, release)
        print(plan, flush=True)
        if plan.uploaded:
            raise DeployError(f"{', '.join(plan.uploaded)} is gone from the bucket; deploy that commit again")
        return plan, state

    if not apply:
        planned()
        return
    with _locked(target):
        _ship(target, *planned())


def verify(target: Target) -> None:
    """Wait until Airflow runs what is shipped, and look at its pools.

    Raises:
        DeployError: it does not, or a pool is not as the DAGs need it, or nothing is shipped.
    """
    _verify(target)
    if wrong := target.environment.pools(apply=False):
        name = target.environment.name
        remedy = f"a deploy does it, or `python -m infra pools {name} --yes`"
        raise DeployError(f"{name} needs this: {', '.join(wrong)}; {remedy}")


def _verify(target: Target) -> None:
    current = read_current(target.bucket)
    release = load(target.bucket, current.release) if current.release else None
    if release is None or current.shipped_at is None:
        raise DeployError(f"no release is wholly shipped to s3://{target.bucket.name}; deploy first")
    try:
        target.environment.verify(release, datetime.fromisoformat(current.shipped_at))
    except DeployError as error:
        raise _with_remedy(target, current, error) from None
    print(f"{target.environment.name} runs {release.commit}: {len(release.dag_ids)} DAGs, no import errors", flush=True)


def _locked(target: Target) -> AbstractContextManager[None]:
    return locked(target.bucket, target.who, target.now(), target.unlock_command)


def _ship(target: Target, plan: Plan, state: Current) -> None:
    """Make bucket and environment those of the plan, and verify.

    Args:
        target: where to.
        plan: what to change.
        state: what is recorded before the first change, so that whatever fails afterwards knows where to go back to.
    """
    bucket, commit = target.bucket, plan.release.commit
    before = read_current(bucket)
    if plan.nothing and before.release == commit and before.shipped_at:
        state = before
    else:
        write_current(bucket, state)
        _change(target, plan, state)
        state = state.shipped(target.now())
        write_current(bucket, state)
    if not plan.environment:
        print(f"{commit[:12]} is uploaded; `terraform apply` makes the environment, then deploy once more")
        return
    _verify(target)
    for sentence in target.environment.pools(apply=True):  # only now does Airflow answer for certain
        print(f"  {sentence}", flush=True)
    write_current(bucket, state.verified())


def _change(target: Target, plan: Plan, state: Current) -> None:
    """Change the environment, then what it imports, then the DAG files, then delete what is gone.

    While the environment is updated the old DAG files still run, and when the update fails they are untouched.
    """
    bucket, release = target.bucket, plan.release
    versions = {key: bucket.copy(release.key(key), key) for key in plan.replaced} | plan.unused
    if versions and plan.environment:
        try:
            target.environment.update(versions)
        except DeployError as error:
            raise _with_remedy(target, state, error) from None
    for dag_files in (False, True):
        keys = [key for key in plan.copied if is_dag(key) == dag_files]
        in_parallel(lambda key: bucket.copy(release.key(key), key), keys)
    in_parallel(bucket.delete, plan.deleted)


def _with_remedy(target: Target, state: Current, error: DeployError) -> DeployError:
    if state.previous is None:
        return DeployError(f"{error}; there is no good release to go back to, so deploy a fixed commit")
    return DeployError(f"{error}; go back to {state.previous[:12]} with `{target.rollback_command}`")
