"""Something between us and the server that falls silent, while its kernel still answers for it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time


class SilentProxy:
    """Forwards every connection until it has passed on a number of bytes to the server; then nothing moves any more.

    Args:
        port: of the server, on 127.0.0.1.
        limit: bytes to the server, over all connections; None for no limit.
        lets_in: whether new connections are forwarded nevertheless.
    """

    def __init__(self, port: int, limit: int | None = None, lets_in: bool = False) -> None:
        self._server = port
        self._limit = limit
        self._lets_in = lets_in
        self._lock = threading.Lock()
        self._forwarded = 0
        self._sockets: list[socket.socket] = []
        self.silent_since: float | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def fall_silent(self) -> None:
        """Forward nothing more on the connections that are open now."""
        self.silent_since = self.silent_since or time.monotonic()

    def close(self) -> None:
        for end in [self._listener, *self._sockets]:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                exempt = self._lets_in and self.silent_since is not None
                server = socket.create_connection(("127.0.0.1", self._server))
                self._sockets += [client, server]
                for source, target, counted in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._forward, args=(source, target, counted, exempt), daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket, counted: bool, exempt: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                with self._lock:
                    self._forwarded += len(data) if counted else 0
                    if self._limit is not None and self._forwarded > self._limit:
                        self.fall_silent()
                while self.silent_since is not None and not exempt:
                    time.sleep(3600)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
