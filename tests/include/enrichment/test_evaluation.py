"""What is measured, and what it decides."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from include.enrichment.candidates import Tenant
from include.enrichment.classifier import MEASURING_FOLD, fold
from include.enrichment.evaluation import (
    confidences,
    evaluation,
    of_language_model,
    of_same_person,
    sample,
)
from include.enrichment.language_model import Answer, Certainty
from include.enrichment.records import ALL, BY_CONFIDENCE, BY_NATIONALITY, Measure, Source

BORN = date(1990, 2, 3)


def tenant(number: int, name: str, nationality: str | None) -> Tenant:
    return Tenant(number, name, BORN, BORN, 9, nationality)


def test_only_answers_above_the_threshold_are_answers() -> None:
    found = evaluation(
        Source.NAME_MODEL,
        "v",
        [("日本", ("日本", 0.95)), ("日本", ("中国", 0.80)), ("中国", ("中国", 0.79)), ("中国", None)],
    )
    assert found.whole == Measure(ALL, "", 4, 2, 1, pytest.approx(0.875))
    parts = {(each.part, each.value): each for each in found.measures}
    assert parts[BY_NATIONALITY, "日本"].answered == 2
    assert parts[BY_NATIONALITY, "中国"] == Measure(BY_NATIONALITY, "中国", 2, 0, 0, None)
    assert parts[BY_CONFIDENCE, "0.7"] == Measure(BY_CONFIDENCE, "0.7", 1, 1, 1, pytest.approx(0.79))
    assert parts[BY_CONFIDENCE, "0.8"].correct == 0


@pytest.mark.parametrize(
    ("correct", "answered", "used"), [(9, 10, True), (89, 100, False), (0, 0, True), (0, 1, False)]
)
def test_nine_of_ten_must_be_right(correct: int, answered: int, used: bool) -> None:
    cases = [("日本", ("日本" if number < correct else "中国", 1.0)) for number in range(answered)]
    assert evaluation(Source.LLM, "v", cases).is_used is used


def test_people_on_record_twice_are_told_by_each_other() -> None:
    people = {
        ("A", BORN): [tenant(1, "A", "日本"), tenant(2, "A", "日本")],
        ("B", BORN): [tenant(3, "B", "日本"), tenant(4, "B", "中国")],
        ("C", BORN): [tenant(5, "C", "日本")],
    }
    found = of_same_person(people)
    assert (found.whole.asked, found.whole.answered, found.whole.correct) == (5, 4, 2)


def test_a_certainty_is_worth_what_it_was_worth() -> None:
    cases = [(tenant(1, "A", "日本"), Answer("日本", Certainty.SURE))] * 18
    cases += [(tenant(2, "B", "日本"), Answer("中国", Certainty.LIKELY))] * 8
    found = of_language_model("jp.x:1", [*cases, (tenant(3, "C", "日本"), None)])
    sure = confidences(found.measures)
    assert sure == {Certainty.SURE: 19 / 20, Certainty.LIKELY: 0.1, Certainty.GUESS: 0.5}
    assert (found.whole.asked, found.whole.answered, found.whole.correct) == (27, 18, 18)
    assert confidences([]) == dict.fromkeys(Certainty, 0.5)


class Unsure:
    """A classifier that is not sure of some names."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def answer(self, name: str, created: date | None) -> tuple[str, float]:
        return "日本", 0.79 if name in self._names else 0.8


def test_the_sample_is_of_those_who_were_not_learned_from_and_stays_the_same() -> None:
    tenants = [tenant(number, f"NAME {number}", "日本") for number in range(3000)]
    tenants += [tenant(9999, "NOBODY", None), tenant(9998, "NAME 1", "日本")]
    model: Any = Unsure()
    chosen = sample(tenants, model)
    assert len(chosen) == 200
    assert {fold(each.name or "") for each in chosen} == {MEASURING_FOLD}
    assert [each.name for each in sample(reversed(tenants), model)] == [each.name for each in chosen]


def test_the_sample_begins_with_names_as_hard_as_those_that_will_be_asked() -> None:
    tenants = [tenant(number, f"NAME {number}", "日本") for number in range(3000)]
    hard = [each.name or "" for each in tenants if fold(each.name or "") == MEASURING_FOLD][-5:]
    model: Any = Unsure(*hard)
    assert {each.name for each in sample(tenants, model)[:5]} == set(hard)
