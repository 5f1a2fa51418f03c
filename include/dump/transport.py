"""How scanned statements reach the server. For now: one `mysql` client program, fed through its standard input."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import subprocess
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from typing import IO, Protocol

from include.dump.errors import StatementRefused
from include.dump.scanner import Kind, Statement
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import WRITER_LOCK

CLIENTS = ("mysql", "mariadb")
DUPLICATE_KEY = 1062
SERVER_SIDE_TROUBLE = frozenset(
    (1021, 1040, 1044, 1045, 1049, 1053, 1114, 1130, 1142, 1203, 1205, 1213, 1226, 1290, 1317, 1927, 3024)
)
"""Server errors that say nothing about the dump: no space, no rights, no connections, locks, shutdown, KILL."""
CLIENT_ERRORS = range(2000, 3000)
"""Errors of the connection, for example 2013, lost connection."""

CLIENT_OPTIONS = (
    "--batch",
    "--binary-mode",
    "--no-auto-rehash",
    "--raw",
    "--show-warnings",
    "--skip-column-names",
    "--skip-reconnect",
    "--unbuffered",
    "--protocol=tcp",
    "--connect-timeout=10",
    "--local-infile=0",
    "--max-allowed-packet=1G",
    "--default-character-set=binary",  # strings are told apart by bytes, as the scanner does; the session is utf8mb4
)
WARNING_LINE = re.compile(rb"(?:Warning|Note|Error) \(Code (\d+)\): (.*)", re.DOTALL)
COMPLAINT = re.compile(rb"ERROR \d|[\w./-]*(?:mysql|mariadb)[\w./-]*: ")
ERROR_LINE = re.compile(r"ERROR (\d+) \(\w+\)(?: at line \d+)?: (.*)")

SESSION = (
    "SET NAMES utf8mb4; "
    "SET SESSION time_zone = '+00:00', sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', foreign_key_checks = 0, "
    "max_error_count = 65535; "
    f"DO GET_LOCK('{WRITER_LOCK}', 10)"
).encode()
"""The session is ours, never the file's. Unique checks stay on: the dump is known to hold duplicates (I-12)."""


class TransportFailed(RuntimeError):
    """The server or the client program gave up for reasons that are not in the dump; worth another try."""


class Transport(Protocol):
    """Where statements go, in their order.

    Attributes:
        duplicates: rows per table that the server did not take because their key was there already.
        seconds: time per table between the server's answers.
        notes: warnings about definitions of tables, which do not stop a load.
    """

    duplicates: Counter[str]
    seconds: dict[str, float]
    notes: list[str]

    def send(self, statement: Statement) -> None:
        """Hand over one statement; may return before the server has run it."""

    def finish(self) -> None:
        """Return when the server has run everything."""

    def abort(self) -> None:
        """Stop at once; harmless after `finish`."""


