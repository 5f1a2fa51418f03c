"""What the local platform remembers between commands: its directory, ports and passwords."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from include.settings import PROJECT_DIR
from infra.local.database import free_port

DIRECTORY_VARIABLE = "GGHOUSE_LOCAL_DIR"
# Ports on 127.0.0.1; `GGHOUSE_UI_PORT` and so on choose others.
DEFAULT_PORTS = {"ui": 8080, "aws": 5055, "mysql": 13306, "postgres": 15432}


class LocalError(RuntimeError):
    """The local platform cannot do what was asked; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class State:
    """One local platform: everything that it keeps lies below `directory`.

    Attributes:
        directory: `.local` in the checkout, or what `GGHOUSE_LOCAL_DIR` names.
        environment: variables of the caller.
    """

    directory: Path
    environment: Mapping[str, str]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> State:
        """Return the platform that `GGHOUSE_LOCAL_DIR` names, by default `.local` in the checkout."""
        directory = Path(environment.get(DIRECTORY_VARIABLE) or PROJECT_DIR / ".local").resolve()
        return cls(directory=directory, environment=environment)

    @property
    def logs(self) -> Path:
        """One log file for each component, and `tasks/` with those of the task tries."""
        return self.directory / "logs"

    @property
    def run(self) -> Path:
        """Process ids of what was started."""
        return self.directory / "run"

    @property
    def s3(self) -> Path:
        """The objects of the bucket while the platform is down."""
        return self.directory / "s3"

    def port(self, name: str) -> int:
        """Return the port of `ui`, `aws` or `mysql`: the one chosen, else remembered, else the default.

        Raises:
            LocalError: the variable that chooses it holds no number.
        """
        if chosen := self._chosen_port(name):
            return chosen
        return int(self._read("ports.json").get(name, DEFAULT_PORTS[name]))

    def claim_port(self, name: str) -> int:
        """Return a port for a component that is about to start, and remember it; a taken one is replaced.

        Raises:
            LocalError: the port that the user chose is taken.
        """
        port = self.port(name)
        if not port_is_free(port):
            if self._chosen_port(name):
                raise LocalError(f"port {port} is taken; choose another one in GGHOUSE_{name.upper()}_PORT")
            port = free_port()
        self._write("ports.json", self._read("ports.json") | {name: port}, mode=0o644)
        return port

    def _chosen_port(self, name: str) -> int | None:
        variable = f"GGHOUSE_{name.upper()}_PORT"
        text = self.environment.get(variable, "")
        if text and not text.isdigit():
            raise LocalError(f"{variable} must be a port number, not {text!r}")
        return int(text) if text else None

    @property
    def like_mwaa(self) -> bool:
        """Whether Airflow runs as on MWAA, see infra/local/mwaa.py."""
        return bool(self.environment.get("GGHOUSE_LIKE_MWAA"))

    @property
    def scale(self) -> str:
        """Size of the simulated company whose figures the platform shows: that of the last run, at first `small`."""
        return str(self._read("source.json").get("scale", "small"))

    def keep_scale(self, scale: str) -> None:
        """Remember the size of the simulated company."""
        self._write("source.json", {"scale": scale}, mode=0o644)

    @property
    def passwords(self) -> dict[str, str]:
        """Random passwords and keys of this platform by name, made when missing, readable by the owner only."""
        kept = self._read("secrets.json")
        made = {name: secrets.token_urlsafe(24) for name in ("loader", "restore", "dbt", "bi", "session")}
        made["jwt"] = secrets.token_urlsafe(64)
        made["fernet"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        if made.keys() - kept.keys():
            kept = made | kept
            self._write("secrets.json", kept, mode=0o600)
        return {name: str(value) for name, value in kept.items()}

    def _read(self, name: str) -> dict[str, Any]:
        with contextlib.suppress(FileNotFoundError):
            content: dict[str, Any] = json.loads((self.directory / name).read_text())
            return content
        return {}

    def _write(self, name: str, content: Mapping[str, Any], mode: int) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        part = self.directory / f"{name}.{os.getpid()}.part"
        with open(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode), "w") as file:  # noqa: PTH123
            json.dump(content, file, indent=1)
        part.replace(self.directory / name)


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
