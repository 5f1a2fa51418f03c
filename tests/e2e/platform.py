"""A platform of the tests' own, used as an operator uses it: through its commands, its API and its database."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.state import State
from infra.local.warehouse import admin

PROJECT = Path(__file__).resolve().parents[2]
RUN_SECONDS = 900
WHEN = re.compile(r"^(load_id|.*_at|.*_time|.*_seconds)$")
"""Columns that tell when a row was written, not what it says; the vendor's own `created_at` is compared in staging."""


@dataclass(frozen=True)
class Platform:
    state: State

    def command(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        variables = {f"AIRFLOW__GGHOUSE__{name}": value for name, value in settings.items()}
        return subprocess.run(
            [sys.executable, "-m", "infra.local", *words],
            cwd=PROJECT,
            env={**os.environ, **variables, "GGHOUSE_LOCAL_DIR": str(self.state.directory)},
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )

    def run(self, *words: str) -> str:
        done = self.command("run", *words)
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr
        return done.stdout

    @contextlib.contextmanager
    def database(self) -> Iterator[Any]:
        """A connection that may read everything."""
        with contextlib.closing(admin(self.state).connect()) as connection:
            yield connection

    def query(self, statement: str) -> list[tuple]:
        with self.database() as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def checksums(self) -> dict[str, str]:
        """A checksum of every table's rows, whatever their order."""
        found = {}
        for schema, table in self.query(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' "
            "AND table_schema IN ('staging', 'silver', 'gold', 'history') AND table_name <> '_generation'"
        ):
            columns = [
                name
                for (name,) in self.query(
                    f"SELECT column_name FROM information_schema.columns WHERE table_schema = '{schema}' "
                    f"AND table_name = '{table}' ORDER BY ordinal_position"
                )
                if schema == "staging" or not WHEN.match(name)
            ]
            row = ", ".join(f"COALESCE(CAST(`{name}` AS CHAR), '\\0')" for name in columns)
            ((rows, digest),) = self.query(
                f"SELECT COUNT(*), COALESCE(SUM(CONV(LEFT(MD5(CONCAT_WS('|', {row})), 15), 16, 10)), 0) "
                f"FROM `{schema}`.`{table}`"
            )
            found[f"{schema}.{table}"] = f"{rows} {digest}"
        return found