class ClientProgram:
    """The `mysql` (or `mariadb`) program as a transport.

    The program only ever sees statements that the scanner let through, each followed by a question of ours whose answer
    tells that the statement is done, so that every warning and error is known to belong to one statement. Rows go as
    INSERT IGNORE, so that a duplicate key costs one row and not the batch; any other warning fails the load.

    Args:
        endpoint: login. The password reaches the program through an anonymous file in memory, which only this process
            and the program can see and which no crash leaves behind.
        schema: schema that receives the tables.
        source: what messages call the dump.
        max_packet_bytes: the server's `max_allowed_packet`.

    Raises:
        TransportFailed: there is no client program, or it cannot log in.
    """

    def __init__(self, endpoint: Endpoint, schema: str, source: str, max_packet_bytes: int) -> None:
        self.duplicates: Counter[str] = Counter()
        self.seconds: dict[str, float] = defaultdict(float)
        self.notes: list[str] = []
        self._source = source
        self._max_packet_bytes = max_packet_bytes
        self._mark = secrets.token_hex(16).encode()
        self._question = b";\nSELECT '" + self._mark + b"';\n"
        self._sent: deque[tuple[Kind, str, int]] = deque()
        self._logged_in = threading.Event()
        self._answered_at = time.monotonic()
        self._failure: Exception | None = None
        self._complaints = b""
        with _option_file(endpoint) as options:
            self._process = subprocess.Popen(
                [_client_program(), f"--defaults-file=/dev/fd/{options}", *CLIENT_OPTIONS, schema],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(options,),
                env={key: value for key, value in os.environ.items() if not key.startswith("MYSQL_")}
                | {"MYSQL_TEST_LOGIN_FILE": f"{os.devnull}/none"},
            )
            self._readers = [
                threading.Thread(target=self._read_answers, daemon=True),
                threading.Thread(target=self._read_complaints, daemon=True),
            ]
            try:
                for reader in self._readers:
                    reader.start()
                self._write(SESSION, self._question)
                self._logged_in.wait()
                if self._process.poll() is not None:
                    raise self._explanation()
            except BaseException:
                self.abort()
                raise

    def send(self, statement: Statement) -> None:
        """Hand over one statement; returns when the program's pipe has taken it.

        Raises:
            StatementRefused: this or an earlier statement was refused, or changed on its way into the table.
            TransportFailed: the connection or the server is gone.
        """
        if len(statement.data) + 64 > self._max_packet_bytes:
            raise StatementRefused(
                f"{self._source}, line {statement.line}: a statement of {len(statement.data):,} bytes for "
                f"{statement.table} exceeds the server's max_allowed_packet of {self._max_packet_bytes:,}; raise it in "
                "the server's parameter group"
            )
        self._sent.append((statement.kind, statement.table, statement.line))
        if statement.kind is Kind.INSERT:
            self._write(b"INSERT IGNORE", memoryview(statement.data)[len(b"INSERT") :], self._question)
        else:
            self._write(statement.data, self._question)

    def finish(self) -> None:
        """Wait until the server has run everything.

        Raises:
            StatementRefused: as `send`.
            TransportFailed: as `send`.
        """
        with contextlib.suppress(BrokenPipeError):
            _pipe(self._process.stdin).close()
        status = self._process.wait()
        for reader in self._readers:
            reader.join()
        if status or self._sent or self._failure:
            raise self._explanation()

    def abort(self) -> None:
        """End the program at once; harmless after `finish`."""
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            if reader.is_alive():
                reader.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(BrokenPipeError):
                _pipe(pipe).close()

    def _write(self, *pieces: bytes | memoryview) -> None:
        pipe = _pipe(self._process.stdin)
        try:
            for piece in pieces:
                pipe.write(piece)
            pipe.flush()
        except BrokenPipeError:
            raise self._explanation() from None

    def _read_answers(self) -> None:
        try:
            for line in _pipe(self._process.stdout):
                if line.rstrip(b"\n") == self._mark:
                    self._answered()
                elif warning := WARNING_LINE.match(line):
                    self._warned(int(warning[1]), warning[2].decode("utf-8", "replace").strip())
        finally:
            self._logged_in.set()

    def _answered(self) -> None:
        if not self._logged_in.is_set():
            self._logged_in.set()
            return
        _, table, _ = self._sent.popleft()
        now = time.monotonic()
        self.seconds[table] += now - self._answered_at
        self._answered_at = now

    def _warned(self, code: int, text: str) -> None:
        if not self._sent:
            return
        kind, table, line = self._sent[0]
        if kind is Kind.CREATE_TABLE:
            self.notes.append(f"{table}: server warning {code}: {text}")
        elif code == DUPLICATE_KEY:
            self.duplicates[table] += 1
        elif self._failure is None:
            self._failure = StatementRefused(
                f"{self._source}, line {line}: the server did not take a row of {table} as it is (warning {code}: "
                f"{text}); have the row corrected at its source and the dump taken again"
            )
            self._process.kill()

    def _read_complaints(self) -> None:
        """Keep the program's own words; it also repeats statements, and those may hold personal data."""
        for line in _pipe(self._process.stderr):
            if COMPLAINT.match(line) and len(self._complaints) < 4096:
                self._complaints += line[:1024]

    def _explanation(self) -> Exception:
        """Return why the program ended, waiting for its last words."""
        status = self._process.wait()
        for reader in self._readers:
            reader.join()
        if self._failure:
            return self._failure
        text = self._complaints.decode("utf-8", "replace").strip()
        error = ERROR_LINE.search(text)
        code = int(error[1]) if error else 0
        if error and self._sent and code not in SERVER_SIDE_TROUBLE and code not in CLIENT_ERRORS:
            kind, table, line = self._sent[0]
            return StatementRefused(
                f"{self._source}, line {line}: the server refused the {kind} of {table} (error {code}: "
                f"{error[2].strip()}); have the dump taken again"
            )
        return TransportFailed(
            f"the client program ended with status {status}: {error[0] if error else text or 'it said nothing'}; "
            "clear the task"
        )


def _client_program() -> str:
    for name in CLIENTS:
        if program := shutil.which(name):
            return program
    raise TransportFailed("there is neither a mysql nor a mariadb program on PATH; install the MySQL or MariaDB client")


@contextlib.contextmanager
def _option_file(endpoint: Endpoint) -> Iterator[int]:
    """Give a file descriptor of an option file that exists in memory only, readable by this user only."""
    options = {"host": endpoint.host, "port": str(endpoint.port), "user": endpoint.user, "password": endpoint.password}
    if endpoint.ssl_ca:
        # each flavour of the program knows one of the last two and passes over the other
        options |= {"ssl-ca": endpoint.ssl_ca, "loose-ssl-mode": "VERIFY_IDENTITY", "loose-ssl-verify-server-cert": "1"}
    lines = ["[client]", *(f'{name}="{_quoted(value)}"' for name, value in options.items()), ""]
    descriptor = os.memfd_create("options")
    try:
        os.fchmod(descriptor, 0o600)  # the program does not read option files that others may write
        os.write(descriptor, "\n".join(lines).encode())
        yield descriptor
    finally:
        os.close(descriptor)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 - all three were asked for
    return pipe
