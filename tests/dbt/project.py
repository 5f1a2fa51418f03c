"""The dbt project on a server of its own, for tests that put rows in and look at what comes out."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from include.enrichment.names import name_hash, person_hash
from infra.local.database import Database

HERE = Path(__file__).resolve().parent
REPO = HERE.parents[1]
DBT_PYTHON = REPO / ".venv-dbt" / "bin" / "python"
SOURCES = ("staging", "ops", "history")
PARSED = "partial_parse.msgpack"
SCHEMAS = (*SOURCES, "silver", "gold_next", "reports", "seeds")  # gold is built aside and not published here

VARIABLES = {"tenant_room_info_min_rows": 0}
"""A few contracts are a whole source here."""

FACTS = "municipality_overrides"
"""The seed that holds facts of the real buildings, which are none of a case."""


class DbtProject:
    """The real dbt project on a real server: put rows in, run models for a date, take rows out."""

    def __init__(
        self,
        server: Database,
        target_path: Path,
        folder: Path = REPO / "dbt",
        *,
        sources: bool = True,
        built: bool = False,
    ) -> None:
        """Create the schemas and source tables, start dbt, load the seeds and build every relation once, empty.

        Args:
            server: a running server without the project's schemas.
            sources: make the source tables, empty; without, somebody else brings them, with rows, and nothing is built.
            target_path: takes dbt's artifacts and its log.
            folder: the dbt project, or a changed copy of it.
            built: the server has all of this already, as the fixture `make_dbt_server` gives it; start dbt only.
        """
        self.connection = server.admin.connect()
        if not built:
            self._make_schemas(sources)
        self.environment = {
            **os.environ,
            "DBT_PROJECT_DIR": str(folder),
            "DBT_PROFILES_DIR": str(folder),
            "DBT_TARGET_PATH": str(target_path),
            "DBT_LOG_PATH": str(target_path),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_LOG_LEVEL_FILE": "none",  # a quarter of a small run's time; answers hold what went wrong
            "DBT_HOST": server.admin.host,
            "DBT_PORT": str(server.port),
            "DBT_USER": server.admin.user,
        }
        parsed = folder / "target" / PARSED
        if parsed.is_file():  # dbt parses again what changed since
            shutil.copy(parsed, target_path / PARSED)
        self.process = subprocess.Popen(
            [DBT_PYTHON, HERE / "dbt_process.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(target_path / "dbt.stderr").open("wb"),
            text=True,
            env=self.environment,
        )
        if sources and not built:
            self.dbt("seed")
            self.dbt("run", "2026-03-02")
        self.relations = {
            name: schema
            for schema, name in self.execute(
                "select table_schema, table_name from information_schema.tables where table_schema in %s", [SCHEMAS]
            )
        }

    def _make_schemas(self, sources: bool) -> None:
        for schema in SCHEMAS:
            self.execute(f"create database if not exists {schema} character set utf8mb4 collate utf8mb4_unicode_ci")
        for statement in (HERE / "schema.sql").read_text().split(";"):
            if sources and statement.strip():
                self.execute(statement)

    def close(self) -> None:
        """End dbt and the connection."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(30)
        self.connection.close()

    def execute(self, sql: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, arguments or None)
            return list(cursor.fetchall())

    def dbt(
        self,
        command: str,
        target_date: str | None = None,
        *arguments: str,
        check: bool = True,
        variables: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Run dbt and return {success, exception, nodes}; `check` fails the test when dbt failed."""
        assert self.process.stdin
        assert self.process.stdout
        # nobody reads the manifest and the results of a plain run, whose answer says enough
        silent = [] if command.startswith(("build", "test", "source")) else ["--no-write-json"]
        named = {**VARIABLES, **({"target_date": target_date} if target_date else {}), **(variables or {})}
        self.process.stdin.write(
            json.dumps([*silent, *command.split(), "--vars", json.dumps(named), *arguments]) + "\n"
        )
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"dbt died; see {self.environment['DBT_LOG_PATH']}"
        outcome: dict[str, Any] = json.loads(answer)
        if check:
            bad = {name: node for name, node in outcome["nodes"].items() if node[0] not in ("success", "pass", "warn")}
            assert outcome["success"], bad or outcome["exception"]
        return outcome

    def clear(self) -> None:
        """Empty every source, every table of silver, some of which keep what earlier runs wrote, and FACTS."""
        filled = "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
        wanted = f"{filled} and (table_schema in %s or table_name = %s)"
        for schema, name in self.execute(wanted, [(*SOURCES, "silver"), FACTS]):
            if self.execute(f"select 1 from {schema}.{name} limit 1"):
                self.execute(f"truncate table {schema}.{name}")

    def fill(self, table: str, file: Path) -> None:
        """Replace the rows of a source, or of a table that dbt has built, by those of a CSV file.

        An empty cell is NULL, two quotes ('') are an empty string; columns that are left out take their default. A name
        in the column name_hash is hashed, with a date of birth when one follows: `山田 花子` or `山田 花子|1996-06-15`.
        """
        relation = f"{self.relations[table]}.{table}"
        with file.open(encoding="utf-8", newline="") as lines:
            header, *rows = list(csv.reader(lines))
        self.execute("set session sql_mode = 'ALLOW_INVALID_DATES'")
        self.execute(f"truncate table {relation}")
        places = ", ".join(["%s"] * len(header))
        for row in rows:
            values = [None if cell == "" else "" if cell == "''" else cell for cell in row]
            if "name_hash" in header:
                values[header.index("name_hash")] = key_of(row[header.index("name_hash")])
            self.execute(f"insert into {relation} ({', '.join(header)}) values ({places})", values)

    @contextlib.contextmanager
    def retyped(self, tables: Mapping[str, Mapping[str, str]]) -> Iterator[None]:
        """Give columns of source tables another type, which the vendor may do any day; the tables are empty then."""
        schemas = {table: self.relations[table] for table in tables}
        made = {table: self.execute(f"show create table {schema}.{table}")[0][1] for table, schema in schemas.items()}
        try:
            for table, columns in tables.items():
                self.execute(f"truncate table {schemas[table]}.{table}")
                for column, kind in columns.items():
                    self.execute(f"alter table {schemas[table]}.{table} modify {column} {kind}")
            yield
        finally:
            for table, statement in made.items():
                self.execute(f"drop table {schemas[table]}.{table}")
                self.execute(statement.replace("CREATE TABLE ", f"CREATE TABLE {schemas[table]}.", 1))

    def rows(self, table: str, columns: Sequence[str]) -> list[tuple[str, ...]]:
        """Return some columns of every row as text, sorted; NULL is the empty string."""
        found = self.execute(f"select {', '.join(columns)} from {self.relations[table]}.{table}")
        return sorted(tuple("" if value is None else str(value) for value in row) for row in found)


def key_of(person: str) -> str:
    """Return the key of `name` or `name|date of birth` in ops.nationality_predictions."""
    name, _, born = person.partition("|")
    return person_hash(name, date.fromisoformat(born)) if born else name_hash(name)
