"""A private MySQL-protocol server on loopback: start, stop, reset. Data survives a stop."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import MySQLdb
import psutil

from include.warehouse.endpoint import Endpoint

SERVERS = ("mysqld", "mariadbd")
START_SECONDS = 60


class DatabaseError(RuntimeError):
    """The local server cannot be found or started; the message names the log or the command that helps."""


def free_port() -> int:
    """Return a TCP port on loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_server() -> Path:
    """Return the server program: an installed `mysqld`, else `mariadbd`.

    Raises:
        DatabaseError: none is installed.
    """
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/usr/local/mysql/bin"])
    for name in SERVERS:
        if found := shutil.which(name, path=path):
            return Path(found).resolve()
    raise DatabaseError(
        "no MySQL or MariaDB server is installed; on Debian: apt-get install mariadb-server-core mariadb-client"
    )


@dataclass(frozen=True)
class Database:
    """One server process with its own data directory.

    Attributes:
        directory: everything of this server lives here: data, socket, pid and log.
        port: TCP port on 127.0.0.1.
        buffer_pool_mb: InnoDB buffer pool in MiB.
    """

    directory: Path
    port: int
    buffer_pool_mb: int = 256

    @property
    def admin(self) -> Endpoint:
        """The all-powerful login `root` without a password, reachable over loopback only."""
        return Endpoint(host="127.0.0.1", port=self.port, user="root", password="")

    @property
    def _pid_file(self) -> Path:
        return self.directory / "server.pid"

    @property
    def log_file(self) -> Path:
        """The server's error log."""
        return self.directory / "server.log"

    def pid(self) -> int | None:
        """Return the process id while the server runs, else None."""
        try:
            pid = int(self._pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return pid if _is_running(pid) else None

    def start(self) -> None:
        """Start the server, making its data directory first when there is none; returns when it answers.

        Raises:
            DatabaseError: no server program, or it did not answer within a minute.
        """
        if self.pid():
            return
        program = find_server()
        data = self.directory / "data"
        temporary = self.directory / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        user = ["--user=root"] if os.geteuid() == 0 else []
        if not (data / "mysql").is_dir():
            _initialise(program, data, temporary, user, self.log_file)
        command = [
            str(program),
            "--no-defaults",
            f"--datadir={data}",
            # its own: a server that starts removes the temporary tables it finds there, also those of another one
            f"--tmpdir={temporary}",
            f"--socket={self.directory / 'server.sock'}",
            f"--pid-file={self._pid_file}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            "--default-time-zone=+00:00",
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_unicode_ci",
            "--local-infile=1",
            "--skip-log-bin",
            "--loose-mysqlx=OFF",  # MySQL 8 would open a second port; MariaDB does not know the option
            "--max-allowed-packet=64M",
            f"--innodb-buffer-pool-size={self.buffer_pool_mb}M",
            "--innodb-flush-log-at-trx-commit=2",
            *user,
        ]
        with self.log_file.open("ab") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up:
            if process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.1)
        raise DatabaseError(f"{program.name} did not start; its log: {self.log_file}")

    def _answers(self) -> bool:
        """Whether the port is served, and by this server."""
        try:
            with contextlib.closing(self.admin.connect()) as connection, connection.cursor() as cursor:
                cursor.execute("SELECT @@datadir")
                return Path(cursor.fetchone()[0]).resolve() == (self.directory / "data").resolve()
        except MySQLdb.Error:
            return False

    def stop(self) -> None:
        """Stop the server in good order and wait until it is gone; does nothing when it does not run."""
        pid = self.pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        give_up = time.monotonic() + START_SECONDS
        # The server removes its pid file before it ends, so the process itself is watched.
        while _is_running(pid) and time.monotonic() < give_up:
            time.sleep(0.1)
        if _is_running(pid):
            raise DatabaseError(
                f"the server (process {pid}) did not stop within {START_SECONDS} s; its log: {self.log_file}"
            )
        self._pid_file.unlink(missing_ok=True)


def _is_running(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and process.name() in SERVERS
    return False


def _initialise(program: Path, data: Path, temporary: Path, user: list[str], log_file: Path) -> None:
    if program.name == "mariadbd":
        command = [
            "mariadb-install-db",
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            f"--datadir={data}",
        ]
    else:
        command = [str(program), "--no-defaults", "--initialize-insecure", f"--datadir={data}"]
    with log_file.open("ab") as log:
        result = subprocess.run(
            [*command, f"--tmpdir={temporary}", *user], stdout=log, stderr=log, stdin=subprocess.DEVNULL, check=False
        )
    if result.returncode:
        shutil.rmtree(data, ignore_errors=True)
        raise DatabaseError(f"{command[0]} could not make a data directory; its log: {log_file}")
