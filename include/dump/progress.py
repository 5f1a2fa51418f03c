"""How far a load is: a line every few seconds in a log, or a bar on a terminal."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

LOG_SECONDS = 5.0
TERMINAL_SECONDS = 0.2
BAR_WIDTH = 24
# Width of a terminal that does not report its own.
COLUMNS = 80


@dataclass
class Meter:
    """One stretch of work.

    Attributes:
        title: what is being done, for example `Loading`.
        total: bytes that there are to do.
        done: bytes that are done.
        rows: rows that are done.
        waiting: returns what runs while no bytes move, for example building of keys.
    """

    title: str
    total: int
    done: int = 0
    rows: int = 0
    waiting: Callable[[], str] = str
    began: float = field(default_factory=time.monotonic)

    def add(self, size: int, rows: int = 0) -> None:
        """Add bytes and rows that are done."""
        self.done += size
        self.rows += rows

    def text(self) -> str:
        """Return one line: rows, bytes, per cent, speed, and the seconds left at this speed."""
        seconds = time.monotonic() - self.began
        speed = self.done / seconds if seconds else 0.0
        left = f", {(self.total - self.done) / speed:,.0f} s left" if speed and self.done < self.total else ""
        rows = f"{self.rows:,} rows, " if self.rows else ""
        waiting = self.waiting()
        return (
            f"{self.title}: {rows}{self.done / 1e6:,.1f} of {self.total / 1e6:,.1f} MB ({self.share:.0%}), "
            f"{speed / 1e6:.1f} MB/s{left}{f'; {waiting}' if waiting else ''}"
        )

    @property
    def share(self) -> float:
        """Return what is done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 1.0


class Progress:
    """Reports what a load does, as lines for a log.

    Args:
        say: takes one line of text.
    """

    seconds = LOG_SECONDS

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say

    def show(self, meter: Meter) -> None:
        """Show how far the meter is; called every few seconds."""
        self.say(meter.text())

    def clear(self) -> None:
        """Take away what `show` left."""

    @contextmanager
    def measure(self, meter: Meter) -> Iterator[Meter]:
        """Show the meter every few seconds as long as the block lasts."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(self.seconds):
                self.show(meter)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield meter
        finally:
            over.set()
            watcher.join()
            self.clear()


class TerminalProgress(Progress):
    """A bar that is redrawn on one line of a terminal, with the log lines above it.

    Args:
        stream: the terminal.
    """

    seconds = TERMINAL_SECONDS

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        super().__init__(self._line)
        self._stream = stream

    def show(self, meter: Meter) -> None:
        """Draw the bar."""
        full = round(meter.share * BAR_WIDTH)
        line = f"[{'#' * full}{'.' * (BAR_WIDTH - full)}] {meter.text()}"
        self._stream.write("\r\x1b[K" + line[: self._columns() - 1])  # what has gone over the edge cannot be wiped
        self._stream.flush()

    def clear(self) -> None:
        """Wipe the bar's line."""
        self._stream.write("\r\x1b[K")
        self._stream.flush()

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or COLUMNS
        except OSError:
            return COLUMNS

    def _line(self, line: str) -> None:
        self.clear()
        self._stream.write(line + "\n")
