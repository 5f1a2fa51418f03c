"""How right each source is, measured on tenants whose nationality is on record and who were not learned from."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from include.enrichment.candidates import Tenant
from include.enrichment.classifier import MEASURING_FOLD, NameModel, fold, measured
from include.enrichment.language_model import Answer, Certainty
from include.enrichment.names import normalised
from include.enrichment.records import (
    ALL,
    BY_CERTAINTY,
    BY_CONFIDENCE,
    BY_NATIONALITY,
    THRESHOLD,
    Evaluation,
    Measure,
    Source,
)

EVERY = timedelta(days=7)
# The language model is measured on so many tenants, the same ones as long as they are on record.
SAMPLE = 200
TENTHS = 10
# Of the source same_person.
PERSON_RULE = "p1"


# the recorded nationality, and the answer with its confidence, or None
Case = tuple[str, tuple[str, float] | None]


def evaluation(source: Source, model_version: str, cases: Sequence[Case]) -> Evaluation:
    """Return the measurement of a source, from what it said about tenants whose nationality is on record."""
    answered = [case for case in cases if case[1] is not None and case[1][1] >= THRESHOLD]
    measures = [_measure(ALL, "", len(cases), answered)]
    by_nationality: dict[str, list[Case]] = defaultdict(list)
    for case in answered:
        by_nationality[case[0]].append(case)
    asked = Counter(recorded for recorded, _ in cases)
    measures += [_measure(BY_NATIONALITY, each, asked[each], by_nationality[each]) for each in sorted(asked)]
    tenths: dict[int, list[Case]] = defaultdict(list)
    for case in cases:
        if case[1] is not None:
            tenths[min(int(case[1][1] * TENTHS), TENTHS - 1)].append(case)
    measures += [_measure(BY_CONFIDENCE, f"0.{tenth}", len(tenths[tenth]), tenths[tenth]) for tenth in sorted(tenths)]
    return Evaluation(source, model_version, tuple(measures))


def of_name_model(model: NameModel, tenants: Iterable[Tenant]) -> Evaluation:
    """Measure the classifier on the names that it has never seen."""
    cases = [
        (_plain(tenant), model.answer(tenant.name, tenant.created))
        for tenant in tenants
        if tenant.nationality and tenant.name and fold(tenant.name) == MEASURING_FOLD
    ]
    return evaluation(Source.NAME_MODEL, model.version, cases)


def of_same_person(people: Mapping[tuple[str, date], Sequence[Tenant]]) -> Evaluation:
    """Measure what tenants on record would be told by others of the same name and date of birth.

    Args:
        people: tenants on record, by name and date of birth.
    """
    cases: list[Case] = []
    for same in people.values():
        mix = Counter(_plain(tenant) for tenant in same)
        for tenant in same:
            others = set(mix - Counter([_plain(tenant)]))
            cases.append((_plain(tenant), (others.pop(), 1.0) if len(others) == 1 else None))
    found = evaluation(Source.SAME_PERSON, PERSON_RULE, cases)
    return Evaluation(found.source, found.model_version, (found.whole,))


def sample(tenants: Iterable[Tenant], model: NameModel) -> list[Tenant]:
    """Return the tenants on record whom a language model is asked about to measure it.

    First those of whom the classifier is not sure, because a language model is asked about such names, and they are
    harder than others; filled up with others in a small company. They are the same ones while they are on record.

    Args:
        tenants: of the dump.
        model: the classifier, before it has learned from the names held back.
    """
    known = {tenant.name: tenant for tenant in tenants if tenant.nationality and tenant.name}
    held = [tenant for name, tenant in known.items() if fold(name) == MEASURING_FOLD]

    def place(tenant: Tenant) -> tuple[bool, bytes]:
        answer = model.answer(tenant.name or "", tenant.created)
        is_sure = answer is not None and answer[1] >= THRESHOLD
        return is_sure, hashlib.sha256(normalised(tenant.name or "").encode()).digest()

    return sorted(held, key=place)[:SAMPLE]


def of_language_model(version: str, cases: Sequence[tuple[Tenant, Answer | None]]) -> Evaluation:
    """Measure a language model: how often it is right at each certainty is the confidence of its answers."""
    by_certainty: dict[Certainty, list[tuple[str, str]]] = defaultdict(list)
    for tenant, answer in cases:
        if answer and answer.nationality:
            by_certainty[answer.certainty].append((_plain(tenant), normalised(answer.nationality)))
    certainties = tuple(
        Measure(BY_CERTAINTY, each, len(said), len(said), sum(a == b for a, b in said), None)
        for each, said in sorted(by_certainty.items())
    )
    confidence = confidences(certainties)
    found = [
        (_plain(tenant), (answer.nationality, confidence[answer.certainty]) if answer and answer.nationality else None)
        for tenant, answer in cases
    ]
    whole = evaluation(Source.LLM, version, found)
    return Evaluation(Source.LLM, version, (*whole.measures, *certainties))


def confidences(measures: Iterable[Measure]) -> dict[Certainty, float]:
    """Return the confidence of each certainty, from how often a language model was right with it."""
    counted = {each.value: (each.correct, each.answered) for each in measures if each.part == BY_CERTAINTY}
    return {each: measured(*counted.get(each, (0, 0)), belief=(1, 2)) for each in Certainty}


def _measure(part: str, value: str, asked: int, answered: Sequence[Case]) -> Measure:
    said = [(recorded, answer) for recorded, answer in answered if answer is not None]
    correct = sum(recorded == normalised(nationality) for recorded, (nationality, _) in said)
    mean = sum(confidence for _, (_, confidence) in said) / len(said) if said else None
    return Measure(part, value, asked, len(said), correct, mean)


def _plain(tenant: Tenant) -> str:
    return normalised(tenant.nationality or "")
