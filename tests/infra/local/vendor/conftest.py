"""One small source, one medium simulation, and a reader of INSERT statements for the tests of this folder."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from infra.local.vendor import SCALES, Generated, Request, generate
from infra.local.vendor.clock import REFERENCE
from infra.local.vendor.simulation import Simulation

DAY = date(2026, 3, 2)
_ROW = re.compile(r"\((?:[^'()]|'(?:[^'\\]|\\.)*')*\)")
_VALUE = re.compile(r"'((?:[^'\\]|\\.)*)'|([^,()]+)")
Rows = dict[str, list[str]]


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Generated]:
    """Generate a small source into a folder of its own."""

    def run(target: date = DAY, **options: object) -> Generated:
        options.setdefault("snapshot_days", 0)
        directory = tmp_path_factory.mktemp("source")
        return generate(Request(target=target, directory=directory, scale=SCALES["small"], **options))

    return run


@pytest.fixture(scope="session")
def small(make: Callable[..., Generated]) -> Generated:
    """The classic dump of 2026-03-02."""
    return make()


@pytest.fixture(scope="session")
def small_rows(small: Generated) -> Rows:
    """Its rows by table, as text."""
    return read_rows(small.dump)


@pytest.fixture(scope="session")
def medium() -> Simulation:
    """A tenth of the company on the reference day."""
    simulation = Simulation(SCALES["medium"], seed=20260205)
    simulation.run(REFERENCE)
    return simulation


def read_rows(path: Path) -> Rows:
    """Return the rows of a plain dump by table, each as the text between its parentheses and with them."""
    found: Rows = {}
    with path.open(encoding="utf-8") as dump:
        for line in dump:
            if line.startswith("INSERT INTO `"):
                table = line[13 : line.index("`", 13)]
                found.setdefault(table, []).extend(_ROW.findall(line, line.index("VALUES ") + 7))
    return found


def values(row: str) -> list[str | None]:
    """Return the values of a row; text without quotes and still escaped, NULL as None."""
    return [
        None if match[2] == "NULL" else match[1] if match[2] is None else match[2] for match in _VALUE.finditer(row)
    ]


@pytest.fixture(scope="session")
def parse() -> Callable[[str], list[str | None]]:
    """The reader of one row."""
    return values


@pytest.fixture(scope="session")
def rows_of() -> Callable[[Path], Rows]:
    """The reader of a dump."""
    return read_rows
