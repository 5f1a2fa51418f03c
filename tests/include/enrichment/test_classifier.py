"""The classifier: it learns, knows what it does not know, and is the same every time."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta
from itertools import product

import pytest

from include.enrichment.classifier import OTHER, Example, NameModel, fold, measured, parts, train
from include.settings import PROJECT_DIR
from tests.include.enrichment.conftest import FAMILIES, GIVEN

SPRING, AUTUMN = date(2025, 3, 1), date(2025, 9, 15)
COMPANY = [
    Example(f"{family} {given}", nationality, SPRING)
    for nationality in FAMILIES
    for family, given in product(FAMILIES[nationality], GIVEN[nationality])
]


@pytest.fixture(scope="module")
def model() -> NameModel:
    return train(COMPANY, ("日本", "ベトナム", "ネパール", "韓国"))


def test_it_knows_names_that_it_has_not_seen(model: NameModel) -> None:
    for name, nationality in (
        ("Nguyen Thi Linh", "ベトナム"),
        ("ＴＡＮＡＫＡ ＹＵＫＩＫＯ", "日本"),
        ("Gurung Sunita", "ネパール"),
    ):
        answer = model.answer(name, SPRING)
        assert answer is not None
        assert answer[0] == nationality
        assert 0.8 <= answer[1] <= 1


def test_it_is_unsure_of_letters_that_nobody_has(model: NameModel) -> None:
    answer = model.answer("ЖЖЖ", SPRING)
    assert answer is None or answer[1] < 0.5


def test_a_script_is_a_rule_that_the_records_can_overrule() -> None:
    assert train([], ("韓国",)).answer("김민준", None) == ("韓国", 0.9)
    against = [Example(f"김{chr(0xAC00 + each)}", "中国", SPRING) for each in range(60)]
    answer = train(against, ("韓国", "中国")).answer("김민준", None)
    assert answer == ("韓国", pytest.approx(9 / (10 + sum(fold(each.name) > 1 for each in against))))


def test_a_rare_nationality_and_one_that_the_master_lacks_are_never_answered() -> None:
    rare = [Example(f"QVIST {given}", "スウェーデン", SPRING) for given in GIVEN["日本"]]
    foreign = [Example(f"ZZYZX{given}", "火星", SPRING) for given in GIVEN["日本"] * 4]
    taught = train([*COMPANY, *rare, *foreign], ("日本", "ベトナム", "ネパール", "スウェーデン"))
    for name in ("QVIST HARUKA", "QVIST QVIST", "ZZYZXHARUKA"):
        answer = taught.answer(name, SPRING)
        assert answer is None or answer[0] not in ("スウェーデン", "火星", OTHER)


def test_an_undecided_name_follows_the_mix_of_its_time() -> None:
    wave = [
        Example(f"{family} {given} {number}", "ネパール", AUTUMN + timedelta(days=number))
        for number, (family, given) in enumerate(product(FAMILIES["ネパール"], GIVEN["ネパール"]))
    ]
    taught = train([*COMPANY, *wave], ("日本", "ベトナム", "ネパール"))

    def share(day: date) -> float:
        answer = taught.answer("X", day)
        assert answer is not None
        return answer[1] if answer[0] == "ネパール" else 1 - answer[1]

    assert share(AUTUMN) > share(date(2024, 1, 1)) + 0.05


def test_the_order_of_the_tenants_and_the_process_change_nothing(model: NameModel) -> None:
    again = train(list(reversed(COMPANY)), ("ネパール", "韓国", "日本", "ベトナム"))
    names = [each.name[::-1] for each in COMPANY]
    assert again.version == model.version
    assert [again.answer(name, AUTUMN) for name in names] == [model.answer(name, AUTUMN) for name in names]
    script = (
        "from tests.include.enrichment.test_classifier import *\n"
        "taught = train(COMPANY, ('日本', 'ベトナム', 'ネパール', '韓国'))\n"
        "print([taught.answer(each.name[::-1], AUTUMN) for each in COMPANY])"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=PROJECT_DIR,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert printed[0] == printed[1]


def test_another_tenant_makes_another_version(model: NameModel) -> None:
    assert train([*COMPANY, Example("PARK JIN", "韓国", SPRING)]).version != model.version
    assert model.version.startswith("nb1-")


def test_nobody_on_record_teaches_nothing() -> None:
    assert train([]).answer("NGUYEN VAN ANH", None) is None


def test_all_spellings_of_a_name_are_in_one_fold() -> None:
    assert fold("Yamada Taro") == fold("ＹＡＭＡＤＡ\u3000ＴＡＲＯ")
    assert len({fold(each.name) for each in COMPANY}) == 7


def test_parts_are_those_of_each_word() -> None:
    assert parts("AB") == [" A", " AB", " AB ", "A", "AB", "AB ", "B", "B "]
    assert parts("") == []


def test_a_measured_share_starts_from_a_belief() -> None:
    assert measured(0, 0) == 0.9
    assert measured(990, 990) == pytest.approx(0.999)
    assert measured(0, 0, belief=(1, 2)) == 0.5
