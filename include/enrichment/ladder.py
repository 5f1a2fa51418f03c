"""The ladder: for each tenant without a nationality on record, the first source that has an answer.

Company, the same person elsewhere, the classifier, the language model, in this order; the README of this folder has the
rules. Every rung writes what it found at once, so that the task can be killed at any moment and cleared.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

import MySQLdb

from include.enrichment import evaluation, store
from include.enrichment.budget import Budget
from include.enrichment.candidates import Tenant, candidates, read_nationalities, read_tenants
from include.enrichment.classifier import METHOD, OTHER, Example, NameModel, measured, train
from include.enrichment.language_model import Answer, Certainty, LanguageModel, OverBudget, Stopped
from include.enrichment.names import is_company, name_hash, normalised
from include.enrichment.records import THRESHOLD, Evaluation, Prediction, Source
from include.settings import Settings
from include.warehouse.endpoint import Endpoint

COMPANY_RULE = "c1"

Item = TypeVar("Item")


@dataclass
class Outcome:
    """What a run of the ladder found.

    Attributes:
        counts: tenants by where they stand, for logs and XCom; no names.
        warnings: subject and sentence of what people have to look at; no names.
    """

    counts: dict[str, int] = field(default_factory=dict)
    warnings: list[tuple[str, str]] = field(default_factory=list)


def enrich(
    login: Endpoint,
    settings: Settings,
    target: date,
    now: datetime,
    model: LanguageModel | None,
    say: Callable[[str], None],
    *,
    save: bool = True,
    timer: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Find a nationality for the tenants of `staging` who have none on record.

    Args:
        login: the loader's, which owns `ops`.
        settings: names the most names a day for the language model.
        target: business date of the run.
        now: the present, with time zone.
        model: the language model, None when it is switched off.
        say: takes lines of progress.
        save: keep what is found; without it nothing is written, and the language model is not asked.
        timer: a clock in seconds, for the language model's budget.

    Returns:
        Counts and warnings.

    Raises:
        MySQLdb.Error: the database failed.
    """
    with contextlib.closing(login.connect()) as connection:
        run = _Run(connection, target, now, say, save)
        run.companies()
        run.same_people()
        run.name_model()
        if model:
            run.language_model(model, Budget(connection, settings, model.version, now, timer))
        return run.outcome()


