"""Run dbt outside the daily DAG, with the same program, project and login."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from include.dbt.run_results import RunResults, describe, read_results
from include.settings import Settings
from include.warehouse.endpoint import Endpoint

# The parsed project, which dbt keeps in its target folder; with it a command starts in seconds.
PARSED = "partial_parse.msgpack"
# Failures that the error describes.
DESCRIBED = 5


class DbtFailed(RuntimeError):
    """A model could not be built, or a test failed; the message says which and why."""


def login_environment(login: Endpoint) -> dict[str, str]:
    """Return the environment variables from which dbt/profiles.yml and dbt/connection.py take a login."""
    return {
        "DBT_HOST": login.host,
        "DBT_PORT": str(login.port),
        "DBT_USER": login.user,
        # The prefix DBT_ENV_SECRET_ keeps the password out of everything that dbt writes.
        "DBT_ENV_SECRET_PASSWORD": login.password,
        "DBT_SSL_CA": login.ssl_ca or "",
    }


class DbtRunner:
    """Runs several dbt commands in one folder; see `dbt_runner`.

    Args:
        settings: names the dbt program and the project.
        login: dbt's login.
        folder: takes dbt's artifacts and log.
        say: takes one line for each test that warns.
    """

    def __init__(self, settings: Settings, login: Endpoint, folder: Path, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._folder = folder
        self._say = say
        self._environment = os.environ | {
            **login_environment(login),
            "DBT_PROJECT_DIR": str(settings.dbt_project_dir),
            "DBT_PROFILES_DIR": str(settings.dbt_project_dir),
            "DBT_TARGET_PATH": str(folder),
            "DBT_LOG_PATH": str(folder),
        }

    def run(self, target: date, *words: str) -> RunResults:
        """Run one command, for example `run(day, "build", "--select", "gold")`, and return how every node ended.

        Raises:
            DbtFailed: a node failed, or dbt ended before its first node.
        """
        results = self._folder / "run_results.json"
        results.unlink(missing_ok=True)
        done = subprocess.run(
            [Path(self._settings.dbt_executable).absolute(), "--no-use-colors", "--quiet", *words],
            # dbt creates dbt_packages in the working directory; Airflow's may be read-only.
            cwd=self._folder,
            env=self._environment | self._settings.dbt_environment(target.isoformat()),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if not results.is_file():
            raise DbtFailed(f"dbt ended before its first node: {' '.join(done.stdout.split())[-500:]}")
        outcome = read_results(self._folder)
        if outcome.failed or done.returncode:
            raise DbtFailed(
                "; ".join(describe(result) for result in outcome.failed[:DESCRIBED])
                or f"dbt ended with {done.returncode}: {' '.join(done.stdout.split())[-500:]}"
            )
        for result in outcome.warned:
            self._say(describe(result))
        return outcome


@contextlib.contextmanager
def dbt_runner(
    settings: Settings, login: Endpoint, say: Callable[[str], None] = lambda line: None
) -> Iterator[DbtRunner]:
    """Yield a runner in a temporary folder that starts with the parsed project, where there is one."""
    with tempfile.TemporaryDirectory(prefix="dbt-") as name:
        folder = Path(name)
        parsed = settings.dbt_project_dir / "target" / PARSED
        if parsed.is_file():
            shutil.copy(parsed, folder / PARSED)
        yield DbtRunner(settings, login, folder, say)
