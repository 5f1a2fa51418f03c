"""Change one rule of the dbt project at a time and see who notices.

Each mutation is made in a copy of the project. The oracle then plays two weeks on it, and fixture cases of tests/dbt
run on it: those of the models that changed, and all the others when nobody has noticed yet. A mutation that nobody
notices means that the data are too tame; one whose text is not in the project any more has to be written anew. Both
fail.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.local.database import Database, free_port
from tests.dbt.project import REPO, SCHEMAS, DbtProject
from tests.dbt.test_cases import CASES, test_case
from tests.oracle.changes import MUTATIONS, Mutation
from tests.oracle.play import SHORT, Play

ENOUGH_CASES = 3


class GoneError(Exception):
    """The text that a mutation changes is not in the project."""


@dataclass
class Verdict:
    """Who noticed a mutation.

    Attributes:
        oracle: places that differ, as model.column.
        tests: dbt tests that fail now and did not before.
        cases: fixture cases that fail.
        broken: why the project could not run at all.
        seconds: how long it took to find out.
    """

    oracle: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    broken: str = ""
    seconds: float = 0.0

    @property
    def is_caught(self) -> bool:
        return bool(self.oracle or self.cases)


def words(error: AssertionError) -> str:
    """Return the beginning of what went wrong, on one line."""
    return " ".join(str(error).split())[:200]


def mutate(mutation: Mutation | None, folder: Path) -> None:
    """Copy the project to `folder` and change it."""
    shutil.copytree(REPO / "dbt", folder, ignore=shutil.ignore_patterns("target", "logs"))
    if mutation:
        file = folder / mutation.file
        file.write_text(changed_text(mutation), encoding="utf-8")


def changed_text(mutation: Mutation) -> str:
    """Return the mutated file.

    Raises:
        GoneError: the text that it changes is not there, or more than once.
    """
    file = REPO / "dbt" / mutation.file
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    if (times := text.count(mutation.old)) != 1:
        raise GoneError(f"{mutation.name}: {mutation.file} holds this {times} times, not once: {mutation.old!r}")
    return text.replace(mutation.old, mutation.new)


class Bench:
    """A server on which one changed project after the other runs."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._server = Database(directory=directory / "server", port=free_port(), buffer_pool_mb=64)
        self._server.start()

    def close(self) -> None:
        self._server.stop()

    def judge(self, mutation: Mutation | None, known_failures: frozenset[str], with_cases: bool) -> Verdict:
        """Run the oracle, dbt's tests and the fixture cases; without a mutation on the project as it is."""
        started = time.monotonic()
        folder = Path(tempfile.mkdtemp(dir=self._directory)) / "dbt"
        mutate(mutation, folder)
        verdict = Verdict()
        try:
            self._empty()
            (folder.parent / "target").mkdir()
            with contextlib.closing(DbtProject(self._server, folder.parent / "target", folder)) as project:
                try:
                    self._play(project, verdict, known_failures, to_the_end=mutation is None)
                except AssertionError as error:  # a server may refuse what a day would write; the cases still run
                    verdict.broken = words(error)
                if with_cases:
                    self._cases(project, verdict, mutation)
        except AssertionError as error:
            verdict.broken = words(error)
        verdict.seconds = time.monotonic() - started
        shutil.rmtree(folder.parent)
        return verdict

    def _empty(self) -> None:
        with contextlib.closing(self._server.admin.connect()) as connection, connection.cursor() as cursor:
            for schema in (*SCHEMAS, "gold", "gold_prev", "test_results", "tokyobeta"):
                cursor.execute(f"drop database if exists {schema}")

    def _play(self, project: Any, verdict: Verdict, known_failures: frozenset[str], to_the_end: bool) -> None:
        play = Play(project, SHORT)
        comparison = play.run(stop_early=not to_the_end)
        verdict.oracle = comparison.places()
        if to_the_end and comparison.mismatches:
            print(comparison.report(), file=sys.stderr)
        outcome = project.dbt("test", play.today.isoformat(), check=False)
        failed = {name for name, (status, _) in outcome["nodes"].items() if status in ("fail", "error")}
        verdict.tests = sorted(failed - known_failures)

    def _cases(self, project: Any, verdict: Verdict, mutation: Mutation | None) -> None:
        suspects = {place.partition(".")[0] for place in verdict.oracle}
        if mutation:
            suspects.add(Path(mutation.file).stem)
        for case in sorted(CASES, key=lambda case: (case.parent.name not in suspects, case)):
            if mutation and (
                len(verdict.cases) == ENOUGH_CASES or (verdict.is_caught and case.parent.name not in suspects)
            ):
                break
            try:
                test_case(project, case)
            except Exception:  # any failure of a case is what is looked for
                verdict.cases.append(f"{case.parent.name}/{case.name}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle.mutations", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="mutation", help="only these; all of them by default")
    parser.add_argument("--jobs", type=int, default=2, help="servers that work side by side (default 2)")
    parser.add_argument("--no-cases", action="store_true", help="only the oracle and dbt's tests")
    parser.add_argument("--list", action="store_true", help="print the mutations and stop")
    options = parser.parse_args(arguments)
    chosen = [mutation for mutation in MUTATIONS if not options.names or mutation.name in options.names]
    if unknown := set(options.names) - {mutation.name for mutation in chosen}:
        parser.error(f"no such mutation: {', '.join(sorted(unknown))}")
    if options.list:
        for mutation in chosen:
            print(f"{mutation.name:40} {mutation.file}")
        return 0
    if faults := gone(chosen):
        print("\n".join(faults))
        return 1
    with tempfile.TemporaryDirectory(prefix="mutations-") as directory:
        return run(chosen, Path(directory), options.jobs, not options.no_cases)


