"""What Airflow must know of the dbt project: its names, and how it logs in without a file that holds a password."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from include.operators.base import DBT
from include.settings import Settings

if TYPE_CHECKING:
    from cosmos.config import ProfileConfig

PROJECT = "tokyobeta"
"""Name of the dbt project and of its profile, and the schema that dbt must be told and no model uses."""
TARGET = "aurora"
"""The only target of the profile. `make manifest` names it too: dbt parses anew when it is told another."""

CACHE = Path(tempfile.gettempdir()) / "cosmos" / PROJECT
"""Where single dbt tasks keep the parsed project from one to the next; Cosmos has such folders for its groups."""

QUIETLY = ("--no-use-colors", "--no-send-anonymous-usage-stats", "--log-level-file", "none")
"""dbt's log file would lie in a folder that goes with the task, and holds nothing that Airflow's log does not."""


def python_of(settings: Settings) -> str:
    """Return the Python of dbt's own environment, which starts dbt/start.py."""
    return str(Path(settings.dbt_executable).with_name("python"))


def aurora_profile() -> ProfileConfig:
    """Return the profile that Cosmos writes for each command; the password reaches dbt as an environment variable."""
    from cosmos.config import ProfileConfig

    from include.operators.dbt_login import DbtLogin

    return ProfileConfig(
        profile_name=PROJECT,
        target_name=TARGET,
        profile_mapping=DbtLogin(
            conn_id=DBT,
            profile_args={"schema": PROJECT, "charset": "utf8mb4", "collation": "utf8mb4_unicode_ci"},
        ),
    )
