"""Find and drop what killed runs left in the database (I-10, I-33).

Only exact names are dropped, and nothing of a schema that is being built.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import MySQLdb

from include.forms import Refused
from include.recovery.forms import FORMS
from include.recovery.recovery import Plan, RecoveryContext, Request
from include.settings import Settings
from include.warehouse import load_lock
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import LoadBusy, exclusive
from include.warehouse.schema import BRONZE, GOLD, REPORTS, SchemaSet, create_schema, table_names
from include.warehouse.sessions import ServerSession, server_sessions

log = logging.getLogger(__name__)

BUILT_BY_DBT = ("silver", GOLD.live, GOLD.next, GOLD.previous, REPORTS, "seeds")
# A name that dbt gives to what it builds beside a table, and that no table of ours has.
OF_DBT = re.compile(r"[a-z][a-z0-9_]{0,54}__dbt_(?:tmp|backup)(?:\d{1,20})?")
SCRATCH = re.compile(r"(?:scratch|backfill)(?:_next|_prev)?")
SILVER_NAME = re.compile(r"[A-Za-z0-9_$]{1,64}")
TEST_RESULTS = "test_results"
# Default schema of dbt's own sessions.
DBT_SCHEMA = "tokyobeta"


@dataclass(frozen=True)
class Leftover:
    """Something that can be cleared up.

    Attributes:
        login: who may drop it.
        what: TABLE, VIEW, DATABASE, or EMPTY for a schema whose tables go and that stays.
        name: with quotes, of checked parts.
        why: what it is, for people.
    """

    login: Endpoint
    what: str
    name: str
    why: str


class RecoverLeftovers:
    """Find and drop what killed runs left."""

    form = FORMS["leftovers"]

    def plan(self, context: RecoveryContext, request: Request) -> Plan:
        """List what would be dropped, and what is kept because a session is building it."""
        found, notes = _look(context, request)
        lines = [f"{leftover.why}: {leftover.name.replace('`', '')}" for leftover in found]
        return Plan(
            (
                f"{len(found)} leftovers" if found else "No leftovers",
                *(f"  {line}" for line in lines),
                *notes,
                *(["All of them are dropped; nothing that readers see is among them"] if found else []),
            ),
            empty=not found,
        )

    def apply(self, context: RecoveryContext, request: Request, plan: Plan) -> list[str]:
        """Drop what is there now and not in use; repeating it finds nothing.

        Raises:
            Refused: gghouse_daily is running, or a load began meanwhile.
        """
        context.refuse_while_daily_runs()
        found, notes = _look(context, request)
        done: list[str] = []
        for leftover in found:
            try:
                _drop(leftover)
            except LoadBusy as error:
                raise Refused(f"{error}; {len(done)} leftovers were dropped before") from error
            done.append(f"Dropped {leftover.name.replace('`', '')}")
            log.info(done[-1])
        return [*done, *notes] or ["Nothing is left"]


def _drop(leftover: Leftover) -> None:
    with contextlib.closing(leftover.login.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION lock_wait_timeout = 20")
        if leftover.what != "EMPTY":
            cursor.execute(f"DROP {leftover.what} IF EXISTS {leftover.name}")
            return
        schemas = next(known for known in (BRONZE, GOLD) if leftover.name == f"`{known.next}`")
        with exclusive(connection, schemas):
            cursor.execute(f"DROP DATABASE IF EXISTS {leftover.name}")
            create_schema(connection, schemas.next)


def _look(context: RecoveryContext, request: Request) -> tuple[list[Leftover], list[str]]:
    found: list[Leftover] = []
    notes: list[str] = []
    with (
        contextlib.closing(context.loader.connect()) as loader,
        contextlib.closing(context.dbt.connect()) as dbt,
    ):
        sessions = server_sessions(dbt)  # the login that may see everybody's
        dbt_works = any(session.schema == DBT_SCHEMA for session in sessions)
        if dbt_works:
            notes.append("dbt is running, so what it builds is kept")
        else:
            found += _tables_of_dbt(context, dbt)
            found += _next(context.dbt, dbt, GOLD, sessions, notes)
            found += _test_results(context, dbt)
        found += _next(context.loader, loader, BRONZE, sessions, notes)
        found += _scratch(context, loader, notes)
        strays = [] if dbt_works else list(_strays(context, dbt))
    if request["strays"]:
        found += strays
    elif strays:
        names = ", ".join(leftover.name.replace("`", "") for leftover in strays)
        notes.append(f"No model builds {names}; set strays to drop them too (I-33)")
    return found, notes


def _tables_of_dbt(context: RecoveryContext, dbt: MySQLdb.Connection) -> Iterator[Leftover]:
    for schema in BUILT_BY_DBT:
        for name in table_names(dbt, schema):
            if OF_DBT.fullmatch(name):
                yield Leftover(context.dbt, "TABLE", f"`{schema}`.`{name}`", "left by a dbt that was killed")


def _next(
    login: Endpoint,
    connection: MySQLdb.Connection,
    schemas: SchemaSet,
    sessions: Iterable[ServerSession],
    notes: list[str],
) -> Iterator[Leftover]:
    tables = [name for name in table_names(connection, schemas.next) if not OF_DBT.fullmatch(name)]
    if not tables:
        return
    busy = load_lock.owner(connection, schemas) or next(
        (session.number for session in sessions if session.schema == schemas.next), None
    )
    if busy:
        notes.append(f"{schemas.next} is being built by session {busy}, so it is kept")
        return
    yield Leftover(login, "EMPTY", f"`{schemas.next}`", f"{len(tables)} tables of a build that did not finish")
    if schemas == GOLD:
        notes.append("A failed run of gghouse_daily that is to continue needs gold_next: clear its gold tasks as well")


def _test_results(context: RecoveryContext, dbt: MySQLdb.Connection) -> Iterator[Leftover]:
    for name in table_names(dbt, TEST_RESULTS):
        if SILVER_NAME.fullmatch(name):
            yield Leftover(context.dbt, "TABLE", f"`{TEST_RESULTS}`.`{name}`", "rows that a test found")


def _scratch(context: RecoveryContext, loader: MySQLdb.Connection, notes: list[str]) -> Iterator[Leftover]:
    with loader.cursor() as cursor:
        cursor.execute("SELECT schema_name FROM information_schema.schemata ORDER BY schema_name")
        names = [name for (name,) in cursor.fetchall() if SCRATCH.fullmatch(name)]
    for name in names:
        schemas = SchemaSet(name.removesuffix("_next").removesuffix("_prev"))
        if owner := load_lock.owner(loader, schemas):
            notes.append(f"{name} is being loaded by session {owner}, so it is kept")
        else:
            yield Leftover(context.loader, "DATABASE", f"`{name}`", "a dump that was loaded for inspection")


def _strays(context: RecoveryContext, dbt: MySQLdb.Connection) -> Iterator[Leftover]:
    """Yield tables and views of silver that the dbt project does not know; those of gold leave with each publish."""
    models = silver_models(context.settings)
    with dbt.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'silver' "
            "ORDER BY table_name"
        )
        rows = list(cursor.fetchall())
    for name, kind in rows:
        if name not in models and not OF_DBT.fullmatch(name) and SILVER_NAME.fullmatch(name):
            what = "VIEW" if kind == "VIEW" else "TABLE"
            yield Leftover(context.dbt, what, f"`silver`.`{name}`", "built by no model")


def silver_models(settings: Settings) -> set[str]:
    """Return what the dbt project builds in silver."""
    nodes = json.loads(settings.dbt_manifest.read_text())["nodes"].values()
    return {str(node["name"]) for node in nodes if node["resource_type"] == "model" and node["schema"] == "silver"}
