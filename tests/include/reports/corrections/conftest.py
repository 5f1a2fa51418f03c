"""Kinds of corrections, so that lists can be put into the tables."""

from __future__ import annotations

from typing import Any

import pytest

from tests.include.reports.conftest import execute

KINDS = (
    ("dangling_contract", 2, "契約参照の欠落", "Dangling contract", "契約が存在しません。", "契約を登録してください。"),
    ("missing_nationality", 1, "国籍未入力", "Missing nationality", "国籍が空欄です。", "国籍を入力してください。"),
)


@pytest.fixture
def kinds(warehouse: Any) -> Any:
    """The warehouse with two kinds."""
    execute(warehouse, "INSERT INTO seeds.code_correction_kind VALUES (%s, %s, %s, %s, %s, %s)", *KINDS)
    return warehouse
