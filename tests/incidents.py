"""The table of incidents, tests/incidents.md: its last column is written from the names of the tests.

A test that proves an incident carries its number: `test_i12_…`, `test_i06_i08_…`, or the folder of a dbt case
`i12_…`. `python -m tests.incidents` brings the column up to date; tests/test_incidents.py tells when that is needed.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

TESTS = Path(__file__).resolve().parent
TABLE = TESTS / "incidents.md"
NUMBERS = tuple(range(1, 41))
CANNOT_OCCUR = "Cannot occur: "
"""Begins the last column of an incident that no test can show."""
PROOF = re.compile(r"(?:test_)?((?:i\d\d_)+)")
ROW = re.compile(r"\| I-(\d\d) \| (.+) \| (.+) \| (.*) \|")


@cache
def proofs() -> dict[int, dict[str, list[str]]]:
    """Return the tests of each incident, as their names by file (or by folder of dbt cases), both below tests/."""
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for place, name in sorted(_names()):
        if numbers := PROOF.match(name):
            for number in re.findall(r"\d\d", numbers[1]):
                found[int(number)][place].append(name)
    return found


def _names() -> Iterator[tuple[str, str]]:
    for file in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield file.relative_to(TESTS).as_posix(), node.name
    for expected in TESTS.glob("dbt/*/*/expect.csv"):
        case = expected.parent
        yield case.parent.relative_to(TESTS).as_posix(), case.name


def cell(tests: dict[str, list[str]]) -> str:
    """Return the last column of an incident with these tests."""
    return "<br>".join(f"[{place}]({place}): " + ", ".join(f"`{name}`" for name in tests[place]) for place in tests)


def up_to_date(text: str) -> str:
    """Return the table with its last column as the tests are now; a reason why there is none stays."""
    found = proofs()

    def row(match: re.Match[str]) -> str:
        number, broke, guarantee, last = match.groups()
        told = cell(found[int(number)]) or (last if last.startswith(CANNOT_OCCUR) else "")
        return f"| I-{number} | {broke} | {guarantee} | {told} |"

    return ROW.sub(row, text)


if __name__ == "__main__":
    TABLE.write_text(up_to_date(TABLE.read_text()))
