"""A private MySQL-protocol server on loopback: start, stop, reset. Data survives a stop."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import MySQLdb
import psutil

from include.warehouse.endpoint import Endpoint

SERVERS = ("mysqld", "mariadbd")
# Names the server program, on PATH or with its path; `make mysql` makes one.
PROGRAM_VARIABLE = "GGHOUSE_MYSQLD"
START_SECONDS = 60


class DatabaseError(RuntimeError):
    """The local server cannot be found or started; the message names the log or the command that helps."""


def free_port() -> int:
    """Return a TCP port on loopback that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_server() -> Path:
    """Return the server program: what `GGHOUSE_MYSQLD` names, else an installed `mysqld`, else `mariadbd`.

    Raises:
        DatabaseError: none is installed, or the named one is not there.
    """
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/usr/local/mysql/bin"])
    if chosen := os.environ.get(PROGRAM_VARIABLE, ""):
        if found := shutil.which(chosen, path=path):
            return Path(found).resolve()
        raise DatabaseError(f"{PROGRAM_VARIABLE} names {chosen}, which is not there; `make mysql` makes a server")
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
        options: further options of the server; `--loose-` before a name that only one flavour knows.
    """

    directory: Path
    port: int
    buffer_pool_mb: int = 256
    options: tuple[str, ...] = ()

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

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    def pid(self) -> int | None:
        """Return the process id while the server runs, else None."""
        process = self._process()
        return process.pid if process else None

    def start(self) -> None:
        """Start the server, making its data directory first when there is none; returns when it answers.

        Raises:
            DatabaseError: no server program, data of the other flavour, or it did not answer within a minute.
        """
        if self.pid():
            return
        program = find_server()
        data = self._data
        mysql = _is_mysql(program)
        temporary = self.directory / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        user = ["--user=root"] if os.geteuid() == 0 else []
        if not (data / "mysql").is_dir():
            _initialise(program, mysql, data, temporary, [*user, *self.options], self.log_file)
        elif (data / "mysql.ibd").exists() != mysql:  # the dictionary of MySQL 8 and later
            raise DatabaseError(
                f"{data} holds data of {'MariaDB' if mysql else 'MySQL'}, which {program} cannot read; choose the "
                f"server that made them in {PROGRAM_VARIABLE}, or forget them with `make clean`"
            )
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
            "--innodb-autoinc-lock-mode=2",  # MySQL 8's and Aurora's; MariaDB's is 1
            "--loose-innodb-change-buffering=none",  # Aurora has no change buffer, nor have newer MariaDBs
            "--max-allowed-packet=64M",
            f"--innodb-buffer-pool-size={self.buffer_pool_mb}M",
            "--innodb-flush-log-at-trx-commit=2",
            *user,
            *self.options,
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
                return Path(cursor.fetchone()[0]).resolve() == self._data.resolve()
        except MySQLdb.Error:
            return False

    def stop(self) -> None:
        """Stop the server in good order and wait until it is gone; does nothing when it does not run."""
        process = self._process()
        if process is None:
            return
        process.terminate()
        give_up = time.monotonic() + START_SECONDS
        # The server removes its pid file before it ends, so the process itself is watched.
        while _is_alive(process):
            if time.monotonic() > give_up:
                raise DatabaseError(
                    f"the server (process {process.pid}) did not stop within {START_SECONDS} s; "
                    f"its log: {self.log_file}"
                )
            time.sleep(0.1)
        self._pid_file.unlink(missing_ok=True)

    def _process(self) -> psutil.Process | None:
        """Return the running server; known by its data directory, because its name depends on how it was started."""
        with contextlib.suppress(FileNotFoundError, ValueError, psutil.NoSuchProcess):
            process = psutil.Process(int(self._pid_file.read_text()))
            if _is_alive(process) and f"--datadir={self._data}" in process.cmdline():
                return process
        return None


def _is_alive(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


def _is_mysql(program: Path) -> bool:
    """Whether a server program is MySQL's and not MariaDB's, which goes by the same name."""
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return "MariaDB" not in done.stdout


def _initialise(program: Path, mysql: bool, data: Path, temporary: Path, options: list[str], log_file: Path) -> None:
    if mysql:
        command = [str(program), "--no-defaults", "--initialize-insecure", f"--datadir={data}"]
    else:
        command = [
            "mariadb-install-db",
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            f"--datadir={data}",
        ]
    with log_file.open("ab") as log:
        result = subprocess.run(
            [*command, f"--tmpdir={temporary}", *options], stdout=log, stderr=log, stdin=subprocess.DEVNULL, check=False
        )
    if result.returncode:
        shutil.rmtree(data, ignore_errors=True)
        raise DatabaseError(f"{command[0]} could not make a data directory; its log: {log_file}")
