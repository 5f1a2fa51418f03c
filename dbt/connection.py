"""Database connections of dbt: verify the server's certificate, and give up a server that falls silent.

dbt-mysql passes no such options to its driver, so the driver's `connect` is replaced before dbt uses it.
"""

import contextlib
import importlib.util
import os
import threading
from pathlib import Path

import mysql.connector

# File with the server's certificate authority; without it the server decides whether the connection uses TLS.
CA_VARIABLE = "DBT_SSL_CA"
PEER_PORT = 1

_spec = importlib.util.spec_from_file_location(
    "silence", Path(__file__).resolve().parents[1] / "include" / "warehouse" / "silence.py"
)
silence = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(silence)

_driver_connect = mysql.connector.connect
_connecting = threading.Lock()
_watches = {}


class _Watched(silence.WatchedSocket):
    """A connection of the driver, which does not expose its socket."""

    def __init__(self, session, descriptor):
        self._session = session
        self._descriptor = descriptor

    def thread_id(self):
        return self._session

    def fileno(self):
        return self._descriptor

    def waits_in(self, function):
        def waiting(*arguments, **options):
            with self.under_way():
                return function(*arguments, **options)

        return waiting


def connect(**options):
    """Open a connection as `mysql.connector.connect` does; raises as that."""
    options = options | tls()
    host, port = options.get("host", "127.0.0.1"), options.get("port", 3306)
    # One at a time, so that the new socket is the one of this connection.
    with _connecting:
        before = _sockets(port)
        connection = _driver_connect(**options)
        new = sorted(_sockets(port) - before)
        if (host, port) not in _watches:
            limits = dict.fromkeys(("connection_timeout", "read_timeout", "write_timeout"), silence.ANSWER_SECONDS)
            _watches[host, port] = silence.SilenceWatch(host, lambda: _driver_connect(**options | limits))
    if len(new) == 1:
        silence.keep_alive(new[0])
        watched = _Watched(connection.connection_id, new[0])
        for name in ("cmd_query", "get_rows"):
            setattr(connection, name, watched.waits_in(getattr(connection, name)))
        # Keeps the watch alive as long as the connection.
        connection.watched = watched
        _watches[host, port].add(watched)
    return connection


def tls():
    """Return the driver's options that verify the server's certificate and host name, if DBT_SSL_CA is set."""
    authority = os.environ.get(CA_VARIABLE)
    return {"ssl_ca": authority, "ssl_verify_cert": True, "ssl_verify_identity": True} if authority else {}


def _sockets(port):
    """Return the descriptors of this process's TCP connections to a port."""
    found = set()
    # Only Linux has this folder.
    with contextlib.suppress(FileNotFoundError):
        for place in list(Path("/proc/self/fd").iterdir()):
            with contextlib.suppress(OSError), silence.second_handle(int(place.name)) as one:
                # The peer of a Unix socket is a path, which may be empty.
                peer = one.getpeername()
                if isinstance(peer, tuple) and peer[PEER_PORT] == port:
                    found.add(int(place.name))
    return found


def install():
    """Make dbt connect this way."""
    mysql.connector.connect = connect
