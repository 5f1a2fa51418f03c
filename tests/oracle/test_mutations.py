"""`make mutations` takes half an hour; whether it still knows the project is told here at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle.changes import MUTATIONS
from tests.oracle.mutations import GoneError, changed_text, gone, mutate


def test_every_mutation_still_finds_its_text() -> None:
    assert not gone(MUTATIONS)
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)


def test_a_mutation_whose_text_is_gone_is_told() -> None:
    with pytest.raises(GoneError, match=r"present_without_7: macros/status_sets.sql holds this 0 times"):
        changed_text(MUTATIONS[0]._replace(old="what nobody wrote"))


def test_the_project_itself_stays_as_it_is(tmp_path: Path) -> None:
    mutate(MUTATIONS[0], tmp_path / "dbt")
    assert MUTATIONS[0].new in (tmp_path / "dbt" / MUTATIONS[0].file).read_text()
    assert not gone(MUTATIONS[:1])
