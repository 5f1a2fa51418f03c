"""Find what killed runs left in the database, and clear it up (I-10, I-33).

Nothing is dropped whose name does not match exactly; while something is being built nothing of it is touched.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import MySQLdb

from include.recovery.forms import RecoveryRefused
from include.recovery.recovery import Plan, Tools, Wish
from include.settings import Settings
from include.warehouse import load_lock
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import LoadBusy, exclusive
from include.warehouse.schema import BRONZE, GOLD, SchemaSet, create_schema, table_names
from include.warehouse.sessions import ServerSession, server_sessions

BUILT_BY_DBT = ("silver", GOLD.live, GOLD.next, GOLD.previous, "seeds")
OF_DBT = re.compile(r"[a-z][a-z0-9_]{0,54}__dbt_(?:tmp|backup)(?:\d{1,20})?")
"""A name that dbt gives to what it builds beside a table, and that no table of ours has."""
SCRATCH = re.compile(r"(?:scratch|backfill)(?:_next|_prev)?")
SILVER_NAME = re.compile(r"[A-Za-z0-9_$]{1,64}")
TEST_RESULTS = "test_results"
DBT_SCHEMA = "tokyobeta"
"""Default schema of dbt's own sessions."""


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


def plan(tools: Tools, wish: Wish) -> Plan:
    """List what would be dropped, and what is left alone because something is at work there."""
    found, notes = _look(tools, wish)
    lines = [f"{each.why}: {each.name.replace('`', '')}" for each in found]
    return Plan(
        (
            f"{len(found)} leftovers" if found else "No leftovers",
            *(f"  {line}" for line in lines),
            *notes,
            *(["All of them are dropped; nothing that readers see is among them"] if found else []),
        ),
        empty=not found,
    )


def execute(tools: Tools, wish: Wish, plan: Plan) -> list[str]:
    """Drop what is there now and nobody works on; doing it again finds nothing.

    Raises:
        RecoveryRefused: gghouse_daily is at work, or somebody began to load meanwhile.
    """
    tools.refuse_while_daily_runs()
    found, notes = _look(tools, wish)
    done: list[str] = []
    for each in found:
        try:
            _drop(each)
        except LoadBusy as error:
            raise RecoveryRefused(f"{error}; {len(done)} leftovers were dropped before") from error
        done.append(f"Dropped {each.name.replace('`', '')}")
        tools.say(done[-1])
    return [*done, *notes] or ["There was nothing left"]


def _drop(each: Leftover) -> None:
    with contextlib.closing(each.login.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION lock_wait_timeout = 20")
        if each.what != "EMPTY":
            cursor.execute(f"DROP {each.what} IF EXISTS {each.name}")
            return
        schemas = next(one for one in (BRONZE, GOLD) if each.name == f"`{one.next}`")
        with exclusive(connection, schemas):
            cursor.execute(f"DROP DATABASE IF EXISTS {each.name}")
            create_schema(connection, schemas.next)


def _look(tools: Tools, wish: Wish) -> tuple[list[Leftover], list[str]]:
    found: list[Leftover] = []
    notes: list[str] = []
    with (
        contextlib.closing(tools.loader.connect()) as loader,
        contextlib.closing(tools.dbt.connect()) as dbt,
    ):
        sessions = server_sessions(dbt)  # the login that may see everybody's
        dbt_works = any(one.schema == DBT_SCHEMA for one in sessions)
        if dbt_works:
            notes.append("dbt is at work, so what it builds is left alone")
        else:
            found += _tables_of_dbt(tools, dbt)
            found += _next(tools.dbt, dbt, GOLD, sessions, notes)
            found += _test_results(tools, dbt)
        found += _next(tools.loader, loader, BRONZE, sessions, notes)
        found += _scratch(tools, loader, notes)
        strays = [] if dbt_works else list(_strays(tools, dbt))
    if wish["strays"]:
        found += strays
    elif strays:
        names = ", ".join(each.name.replace("`", "") for each in strays)
        notes.append(f"No model builds {names}; set strays to drop them too (I-33)")
    return found, notes


def _tables_of_dbt(tools: Tools, dbt: MySQLdb.Connection) -> Iterator[Leftover]:
    for schema in BUILT_BY_DBT:
        for name in table_names(dbt, schema):
            if OF_DBT.fullmatch(name):
                yield Leftover(tools.dbt, "TABLE", f"`{schema}`.`{name}`", "left by a dbt that was killed")


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
        (one.number for one in sessions if one.schema == schemas.next), None
    )
    if busy:
        notes.append(f"{schemas.next} is being built by session {busy}, so it is left alone")
        return
    yield Leftover(login, "EMPTY", f"`{schemas.next}`", f"{len(tables)} tables of a build that did not come to its end")
    if schemas == GOLD:
        notes.append(
            "A run of gghouse_daily that failed in gold and is to go on needs gold_next: clear its gold tasks as well"
        )


def _test_results(tools: Tools, dbt: MySQLdb.Connection) -> Iterator[Leftover]:
    for name in table_names(dbt, TEST_RESULTS):
        if SILVER_NAME.fullmatch(name):
            yield Leftover(tools.dbt, "TABLE", f"`{TEST_RESULTS}`.`{name}`", "rows that a test found")


def _scratch(tools: Tools, loader: MySQLdb.Connection, notes: list[str]) -> Iterator[Leftover]:
    with loader.cursor() as cursor:
        cursor.execute("SELECT schema_name FROM information_schema.schemata ORDER BY schema_name")
        names = [name for (name,) in cursor.fetchall() if SCRATCH.fullmatch(name)]
    for name in names:
        schemas = SchemaSet(name.removesuffix("_next").removesuffix("_prev"))
        if owner := load_lock.owner(loader, schemas):
            notes.append(f"{name} is being loaded by session {owner}, so it is left alone")
        else:
            yield Leftover(tools.loader, "DATABASE", f"`{name}`", "a dump that somebody loaded to look at")


def _strays(tools: Tools, dbt: MySQLdb.Connection) -> Iterator[Leftover]:
    """Yield tables and views of silver that the dbt project does not know; those of gold leave with each publish."""
    models = silver_models(tools.settings)
    with dbt.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'silver' "
            "ORDER BY table_name"
        )
        rows = list(cursor.fetchall())
    for name, kind in rows:
        if name not in models and not OF_DBT.fullmatch(name) and SILVER_NAME.fullmatch(name):
            what = "VIEW" if kind == "VIEW" else "TABLE"
            yield Leftover(tools.dbt, what, f"`silver`.`{name}`", "built by no model")


def silver_models(settings: Settings) -> set[str]:
    """Return what the dbt project builds in silver."""
    nodes = json.loads(settings.dbt_manifest.read_text())["nodes"].values()
    return {str(node["name"]) for node in nodes if node["resource_type"] == "model" and node["schema"] == "silver"}
