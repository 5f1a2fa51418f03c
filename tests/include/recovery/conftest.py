"""A platform on which something went wrong: a bucket with dumps, a server, and context that may mend it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from include.forms import read
from include.recovery.forms import FORMS
from include.recovery.recovery import Plan, RecoveryContext, apply_plan
from include.recovery.registry import RECOVERIES
from include.settings import Settings
from include.warehouse.endpoint import Endpoint
from infra.local.database import Database
from tests.include.conftest import LOGINS, restore_login
from tests.include.dump.platform import Platform

NOW = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)
"""Noon of 5 March in Tokyo."""
DROPPED = (
    "backfill",
    "backfill_next",
    "backfill_prev",
    "scratch",
    "silver",
    "gold",
    "gold_next",
    "gold_prev",
    "reports",
    "seeds",
    "test_results",
    "tokyobeta",
)


@dataclass
class Recoveries:
    """Asks for recoveries as an operator does: with text."""

    context: RecoveryContext
    platform: Platform

    def plan(self, name: str, **given: Any) -> Plan:
        return RECOVERIES[name].plan(self.context, read(FORMS[name], given, self.context.today))

    def execute(self, name: str, plan: Plan | None = None, **given: Any) -> str:
        request = read(FORMS[name], given, self.context.today)
        return apply_plan(RECOVERIES[name], self.context, request, plan or RECOVERIES[name].plan(self.context, request))

    def with_tools(self, **changes: Any) -> Recoveries:
        return Recoveries(replace(self.context, **changes), self.platform)


@pytest.fixture
def platform(s3: Any, settings: Settings, loader: Endpoint, database: Database) -> Iterator[Platform]:
    """Nothing loaded yet; the loader has the rights of production, dbt is the server's administrator."""
    _drop_schemas(database)
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("GRANT ALL ON `scratch`.* TO loader@localhost")
    yield Platform(s3, settings, loader)
    _drop_schemas(database)


def _drop_schemas(database: Database) -> None:
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        for schema in DROPPED:
            cursor.execute(f"DROP DATABASE IF EXISTS {schema}")


@pytest.fixture
def recoveries(platform: Platform, database: Database) -> Recoveries:
    context = RecoveryContext(
        settings=platform.settings,
        loader=platform.endpoint,
        restore=restore_login(platform.endpoint),
        dbt=database.admin,
        aws=lambda service: boto3.client(service, region_name="us-east-1"),
        requested_by="operator",
        now=NOW,
        users=frozenset((*LOGINS, database.admin.user)),
    )
    return Recoveries(context, platform)


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Settings]:
    """Settings whose manifest knows just these models of gold and silver."""

    def make(settings: Settings, gold: list[str], silver: list[str]) -> Settings:
        nodes = [(name, schema) for schema, names in (("gold", gold), ("silver", silver)) for name in names]
        entries = {
            f"model.p.{name}": {"name": name, "schema": schema, "resource_type": "model"} for name, schema in nodes
        }
        folder = tmp_path / "target"
        folder.mkdir(exist_ok=True)
        (folder / "manifest.json").write_text(json.dumps({"nodes": entries}))
        made = replace(settings)
        vars(made)["dbt_project_dir"] = tmp_path  # a cached property, which is where it would come from
        return made

    return make
