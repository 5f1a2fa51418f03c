"""An Airflow home with a database of its own, for what DAGs leave there; Airflow works in processes of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class AirflowHome:
    """An Airflow home.

    Attributes:
        directory: where it lies.
    """

    directory: Path

    def python(self, *arguments: str, **options: str) -> str:
        """Run Python with Airflow and the platform, with more environment variables; return what it prints."""
        environment = {
            **os.environ,
            **options,
            "AIRFLOW_HOME": str(self.directory),
            "PYTHONPATH": os.pathsep.join([str(PROJECT), str(PROJECT / "plugins")]),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "0",  # two deploys are seen, however soon they follow
        }
        result = subprocess.run(
            [sys.executable, *arguments],
            env=environment,
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr[-3000:]
        return result.stdout
