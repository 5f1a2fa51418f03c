"""The client of Airflow's REST API, against a small web server that answers like Airflow's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import httpx
import pytest

from include.airflow_api import AirflowRefused, HttpAirflow, pool_slots


class Airflow(BaseHTTPRequestHandler):
    """Gives everybody a token and shows pools to who has it."""

    def do_GET(self) -> None:
        if self.path == "/auth/token":
            return self.answer({"access_token": "t"})
        assert self.path.startswith("/api/v2/pools")
        known = self.headers["Authorization"] == "Bearer t"
        return self.answer({"pools": [{"name": "dbt", "slots": 2}]}, 200 if known else 401)

    def answer(self, content: object, status: int = 200) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *_arguments: object) -> None: ...


@pytest.fixture
def url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Airflow)
    Thread(target=server.serve_forever, args=(0.05,)).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_an_airflow_without_logins_shows_its_pools(url: str) -> None:
    assert pool_slots(HttpAirflow(url)) == {"dbt": 2}


def test_one_that_does_not_answer_is_an_error() -> None:
    with pytest.raises(httpx.ConnectError):
        pool_slots(HttpAirflow("http://127.0.0.1:9"))


def test_an_error_status_is_one_sentence(url: str) -> None:
    with pytest.raises(AirflowRefused, match=r"Airflow refused GET /pools \(401\)"):
        pool_slots(HttpAirflow(url, token="wrong"))
