"""The pages inside Airflow: who may see them, what they show, and that nothing missing breaks the web server."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from fastapi import FastAPI
from fastapi.testclient import TestClient
from moto import mock_aws

import operations
from include.settings import Settings
from include.status_page import html, runbooks
from include.status_page.html import TEMPLATES
from include.status_page.store import put_page
from infra.bundle.mwaa import write_plugins

PROJECT = Path(__file__).resolve().parents[2]
PAGE = "<!doctype html><html><head><title>t</title></head><body>所 fine</body></html>"
BROWSER = {"accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AIRFLOW__GGHOUSE__BUCKET", "bucket")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="bucket")
        yield s3


@pytest.fixture
def stranger() -> TestClient:
    """A browser without a login."""
    create_auth_manager()
    return TestClient(operations.create_app(), follow_redirects=False, headers=BROWSER)


@pytest.fixture
def viewer(stranger: TestClient) -> TestClient:
    """A browser that is logged in with the least of roles."""
    # Airflow looks whether somebody logged out; one table of its database is cheaper to have than all of them
    from airflow import settings
    from airflow.models.revoked_token import RevokedToken

    RevokedToken.__table__.create(settings.engine, checkfirst=True)
    token = create_auth_manager().generate_jwt(SimpleAuthManagerUser(username="viewer", role="viewer"))
    stranger.cookies.set("_token", token)
    return stranger


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one runbook, and a file beside it that is none."""
    folder = tmp_path / "runbooks"
    folder.mkdir()
    (folder / "dump-missing.md").write_text(
        "# The dump <b>did</b> not come\n\n| step | what |\n|---|---|\n| 1 | look |\n\n"
        "See [late](late.md) and [the bad](javascript:alert(1)).\n\n<script>alert(1)</script>\n"
    )
    (tmp_path / "secret.md").write_text("# Secret")
    for function in (runbooks.names, runbooks.runbook):
        monkeypatch.setattr(function, "__defaults__", (folder,))
    return folder


def test_the_page_is_the_object_in_the_bucket(bucket: Any, viewer: TestClient) -> None:
    put_page(bucket, Settings.from_environment(), PAGE)
    answer = viewer.get("/")
    assert answer.status_code == 200
    assert answer.text == PAGE.replace("</head>", '<script src="/gghouse/links.js" defer></script>\n</head>')
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    assert "access-control-allow-origin" not in answer.headers
    again = viewer.get("/", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.text) == (304, "")


def test_before_the_first_page_it_says_how_to_make_one(bucket: Any, viewer: TestClient) -> None:
    answer = viewer.get("/")
    assert answer.status_code == 404
    assert "No status page yet" in answer.text
    assert "make page" in answer.text


