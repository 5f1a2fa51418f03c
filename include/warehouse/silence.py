"""Notice a server that falls silent without closing its connections: a lost host, a proxy or a network that is stuck.

A statement may take minutes and send nothing meanwhile, so a time limit for its answer would be wrong. Two things help:

- `keep_alive`: the kernel asks the other side whether it is there, and gives up after a minute.
- `SilenceWatch`: something between us and the server may go on answering for it. So when a statement has moved nothing
  for some seconds, a second connection asks the server whether it is still at that statement. If it is not, or cannot
  be asked, the connection is closed, and the statement fails as one whose connection was lost.

Needs nothing but Python, because dbt, in an environment of its own, uses it too. The watch sees nothing where the
system is not Linux.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, Protocol
from weakref import WeakKeyDictionary

log = logging.getLogger(__name__)

# A statement that moved nothing for so long is looked at, and again after as much.
QUIET_SECONDS = 20.0
POLL_SECONDS = 5.0
# How long the server may take to let the second connection in and to answer it.
ANSWER_SECONDS = 5
# So many vain attempts to ask the server mean that it is gone: all in all after 25 s of quiet and 15 s of asking.
UNREACHABLE_LIMIT = 2

# Seconds, seconds, times, milliseconds.
KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 60_000}
# Where `struct tcp_info` of Linux 4.2 and later has tcpi_bytes_acked and, behind it, tcpi_bytes_received.
TCP_INFO_BYTES, BYTES_ACKED = 136, 120
# States, of MariaDB and MySQL, in which a session waits for its client.
ON_THE_WIRE = ("Reading from net", "Writing to net", "Receiving from client", "Sending to client")


def keep_alive(descriptor: int) -> None:
    """Have the kernel give up a connection whose other side has not answered for a minute.

    Args:
        descriptor: of a TCP socket; anything else is left alone.
    """
    with contextlib.suppress(OSError), second_handle(descriptor) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in KEEPALIVE.items():
            if option := getattr(socket, name, None):
                connection.setsockopt(socket.IPPROTO_TCP, option, value)


class Watched(Protocol):
    """What a `SilenceWatch` can look after."""

    def thread_id(self) -> int:
        """Return the number of the session on the server."""

    def progress(self) -> Hashable | None:
        """Return something that changes whenever anything moves, or None while no answer is waited for."""

    def give_up(self) -> None:
        """Make the statement under way fail at once. Called by another thread."""


class WatchedSocket:
    """Mixin for a driver's connection: `with self.under_way()` around whatever waits for the server."""

    _statements = 0
    _waiting = False

    def fileno(self) -> int:
        """Return the descriptor of the connection's socket."""
        raise NotImplementedError

    @contextlib.contextmanager
    def under_way(self) -> Iterator[None]:
        """Say that the server is waited for as long as the block lasts."""
        self._statements += 1
        self._waiting = True
        try:
            yield
        finally:
            self._waiting = False

    def progress(self) -> Hashable | None:
        """Return the number of the statement and the bytes that the other side took and sent."""
        if not self._waiting:
            return None
        with contextlib.suppress(Exception), second_handle(self.fileno()) as connection:  # it may be closed by now
            info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_BYTES)
            return (self._statements, *struct.unpack_from("<QQ", info, BYTES_ACKED))
        return None

    def give_up(self) -> None:
        """Close both directions; the driver finds its connection lost."""
        with contextlib.suppress(Exception), second_handle(self.fileno()) as connection:
            connection.shutdown(socket.SHUT_RDWR)


