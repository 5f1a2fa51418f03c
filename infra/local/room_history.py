"""The rooms of the past year, which a platform that begins today has never loaded a dump of.

The bucket has the tenants' states of every day since the first dump. After a day that went well, two recoveries do what
an operator would do: `history` makes the rooms of the days that have none from the tenants' states, `kpi` rebuilds the
figures with them. The data sets of QuickSight are refreshed after that.
"""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import MySQLdb

from include.quicksight.refresh import IngestionError, new_ingestion_id, refresh_dataset
from include.recovery.forms import MOST_BACKFILLED, RecoveryRefused, read
from include.recovery.recovery import Plan, RecoveryContext, Request, apply_plan
from include.recovery.registry import RECOVERIES
from include.schedule import FIRST_DATE
from include.warehouse.publications import Publication, quicksight_layer, record_publication
from infra.local.aws import account
from infra.local.stack import Say


def fill(context: RecoveryContext, target: date, say: Say) -> bool:
    """Make the rooms of the dates before a business date that have none, and show them; return whether that went well.

    Args:
        context: of the recoveries; its staging holds `target`.
        target: the business date that was just run.
        say: prints a line.
    """
    first = max(FIRST_DATE, target - timedelta(days=MOST_BACKFILLED - 1))
    try:
        rooms, plan = _planned(context, "history", what="rooms", first=str(first), last=str(target))
        if plan.empty:
            return True
        began = time.monotonic()
        say(f"Room history: dates from {first} on have no rooms; they are made from the tenants' states ...")
        made = apply_plan(RECOVERIES["history"], context, rooms, plan)
        say(f"{_since(began)}  {made}")
        figures, plan = _planned(context, "kpi", first=str(target))
        apply_plan(RECOVERIES["kpi"], context, figures, plan)
        say(f"{_since(began)}  Rebuilt the figures with them")
        _refresh(context, target)
        say(f"{_since(began)}  Refreshed {len(context.settings.quicksight_datasets)} data sets")
    except (RecoveryRefused, IngestionError, MySQLdb.Error) as error:
        say(f"Room history: {error}. The figures of {target} are complete without it; `make run` tries again")
        return False
    return True


def _planned(context: RecoveryContext, name: str, **given: str) -> tuple[Request, Plan]:
    request = read(name, given, context.today)
    return request, RECOVERIES[name].plan(context, request)


def _refresh(context: RecoveryContext, target: date) -> None:
    quicksight = context.aws("quicksight")
    ingestion = new_ingestion_id(target, f"room-history-{context.now:%Y%m%dT%H%M%S}", 1)

    def refresh(data_set: str) -> Publication:
        began = time.monotonic()
        done = refresh_dataset(quicksight, account.ACCOUNT, data_set, ingestion, lambda line: None)
        seconds = time.monotonic() - began
        return Publication(target, quicksight_layer(data_set), context.now, done.rows, seconds)

    with ThreadPoolExecutor() as threads:
        done = list(threads.map(refresh, context.settings.quicksight_datasets))
    with contextlib.closing(context.loader.connect()) as connection:
        for publication in done:
            record_publication(connection, publication)


def _since(began: float) -> str:
    return f"{time.monotonic() - began:6.0f} s"
