"""The ladder as commands; which server is meant is the caller's business."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import MySQLdb

from include.enrichment import forgetting, store
from include.enrichment.ladder import enrich
from include.enrichment.language_model import LanguageModel
from include.enrichment.records import LEAST_RIGHT, Source
from include.schedule import business_date
from include.settings import Settings, SettingsError
from include.warehouse.endpoint import Endpoint
from include.warehouse.server_errors import sentence

VERBS = {
    "plan": "count whom each source would answer; nothing is written, and no language model is asked",
    "run": "find a nationality for the tenants of staging who have none on record, as the task enrich does",
    "evaluate": "print how right each source was when it was last measured",
    "forget": "delete what is kept for the names of a tenant, and never ask about them again",
}


@dataclass(frozen=True)
class EnrichmentContext:
    """What the commands work with.

    Attributes:
        settings: the platform's settings.
        loader: login that owns `ops`.
        model: makes the language model, None when it is switched off.
        now: the present, with time zone.
    """

    settings: Settings
    loader: Endpoint
    model: Callable[[], LanguageModel | None]
    now: datetime


def add(commands: Any, parents: Sequence[argparse.ArgumentParser] = ()) -> None:
    """Add the commands to a command line."""
    for verb, text in VERBS.items():
        parser = commands.add_parser(verb, parents=parents, help=text, description=f"{text[0].upper()}{text[1:]}.")
        parser.set_defaults(step=verb)
        if verb == "forget":
            parser.add_argument("--tenant", type=int, required=True, metavar="ID", help="id of the tenant")
            parser.add_argument("--yes", action="store_true", help="do it; without this it is only described")
        else:
            parser.add_argument(
                "--date",
                type=date.fromisoformat,
                metavar="YYYY-MM-DD",
                help="business date of the dump in staging (default: today in Tokyo)",
            )


def run(options: argparse.Namespace, context: Callable[[], EnrichmentContext]) -> int:
    """Run one command; a failure ends as one sentence and exit code 1.

    Args:
        options: what the command line holds.
        context: gives what it works with.
    """
    steps = {"plan": _enrich, "run": _enrich, "evaluate": _evaluate, "forget": _forget}
    try:
        return steps[options.step](options, context())
    except (SettingsError, forgetting.NotKnown) as error:
        reason = str(error)
    except MySQLdb.Error as error:
        reason = sentence(error)
    except KeyboardInterrupt:
        reason = "interrupted; give the same command again"
    print(f"enrich: {reason}", file=sys.stderr)
    return 1


def _enrich(options: argparse.Namespace, context: EnrichmentContext) -> int:
    saves = options.step == "run"
    found = enrich(
        context.loader,
        context.settings,
        options.date or business_date(context.now),
        context.now,
        context.model(),
        print,
        save=saves,
    )
    for _, warning in found.warnings:
        print(f"enrich: {warning}", file=sys.stderr)
    if not saves:
        print("Nothing was written; `run` does it")
    return 0


def _evaluate(options: argparse.Namespace, context: EnrichmentContext) -> int:
    day = options.date or business_date(context.now)
    with contextlib.closing(context.loader.connect()) as connection:
        newest = [store.last_evaluation(connection, source, day) for source in Source]
    if not any(newest):
        print(f"Nothing was measured up to {day}; `run` measures every week")
    for since, found in filter(None, newest):
        state = "used" if found.is_used else f"not used, because fewer than {LEAST_RIGHT:.0%} were right"
        print(f"{found.source} {found.model_version}, measured on {since}: {state}")
        for each in found.measures:
            right = f"{each.correct / each.answered:7.1%}" if each.answered else "      –"
            sure = "" if each.mean_confidence is None else f"  confidence {each.mean_confidence:.3f}"
            print(f"  {each.part:<12}{each.value:<8} asked {each.asked:>6,}  answered {each.answered:>6,}{right}{sure}")
    return 0


def _forget(options: argparse.Namespace, context: EnrichmentContext) -> int:
    with contextlib.closing(context.loader.connect()) as connection:
        planned = forgetting.plan(connection, options.tenant)
        if not options.yes:
            print(f"Would forget {planned}. Add --yes to do it")
            return 0
        forgetting.forget(connection, planned, context.now)
    print(f"Forgot {planned}. The next build of silver shows it; dashboards follow with its refresh")
    return 0
