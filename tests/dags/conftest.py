"""The DAGs as Airflow sees them, parsed once for all policy tests."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.dags.airflow_home import AirflowHome

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def dag_files() -> list[Path]:
    return sorted((PROJECT / "dags").glob("*.py"))


@pytest.fixture(scope="session")
def dagbag() -> Any:
    """Every DAG, with two data sets and a topic configured."""
    from airflow.dag_processing.dagbag import DagBag

    settings = {
        "AIRFLOW__GGHOUSE__BUCKET": "bucket",
        "AIRFLOW__GGHOUSE__ALERT_TOPIC_ARN": "arn:aws:sns:ap-northeast-1:123456789012:alerts",
        "AIRFLOW__GGHOUSE__QUICKSIGHT_DATASETS": "occupancy,new_contracts",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        for name in [name for name in os.environ if name.startswith("AIRFLOW__GGHOUSE__") and name not in settings]:
            patch.delenv(name)
        return DagBag(str(PROJECT / "dags"))


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> AirflowHome:
    """An Airflow home with its database."""
    home = AirflowHome(tmp_path_factory.mktemp("airflow"))
    home.python("-m", "airflow", "db", "migrate")
    return home
