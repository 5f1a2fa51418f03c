"""dbt finds the socket of its own connection, whatever other sockets its process holds."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

DBT_FOLDER = Path(__file__).resolve().parents[2] / "dbt"
LOOK = """
import socket, sys
sys.path.insert(0, sys.argv[1])
import connection
nameless, listening = socket.socketpair(), socket.create_server(("127.0.0.1", 0))
port = listening.getsockname()[1]
client = socket.create_connection(("127.0.0.1", port))
assert connection._sockets(port) == {client.fileno()}
"""


def test_sockets_without_an_address_are_passed_over() -> None:
    python = Path(os.environ.get("GGHOUSE_DBT", ".venv-dbt/bin/gghouse-dbt")).with_name("python")
    subprocess.run([python, "-c", LOOK, DBT_FOLDER], check=True)
