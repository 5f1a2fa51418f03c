"""Make the pools of an MWAA environment: `python -m infra pools gghouse-prod [--yes]`.

Terraform has no resource for them, and a task whose pool is missing never starts and logs nothing. What is wanted is
in `pools.yaml`. Pools not named there are left alone.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from include.airflow_api import MwaaAirflow, pool_slots

if TYPE_CHECKING:
    from types_boto3_mwaa import MWAAClient

POOLS_FILE = Path(__file__).with_name("pools.yaml")


@dataclass(frozen=True)
class Pool:
    """A pool as it is to be."""

    name: str
    slots: int
    description: str


def wanted_pools() -> list[Pool]:
    """Return the pools that the DAGs are written for."""
    return [Pool(**pool) for pool in yaml.safe_load(POOLS_FILE.read_text(encoding="utf-8"))]


def ensure_pools(client: MWAAClient, environment: str, pools: list[Pool], *, apply: bool) -> list[str]:
    """Make the pools that are missing and give the others their slots; return what was to be done, in sentences.

    Args:
        client: of the service `mwaa`; it may invoke the REST API in the role Op.
        environment: name of the environment.
        pools: as they are to be.
        apply: False returns the plan and changes nothing.

    Raises:
        botocore.exceptions.ClientError: Airflow or AWS refuses.
    """
    airflow = MwaaAirflow(client, environment)
    there = pool_slots(airflow)
    done = []
    for pool in pools:
        if pool.name not in there:
            done.append(f"make pool {pool.name} with {pool.slots} slot{'s' * (pool.slots != 1)}")
            body: dict[str, Any] = {"name": pool.name, "slots": pool.slots, "description": pool.description}
            request = partial(airflow.call, "POST", "/pools", body=body)
        elif there[pool.name] != pool.slots:
            done.append(f"give pool {pool.name} {pool.slots} instead of {there[pool.name]} slots")
            # Only the slots change; Airflow requires the other two fields all the same.
            body = {"pool": pool.name, "slots": pool.slots, "include_deferred": False}
            request = partial(airflow.call, "PATCH", f"/pools/{pool.name}", body=body, query={"update_mask": "slots"})
        else:
            continue
        if apply:
            request()
    return done


def main(arguments: list[str] | None = None) -> int:
    """Say what is to be done, and with `--yes` do it; return 1 with one sentence when AWS or Airflow refuses."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    parser = argparse.ArgumentParser(prog="python -m infra pools", description="Make the pools of an MWAA environment.")
    parser.add_argument("environment", help="name of the environment, for example gghouse-prod")
    parser.add_argument("--yes", action="store_true", help="do it; without, only say it")
    options = parser.parse_args(arguments)
    try:
        client = boto3.client("mwaa")
        done = ensure_pools(client, options.environment, wanted_pools(), apply=options.yes)
    except (BotoCoreError, ClientError) as error:
        print(f"The pools of {options.environment} cannot be made: {error}", file=sys.stderr)
        return 1
    for sentence in done or ["the pools are as wanted"]:
        print(sentence)
    if done and not options.yes:
        print("Nothing was changed; --yes does it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
