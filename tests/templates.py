"""What is made once for all processes of a test session and copied: an empty server, a server with the dbt project."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

# Of a server that is thrown away nothing must survive a crash of the machine.
THROWN_AWAY = ("--loose-debug-no-sync", "--innodb-flush-method=nosync")
IDENTITY = "auto.cnf"
"""In which MySQL keeps the name of a server, which two servers must not share."""


def template(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a directory, which the first process that asks for it makes; the others wait.

    Args:
        factory: pytest's own; the processes of pytest-xdist have directories side by side.
        name: of the directory.
        make: fills the directory, which does not exist yet.
    """
    own = factory.getbasetemp()
    shared = own.parent if own.name.startswith("popen-gw") else own
    made = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.is_dir():
            unfinished = made.with_suffix(".part")
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(made)
    return made


def copy_data(server: Path, target: Path) -> None:
    """Copy the data of a stopped server into the directory of another one, which does not run yet."""
    shutil.copytree(server / "data", target / "data", ignore=shutil.ignore_patterns(IDENTITY))
