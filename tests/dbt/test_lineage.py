"""OpenLineage, once it is switched on, hears which tables a task has read and written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from include.warehouse.schema import ensure_platform_tables
from infra.local.database import Database
from tests.dbt.project import REPO, DbtProject

RUN = """
import os
from include.operators.dbt import DbtProject
from include.settings import Settings
from tests.include.operators.worker import a_dag, run_as_worker

with a_dag() as dag:
    DbtProject(Settings("bucket", "", (), os.environ["GGHOUSE_DBT"]), "2026-03-02").group("silver", "models/silver")
state, _ = run_as_worker(dag.get_task("silver.int_contracts"))
print(state.value)
"""
PROGRAM = REPO / ".venv-dbt" / "bin" / "gghouse-dbt"


@pytest.fixture
def airflow(project: DbtProject, database: Database, tmp_path: Path) -> dict[str, str]:
    """The environment of a worker with its logins."""
    ensure_platform_tables(project.connection)
    login = f"mysql://root@127.0.0.1:{database.port}/"
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DBT_"))},
        "PYTHONPATH": os.pathsep.join([str(REPO), str(REPO / "plugins")]),
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "DO_NOT_TRACK": "1",  # Cosmos would send what it was used for
        "AIRFLOW_CONN_AURORA_DBT": login,
        "AIRFLOW_CONN_AURORA_LOADER": login,
        "GGHOUSE_DBT": os.environ.get("GGHOUSE_DBT", str(PROGRAM)),
    }


def run_a_model(environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", RUN]
    done = subprocess.run(command, env=environment, cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines()[-1] == "success", done.stdout[-3000:]


def names(datasets: list[dict[str, Any]]) -> set[str]:
    return {dataset["name"] for dataset in datasets}


def test_a_model_is_an_event_with_the_tables_that_it_reads_and_writes(
    airflow: dict[str, str], database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "events.ndjson"
    transport = {"type": "file", "log_file_path": str(file), "append": True}
    options = {"TRANSPORT": json.dumps(transport), "EXECUTE_IN_THREAD": "True", "EXECUTION_TIMEOUT": "60"}
    run_a_model(airflow | {f"AIRFLOW__OPENLINEAGE__{name}": value for name, value in options.items()})
    events = [json.loads(line) for line in file.read_text().splitlines()]
    (done,) = [event for event in events if event["eventType"] == "COMPLETE"]
    assert done["job"]["name"] == "d.silver.int_contracts"
    assert names(done["outputs"]) == {"silver.int_contracts"}
    assert names(done["inputs"]) >= {"silver.stg_movings", "silver.stg_tenants", "seeds.code_bucket"}
    assert {each["namespace"] for each in done["inputs"] + done["outputs"]} == {f"mysql://127.0.0.1:{database.port}"}
    (output,) = done["outputs"]
    fields = {field["name"]: field for field in output["facets"]["schema"]["fields"]}
    assert fields["contract_id"]["description"], "the columns with what they mean"


def test_nothing_is_sent_unless_a_transport_is_named(airflow: dict[str, str], tmp_path: Path) -> None:
    run_a_model(airflow)
    assert list(tmp_path.glob("*.ndjson")) == []
