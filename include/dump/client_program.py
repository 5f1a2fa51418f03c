"""The `mysql` program as a transport: one statement after the other, where the plain tool is wanted."""

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
from typing import IO

from include.dump.audit import check_rejects
from include.dump.errors import DumpError
from include.dump.inventory import Inventory
from include.dump.rejects import Reject, rejected_rows
from include.dump.remarks import Remarks
from include.dump.row_warnings import TooManyWarnings, duplicates
from include.dump.scanner import Kind, Statement
from include.dump.transport import (
    NOT_ABOUT_INSERTED_ROWS,
    SQL_MODE,
    TransportFailed,
    check_size,
    refusal,
)
from include.warehouse.endpoint import Endpoint, silence_watch

CLIENTS = ("mysql", "mariadb")
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

PIECE_BYTES = 64 * 1024
# Within this time the program has logged in and set its session, or it never will.
LOGIN_SECONDS = 30
# The session is ours, never the file's. Unique checks stay on: the dump is known to hold duplicates (I-12).
SESSION = (
    f"SET NAMES utf8mb4; SET SESSION autocommit = 1, time_zone = '+00:00', sql_mode = '{SQL_MODE}', "
    "foreign_key_checks = 0 "
    "/*M! , max_error_count = 65535 */"  # MariaDB keeps 64; MySQL keeps 1024 and wants a privilege for more
).encode()


class ClientProgram:
    """The `mysql` (or `mariadb`) program as a transport.

    The program only ever sees statements that the scanner let through, each followed by a question of ours whose answer
    tells that the statement is done, so that every warning and error is known to belong to one statement. Rows go as
    INSERT IGNORE, so that a duplicate key costs one row and not the batch; any other warning fails the load.

    Args:
        endpoint: login. The password reaches the program through an anonymous file in memory, which only this process
            and the program can see and which no crash leaves behind.
        schema: schema that receives the tables.
        inventory: what the first pass found in the dump.
        max_packet_bytes: the server's `max_allowed_packet`.

    Raises:
        TransportFailed: there is no client program, or it cannot log in.
    """

    def __init__(self, endpoint: Endpoint, schema: str, inventory: Inventory, max_packet_bytes: int) -> None:
        self.duplicates: Counter[str] = Counter()
        self.rejects: list[Reject] = []
        self.doubtful: set[str] = set()
        self.seconds: dict[str, float] = defaultdict(float)
        self._remarks = Remarks()
        self._source = str(inventory.dump)
        self._tables = inventory.tables
        self._max_packet_bytes = max_packet_bytes
        self._mark = secrets.token_hex(16).encode()
        self._question = b";\nSELECT CONCAT('" + self._mark + b" ', @@warning_count);\n"
        self._sent: deque[Statement] = deque()
        self._warnings: list[tuple[int, str]] = []
        self._logged_in = threading.Event()
        self._answered_at = time.monotonic()
        self._moved = 0
        self._session = 0
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
                self._write(SESSION, b";\nSELECT CONCAT('" + self._mark + b" ', CONNECTION_ID());\n")
                if not self._logged_in.wait(LOGIN_SECONDS):
                    raise TransportFailed(
                        f"{endpoint.host} did not let the client program in within {LOGIN_SECONDS} s; check that the "
                        "server runs, then try again"
                    )
                if self._process.poll() is not None:
                    raise self._explanation()
                silence_watch(endpoint).add(self)
            except BaseException:
                self.abort()
                raise

    @property
    def notes(self) -> list[str]:
        """What the server remarked without refusing anything."""
        return self._remarks.lines()

    def send(self, statement: Statement) -> None:
        """Hand over one statement; returns when the program's pipe has taken it. Raises as `Transport.send`."""
        check_size(self._source, statement, self._max_packet_bytes)
        self._sent.append(statement)
        if statement.kind is Kind.INSERT:
            self._write(statement.insert_head, memoryview(statement.data)[statement.rows_at :], self._question)
        else:
            self._write(statement.definition.create, self._question)

    def finish(self) -> None:
        """Wait until the server has run everything; raises as `send`."""
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

    def thread_id(self) -> int:
        """Return the number of the program's session on the server."""
        return self._session

    def progress(self) -> int | None:
        """Return what changes with every answer and every piece that the program took; None while nothing is asked."""
        return self._moved if self._sent else None

    def give_up(self) -> None:
        """End the program, because the server has fallen silent; the load fails and is tried again."""
        self._failure = self._failure or TransportFailed(
            "the server fell silent while the client program waited for it; see whether it restarts or fails over, "
            "then try again"
        )
        self._process.kill()

    def _write(self, *pieces: bytes | memoryview) -> None:
        pipe = _pipe(self._process.stdin)
        try:
            for piece in pieces:
                view = memoryview(piece)
                for start in range(0, len(view), PIECE_BYTES):
                    pipe.write(view[start : start + PIECE_BYTES])
                    self._moved += 1
            pipe.flush()
        except BrokenPipeError:
            raise self._explanation() from None

    def _read_answers(self) -> None:
        try:
            for line in _pipe(self._process.stdout):
                if line.startswith(self._mark):
                    self._answered(int(line.split()[1]))
                elif warning := WARNING_LINE.match(line):
                    self._warnings.append((int(warning[1]), warning[2].decode("utf-8", "replace").strip()))
        except DumpError as error:
            self._failure = self._failure or error
            self._process.kill()
        finally:
            self._logged_in.set()

    def _answered(self, number: int) -> None:
        """Take note that the oldest statement under way is done.

        Args:
            number: how many warnings the server had about it; in the first answer, the session's number.

        Raises:
            DumpError: the statement, or what the server says of it, must not pass.
        """
        self._moved += 1
        warnings, self._warnings = self._warnings, []
        if not self._logged_in.is_set():
            self._session = number
            self._logged_in.set()
            return
        statement = self._sent.popleft()
        now = time.monotonic()
        self.seconds[statement.table] += now - self._answered_at
        self._answered_at = now
        if statement.kind is Kind.CREATE_TABLE:
            for code, text in warnings:
                self._remarks.add(statement.table, code, text)
            return
        rows = self._tables[statement.table].rows
        if number > len(warnings):
            raise TooManyWarnings(number, [code for code, _ in warnings]).refusal(self._source, statement, rows)
        about_rows = [(code, text) for code, text in warnings if code not in NOT_ABOUT_INSERTED_ROWS]
        entries = duplicates(self._source, statement, about_rows)
        if entries:
            self.duplicates[statement.table] += len(entries)
            check_rejects(statement.table, self.duplicates[statement.table], rows)
            self.rejects += rejected_rows(statement, entries)

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
        if error and self._sent:
            return refusal(self._source, self._sent[0], int(error[1]), error[2].strip())
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
