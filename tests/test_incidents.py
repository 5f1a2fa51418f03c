"""Every incident of the earlier system is in tests/incidents.md, with the tests that would fail if it came back."""

from __future__ import annotations

import pytest

from tests import incidents

ROWS = {int(number): columns for number, *columns in incidents.ROW.findall(incidents.TABLE.read_text())}


def test_all_forty_are_there_in_order() -> None:
    assert tuple(ROWS) == incidents.NUMBERS
    assert set(incidents.proofs()) <= set(incidents.NUMBERS)


@pytest.mark.parametrize("number", incidents.NUMBERS)
def test_an_incident_has_a_test_or_a_reason_why_it_cannot_occur(number: int) -> None:
    proof = ROWS[number][-1]
    reason = proof.removeprefix(incidents.CANNOT_OCCUR)
    assert proof, (
        f"name a test test_i{number:02}_…, or write '{incidents.CANNOT_OCCUR}' and why into tests/incidents.md"
    )
    assert incidents.proofs()[number] or (reason != proof and len(reason) > 40), f"I-{number:02}: say why"


def test_the_table_names_the_tests_that_there_are() -> None:
    text = incidents.TABLE.read_text()
    assert text == incidents.up_to_date(text), "run `python -m tests.incidents`, which writes the table's last column"
