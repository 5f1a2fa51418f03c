"""Keep a session alive that rests while others work, so that the server may end it soon once its client is gone.

A lock goes with its session. A server that does not learn of the client's end, because the network between them is
stuck, would keep both for as long as `wait_timeout` says. So that is short, and the client sends a sign of life now and
then.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import MySQLdb

BEAT_SECONDS = 10.0
# The server ends the session when it has heard nothing for so long.
HELD_SECONDS = 60


@contextlib.contextmanager
def heartbeat(connection: MySQLdb.Connection) -> Iterator[None]:
    """Keep the session of a connection alive as long as the block lasts.

    Args:
        connection: of `Endpoint.connect`; others may use it meanwhile.
    """
    over = threading.Event()

    def beat() -> None:
        with contextlib.suppress(MySQLdb.Error):  # the next use of the connection finds out
            while not over.wait(BEAT_SECONDS):
                connection.beat()

    with connection.cursor() as cursor:
        cursor.execute("SET SESSION wait_timeout = %s", (HELD_SECONDS,))
    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
