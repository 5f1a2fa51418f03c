"""The page of Airflow's UI gets a line that chooses Tokyo's zone; every other answer stays as it is, byte for byte."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from fastapi.testclient import TestClient
from starlette.middleware.gzip import GZipMiddleware

PROJECT = Path(__file__).resolve().parents[2]
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
UI = "<html><head><title>Airflow</title><script src='./x.js'></script></head><body></body></html>"
LONG = UI.replace("<body>", "<body>" + "x" * 5000)


def plugin() -> Any:
    spec = importlib.util.spec_from_file_location("tokyo_time", PROJECT / "plugins" / "tokyo_time.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def tokyo() -> Any:
    return plugin()


@pytest.fixture
def client(tokyo: Any) -> TestClient:
    app = FastAPI()
    answers = {
        "/": lambda: HTMLResponse(UI),
        "/long": lambda: HTMLResponse(LONG),
        "/pieces": lambda: StreamingResponse(iter([UI[:20], UI[20:]]), media_type="text/html"),
        "/other": lambda: HTMLResponse("<title>Status</title>"),
        "/json": lambda: JSONResponse({"text": UI}),
        "/away": lambda: Response(status_code=307, headers={"Location": "/"}),
    }
    for path, answer in answers.items():
        app.get(path)(answer)
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    for registered in tokyo.TokyoTimePlugin.fastapi_root_middlewares:
        app.add_middleware(registered["middleware"], *registered["args"], **registered["kwargs"])
    return TestClient(app, follow_redirects=False)


@pytest.mark.parametrize("path", ["/", "/long", "/pieces"])
def test_the_page_of_the_ui_chooses_tokyo_before_its_program_starts(tokyo: Any, client: TestClient, path: str) -> None:
    answer = client.get(path, headers=BROWSER | {"Accept-Encoding": "identity"})
    assert answer.text.replace(tokyo.SCRIPT.decode(), "") == (LONG if path == "/long" else UI)
    assert answer.text.index("Asia/Tokyo") < answer.text.index("x.js")
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize(("path", "text"), [("/other", "<title>Status</title>"), ("/long", LONG), ("/away", "")])
def test_other_pages_stay_as_they_are(client: TestClient, path: str, text: str) -> None:
    assert client.get(path, headers=BROWSER).text == text


def test_an_answer_for_a_program_stays_as_it_is(client: TestClient) -> None:
    assert client.get("/json", headers=BROWSER).json() == {"text": UI}
    assert client.get("/", headers={"Accept": "application/json"}).text == UI


def test_the_installed_airflow_has_the_title_and_the_key_that_the_line_relies_on(tokyo: Any) -> None:
    import airflow

    ui = Path(airflow.__path__[0]) / "ui" / "dist"
    assert tokyo.TITLE in (ui / "index.html").read_bytes()
    programs = "".join(file.read_text(errors="replace") for file in (ui / "assets").glob("index-*.js"))
    assert "=`timezone`," in programs or '="timezone",' in programs