class _Run:
    """One run: the tenants, the answers so far, and whom the next rung asks about."""

    def __init__(
        self, connection: MySQLdb.Connection, target: date, now: datetime, say: Callable[[str], None], save: bool
    ) -> None:
        self._connection, self._now, self._say, self._save = connection, now, say, save
        self._counts_from = store.counts_from(connection, target)
        self._tenants = read_tenants(connection)
        self._nationalities = read_nationalities(connection)
        self._warnings: list[tuple[str, str]] = []
        # the newest answer of each source for a key
        self._known: dict[tuple[str, Source], Prediction] = {}
        known = store.predictions(connection)
        for answer in sorted(known, key=lambda each: (each.first_business_date, each.model_version)):
            self._known[answer.name_hash, answer.source] = answer
        # whatever a language model said, it is not paid for again
        self._paid = {(each.name_hash, each.model_version) for each in known if each.source is Source.LLM}
        self._off: set[Source] = set()
        asked = candidates(self._tenants)
        self._left = [tenant for tenant in asked if (tenant.name_hash, Source.FORGOTTEN) not in self._known]
        self._by: Counter[str] = Counter(tenants=len(self._tenants), candidates=len(asked))
        self._by["forgotten"] = len(asked) - len(self._left)
        say(
            f"{len(asked):,} of {len(self._tenants):,} tenants have a name and no nationality on record; "
            f"answers count from {self._counts_from}"
        )

    def companies(self) -> None:
        """A company has no nationality to guess."""
        found = [
            self._answer(each.name_hash, Source.NOT_A_PERSON, COMPANY_RULE, OTHER, 1.0)
            for each in self._left
            if is_company(each.name or "")
        ]
        self._keep(Source.NOT_A_PERSON, found)

    def same_people(self) -> None:
        """A tenant of the same name and date of birth has one on record."""
        people: dict[tuple[str, date], list[Tenant]] = defaultdict(list)
        for tenant in self._tenants:
            if tenant.nationality and tenant.name and tenant.birth_date:
                people[normalised(tenant.name), tenant.birth_date].append(tenant)
        last = self._measure(Source.SAME_PERSON, lambda: evaluation.of_same_person(people))
        confidence = measured(last.whole.correct, last.whole.answered)
        found = []
        for tenant in self._left:
            key = tenant.key(Source.SAME_PERSON)
            if key is None or tenant.birth_date is None:
                continue
            others = {each.nationality for each in people.get((normalised(tenant.name or ""), tenant.birth_date), ())}
            nationality = others.pop() if len(others) == 1 else None
            known = self._known.get((key, Source.SAME_PERSON))
            if nationality != (known.nationality if known else None):
                # this rung follows the records: a changed answer is a new version
                version = f"{evaluation.PERSON_RULE}-{self._counts_from}"
                sure = confidence if nationality else 0.0
                found.append(self._answer(key, Source.SAME_PERSON, version, nationality, sure))
        self._keep(Source.SAME_PERSON, found)

    def name_model(self) -> None:
        """The name tells it, by what the tenants on record teach."""
        # an answer stands for as long as the method does; who has none is asked again when there is more to learn from
        open_ = [
            each
            for each in self._left
            if not self._known.get((each.name_hash, Source.NAME_MODEL), _NONE).model_version.startswith(METHOD)
        ]
        recent = self._recent(Source.NAME_MODEL)
        if recent and not open_:
            self._judge(recent)
            self._keep(Source.NAME_MODEL, [])
            return
        model = self._trained()
        self._measure(Source.NAME_MODEL, lambda: evaluation.of_name_model(model, self._tenants))
        model.complete()
        found = []
        for tenant in open_:
            answer = model.answer(tenant.name or "", tenant.created)
            if answer and answer[1] >= THRESHOLD:
                found.append(self._answer(tenant.name_hash, Source.NAME_MODEL, model.version, *answer))
        self._keep(Source.NAME_MODEL, [] if Source.NAME_MODEL in self._off else found)

    def language_model(self, model: LanguageModel, budget: Budget) -> None:
        """A language model is asked, in batches, each of which is kept at once."""
        names = list(
            dict.fromkeys(
                tenant.name
                for tenant in self._left
                if tenant.name and (tenant.name_hash, model.version) not in self._paid
            )
        )
        self._by["asked of the language model"] = 0
        if not self._save or not names:
            self._by["for the language model"] = len(names)
            self._keep(Source.LLM, [])
            return
        try:
            if refusal := model.refusal():
                raise Stopped(refusal)
            measures = self._measured_language_model(model, budget)
            if Source.LLM not in self._off:
                self._ask(model, budget, names, evaluation.confidences(measures.measures))
        except Stopped as stopped:
            self._warnings.append((Source.LLM, str(stopped)))
        except OverBudget as over:
            self._say(f"{over}; the rest is asked tomorrow")
        self._keep(Source.LLM, [])

    def outcome(self) -> Outcome:
        """Say where everybody stands now."""
        self._by["without an answer"] = len(self._left)
        self._say("; ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in self._by.items()))
        return Outcome(dict(self._by), self._warnings)

    # --- beside the rungs -----------------------------------------------------------------------------------------

    def _answer(self, key: str, source: Source, version: str, nationality: str | None, confidence: float) -> Prediction:
        return Prediction(key, source, version, nationality, round(confidence, 3), self._counts_from)

    def _keep(self, source: Source, found: Sequence[Prediction]) -> None:
        """Write what a rung found, and leave to the next one who has no answer."""
        if found and self._save:
            store.save_predictions(self._connection, found, self._now)
        for answer in found:
            self._known[answer.name_hash, source] = answer
        before = len(self._left)
        self._left = [tenant for tenant in self._left if not self._is_answered(tenant, source)]
        self._by[source] = before - len(self._left)

    def _is_answered(self, tenant: Tenant, source: Source) -> bool:
        answer = self._known.get((tenant.key(source) or "", source), _NONE)
        return source not in self._off and answer.nationality is not None and answer.confidence >= THRESHOLD

    def _trained(self) -> NameModel:
        on_record = [
            Example(tenant.name, tenant.nationality, tenant.created)
            for tenant in self._tenants
            if tenant.nationality and tenant.name and not is_company(tenant.name)
        ]
        started = time.monotonic()
        model = train(on_record, self._nationalities)
        self._say(
            f"Learned {model.version} from {len(on_record):,} tenants in {time.monotonic() - started:.1f} s "
            f"(temperature {model.temperature:.1f})"
        )
        return model

    def _recent(self, source: Source, version: str = "") -> Evaluation | None:
        """Return the newest measurement of a source, None when there is none or it is a week old."""
        last = store.last_evaluation(self._connection, source, self._counts_from, version)
        return last[1] if last and last[0] + evaluation.EVERY > self._counts_from else None

    def _judge(self, found: Evaluation) -> None:
        """Switch a source off without enough right answers."""
        if not found.is_used:
            self._off.add(found.source)

    def _measure(self, source: Source, measure: Callable[[], Evaluation], version: str = "") -> Evaluation:
        """Return the newest measurement of a source, at most a week old, and judge the source by it."""
        found = self._recent(source, version)
        if found is None:
            found = measure()
            if self._save:
                store.save_evaluation(self._connection, found, self._counts_from)
            self._say(_in_words(found))
            if not found.is_used:
                self._warnings.append((source, f"{_in_words(found)}, so they are not used until next measured"))
        self._judge(found)
        return found

    def _measured_language_model(self, model: LanguageModel, budget: Budget) -> Evaluation:
        def measure() -> Evaluation:
            asked = evaluation.sample(self._tenants, self._trained())
            said: list[tuple[Tenant, Answer | None]] = []
            for batch in _batches(asked, model.batch):
                answers = budget.timed(model, [each.name or "" for each in batch], self._nationalities)
                said += [(each, answers.get(place)) for place, each in enumerate(batch)]
            if said and not any(answer for _, answer in said):
                raise Stopped(
                    f"{model.version} gave no usable answer for any of {len(said)} tenants on record; set "
                    "gghouse.nationality_model to another one, or to nothing"
                )
            return evaluation.of_language_model(model.version, said)

        return self._measure(Source.LLM, measure, model.version)

    def _ask(
        self, model: LanguageModel, budget: Budget, names: Sequence[str], confidence: Mapping[Certainty, float]
    ) -> None:
        for batch in _batches(names, model.batch):
            answers = budget.timed(model, batch, self._nationalities)
            found = []
            # when it answers other names of the batch, a name without an answer is not asked again
            for place, name in enumerate(batch) if answers else ():
                answer = answers.get(place)
                nationality = answer.nationality if answer else None
                sure = confidence[answer.certainty] if answer and nationality else 0.0
                found.append(self._answer(name_hash(name), Source.LLM, model.version, nationality, sure))
            store.save_predictions(self._connection, found, self._now)
            for each in found:
                self._known[each.name_hash, Source.LLM] = each
            self._by["asked of the language model"] += len(batch)
            self._say(f"Asked about {self._by['asked of the language model']:,} of {len(names):,} names")


_NONE = Prediction("", Source.FORGOTTEN, "", None, 0.0, date.min)


def _batches(items: Sequence[Item], size: int) -> Iterable[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _in_words(found: Evaluation) -> str:
    whole = found.whole
    share = f"{whole.correct / whole.answered:.1%} of them right" if whole.answered else "so nothing is known of it"
    source = found.source.replace("_", " ")
    return f"Measured {source} on {whole.asked:,} tenants on record: {whole.answered:,} answers, {share}"
