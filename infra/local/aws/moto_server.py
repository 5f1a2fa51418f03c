"""Run the stand-in for AWS on 127.0.0.1: `python -m infra.local.aws.moto_server`, started by `make up`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from infra.local.aws import account, bedrock, iam, s3
from infra.local.aws.quicksight import Ingestions, count_rows, install
from infra.local.state import State
from infra.local.warehouse import login

FAILING_FILE = "quicksight-fail"
DROPPING_FILE = "quicksight-drop"
DAYS_AHEAD_FILE = "quicksight-days-ahead"
# The rights of Airflow: a right that is taken out of the copy is missing from then on.
ROLE_FILE = "execution-role.json"
# What Airflow asked for, among the logs.
ASKED_FILE = "iam.jsonl"


def failing_datasets(file: Path) -> set[str]:
    """Return the data set ids that `file` lists, one a line: their ingestions fail, to see what happens then."""
    return set(file.read_text().split()) if file.exists() else set()


def dropped_rows(file: Path) -> dict[str, int]:
    """Return how many rows each data set drops that `file` lists, one a line with its number."""
    lines = file.read_text().split("\n") if file.exists() else []
    return {dataset: int(number) for dataset, number in (line.split() for line in lines if line)}


def clock_ahead(file: Path) -> Callable[[], datetime]:
    """Return a clock that is ahead of the real one by the number of days in `file`, if it is there.

    Days that are simulated one after the other would otherwise share QuickSight's limit of refreshes in 24 hours.
    """
    return lambda: datetime.now(UTC) + timedelta(days=int(file.read_text() if file.exists() else 0))


def _execution_role(state: State) -> Path:
    copy = state.directory / ROLE_FILE
    copy.write_text(json.dumps(account.planned()["execution_role"]))
    return copy


def allow_language_model(state: State) -> None:
    """Give Airflow the rights that Terraform adds where an environment names a language model; it counts at once."""
    _allow(state, "language_model_rights")


def allow_history(state: State) -> None:
    """Give Airflow the rights that Terraform adds where history is written as Parquet; it counts at once."""
    _allow(state, "history_rights")


def _allow(state: State, rights: str) -> None:
    file = state.directory / ROLE_FILE
    role = json.loads(file.read_text())
    role["Statement"] += [each for each in account.planned()[rights] if each not in role["Statement"]]
    file.write_text(json.dumps(role))


def application() -> DomainDispatcherApplication:
    """Return the WSGI application that answers for all services on one port."""
    return DomainDispatcherApplication(create_backend_app)


def main() -> int:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.parse_args()
    state = State.from_environment()
    s3.install()
    iam.install(iam.Gate(_execution_role(state), asked=state.logs / ASKED_FILE))
    bedrock.install(bedrock.Model(fault=partial(bedrock.fault, state.directory / bedrock.FAULT_FILE)))
    install(
        Ingestions(
            count_rows=partial(count_rows, login(state, "bi")),
            failing=partial(failing_datasets, state.directory / FAILING_FILE),
            clock=clock_ahead(state.directory / DAYS_AHEAD_FILE),
            dropping=partial(dropped_rows, state.directory / DROPPING_FILE),
        )
    )
    port = state.port("aws")
    server = make_server("127.0.0.1", port, application(), threaded=True, request_handler=MotoRequestHandler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
