"""The incidents of the earlier system, tests/incidents.md: the list of tests in it is written from their names.

A test that proves an incident carries its number: `test_i12_…`, `test_i06_i08_…`, or the folder of a dbt case
`i12_…`. `python -m tests.incidents` brings the list up to date; tests/test_incidents.py says when that is needed.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

TESTS = Path(__file__).resolve().parent
DOCUMENT = TESTS / "incidents.md"
NUMBERS = tuple(range(1, 41))
LONGEST_LINE = 200
PROOF = re.compile(r"(?:test_)?((?:i\d\d_)+)")
ROW = re.compile(r"^\| \[I-(\d\d)\]\(#i-\1\) \| (.+) \| (.+) \|$", re.MULTILINE)
LIST = "## Tests\n"
"""Heading of the part that is generated; everything above it is written by hand."""


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


def up_to_date(text: str) -> str:
    """Return the document with a section for each row of its table that lists the incident's tests as they are now."""
    by_hand, heading, _ = text.partition(LIST)
    sections = [_section(number, broke, proofs()[int(number)]) for number, broke, _ in ROW.findall(by_hand)]
    return by_hand + heading + "".join(sections)


def _section(number: str, broke: str, tests: dict[str, list[str]]) -> str:
    lines = [f"### I-{number}", "", f"{broke} `pytest -k i{number}_` runs:", ""]
    for place, names in tests.items():
        lines += [f"- [{place}]({place})", *(f"  - `{name}`" for name in names)]
    return "\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(up_to_date(DOCUMENT.read_text()))