def gone(chosen: Sequence[Mutation]) -> list[str]:
    """Return what is wrong with mutations whose text is not in the project any more."""
    found = []
    for mutation in chosen:
        try:
            changed_text(mutation)
        except GoneError as error:
            found.append(str(error))
    return found


def run(chosen: Sequence[Mutation], directory: Path, jobs: int, with_cases: bool) -> int:
    """Judge the mutations, print the table and return 0 when all were caught."""
    started = time.monotonic()
    benches: list[Bench] = []
    local = threading.local()

    def judge(mutation: Mutation | None, known: frozenset[str] = frozenset()) -> Verdict:
        if not hasattr(local, "bench"):
            local.bench = Bench(Path(tempfile.mkdtemp(dir=directory)))
            benches.append(local.bench)
        verdict: Verdict = local.bench.judge(mutation, known, with_cases)
        print(f"  {mutation.name if mutation else 'unchanged'}: {verdict.seconds:.0f} s", flush=True, file=sys.stderr)
        return verdict

    try:
        with ThreadPoolExecutor(jobs) as pool:
            unchanged = pool.submit(judge, None).result()
            if unchanged.is_caught or unchanged.broken:
                print(f"The project as it is does not pass: {unchanged}")
                return 2
            known = frozenset(unchanged.tests)
            verdicts = list(pool.map(lambda mutation: judge(mutation, known), chosen))
    finally:
        for bench in benches:
            bench.close()
    print(table(chosen, verdicts))
    caught = sum(verdict.is_caught for verdict in verdicts)
    print(f"{caught} of {len(chosen)} mutations caught in {time.monotonic() - started:.0f} s")
    return 0 if caught == len(chosen) else 1


def table(mutations: Sequence[Mutation], verdicts: Sequence[Verdict]) -> str:
    """Return one line for each mutation and catcher."""
    lines = [f"{'mutation':36} {'oracle':58} {'fixture cases':58} dbt tests"]
    for mutation, verdict in zip(mutations, verdicts, strict=True):
        oracle, cases, tests = verdict.oracle, verdict.cases, verdict.tests
        for row in range(max(1, min(3, max(len(oracle), len(cases), len(tests))))):
            first = row == 0
            lines.append(
                f"{mutation.name if first else '':36}"
                f" {_cell(oracle, row, verdict.broken or 'not noticed'):58}"
                f" {_cell(cases, row, 'not noticed'):58} {_cell(tests, row, '-')}"
            )
        if not verdict.is_caught:
            lines.append(f"{'':36} NOT CAUGHT")
    return "\n".join(lines)


def _cell(names: Sequence[str], row: int, nothing: str) -> str:
    if not names:
        return nothing if row == 0 else ""
    more = f" and {len(names) - 3} more" if row == 2 and len(names) > 3 else ""
    return names[row] + more if row < len(names) else ""


if __name__ == "__main__":
    raise SystemExit(main())
