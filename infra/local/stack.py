"""Start and stop the local platform as a whole: database, AWS stand-in, Airflow."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from include.schedule import DAILY
from include.settings import PREFIX, PROJECT_DIR
from infra.local import airflow_home, mwaa, warehouse
from infra.local.airflow_api import AirflowApi, wait_until
from infra.local.aws import account
from infra.local.processes import Background, stop
from infra.local.state import LocalError, State
from infra.pools import wanted_pools

START_SECONDS = 180
Say = Callable[[str], None]


def aws_server(state: State) -> Background:
    """Return the process that stands in for AWS, running or not."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return Background(
        name="aws",
        command=[sys.executable, "-m", "infra.local.aws.moto_server"],
        environment=inherited | {"PYTHONPATH": str(PROJECT_DIR), "GGHOUSE_LOCAL_DIR": str(state.directory)},
        run=state.run,
        log=state.logs / "aws.log",
    )


def up(state: State, say: Say) -> AirflowApi:
    """Start what does not run yet; return the API once the DAG can be triggered.

    Raises:
        LocalError: a component does not start; names its log.
    """
    began = time.monotonic()
    api = AirflowApi(airflow_home.ui_url(state))
    if all(status(state).values()) and api.is_up():
        say(f"Running already: {airflow_home.ui_url(state)}")
        return api
    say("Starting database, AWS stand-in and Airflow ...")
    _claim_ports(state)
    api = AirflowApi(airflow_home.ui_url(state))
    with ThreadPoolExecutor() as threads:
        infrastructure = threads.submit(_start_infrastructure, state)
        if state.like_mwaa:
            _start_like_mwaa(state)
            infrastructure.result()  # the worker asks for its queue once
        airflow_home.migrate(state)
        for component in airflow_home.components(state):
            component.start()
        infrastructure.result()
    *_, api_server = airflow_home.components(state)
    _wait_for(state, lambda: api_server.listens(state.port("ui")) and api.is_up(), START_SECONDS, "Airflow")
    for pool in wanted_pools():
        api.set_pool(pool.name, pool.slots, pool.description)
    _wait_for_dag(state, api)
    say(f"Up after {time.monotonic() - began:.0f} s: {airflow_home.ui_url(state)} (no login)")
    return api


def down(state: State, say: Say) -> None:
    """Stop everything and keep its data."""
    *clients, api_server = airflow_home.components(state)
    aws = aws_server(state)
    ran = is_up(state)
    stop(clients)  # the triggerer takes 10 s longer when its API server is gone already
    stop([api_server])
    if aws.leader():
        account.save_bucket(account.endpoint_url(state), state.s3)
    stop([aws, *([mwaa.database(state)] if state.like_mwaa else [])])
    warehouse.stop(state)
    say("Stopped; the data stay in " + str(state.directory) if ran else "Nothing was running")


def clean(state: State, say: Say) -> None:
    """Stop everything and delete what the platform keeps."""
    down(state, say)
    shutil.rmtree(state.directory, ignore_errors=True)
    say(f"Deleted {state.directory}")


def is_up(state: State) -> bool:
    """Whether any component runs."""
    return any(status(state).values())


def status(state: State) -> dict[str, int | None]:
    """Return the process id of each component, or None."""
    found = {component.name: component.leader() for component in [aws_server(state), *airflow_home.components(state)]}
    pids: dict[str, int | None] = {name: leader.pid if leader else None for name, leader in found.items()}
    if not warehouse.named_server(state):
        pids["mysql"] = warehouse.private_server(state).pid()
    return pids


def _claim_ports(state: State) -> None:
    running = status(state)
    for port, component in (("aws", "aws"), ("ui", "api-server"), ("mysql", "mysql")):
        if running.get(component, 1) is None:
            state.claim_port(port)


def _start_infrastructure(state: State) -> None:
    aws = aws_server(state)
    aws.start()
    warehouse.start(state)
    _wait_for(state, lambda: aws.listens(state.port("aws")), START_SECONDS, "aws")
    account.provision(state)
    if state.environment.get(f"{PREFIX}NATIONALITY_MODEL"):
        from infra.local.aws.moto_server import allow_language_model  # a second that other commands need not spend

        allow_language_model(state)
    if state.environment.get(f"{PREFIX}HISTORY_PARQUET", "").lower() == "true":
        from infra.local.aws.moto_server import allow_history

        allow_history(state)
    if state.like_mwaa:
        mwaa.make_queue(account.endpoint_url(state))


def _start_like_mwaa(state: State) -> None:
    if mwaa.database(state).leader() is None:
        state.claim_port("postgres")
        mwaa.make_database(state)
        mwaa.database(state).start()
    server = mwaa.database(state)
    wait_until(
        lambda: server.listens(state.port("postgres")), START_SECONDS, f"PostgreSQL does not answer: {server.log}"
    )


def _wait_for(state: State, condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for `condition`, but not for a component that has died."""

    def holds() -> bool:
        if condition():
            return True
        for component in [aws_server(state), *airflow_home.components(state)]:
            if component.has_died():
                raise LocalError(f"{component.name} ended right after its start; its log: {component.log}")
        return False

    wait_until(holds, seconds, f"{what} does not answer; see the logs in {state.logs}")


def _wait_for_dag(state: State, api: AirflowApi) -> None:
    def ready() -> bool:
        if errors := api.import_errors():
            raise LocalError(f"a DAG file cannot be read: {errors[0]}")
        return api.has_dag(DAILY)

    _wait_for(state, ready, START_SECONDS, DAILY)
