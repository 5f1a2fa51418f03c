"""Every incident of the earlier system is in tests/incidents.md, with the tests that would fail if it came back."""

from __future__ import annotations

import re

import pytest

from tests import incidents

TEXT = incidents.DOCUMENT.read_text()


def test_all_forty_are_in_the_table_in_order() -> None:
    assert tuple(int(number) for number, _, _ in incidents.ROW.findall(TEXT)) == incidents.NUMBERS
    assert set(incidents.proofs()) <= set(incidents.NUMBERS)


@pytest.mark.parametrize("number", incidents.NUMBERS)
def test_an_incident_has_a_test(number: int) -> None:
    assert incidents.proofs()[number], f"name a test test_i{number:02}_…"


def test_the_document_names_the_tests_that_there_are() -> None:
    assert incidents.up_to_date(TEXT) == TEXT, "run `python -m tests.incidents`, which writes the list of tests"


def test_a_test_that_is_gone_is_missed() -> None:
    name = next(iter(incidents.proofs()[12].values()))[0]
    assert f"  - `{name}`\n" in TEXT
    assert incidents.up_to_date(TEXT.replace(f"  - `{name}`\n", "")) == TEXT
    assert incidents.up_to_date(TEXT.replace(f"`{name}`", "`test_i12_that_never_was`")) == TEXT


def test_every_incident_has_an_anchor_and_lines_are_short() -> None:
    assert re.findall(r"^### (I-\d\d)$", TEXT, re.MULTILINE) == [f"I-{number:02}" for number in incidents.NUMBERS]
    assert [line for line in TEXT.splitlines() if len(line) > incidents.LONGEST_LINE] == []
