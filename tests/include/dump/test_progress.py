from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios

import pytest

from include.dump.progress import Meter, TerminalProgress


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_the_bar_stays_on_one_line_of_the_terminal(columns):
    terminal, other_end = pty.openpty()
    fcntl.ioctl(other_end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with os.fdopen(other_end, "w") as stream:
        meter = Meter("Loading", 100_000_000, waiting=lambda: "waiting for the last rows and keys")
        meter.add(50_000_000, 400_000)
        TerminalProgress(stream).show(meter)
        shown = os.read(terminal, 4096).decode().removeprefix("\r\x1b[K")
    os.close(terminal)
    assert shown.startswith("[############............] Loading: ")
    assert len(shown) < columns
    assert shown.endswith("and keys") == (columns == 200)
