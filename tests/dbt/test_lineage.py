"""OpenLineage, once it is switched on, hears which tables a task has read and written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

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
    DbtProject(Settings("bucket", "", (), os.environ["GGHOUSE_DBT"]), "2026-03-02").group("gold", "models/gold")
state, _ = run_as_worker(dag.get_task("gold.new_contracts"))
print(state.value)
"""
PROGRAM = REPO / ".venv-dbt" / "bin" / "gghouse-dbt"


@pytest.fixture
def airflow(project: DbtProject, database: Database, tmp_path: Path) -> dict[str, str]:
    """The environment of a worker with its logins."""
    ensure_platform_tables(project.connection)
    for host in ("%", "localhost"):
        project.execute(f"create user if not exists worker@'{host}' identified by 'secret'")
        project.execute(f"grant all on *.* to worker@'{host}'")
    login = f"mysql://worker:secret@127.0.0.1:{database.port}/"
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


def test_a_model_is_an_event_with_the_tables_that_it_reads_and_writes(
    airflow: dict[str, str], database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "events.ndjson"
    transport = {"type": "file", "log_file_path": str(file), "append": True}
    options = {"TRANSPORT": json.dumps(transport), "EXECUTE_IN_THREAD": "True", "EXECUTION_TIMEOUT": "60"}
    run_a_model(airflow | {f"AIRFLOW__OPENLINEAGE__{name}": value for name, value in options.items()})
    events = [json.loads(line) for line in file.read_text().splitlines()]
    (done,) = [event for event in events if event["eventType"] == "COMPLETE"]
    assert done["job"]["name"] == "d.gold.new_contracts"
    (output,) = done["outputs"]
    assert output["name"] == "gold.new_contracts"
    assert {each["name"] for each in done["inputs"]} >= {"silver.int_contracts"}
    assert {each["namespace"] for each in [output, *done["inputs"]]} == {f"mysql://127.0.0.1:{database.port}"}
    facets = output["facets"]
    meanings = {field["name"]: field.get("description") for field in facets["schema"]["fields"]}
    assert meanings["contract_id"]
    (origin,) = facets["columnLineage"]["fields"]["monthly_rent"]["inputFields"]
    assert (origin["name"], origin["field"]) == ("silver.int_contracts", "monthly_rent")
    shown = {exposure["name"] for exposure in facets["dbt_exposures"]["exposures"]}
    assert shown >= {"data_set_new_contracts", "dashboard_new_contracts_analysis"}, "on to the dashboard"


def test_nothing_is_sent_unless_a_transport_is_named(airflow: dict[str, str], tmp_path: Path) -> None:
    run_a_model(airflow)
    assert list(tmp_path.glob("*.ndjson")) == []
