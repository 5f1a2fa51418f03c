"""Pages for the operator, inside Airflow: the status page at `/gghouse/`, the runbooks at `/gghouse/runbooks/`.

The status page is an object in S3, which the task `status_page` writes; so the API server needs no database.

Airflow mounts a plugin's FastAPI app without any protection of its own. Here every route asks for what the UI itself
asks for: a login (Airflow's own cookie or token) and the right to see the website, decided by the auth manager, on MWAA
by IAM. A browser without a login is sent to Airflow's, and comes back.

On MWAA this file comes from plugins.zip and `include/` lies in the folder of the DAGs, elsewhere both lie side by side;
neither is imported before a page is opened, and a missing one is then named in the page.
"""

from __future__ import annotations

import logging
import sys
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
    beside_plugins = Path(__file__).resolve().parents[1]
    dags = Path(conf.get("core", "dags_folder"))
    for folder in (beside_plugins, dags, dags.parent):
        if (folder / "include" / "status_page").is_dir():
            if str(folder) not in sys.path:
                sys.path.append(str(folder))
            return
    raise ModuleNotFoundError(f"include/status_page is neither in {dags} nor beside it; deploy the DAGs again")


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


def _status(known: str | None) -> Response:
    import boto3
    from botocore.config import Config

    from include.settings import Settings
    from include.status_page.store import get_page

    patience = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 2})
    stored = get_page(boto3.client("s3", config=patience), Settings.from_environment())
    if stored is None:
        return _document("No status page yet", NO_PAGE_YET, 404)
    if stored.etag == known:
        return _response("", 304)
    return _response(stored.body.decode(), etag=stored.etag)


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


class OperationsPlugin(AirflowPlugin):
    """The entry in Airflow's navigation, and the app behind it, which is created when the API server asks for it."""

    name = "gghouse_operations"
    external_views = [  # noqa: RUF012 - as Airflow declares it
        {
            "name": "Status",  # the navigation has room for a short word
            "href": f"{base_path()}{PREFIX}/",
            "destination": "nav",
            "url_route": "gghouse",
            "nav_top_level": True,
            "icon": ICON,
        }
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
