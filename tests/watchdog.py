"""Ends what a test process has started when that process was killed itself and could not do it any more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os, signal, sys

mark = sys.stdin.readline().rstrip("\\n").encode()
sys.stdin.read()
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        for name in ("cmdline", "environ"):
            with open(f"/proc/{pid}/{name}", "rb") as file:
                if mark in file.read():
                    os.kill(int(pid), signal.SIGKILL)
                    break
    except OSError:
        pass
"""


class Watchdog:
    """A small process that outlives this one: its input ends with this process, however that ends.

    Args:
        directory: what has its path on the command line or in the environment is killed then: servers, Airflow, dbt.
    """

    def __init__(self, directory: Path) -> None:
        """Start it, in a session of its own: what is sent to the group of this process does not reach it."""
        command = [sys.executable, "-I", "-S", "-c", PROGRAM]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, start_new_session=True)
        assert self._process.stdin
        self._process.stdin.write(f"{directory}\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """Have it look once more, and wait for that."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)
