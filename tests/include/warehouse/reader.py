"""Somebody who keeps reading while generations are published."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import MySQLdb

from include.warehouse.endpoint import Endpoint

T = TypeVar("T")
POLL_SECONDS = 0.005


class Reader(Generic[T]):
    """Reads again and again, and keeps what it saw; a failure ends it and is raised by `stop`."""

    def __init__(self, loader: Endpoint, read: Callable[[MySQLdb.Connection], T | None]) -> None:
        self.seen: list[T] = []
        self.again = 0
        self._loader = loader
        self._read = read
        self._failure: Exception | None = None
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            with contextlib.closing(self._loader.connect()) as connection:
                due = time.monotonic()
                while not self._end.is_set():
                    numbers = self._read(connection)
                    if numbers is None:
                        self.again += 1
                    else:
                        self.seen.append(numbers)
                    due = max(due + POLL_SECONDS, time.monotonic())
                    time.sleep(max(0, due - time.monotonic()))
        except Exception as failure:
            self._failure = failure

    def stop(self) -> None:
        self._end.set()
        self._thread.join()
        if self._failure:
            raise self._failure
