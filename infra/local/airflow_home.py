"""Airflow on this machine: its configuration and its four components."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import yaml

from include.settings import PREFIX, PROJECT_DIR
from infra.local import mwaa
from infra.local.aws import account
from infra.local.processes import Background
from infra.local.state import DIRECTORY_VARIABLE, LocalError, State
from infra.local.vendor.scale import SCALES

COMPONENTS = {
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
    "api-server": ["api-server", "--workers", "1"],
}
# The small source is about a fiftieth of the real one, so the 10 MiB of production do not fit.
SMALLEST_DUMP_BYTES = 1024 * 1024
# Options of Airflow that a run on this machine may set: dbt/lineage.md#openlineage.
LINEAGE = "AIRFLOW__OPENLINEAGE__"


def home(state: State) -> Path:
    """Return AIRFLOW_HOME."""
    return state.directory / "airflow"


def environment(state: State) -> dict[str, str]:
    """Return the complete environment of Airflow's processes.

    The caller's own Airflow and AWS variables stay out, except those of this project (`AIRFLOW__GGHOUSE__*`) and of
    OpenLineage. Compiled Python files are kept even if the caller does without: each task would compile Airflow again,
    4 seconds.
    """
    inherited = {
        name: value
        for name, value in state.environment.items()
        if name.startswith((PREFIX, LINEAGE)) or not name.startswith(("AIRFLOW", "AWS_", "PYTHONDONTWRITEBYTECODE"))
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), state.environment.get("PATH", os.defpath)])
    general = {
        "PATH": path,
        "PYTHONPATH": str(PROJECT_DIR),
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        DIRECTORY_VARIABLE: str(state.directory),
    }
    planned = {_variable(option): value for option, value in account.planned()["options"].items()}
    ours = {PREFIX + name: value for name, value in _project_settings(state).items()}
    airflow = {f"AIRFLOW__{name}": value for name, value in _airflow_settings(state).items()}
    home_variables = {"AIRFLOW_HOME": str(home(state)), "AIRFLOW_CONN_AWS_DEFAULT": "aws://"}
    like_mwaa = mwaa.environment(state) if state.like_mwaa else {}
    return planned | ours | inherited | general | airflow | like_mwaa | home_variables | account.environment(state)


def _variable(option: str) -> str:
    """Return the environment variable of an option as MWAA names it, for example `core.load_examples`."""
    section, _, name = option.partition(".")
    return f"AIRFLOW__{section}__{name}".upper()


# A year to compare with, and the month that begins it.
ROOM_HISTORY_DAYS = 400


def _project_settings(state: State) -> dict[str, str]:
    return {
        "DBT_EXECUTABLE": state.environment.get("GGHOUSE_DBT") or str(PROJECT_DIR / ".venv-dbt/bin/gghouse-dbt"),
        "MINIMUM_DUMP_BYTES": str(SMALLEST_DUMP_BYTES),
        "DUMP_POLL_SECONDS": "5",
        "MWAA_ENVIRONMENT": "",
        "PORTFOLIO_ROOMS": str(portfolio_rooms(state)),
        "ROOM_HISTORY_DAYS": str(ROOM_HISTORY_DAYS),
    }


def portfolio_rooms(state: State) -> int:
    """Return the rooms of the simulated company: the real company's at the scale of its source."""
    project = yaml.safe_load((PROJECT_DIR / "dbt" / "dbt_project.yml").read_text())
    return SCALES[state.scale].of(project["vars"]["total_physical_rooms"])


def _airflow_settings(state: State) -> dict[str, str]:
    url, passwords = ui_url(state), state.passwords
    return {
        "CORE__DAGS_FOLDER": str(PROJECT_DIR / "dags"),
        "CORE__PLUGINS_FOLDER": str(PROJECT_DIR / "plugins"),
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "4",
        # A file that changes is read at once all the same; every 30 seconds, all of them would keep half a core busy.
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        "CORE__FERNET_KEY": passwords["fernet"],
        "CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "API__HOST": "127.0.0.1",
        "API__PORT": str(state.port("ui")),
        "API__BASE_URL": url,
        "API__SECRET_KEY": passwords["session"],
        "API_AUTH__JWT_SECRET": passwords["jwt"],
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home(state) / 'airflow.db'}",
        "LOGGING__BASE_LOG_FOLDER": str(task_logs(state)),
        "DAG_PROCESSOR__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(state.logs / "dag-processor"),
    }


def ui_url(state: State) -> str:
    """Return the address of the web UI."""
    return f"http://localhost:{state.port('ui')}"


def task_logs(state: State) -> Path:
    """Return the directory of the task logs."""
    return state.logs / "tasks"


def components(state: State) -> list[Background]:
    """Return scheduler, DAG processor, triggerer and API server, running or not, the last one last."""
    variables = environment(state)
    workers = [mwaa.worker(state, variables)] if state.like_mwaa else []
    return workers + [
        Background(
            name=name,
            command=[sys.executable, "-m", "airflow", *arguments],
            environment=variables,
            run=state.run,
            log=state.logs / f"{name}.log",
        )
        for name, arguments in COMPONENTS.items()
    ]


def migrate(state: State) -> None:
    """Make or upgrade Airflow's own database, once for each Airflow version, and write down where its policy is.

    Raises:
        LocalError: it failed; names the log.
    """
    policy = home(state) / "config" / "airflow_local_settings.py"
    policy.parent.mkdir(parents=True, exist_ok=True)
    policy.write_text("from infra.local.policy import dag_policy as dag_policy\n")
    installed = version("apache-airflow")
    stamp = home(state) / "migrated"
    if stamp.is_file() and stamp.read_text() == installed:
        return
    state.logs.mkdir(parents=True, exist_ok=True)
    log = state.logs / "migrate.log"
    with log.open("ab") as output:
        command = [sys.executable, "-m", "airflow", "db", "migrate"]
        done = subprocess.run(command, env=environment(state), stdout=output, stderr=output, check=False)
    if done.returncode:
        raise LocalError(f"Airflow's own database could not be made; see {log}")
    stamp.write_text(installed)
