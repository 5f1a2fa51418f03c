"""Airflow as Amazon MWAA runs it: `make run-mwaa`.

Celery takes the tasks from an SQS queue, Airflow's own database is PostgreSQL, and each task starts a Python of its
own, as https://github.com/aws/amazon-mwaa-docker-images configures it for 3.x. The queue is the stand-in's, so the
execution role needs its rights on it here as well. Needs the programs of PostgreSQL.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from infra.local.aws import account
from infra.local.processes import Background
from infra.local.state import LocalError, State

# MWAA's queues are named like this, in an account of its own.
QUEUE = f"airflow-celery-{account.NAME}"
# Tasks at a time of a worker mw1.small: https://docs.aws.amazon.com/mwaa/latest/userguide/environment-class.html.
WORKER_TASKS = 5
# A message that is not deleted by then is given to another worker; longer than any task runs.
VISIBILITY_SECONDS = 12 * 3600
NOT_ROOT = "nobody"


def environment(state: State) -> dict[str, str]:
    """Return the variables in which Airflow's configuration differs from that of a laptop."""
    database = f"postgresql+psycopg2://airflow@127.0.0.1:{state.port('postgres')}/postgres"
    url = f"{account.endpoint_url(state)}/{account.ACCOUNT}/{QUEUE}"
    transport = {"predefined_queues": {QUEUE: {"url": url}}, "visibility_timeout": VISIBILITY_SECONDS}
    options = {
        "CORE__EXECUTOR": "CeleryExecutor",
        "CORE__EXECUTE_TASKS_NEW_PYTHON_INTERPRETER": "True",
        "CELERY__BROKER_URL": "sqs://",
        "CELERY__EXTRA_CELERY_CONFIG": json.dumps({"broker_transport_options": transport}),
        "CELERY__RESULT_BACKEND": f"db+{database.replace('+psycopg2', '')}",
        "CELERY__WORKER_CONCURRENCY": str(WORKER_TASKS),
        "CELERY__WORKER_ENABLE_REMOTE_CONTROL": "False",
        "DATABASE__SQL_ALCHEMY_CONN": database,
        "OPERATORS__DEFAULT_QUEUE": QUEUE,
        "SCHEDULER__STANDALONE_DAG_PROCESSOR": "True",
        "TRIGGERER__QUEUES_ENABLED": "False",
    }
    return {f"AIRFLOW__{name}": value for name, value in options.items()}


def worker(state: State, variables: dict[str, str]) -> Background:
    """Return the Celery worker, running or not."""
    return Background(
        name="worker",
        command=[sys.executable, "-m", "airflow", "celery", "worker", "--skip-serve-logs"],
        environment=variables,
        run=state.run,
        log=state.logs / "worker.log",
    )


def make_queue(url: str) -> None:
    """Make the queue; safe to repeat."""
    account.client(url, "sqs").create_queue(QueueName=QUEUE)


def database(state: State) -> Background:
    """Return the PostgreSQL server, running or not.

    Raises:
        LocalError: there is none on this machine.
    """
    data = _data(state)
    command = [_program("postgres"), "-D", str(data), "-p", str(state.port("postgres")), "-h", "127.0.0.1"]
    return Background(
        name="postgres",
        command=[*_as_user(), *command, "-k", str(data)],
        environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        run=state.run,
        log=state.logs / "postgres.log",
    )


def make_database(state: State) -> None:
    """Make the data directory of PostgreSQL unless it is there.

    Raises:
        LocalError: PostgreSQL refused; says why.
    """
    data = _data(state)
    if (data / "PG_VERSION").exists():
        return
    data.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(data, NOT_ROOT)
    command = [*_as_user(), _program("initdb"), "-D", str(data), "-U", "airflow", "-A", "trust", "-E", "UTF8"]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode:
        raise LocalError(f"PostgreSQL's data directory could not be made: {done.stderr.strip()[-500:]}")


def _data(state: State) -> Path:
    """Return PostgreSQL's directory; it refuses root, so for root it lies where another user may enter."""
    if os.geteuid() != 0:
        return state.directory / "postgres"
    name = hashlib.sha256(str(state.directory).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"gghouse-postgres-{name}"


def _as_user() -> list[str]:
    """Return what starts a program as another user than root."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam(NOT_ROOT)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _program(name: str) -> str:
    folders = [os.environ.get("PATH", os.defpath), *map(str, Path("/usr/lib/postgresql").glob("*/bin"))]
    if found := shutil.which(name, path=os.pathsep.join(folders)):
        return found
    raise LocalError(f"there is no {name} on this machine; install PostgreSQL (on Debian: apt-get install postgresql)")
