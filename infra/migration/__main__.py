"""Command line: `python -m infra compare --earlier earlier.cnf --new new.cnf`."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path

import pymysql

from infra.migration import verdicts
from infra.migration.gold_schema import CannotCompare, Server, Table
from infra.migration.renamed import under_new_names
from infra.migration.table_comparison import compare

CANNOT = 2
EXIT = {
    verdicts.Verdict.EQUAL: 0,
    verdicts.Verdict.NEW: 0,
    verdicts.Verdict.EXPLAINED: 0,
    verdicts.Verdict.DIFFERENT: 1,
    verdicts.Verdict.IMPOSSIBLE: CANNOT,
}
META, AS_OF = "occupancy_kpi_meta", "as_of_date"
DESCRIPTION = """\
Compare gold with the earlier system's gold, table by table and value by value. Nothing is changed. Rows are told apart
by the primary keys of the new system. Differences that infra/migration/explained.py explains are shown as such, with
their numbers: whether the number is plausible a person must judge.

Exit code: 0 equal, or different for known reasons only; 1 different; 2 something could not be compared."""
EPILOG = """\
An option file is what `mysql --defaults-file` takes, readable by yourself only:

  [client]
  host=db.example
  user=bi
  password=...
  ssl-ca=infra/bundle/rds-ap-northeast-1-bundle.pem
"""


def main(arguments: list[str] | None = None) -> int:
    """Compare and print; the exit code is the verdict."""
    options = _parser().parse_args(arguments)
    try:
        with (
            contextlib.closing(Server(options.earlier, options.earlier_schema)) as earlier,
            contextlib.closing(Server(options.new, options.new_schema)) as new,
        ):
            found = _compare(earlier, new, options.table)
    except CannotCompare as error:
        print(f"comparison: {error}", file=sys.stderr)
        return CANNOT
    except pymysql.MySQLError as error:
        print(f"comparison: a server failed in the middle: {error}; try again", file=sys.stderr)
        return CANNOT
    print(verdicts.page(found))
    return EXIT[max(line.verdict for line in found)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra compare",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--earlier", type=Path, required=True, metavar="FILE", help="login of the earlier system")
    parser.add_argument("--new", type=Path, required=True, metavar="FILE", help="login of the new system")
    parser.add_argument("--earlier-schema", default="gold", metavar="NAME", help="default: gold")
    parser.add_argument("--new-schema", default="gold", metavar="NAME", help="default: gold")
    parser.add_argument("--table", action="append", metavar="NAME", help="only this table; may be repeated")
    return parser


def _compare(earlier: Server, new: Server, chosen: list[str] | None) -> list[verdicts.Found]:
    old = {name: under_new_names(name, table) for name, table in earlier.tables().items()}
    now = new.tables()
    if unknown := sorted(set(chosen or ()) - old.keys() - now.keys()):
        raise CannotCompare(f"neither side has a table {', '.join(unknown)}; see the spelling")
    if not old.keys() & now.keys():
        raise CannotCompare(
            f"{earlier.schema} of the earlier system and {new.schema} of the new one have no table in common; see the "
            "names of the schemas and what the logins may read"
        )
    _same_date(earlier, old, new, now)
    return [_found(name, earlier, old, new, now) for name in sorted(set(chosen or old.keys() | now.keys()))]


def _found(name: str, earlier: Server, old: dict[str, Table], new: Server, now: dict[str, Table]) -> verdicts.Found:
    if name not in now:
        return verdicts.missing(name)
    if name not in old:
        return verdicts.added(name)
    try:
        return verdicts.compared(compare(name, earlier, old[name], new, now[name]))
    except CannotCompare as error:
        return verdicts.impossible(name, str(error))


def _same_date(earlier: Server, old: dict[str, Table], new: Server, now: dict[str, Table]) -> None:
    """Refuse to compare figures of two business dates."""
    dates = []
    for server, tables in ((earlier, old), (new, now)):
        known = META in tables and AS_OF in tables[META].columns
        rows = list(server.rows(META, tables[META], [AS_OF], [AS_OF])) if known else []
        dates.append(str(rows[-1][0])[:10] if rows else None)
    if None in dates:
        print(f"{META} does not say of which date both sides are; make sure that both have run the same day\n")
    elif dates[0] != dates[1]:
        raise CannotCompare(
            f"the earlier system is of {dates[0]} and the new one of {dates[1]}; compare when both have run the same "
            "day"
        )
    else:
        print(f"Figures as of {dates[1]}\n")


if __name__ == "__main__":
    sys.exit(main())
