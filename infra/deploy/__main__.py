"""Command line: `python -m infra deploy ship --environment dev`, which changes nothing without `--yes`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.bundle import PROJECT
from infra.deploy import DeployError
from infra.deploy.bucket import Bucket
from infra.deploy.current import describe_lock, read_current, unlock
from infra.deploy.environment import Environment
from infra.deploy.release import RELEASES, load
from infra.deploy.ship import Target, deploy, rollback, verify

# Where Terraform puts everything.
REGION = "ap-northeast-1"
ENVIRONMENTS = [
    each.name for each in sorted((PROJECT / "infra" / "environments").iterdir()) if each.name != "bootstrap"
]


def main(arguments: Sequence[str] | None = None, session: Any = None) -> int:
    """Run one command; return 1 with one sentence when it fails.

    Args:
        arguments: those of the command line.
        session: boto3 session; None makes the usual one.
    """
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    options = _parser().parse_args(arguments)
    try:
        target = _target(session or boto3.Session(region_name=REGION), options.environment)
        _run(options, target)
    except (DeployError, BotoCoreError, ClientError) as error:
        print(_sentence(error, options.environment), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the same command finishes what was begun", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra deploy", description="Ship the bundle to Amazon MWAA.")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, text: str, *, changes: bool = False) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.add_argument("--environment", required=True, choices=ENVIRONMENTS, help="where to")
        if changes:
            how = added.add_mutually_exclusive_group()
            how.add_argument("--dry-run", action="store_true", help="show what would change (default)")
            how.add_argument("--yes", action="store_true", help="show it and do it")
        return added

    ship = command("ship", "ship a built bundle as the release of its commit, wait, and verify it", changes=True)
    ship.add_argument("--bundle", type=Path, default=PROJECT / "build" / "mwaa", help="what `make bundle` wrote")
    ship.add_argument("--deletions-only", action="store_true", help="accept a plan that only deletes")
    command("rollback", "ship the last good release before the present one; again: the one before that", changes=True)
    command("verify", "wait until Airflow runs the shipped release without import errors")
    command("releases", "list the complete releases; which is shipped and which one can go back to")
    command("unlock", "show who is deploying; with --yes remove the lock of a run that died", changes=True)
    return parser


def _target(session: Any, environment: str) -> Target:
    who = session.client("sts").get_caller_identity()
    name = f"gghouse-{environment}"
    return Target(
        bucket=Bucket(session.client("s3"), f"{name}-mwaa-{who['Account']}"),
        environment=Environment(session.client("mwaa"), name, time.sleep),
        who=who["Arn"],
        now=lambda: datetime.now(UTC),
        rollback_command=f"make deploy-rollback ENV={environment} YES=1",
        unlock_command=f"python -m infra deploy unlock --environment {environment} --yes",
    )


def _run(options: argparse.Namespace, target: Target) -> None:
    if options.command == "ship":
        deploy(target, options.bundle, apply=options.yes, deletions_only=options.deletions_only)
    elif options.command == "rollback":
        rollback(target, apply=options.yes)
    elif options.command == "verify":
        verify(target)
    elif options.command == "releases":
        _list(target.bucket)
    else:
        _unlock(target.bucket, apply=options.yes)
        return
    if "yes" in options and not options.yes:
        print("Nothing was changed; --yes (make: YES=1) does it.")


def _list(bucket: Bucket) -> None:
    current = read_current(bucket)
    for commit in bucket.folders(RELEASES):
        if load(bucket, commit):
            what = {current.release: "shipped", current.previous: "a rollback goes here"}.get(commit, "")
            print(f"{commit}  {'good' if commit in current.good else 'never verified':<14}  {what}".rstrip())


def _unlock(bucket: Bucket, *, apply: bool) -> None:
    holder = describe_lock(bucket)
    if holder is None:
        print("No deploy is running.")
    elif apply:
        unlock(bucket)
        print(f"The lock of {holder} is removed.")
    else:
        print(f"{holder} is deploying; --yes removes this lock, once that run is dead for certain.")


def _sentence(error: Exception, environment: str) -> str:
    code = getattr(error, "response", {}).get("Error", {}).get("Code")
    if code == "NoSuchBucket":
        return f"gghouse-{environment} has no bucket yet; make it with Terraform in infra/environments/{environment}"
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
