"""No plugin's page without a login: Airflow's real API server with all plugins, asked by a stranger.

Airflow protects what it serves itself, not what a plugin mounts: https://github.com/apache/airflow/issues/72655.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow import plugins_manager
from airflow.api_fastapi.app import create_app, create_auth_manager
from fastapi import FastAPI
from fastapi.testclient import TestClient

import operations

pytestmark = pytest.mark.infra


def apps() -> list[dict[str, Any]]:
    return list(plugins_manager.get_fastapi_plugins()[0])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    docs = tmp_path_factory.mktemp("docs")
    for name in ("index.html", "manifest.json", "catalog.json"):
        (docs / name).write_text("{}")
    with pytest.MonkeyPatch.context() as patch:
        # As somebody would set it who follows Cosmos' own documentation.
        patch.setenv("AIRFLOW__COSMOS__DBT_DOCS_PROJECTS", json.dumps({"gghouse": {"dir": str(docs)}}))
        patch.setattr("airflow.settings.PLUGINS_FOLDER", str(Path(operations.__file__).parent))
        create_auth_manager()
        yield create_app(apps="core")


def without_login(server: FastAPI) -> dict[str, int]:
    """What each route of each plugin answers, and whatever else lies below its address."""
    stranger = TestClient(server, follow_redirects=False, headers={"accept": "application/json"})
    answers = {}
    for app in apps():
        for route in app["app"].routes:
            path = app["url_prefix"] + re.sub(r"\{[^}]*\}", "x", route.path)
            for method in sorted(getattr(route, "methods", None) or {"GET"}):
                answers[f"{method} {path}"] = stranger.request(method, path).status_code
    return answers


def open_ones(answers: dict[str, int]) -> list[str]:
    return [path for path, status in answers.items() if status != 401 and (status != 404 or "/cosmos/" not in path)]


def test_no_page_of_a_plugin_is_shown_without_a_login(server: FastAPI) -> None:
    answers = without_login(server)
    assert {"GET /gghouse/docs/", "GET /gghouse/runbooks/x", "GET /cosmos/gghouse/manifest.json"} <= answers.keys()
    assert open_ones(answers) == []
    assert plugins_manager.get_flask_plugins() == ([], [], []), "these would need a test of their own"


def test_a_page_without_a_login_would_be_noticed(server: FastAPI) -> None:
    (ours,) = [app["app"] for app in apps() if app["url_prefix"] == operations.PREFIX]
    forgotten = FastAPI()
    forgotten.get("/forgotten/{name}")(lambda name: name)
    ours.router.routes += (added := [route for route in forgotten.routes if "forgotten" in route.path])  # type: ignore[attr-defined]
    try:
        assert open_ones(without_login(server)) == ["GET /gghouse/forgotten/x"]
    finally:
        for route in added:
            ours.router.routes.remove(route)
