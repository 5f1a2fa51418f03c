"""Names are cleaned and hashed by dbt as by Python, on every server, and both mean the same threshold."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.enrichment import names
from include.enrichment.records import THRESHOLD, Source

REPO = Path(__file__).resolve().parents[2]
TODAY = "2026-03-02"
IN_THE_BASIC_PLANE = (
    *(
        "山田 花子",
        "山田　花子",
        "　山田\t花子 \u00a0",
        "山田  花子",
        "ﾔﾏﾀﾞ ﾊﾅｺ",
        "ヤマダ ハナコ",
        "ＳＩＴＡ ＲＡＩ",
        "Sita Rai",
    ),
    *("SITA RAI", "sita rai", "José", "Jose\u0301", "Jose", "Straße", "STRASSE", "İpek", "ipek", "김민준", "Нина"),
    *('O\'Neil "Bob"', "a\\b", "a\\'b", "'; drop table ops.nationality_predictions; --", "100%_", "{{ x }}", "n1:x"),
    *(
        "a\tb",
        "a\nb",
        "a\r\nb",
        "\x01",
        "a\u200bb",
        "\ufeffA",
        "محمد علي",
        "か\u3099",
        "が",
        "x" * 191,
        "-",
        "0",
        "NULL x",
    ),
)
BEYOND = ("𠮷田 花子", "吉田 花子", "🏠", "🏡", "👨‍👩‍👧 family", "𝒜𝓁𝒾")
NO_NAMES = ("", " ", "　", "NULL", "null", "ｎｕｌｌ", "--", "\u00a0\t")
BORN = (date(1996, 6, 15), date(999, 1, 2), date(1900, 2, 28), date(2000, 2, 29), date(2100, 12, 31))


def fill(project: Any, texts: tuple[str, ...]) -> dict[int, str | None]:
    """Make a tenant of each text and its answers, each with a nationality of its own; return what must be found."""
    expected: dict[int, str | None] = {}
    for number, text in enumerate(texts, 1):
        born = BORN[number % len(BORN)]
        project.execute(
            "insert into staging.tenants (id, full_name, last_name, first_name, birth_date, nationality) "
            "values (%s, %s, '', '', %s, 'レソト')",
            [number, text, born],
        )
        name = names.full_name(text, "", "")
        expected[number] = name and f"国{number}"
        if name:
            by_name = number % 2
            key = names.name_hash(name) if by_name else names.person_hash(name, born)
            project.execute(
                "insert into ops.nationality_predictions (name_hash, source, nationality) values (%s, %s, %s)",
                [key, "name_model" if by_name else "same_person", f"国{number}"],
            )
    return expected


@pytest.mark.parametrize("kind", ["utf8mb4", "utf8mb3"])
def test_python_and_dbt_make_the_same_keys(project: Any, kind: str) -> None:
    project.clear()
    texts = (*IN_THE_BASIC_PLANE, *(BEYOND if kind == "utf8mb4" else ()), *NO_NAMES)
    with project.retyped({"tenants": {"full_name": f"varchar(191) character set {kind}"}}):
        expected = fill(project, texts)
        project.dbt("run", TODAY, "--select", "stg_nationality_predictions")
        found = project.execute("select tenant_id, predicted_nationality from silver.stg_tenants")
        project.clear()
    wrong = {texts[number - 1]: text for number, text in found if text != expected[number]}
    assert not wrong


def test_dbt_and_the_ladder_have_one_threshold() -> None:
    variables = yaml.safe_load((REPO / "dbt" / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    assert variables["nationality_threshold"] == THRESHOLD


def test_dbt_ranks_the_sources_that_python_writes() -> None:
    macro = (REPO / "dbt" / "macros" / "nationality.sql").read_text(encoding="utf-8")
    best_first = [each.value for each in Source if each is not Source.FORGOTTEN]
    assert f"return({['forgotten', *best_first]})" in macro
