"""Pages inside Airflow: status at `/gghouse/`, runbooks at `/gghouse/runbooks/`, dbt's at `/gghouse/docs/`.

Status page and dbt's pages are objects in S3, which the tasks `status_page` and `dbt_docs` write; so the API server
needs no database.

Airflow mounts a plugin's FastAPI app without any protection of its own. Here every route asks for what the UI itself
asks for: a login (Airflow's own cookie or token) and the right to see the website, decided by the auth manager, on MWAA
by IAM. A browser without a login is sent to Airflow's, and comes back. Cosmos brings an app of its own for dbt's pages
that asks for nothing (https://github.com/apache/airflow/issues/72655), so what is below its address is not served.

On MWAA this file comes from plugins.zip and `include/` lies in the folder of the DAGs, which a release renews at once;
where a web server has no such folder, what these pages need of it lies beside this file. Elsewhere plugins and
`include/` lie side by side. It is not imported before a page is opened, and a missing one is then named in the page.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Awaitable, Callable
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import Response

log = logging.getLogger(__name__)

PREFIX = "/gghouse"
# S3 has to answer within this time, in seconds.
SECONDS = 5
HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
# Of the page that dbt makes, whose program stands in it and calls `Function`. It runs in an origin of its own, so that
# nothing that is written into it, names and comments of the dump among them, can act as whoever reads it.
DOCS_HEADERS = HEADERS | {
    "Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-scripts allow-popups allow-downloads",
}
# What dbt's page is made of, and where in it the figures go, as `dbt docs generate --static` does it.
DOCS_PAGE = "index.html"
DOCS_DATA = {"manifest.json": '"MANIFEST.JSON INLINE DATA"', "catalog.json": '"CATALOG.JSON INLINE DATA"'}
NO_DOCS_YET = (
    "<h1>No figures and tables yet</h1><p>The task <code>dbt_docs</code> describes them at the end of each run of "
    "<code>gghouse_daily</code>. Trigger that DAG.</p>"
)
COSMOS = "/cosmos"
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%237b8aa3' "
    "stroke-width='2' stroke-linecap='round' stroke-linejoin='round'%3E%3Cpath d='M3 12h4l3 8 4-16 3 8h4'/%3E%3C/svg%3E"
)
NO_PAGE_YET = (
    "<h1>No status page yet</h1><p>The task <code>status_page</code> writes it at the end of each run of "
    "<code>gghouse_daily</code>. Trigger that DAG. On a laptop, run <code>make page</code>.</p>"
)
LINKS = """
// The pages are shown in a frame of Airflow's UI, which may not change the window around it. So a link to the UI is
// followed by that window itself. Only web addresses are: a script behind a link would run there as Airflow's own.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a, area");
  if (!link) return;
  if (!["http:", "https:"].includes(link.protocol)) {
    event.preventDefault();
    return;
  }
  const stays = link.origin === window.location.origin && link.pathname.startsWith("HERE/");
  if (window.parent === window || stays) return;
  event.preventDefault();
  const outside = window.parent.document.createElement("a");
  outside.href = link.href;
  window.parent.document.body.append(outside);
  outside.click();
  outside.remove();
});
"""


def base_path() -> str:
    """Return the path below which Airflow is served, empty for the root."""
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")


def find_include() -> None:
    """Make `include` importable, wherever the deployment put it.

    Raises:
        ModuleNotFoundError: it is in none of the known places.
    """
    here = Path(__file__).resolve().parent
    dags = Path(conf.get("core", "dags_folder"))
    for folder in (dags, dags.parent, here.parent, here / "pages"):
        if (folder / "include" / "status_page").is_dir():
            if str(folder) not in sys.path:
                sys.path.append(str(folder))
            return
    raise ModuleNotFoundError(f"include/status_page is neither in {dags} nor in {here}; deploy again")


def create_app() -> FastAPI:
    """Return the app behind the pages."""
    from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
    from airflow.api_fastapi.core_api.security import requires_access_view

    app = FastAPI(
        title="Operations",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(requires_access_view(AccessView.WEBSITE))],
    )

    @app.get("/")
    def status(request: Request) -> Response:
        return _safely(lambda: _status(request.headers.get("if-none-match")))

    @app.get("/runbooks/")
    def runbooks() -> Response:
        return _safely(_runbooks)

    @app.get("/runbooks/{name}")
    def runbook(name: str) -> Response:
        return _safely(lambda: _runbook(name))

    @app.get("/docs/")
    def docs() -> Response:
        return _safely(_docs)

    @app.get("/docs/{name}")
    def docs_file(name: str, request: Request) -> Response:
        return _safely(lambda: _docs_file(name, request.headers.get("if-none-match")))

    @app.get("/links.js")
    def links() -> Response:
        script = LINKS.replace("HERE", base_path() + PREFIX)
        return Response(script, headers=HEADERS, media_type="text/javascript; charset=utf-8")

    @app.exception_handler(401)
    async def log_in(request: Request, problem: HTTPException) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            return Response(problem.detail, 401, HEADERS, "text/plain; charset=utf-8")
        login = f"{base_path()}/api/v2/auth/login?next={quote(request.url.path, safe='/')}"
        return Response(status_code=307, headers={"Location": login, "Cache-Control": "no-store"})

    return app


def _safely(answer: Any) -> Response:
    """Return the answer, or a page with the error."""
    try:
        find_include()
        return answer()  # type: ignore[no-any-return]
    except Exception as error:
        log.exception("A page of the platform cannot be shown")
        reason = " ".join(str(error).split()) or type(error).__name__
        return _response(f"The page cannot be shown: {reason}\n", 503, media_type="text/plain; charset=utf-8")


def _stored(key: str) -> Any:
    import boto3
    from botocore.config import Config

    from include.settings import Settings
    from include.status_page.store import get

    patience = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 2})
    return get(boto3.client("s3", config=patience), Settings.from_environment(), key)


def _status(known: str | None) -> Response:
    from include.status_page.store import KEY

    stored = _stored(KEY)
    if stored is None:
        return _document("No status page yet", NO_PAGE_YET, 404)
    if stored.etag == known:
        return _response("", 304)
    return _response(stored.body.decode(), etag=stored.etag)


def _docs() -> Response:
    from include.status_page.store import DOCS

    page = _stored(f"{DOCS}/{DOCS_PAGE}")
    data = {name: _stored(f"{DOCS}/{name}") for name in DOCS_DATA}
    if page is None or None in data.values():
        return _document("No figures and tables yet", NO_DOCS_YET, 404)
    text = page.body.decode()
    for name, place in DOCS_DATA.items():
        # Read and written again, so that it is JSON for certain, and nothing in it ends the script around it.
        values = json.dumps(json.loads(data[name].body), separators=(",", ":")).replace("<", "\\u003c")
        text = text.replace(place, values, 1)
    return Response(text, 200, DOCS_HEADERS, "text/html; charset=utf-8")


def _docs_file(name: str, known: str | None) -> Response:
    from include.status_page.store import DOCS

    stored = _stored(f"{DOCS}/{name}") if name in DOCS_DATA else None
    if stored is None:
        return _document("No figures and tables yet", NO_DOCS_YET, 404)
    same = stored.etag == known
    return Response(
        b"" if same else stored.body, 304 if same else 200, HEADERS | {"ETag": stored.etag}, "application/json"
    )


def _runbooks() -> Response:
    from html import escape

    from include.status_page.runbooks import names, runbook

    found = [book for book in map(runbook, names()) if book]
    entries = "".join(f'<li><a href="{escape(book.name)}">{escape(book.title)}</a></li>' for book in found)
    text = "One page for each kind of alert: the symptom, what to check, how to fix it, how to verify the fix."
    return _document("Runbooks", f"<h1>Runbooks</h1><p>{text}</p><ul>{entries}</ul>")


def _runbook(name: str) -> Response:
    from include.status_page.runbooks import runbook

    book = runbook(name)
    if book is None:
        return _document("No such runbook", "<h1>No such runbook</h1><p>Choose one from the list of runbooks.</p>", 404)
    return _document(book.title, book.html)


def _document(title: str, body: str, status: int = 200) -> Response:
    from include.status_page.html import document

    return _response(document(title, body, base_path()), status)


def _response(
    content: str, status: int = 200, etag: str = "", media_type: str = "text/html; charset=utf-8"
) -> Response:
    script = f'<script src="{base_path()}{PREFIX}/links.js" defer></script>'
    headers = HEADERS | ({"ETag": etag} if etag else {})
    return Response(content.replace("</head>", f"{script}\n</head>", 1), status, headers, media_type)


class WithoutCosmos:
    """Answers that there is nothing where Cosmos' app would answer anybody.

    Args:
        app: what answers every other request.
    """

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        path = scope.get("path", "").removeprefix(base_path())
        nothing = Response("Not Found", 404, media_type="text/plain")
        await (nothing if path == COSMOS or path.startswith(f"{COSMOS}/") else self.app)(scope, receive, send)


class OperationsPlugin(AirflowPlugin):
    """The entries in Airflow's navigation, and the app behind them, created when the API server asks for it."""

    name = "gghouse_operations"
    external_views = [  # noqa: RUF012 - as Airflow declares it
        {
            "name": "Status",  # the navigation has room for a short word
            "href": f"{base_path()}{PREFIX}/",
            "destination": "nav",
            "url_route": "gghouse",
            "nav_top_level": True,
            "icon": ICON,
        },
        {
            "name": "Figures and tables",
            "href": f"{base_path()}{PREFIX}/docs/",
            "destination": "nav",
            "category": "Browse",
            "url_route": "gghouse-docs",
        },
    ]
    fastapi_root_middlewares = [  # noqa: RUF012 - Airflow declares a list
        {"middleware": WithoutCosmos, "args": [], "kwargs": {}, "name": "No page of Cosmos"}
    ]

    # Airflow declares a list; the app is made only when Airflow asks for it.
    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """Return the app; without Airflow's own access rules there is none, rather than an open one."""
        try:
            return [{"name": "gghouse", "app": create_app(), "url_prefix": PREFIX}]
        except ImportError:
            log.exception("The pages of the platform are not served: this Airflow has no access rules for them")
            return []
