"""The platform's commands on any MySQL server: `python -m include --help`.

Each verb imports only what it needs, so that the watch can say that a package is missing and a load starts small.
"""

from __future__ import annotations

import argparse
import dataclasses
import getpass
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from include.enrichment.commands import EnrichmentContext
    from include.history.commands import HistoryContext
    from include.recovery.recovery import RecoveryContext
    from include.reports.report import ReportContext
    from include.settings import Settings

PROGRAM = "python -m include"
VERBS = {
    "load": "load a dump file into a set of schemas and print the ledger",
    "prepare": "copy the great tables that readers see, so that the next load takes only rows that changed",
    "scan": "list what is in a dump file and whether it would be refused; nothing is sent anywhere",
    "watch": "print how fresh dumps, tables and dashboards are; exit code 0 fresh, 1 warning, 2 critical",
    "page": "write the status page to a file",
    "recover": "plan and apply a recovery",
    "report": "make a report: corrections, flash, rent-roll, tenants",
    "enrich": "find the nationality of tenants who have none on record; measure, forget",
    "history": "write the history as Parquet; delete from the database what is in Parquet",
}
# The platform's own database users (infra/database/grants.sql).
USERS = ("loader", "restore", "dbt", "bi")
WATCH_EXAMPLES = """
examples:
  MYSQL_PWD=... %(prog)s --host db.example --user dbt --bucket gghouse-prod-data
  %(prog)s --date 2026-03-02 --host db.example --user dbt
"""
PAGE_EXAMPLES = """
examples:
  %(prog)s --out status.html --host db.example --user dbt
  %(prog)s --out status.html --at 2026-03-02T08:10 --base-url https://airflow.example
"""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; a failure ends as one sentence."""
    words = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Commands on any MySQL server; each has --help. Settings come from AIRFLOW__GGHOUSE__*, the AWS "
        "login from where boto3 looks for it.",
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, text in VERBS.items():
        verbs.add_parser(verb, help=text, add_help=False)
    verb = parser.parse_args(words[:1]).verb
    commands = {
        "watch": _watch,
        "page": _page,
        "recover": _recover,
        "report": _report,
        "enrich": _enrich,
        "history": _history,
    }
    return commands[verb](words[1:]) if verb in commands else _dump(words)


def _dump(words: Sequence[str]) -> int:
    from include.dump import commands
    from include.warehouse.server_options import add_restore_options, add_server_options, restore_login, server

    login, restore = argparse.ArgumentParser(add_help=False), argparse.ArgumentParser(add_help=False)
    add_server_options(login)
    add_restore_options(restore)
    parser = argparse.ArgumentParser(prog=PROGRAM)
    verbs = parser.add_subparsers(dest="command", required=True)
    commands.add_load(verbs, [login, restore])
    commands.add_prepare(verbs, [login, restore])
    commands.add_scan(verbs)
    options = parser.parse_args(words)
    return commands.run(options, lambda: server(options), lambda login: restore_login(options, login))


def _watch(words: Sequence[str]) -> int:
    from include.freshness import command

    try:
        from include.warehouse.server_options import add_server_options, server
    except ImportError as error:
        print(f"watch: {error.name} is not installed, so nothing could be checked; run make setup", file=sys.stderr)
        return command.HARD_FAILURE
    parser = _parser("watch", command.DESCRIPTION, WATCH_EXAMPLES)
    command.add_options(parser)
    parser.add_argument("--bucket", help="bucket with the dumps (default: AIRFLOW__GGHOUSE__BUCKET)")
    add_server_options(parser)
    options = parser.parse_args(words)

    def connect() -> tuple[Any, Settings, Any]:
        import boto3

        from include.settings import Settings

        settings = Settings.from_environment()
        if options.bucket:
            settings = dataclasses.replace(settings, bucket=options.bucket)
        return boto3.client("s3"), settings, server(options)

    return command.run(options.date, connect)


def _page(words: Sequence[str]) -> int:
    import boto3

    from include.settings import Settings
    from include.status_page.facts import collect
    from include.status_page.render import render
    from include.status_page.words import moment
    from include.warehouse.server_options import add_server_options, server

    parser = _parser(
        "page",
        "Write the status page as one HTML file that needs neither Airflow nor a network.\n"
        "The bucket is the one in AIRFLOW__GGHOUSE__BUCKET. What cannot be read leaves a sentence in the page.",
        PAGE_EXAMPLES,
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="file to write")
    parser.add_argument(
        "--at", type=moment, metavar="TIME", help="judge as of this moment, JST unless it names a zone; default: now"
    )
    parser.add_argument("--base-url", default="", metavar="URL", help="of Airflow's UI, for the links; default: none")
    add_server_options(parser)
    options = parser.parse_args(words)
    facts = collect(boto3.client("s3"), Settings.from_environment(), server(options), options.at or datetime.now(UTC))
    try:
        options.out.write_text(render(facts, options.base_url), encoding="utf-8")
    except OSError as error:
        print(f"{options.out} cannot be written ({error.strerror}); name another file", file=sys.stderr)
        return 1
    print(f"{options.out}: {facts.headline.word}. {facts.headline.sentence}")
    return 0


def _recover(words: Sequence[str]) -> int:
    from include.recovery import commands
    from include.warehouse.server_options import add_restore_options, add_server_options

    login = argparse.ArgumentParser(add_help=False)
    add_server_options(login)
    add_restore_options(login)
    parser = _parser("recover", "Plan a recovery; with --yes, apply it.")
    commands.add(parser.add_subparsers(dest="recovery", required=True, metavar="NAME"), [login])
    options = parser.parse_args(words)
    return commands.run(options.recovery, options, lambda: _recovery_context(options))


def _recovery_context(options: argparse.Namespace) -> RecoveryContext:
    import boto3

    from include.recovery.airflow_runs import AirflowRuns
    from include.recovery.recovery import RecoveryContext
    from include.settings import Settings
    from include.warehouse.server_options import restore_login, server

    login = server(options)
    return RecoveryContext(
        settings=Settings.from_environment(),
        loader=login,
        restore=restore_login(options, login),
        dbt=login,
        aws=boto3.client,
        requested_by=getpass.getuser(),
        now=datetime.now(UTC),
        users=frozenset((*USERS, login.user)),
        runs=AirflowRuns(options.airflow) if "airflow" in options else None,
    )


def _report(words: Sequence[str]) -> int:
    from include.reports import commands

    parser = _parser("report", "Make a report; the files go into the bucket, or into --folder.")
    options = _parsed(parser, commands.add, "NAME", words)
    return commands.run(options, lambda: _report_context(options))


def _report_context(options: argparse.Namespace) -> ReportContext:
    import boto3

    from include.reports.report import ReportContext
    from include.reports.store import FolderStore, S3Store
    from include.settings import Settings
    from include.warehouse.server_options import server

    settings, login = Settings.from_environment(), server(options)
    return ReportContext(
        settings=settings,
        loader=login,
        dbt=login,
        aws=boto3.client,
        store=FolderStore(options.folder) if options.folder else S3Store(boto3.client("s3"), settings),
        requested_by=getpass.getuser(),
        now=datetime.now(UTC),
    )


def _enrich(words: Sequence[str]) -> int:
    from include.enrichment import commands

    parser = _parser("enrich", "Find the nationality of tenants who have none on record (include/enrichment).")
    options = _parsed(parser, commands.add, "STEP", words)
    return commands.run(options, lambda: _enrichment_context(options))


def _enrichment_context(options: argparse.Namespace) -> EnrichmentContext:
    import boto3
    from botocore.config import Config

    from include.enrichment.bedrock import language_model
    from include.enrichment.commands import EnrichmentContext
    from include.settings import Settings
    from include.warehouse.server_options import server

    settings = Settings.from_environment()
    return EnrichmentContext(
        settings=settings,
        loader=server(options),
        model=lambda: language_model(
            settings, lambda service, **config: boto3.client(service, config=Config(**config))
        ),
        now=datetime.now(UTC),
    )


def _history(words: Sequence[str]) -> int:
    from include.history import commands

    parser = _parser("history", "Write the history as Parquet, and let the database forget it (include/lake).")
    options = _parsed(parser, commands.add, "STEP", words)
    return commands.run(options, lambda: _history_context(options))


def _history_context(options: argparse.Namespace) -> HistoryContext:
    import boto3

    from include.history.commands import HistoryContext
    from include.settings import Settings
    from include.warehouse.server_options import server

    return HistoryContext(Settings.from_environment(), server(options), boto3.client("s3"), datetime.now(UTC))


def _parsed(
    parser: argparse.ArgumentParser, add: Callable[..., None], metavar: str, words: Sequence[str]
) -> argparse.Namespace:
    """Parse a verb of several commands, each with the options that name a server."""
    from include.warehouse.server_options import add_server_options

    login = argparse.ArgumentParser(add_help=False)
    add_server_options(login)
    add(parser.add_subparsers(required=True, metavar=metavar), [login])
    return parser.parse_args(words)


def _parser(verb: str, description: str, examples: str = "") -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=f"{PROGRAM} {verb}",
        description=description,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


if __name__ == "__main__":
    sys.exit(main())
