"""Rows are counted, not hoped for."""

from __future__ import annotations

import pytest

from include.dump.audit import check_counts
from include.dump.errors import AuditFailed


@pytest.mark.parametrize(("rows", "duplicates"), [(9, 0), (9, 2), (11, 0), (10, 1)])
def test_i11_every_missing_row_must_be_a_duplicate_that_the_server_named(rows: int, duplicates: int) -> None:
    with pytest.raises(
        AuditFailed, match=f"t has {rows} rows, but the dump holds 10 of which the server named {duplicates}"
    ):
        check_counts({"t": 10}, {"t": rows}, {"t": duplicates})


@pytest.mark.parametrize(("parsed", "rejects"), [(10, 0), (20, 20), (3000, 30), (278_696, 2786)])
def test_i12_a_few_duplicates_are_allowed(parsed: int, rejects: int) -> None:
    check_counts({"t": parsed}, {"t": parsed - rejects}, {"t": rejects})


@pytest.mark.parametrize(("parsed", "rejects", "limit"), [(100, 21, "20"), (3000, 31, "30"), (278_696, 2787, "2,786")])
def test_i12_too_many_are_not(parsed: int, rejects: int, limit: str) -> None:
    with pytest.raises(AuditFailed, match=f"more than the {limit} allowed"):
        check_counts({"t": parsed}, {"t": parsed - rejects}, {"t": rejects})
