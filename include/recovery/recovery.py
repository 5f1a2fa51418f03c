"""What all recoveries have in common: their tools, their plan, and the record of what was done."""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from include.recovery.forms import FORMS, RecoveryRefused
from include.schedule import business_date
from include.settings import Settings
from include.warehouse.fitting import fit
from include.warehouse.masking import mask_error

if TYPE_CHECKING:
    from include.warehouse.endpoint import Endpoint

log = logging.getLogger(__name__)

Wish = Mapping[str, Any]
"""The values of a form, read and checked (`include.recovery.forms.read`)."""


@dataclass(frozen=True)
class Tools:
    """What a recovery works with.

    Attributes:
        settings: of the environment.
        loader: login that owns `staging*`, `history` and `ops`.
        restore: login that sends what a dump says, and reaches nothing but the schemas that are being built.
        dbt: login that owns `silver`, `gold*` and `seeds`.
        aws: gives a boto3 client of a service.
        who: the person who asks, for the record.
        now: an aware instant.
        daily_runs: how many runs of gghouse_daily are queued or running, None where nobody can tell.
        users: database users whose sessions may be ended.
        say: takes a line of text while something lasts.
    """

    settings: Settings
    loader: Endpoint
    restore: Endpoint
    dbt: Endpoint
    aws: Callable[[str], Any]
    who: str
    now: datetime
    daily_runs: Callable[[], int | None] = lambda: None
    users: frozenset[str] = frozenset()
    say: Callable[[str], None] = lambda line: None

    @property
    def today(self) -> date:
        """Today in Tokyo."""
        return business_date(self.now)

    def refuse_while_daily_runs(self) -> None:
        """Raise `RecoveryRefused` while gghouse_daily is at work on the same tables."""
        if self.daily_runs():
            raise RecoveryRefused(
                "gghouse_daily is running and works on the same tables, so nothing was done; wait for its end, or mark "
                "the run failed in the UI, then try again"
            )


@dataclass(frozen=True)
class Plan:
    """What a recovery is going to do.

    Attributes:
        lines: for people.
        seen: the state that the plan was made from, as far as the execution has to hold on to it.
        empty: there is nothing to do.
    """

    lines: tuple[str, ...]
    seen: str = ""
    empty: bool = False

    def __str__(self) -> str:
        """Return the lines as one text."""
        return "\n".join(self.lines)


def make_plan(name: str, tools: Tools, wish: Wish) -> Plan:
    """Return what the recovery `name` would do; nothing is changed.

    Raises:
        RecoveryRefused: it cannot be done; the message says why and what to do instead.
    """
    plan: Plan = _module(name).plan(tools, wish)
    return plan


def carry_out(name: str, tools: Tools, wish: Wish, plan: Plan) -> str:
    """Do what `plan` says, keep a record of it, and return in words what was done.

    Raises:
        RecoveryRefused: it cannot be done, or not any more; the message says why and what to do instead.
    """
    if plan.empty:
        return "There was nothing to do"
    entry = _begin(name, tools, wish)
    try:
        lines: list[str] = _module(name).execute(tools, wish, plan)
    except BaseException as error:
        _end(tools, entry, f"failed: {mask_error(error) or type(error).__name__}")
        raise
    _end(tools, entry, "\n".join(lines))
    return "\n".join(lines)


def _module(name: str) -> Any:
    return importlib.import_module(f"include.recovery.{FORMS[name].module}")


def _begin(name: str, tools: Tools, wish: Wish) -> int | None:
    """Record that a recovery begins; without a database there is none, and none may be needed (cluster)."""
    import MySQLdb

    from include.warehouse.schema import OPS, ensure_platform_tables

    try:
        with contextlib.closing(tools.loader.connect()) as connection, connection.cursor() as cursor:
            ensure_platform_tables(connection)
            cursor.execute(
                f"INSERT INTO {OPS}.recoveries (name, requested, requested_by, started_at) "
                "VALUES (%s, %s, %s, UTC_TIMESTAMP(3))",
                (name, json.dumps(dict(wish), default=str, ensure_ascii=False), tools.who[:191]),
            )
            return int(cursor.lastrowid)
    except MySQLdb.Error as error:
        log.warning("What is done now is not recorded in ops.recoveries (%s)", error)
        return None


def _end(tools: Tools, entry: int | None, outcome: str) -> None:
    import MySQLdb

    from include.warehouse.schema import OPS

    if entry is None:
        return
    with (
        contextlib.suppress(MySQLdb.Error),
        contextlib.closing(tools.loader.connect()) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"UPDATE {OPS}.recoveries SET finished_at = UTC_TIMESTAMP(3), outcome = %s WHERE recovery_id = %s",
            (fit(outcome), entry),
        )