def test_without_a_bucket_it_says_what_to_set(bucket: Any, viewer: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW__GGHOUSE__BUCKET")
    answer = viewer.get("/")
    assert answer.status_code == 503
    assert "AIRFLOW__GGHOUSE__BUCKET is empty; set it" in answer.text


@pytest.mark.parametrize("path", ["/", "/runbooks/", "/runbooks/late", "/docs/", "/docs/manifest.json", "/links.js"])
def test_nobody_sees_anything_without_a_login(bucket: Any, stranger: TestClient, path: str) -> None:
    put_page(bucket, Settings.from_environment(), PAGE)
    answer = stranger.get(path)
    assert answer.status_code == 307
    assert answer.headers["location"] == f"/api/v2/auth/login?next={path}"
    assert stranger.get(path, headers={"accept": "application/json"}).status_code == 401
    stranger.cookies.set("_token", "forged")
    assert stranger.get(path).status_code in (401, 403)


HOSTILE = {"nodes": {"a": {"description": "</script><script>alert(1)</script>所"}}}


@pytest.fixture
def docs(bucket: Any) -> None:
    """What the task dbt_docs uploads, with dbt's own page."""
    (index,) = (PROJECT / ".venv-dbt" / "lib").glob("python3.*/site-packages/dbt/include/index.html")
    for name, content in {
        "index.html": index.read_bytes(),
        "manifest.json": json.dumps(HOSTILE).encode(),
        "catalog.json": b'{"nodes": {}}',
    }.items():
        bucket.put_object(Bucket="bucket", Key=f"docs/{name}", Body=content)


def written_after(name: str, page: str) -> Any:
    return json.JSONDecoder().raw_decode(page.split(name, 1)[1])[0]


@pytest.mark.usefixtures("docs")
def test_the_page_of_figures_and_tables_holds_the_figures_and_runs_apart(viewer: TestClient) -> None:
    answer = viewer.get("/docs/")
    assert answer.status_code == 200
    assert written_after("{manifest:", answer.text) == HOSTILE
    assert written_after(",catalog:", answer.text) == {"nodes": {}}
    assert "<script>alert" not in answer.text
    assert "sandbox allow-scripts" in answer.headers["content-security-policy"]
    assert "allow-same-origin" not in answer.headers["content-security-policy"], "it would act as its reader"
    manifest = viewer.get("/docs/manifest.json")
    assert manifest.json() == HOSTILE
    again = viewer.get("/docs/manifest.json", headers={"if-none-match": manifest.headers["etag"]})
    assert (again.status_code, again.text) == (304, "")


@pytest.mark.parametrize("path", ["/docs/", "/docs/catalog.json", "/docs/index.html"])
def test_before_the_first_docs_it_says_how_to_make_them(bucket: Any, viewer: TestClient, path: str) -> None:
    put_page(bucket, Settings.from_environment(), PAGE)
    answer = viewer.get(path)
    assert answer.status_code == 404
    assert "Trigger that DAG" in answer.text


def test_runbooks_are_listed_and_shown(bucket: Any, viewer: TestClient, books: Path) -> None:
    assert '<a href="dump-missing">' in viewer.get("/runbooks/").text
    page = viewer.get("/runbooks/dump-missing")
    assert page.status_code == 200
    assert '<div class="scroll"><table>' in page.text
    assert '<a href="late">late</a>' in page.text
    assert "<b>did" not in page.text
    assert "<script>alert" not in page.text
    assert 'href="javascript' not in page.text


@pytest.mark.parametrize("name", ["other", "..%2Fsecret", "../secret", "dump-missing.md", "%00", "a" * 300])
def test_no_other_file_can_be_reached(bucket: Any, viewer: TestClient, books: Path, name: str) -> None:
    answer = viewer.get(f"/runbooks/{name}")
    assert answer.status_code == 404
    assert "# Secret" not in answer.text


def test_the_navigation_has_an_entry() -> None:
    views = [(view["name"], view["href"], view["url_route"]) for view in operations.OperationsPlugin.external_views]
    assert views == [
        ("Status", "/gghouse/", "gghouse"),
        ("Figures and tables", "/gghouse/docs/", "gghouse-docs"),
    ]
    (app,) = operations.OperationsPlugin().fastapi_apps
    assert app["url_prefix"] == "/gghouse"


def test_below_a_path_all_links_are_below_it(
    bucket: Any, stranger: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://host/team/airflow/")
    assert stranger.get("/").headers["location"].startswith("/team/airflow/api/v2/auth/login?next=")


@pytest.mark.parametrize("base", ["", "/team/airflow"])
@pytest.mark.parametrize(
    ("path", "status"),
    [("/cosmos", 404), ("/cosmos/gghouse/manifest.json", 404), ("/cosmosis", 200), ("/dags/cosmos/x", 200)],
)
def test_nothing_is_served_where_cosmos_asks_for_no_login(
    monkeypatch: pytest.MonkeyPatch, base: str, path: str, status: int
) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", f"https://host{base}")
    anything = FastAPI()
    anything.get("/{path:path}")(lambda path: path)
    assert TestClient(operations.WithoutCosmos(anything)).get(base + path).status_code == status


def test_an_airflow_without_access_rules_gets_no_open_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "airflow.api_fastapi.core_api.security", None)
    assert operations.OperationsPlugin().fastapi_apps == []


CLICK = """
const [script, href, framed] = [process.argv[1], process.argv[2], process.argv[3] === "framed"];
const followed = [];
const outside = { remove() {}, click() { followed.push(this.href); } };
const parent = { document: { createElement: () => outside, body: { append() {} } } };
globalThis.window = { location: new URL("https://airflow.example/gghouse/") };
window.parent = framed ? parent : window;
let prevented = false, click;
globalThis.document = { addEventListener: (_, listener) => { click = listener; } };
new Function(script)();
const link = href === "svg" ? { href: { baseVal: "javascript:alert(1)" } } : new URL(href, window.location);
click({ target: { closest: () => link }, preventDefault: () => { prevented = true; } });
console.log(JSON.stringify([prevented, followed]));
"""
UI = "https://airflow.example/dags/gghouse_daily"
ABROAD = "https://evil.example/gghouse/"


@pytest.mark.skipif(not shutil.which("node"), reason="runs the pages' script in Node.js, which is not installed")
@pytest.mark.parametrize("frame", ["framed", "alone"])
@pytest.mark.parametrize(
    ("href", "by_itself", "by_the_window_around"),
    [
        ("runbooks/late", True, []),
        ("#top", True, []),
        (UI, False, [UI]),
        (ABROAD, False, [ABROAD]),
        ("javascript:alert(1)", False, []),
        ("JaVaScRiPt:alert(1)//gghouse/", False, []),
        ("data:text/html,<script>alert(1)</script>", False, []),
        ("vbscript:x", False, []),
        ("mailto:a@example.com", False, []),
        ("svg", False, []),
    ],
)
def test_only_web_addresses_are_followed(
    viewer: TestClient, href: str, by_itself: bool, by_the_window_around: list[str], frame: str
) -> None:
    script = viewer.get("/links.js").text
    done = subprocess.run(["node", "-e", CLICK, script, href, frame], capture_output=True, text=True, check=True)
    prevented, followed = json.loads(done.stdout)
    if frame == "alone" and by_the_window_around:
        by_itself, by_the_window_around = True, []
    assert prevented is not by_itself
    assert followed == by_the_window_around


def test_every_template_escapes_and_its_links_begin_with_our_own_address() -> None:
    for template in TEMPLATES.glob("*.j2"):
        text = template.read_text()
        assert not re.search(r"\|\s*safe|autoescape", text), template.name
        assert {
            link for link in re.findall(r'(?:href|src)="([^"]*)"', text) if not link.startswith("{{ base }}/")
        } == set()
    hostile = "\"'><a href=javascript:alert(1)>x</a>"
    page = html.page("document.html.j2", title=hostile, body=hostile, base="")
    assert "<a href=javascript:" not in page


LAYOUT = """
import sys
sys.path[:0] = sys.argv[1:2]
import operations
assert "include" not in sys.modules and "boto3" not in sys.modules, "importing the plugin must stay cheap"
operations.find_include()
import include.status_page.runbooks, include.status_page.html, include.status_page.store
assert "MySQLdb" not in sys.modules, "the web server needs no database driver"
print(include.__file__)
"""


@pytest.mark.parametrize("with_dags", [True, False])
def test_include_is_found_on_mwaa(tmp_path: Path, with_dags: bool) -> None:
    """There `include` is in the folder of the DAGs, if there is one, and what the pages need of it in plugins.zip."""
    dags, plugins = tmp_path / "dags", tmp_path / "plugins"
    write_plugins(tmp_path / "plugins.zip", PROJECT, "3.3.1", None)
    with zipfile.ZipFile(tmp_path / "plugins.zip") as archive:
        archive.extractall(plugins)
    if with_dags:
        dags.mkdir()
        (dags / "include").symlink_to(PROJECT / "include")
    result = subprocess.run(
        [sys.executable, "-I", "-c", LAYOUT, str(plugins)],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "AIRFLOW_HOME": str(tmp_path / "home"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    place = dags if with_dags else plugins / "pages"
    assert result.stdout.strip().endswith(str(place / "include" / "__init__.py"))
