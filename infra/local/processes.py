"""Background processes that outlive the command that starts them, and leave nothing behind when stopped."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

LEADER_SECONDS = 4
TERM_SECONDS = 10


@dataclass(frozen=True)
class Background:
    """One component: a command in a session of its own, known by its pid file.

    Attributes:
        name: component, also the name of its pid file and log.
        command: program and arguments; never a password.
        environment: complete environment of the process.
        run: directory of the pid file.
        log: file that receives its output.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    run: Path
    log: Path

    @property
    def _pid_file(self) -> Path:
        return self.run / f"{self.name}.pid"

    def leader(self) -> psutil.Process | None:
        """Return the running process, or None; a recycled process id does not count."""
        with contextlib.suppress(FileNotFoundError, ValueError, psutil.NoSuchProcess):
            pid, created = self._pid_file.read_text().split()
            process = psutil.Process(int(pid))
            if abs(process.create_time() - float(created)) < 1 and process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None

    def has_died(self) -> bool:
        """Whether it was started and has ended by itself."""
        return self._pid_file.exists() and self.leader() is None

    def listens(self, port: int) -> bool:
        """Whether this component, and no other program, serves the port."""
        with contextlib.suppress(psutil.NoSuchProcess):
            if leader := self.leader():
                return any(
                    connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
                    for connection in leader.net_connections(kind="tcp")
                )
        return False

    def start(self) -> None:
        """Start the component unless it runs."""
        if self.leader():
            return
        self.run.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._pid_file.write_text(f"{process.pid} {psutil.Process(process.pid).create_time()}\n")

    def family(self) -> set[psutil.Process]:
        """Return the process with all its descendants, also those that lost their parent or left the session."""
        try:
            session = int(self._pid_file.read_text().split()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return set()
        roots = [leader] if (leader := self.leader()) else []
        roots += [process for process in psutil.process_iter() if _session(process.pid) == session]
        found = set(roots)
        for root in roots:
            with contextlib.suppress(psutil.NoSuchProcess):
                found.update(root.children(recursive=True))
        return found

    def forget(self) -> None:
        """Remove the pid file."""
        self._pid_file.unlink(missing_ok=True)


def stop(components: Iterable[Background]) -> None:
    """End the components together, and wait until they are gone.

    The leaders are asked first, after a few seconds everything that is left, for example a task that still runs; what
    does not listen is killed.
    """
    components = list(components)
    everyone = {process for component in components for process in component.family()}
    for component in components:
        if leader := component.leader():
            with contextlib.suppress(psutil.NoSuchProcess):
                leader.terminate()
    for patience, signal_all in ((LEADER_SECONDS, psutil.Process.terminate), (TERM_SECONDS, psutil.Process.kill)):
        _, alive = psutil.wait_procs(everyone, timeout=patience)
        # What was started meanwhile is found again by its session.
        everyone = {*alive, *(process for component in components for process in component.family())}
        for process in everyone:
            with contextlib.suppress(psutil.NoSuchProcess):
                signal_all(process)
    psutil.wait_procs(everyone, timeout=TERM_SECONDS)
    for component in components:
        component.forget()


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return -1