class SilenceWatch:
    """Looks after the connections of one login, in a thread that lives as long as there are any.

    Args:
        name: what the log calls the server.
        connect: opens another connection that gives up waiting after `ANSWER_SECONDS`; any DB-API driver's.
    """

    def __init__(self, name: str, connect: Callable[[], Any]) -> None:
        self._name = name
        self._connect = connect
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._seen: WeakKeyDictionary[Watched, tuple[Hashable | None, float]] = WeakKeyDictionary()
        self._vain = 0

    def add(self, connection: Watched) -> None:
        """Look after a connection until no reference to it is left."""
        with self._lock:
            self._seen[connection] = (None, time.monotonic())
            if self._thread is None or not self._thread.is_alive():  # threads do not survive a fork
                self._thread = threading.Thread(target=self._run, name=f"silence of {self._name}", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(POLL_SECONDS)
            with self._lock:
                if not self._seen:
                    self._thread = None
                    return
            try:
                self._poll()
            except Exception:
                log.exception("The connections to %s could not be looked after", self._name)

    def _poll(self) -> None:
        silent = self._silent()
        if not silent:
            self._vain = 0
            return
        try:
            sessions = self._ask(silent)
        except Exception as error:
            if not unreachable(error):
                self._vain = 0
                return
            self._vain += 1
            if self._vain >= UNREACHABLE_LIMIT:
                self._vain = 0
                with self._lock:
                    everything = list(self._seen)
                for connection in everything:  # what rests now would be silent next
                    self._give_up(connection, f"the server cannot be asked: {error}")
            return
        self._vain = 0
        for connection, progress in silent.items():
            reason = sessions.get(connection.thread_id(), "the server does not have it any more")
            if reason and connection.progress() == progress:
                self._give_up(connection, reason)
            else:
                self._note(connection, progress)

    def _give_up(self, connection: Watched, reason: str) -> None:
        log.warning("The connection of session %s on %s is given up: %s", connection.thread_id(), self._name, reason)
        connection.give_up()

    def _silent(self) -> Mapping[Watched, Hashable]:
        """Return the connections on which nothing moved for too long, and what they had moved."""
        now, silent = time.monotonic(), {}
        with self._lock:
            seen = dict(self._seen)
        for connection, (before, since) in seen.items():
            progress = connection.progress()
            if progress is None or progress != before:
                self._note(connection, progress)
            elif now - since >= QUIET_SECONDS:
                silent[connection] = progress
        return silent

    def _note(self, connection: Watched, progress: Hashable | None) -> None:
        with self._lock:
            self._seen[connection] = (progress, time.monotonic())

    def _ask(self, silent: Mapping[Watched, Hashable]) -> dict[int, str]:
        """Return why sessions are not at work, by number, and end those; empty for those that are at work."""
        numbers = {connection.thread_id() for connection in silent}
        with contextlib.closing(self._connect()) as connection:
            cursor = connection.cursor()
            cursor.execute("SET character_set_results = ascii")  # statements of others may hold any bytes
            cursor.execute("SHOW PROCESSLIST")
            found = {int(row[0]): _idle(row[4], row[6] or "") for row in cursor.fetchall() if int(row[0]) in numbers}
            for number, reason in found.items():
                if reason:  # else it would keep its locks until the server notices by itself
                    with contextlib.suppress(Exception):
                        cursor.execute(f"KILL {number}")
            cursor.close()
        return found


def unreachable(error: Exception) -> bool:
    """Whether an error of a driver means that the server did not answer; with any other code it did."""
    code = getattr(error, "errno", None) or (error.args[0] if error.args else None)
    return not isinstance(code, int) or not 1000 <= code < 2000


def _idle(command: str, state: str) -> str:
    if command == "Sleep":
        return "the server has answered and waits for the next statement"
    return f"the server waits for us: {state}" if state in ON_THE_WIRE else ""


@contextlib.contextmanager
def second_handle(descriptor: int) -> Iterator[socket.socket]:
    """Give a second handle on a socket, so that no descriptor is closed or reused meanwhile.

    Raises:
        OSError: it is closed, or no socket.
    """
    duplicate = os.dup(descriptor)
    try:
        connection = socket.socket(fileno=duplicate)
    except OSError:
        os.close(duplicate)
        raise
    with contextlib.closing(connection):
        yield connection
