"""Load and scan dumps on any server: `python -m include.dump --help`."""

from __future__ import annotations

import argparse
import sys

from include.dump import commands
from include.warehouse.server_options import add_restore_options, add_server_options, restore_login, server


def main(arguments: list[str] | None = None) -> int:
    """Run one command; a failure ends as one sentence and exit code 1."""
    options = _parser().parse_args(arguments)
    return commands.run(options, lambda: server(options), lambda login: restore_login(options, login))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m include.dump", description="Dumps and a MySQL server.")
    login = argparse.ArgumentParser(add_help=False)
    add_server_options(login)
    second = argparse.ArgumentParser(add_help=False)
    add_restore_options(second)
    added = parser.add_subparsers(dest="command", required=True)
    commands.add_load(added, [login, second])
    commands.add_scan(added)
    return parser


if __name__ == "__main__":
    sys.exit(main())
