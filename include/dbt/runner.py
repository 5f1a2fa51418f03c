"""dbt as a command outside the DAG of the day: the same program, project and login, started directly."""

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

PARSED = "partial_parse.msgpack"
"""What dbt keeps of a parsed project; with it a command starts in seconds."""
SHOWN = 5
"""Failures that are told in full."""


class DbtFailed(RuntimeError):
    """A model could not be built, or a test failed; the message says which and why."""


class DbtCommand:
    """dbt for several commands in a row; see `dbt_command`.

    Args:
        settings: where dbt and the project are.
        login: of dbt.
        folder: for what dbt leaves.
        say: takes a line of text now and then.
    """

    def __init__(self, settings: Settings, login: Endpoint, folder: Path, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._project = settings.dbt_project_dir
        self._python = Path(settings.dbt_executable).absolute().with_name("python")
        self._folder = folder
        self._say = say
        # the prefix DBT_ENV_SECRET_ keeps the password out of everything that dbt writes
        self._environment = os.environ | {
            "DBT_HOST": login.host,
            "DBT_PORT": str(login.port),
            "DBT_USER": login.user,
            "DBT_ENV_SECRET_PASSWORD": login.password,
            "DBT_SSL_CA": login.ssl_ca or "",
            "DBT_TARGET_PATH": str(folder),
            "DBT_LOG_PATH": str(folder),
        }

    def run(self, target: date, *words: str) -> RunResults:
        """Run one command, for example `run(day, "build", "--select", "gold")`, and return how every node ended.

        Raises:
            DbtFailed: a node failed, or dbt did not come so far.
        """
        results = self._folder / "run_results.json"
        results.unlink(missing_ok=True)
        place = ["--project-dir", str(self._project), "--profiles-dir", str(self._project)]
        done = subprocess.run(
            [str(self._python), str(self._project / "start.py"), "--no-use-colors", "--quiet", *words, *place],
            cwd=self._folder,  # dbt makes a folder dbt_packages where it stands, which may be read-only
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
                "; ".join(describe(result) for result in outcome.failed[:SHOWN])
                or f"dbt ended with {done.returncode}: {' '.join(done.stdout.split())[-500:]}"
            )
        for result in outcome.warned:
            self._say(describe(result))
        return outcome


@contextlib.contextmanager
def dbt_command(
    settings: Settings, login: Endpoint, say: Callable[[str], None] = lambda line: None
) -> Iterator[DbtCommand]:
    """Give dbt a folder of its own for as long as the block lasts, and the project parsed already where it is."""
    with tempfile.TemporaryDirectory(prefix="dbt-") as name:
        folder = Path(name)
        parsed = settings.dbt_project_dir / "target" / PARSED
        if parsed.is_file():
            shutil.copy(parsed, folder / PARSED)
        yield DbtCommand(settings, login, folder, say)
