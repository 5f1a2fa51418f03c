"""Nationality from a name, learned from the tenants whose nationality is on record.

Naive Bayes over the letters of each word, with the mix of nationalities of the time in which a tenant was entered, and
one temperature that makes its confidence true. It is trained in the task and kept nowhere: counts of letters are
personal data in disguise. The same tenants always make the same model, to the last digit.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from include.enrichment.names import by_script, normalised

METHOD = "nb1"
OTHER = "その他"
# A nationality of fewer tenants cannot be learned: they teach what is none of the others.
FEWEST_TENANTS = 20
LONGEST_PART = 4
FEWEST_NAMES = 2  # in which a part must occur
SMOOTHING = 0.1
USUAL_PARTS = 30  # of a name in Latin letters
# The mix of nationalities changes: it is that of the tenants entered within so many days of a month, and of all tenants
# with the weight of so many.
PRIOR_DAYS = timedelta(days=60)
PRIOR_WEIGHT = 50
LEAST_SHARE = 0.001
# Names are dealt into folds by their hash, so that a name is never in two: one finds the temperature, one measures.
FOLDS = 7
TEMPERATURE_FOLD, MEASURING_FOLD = 0, 1
TEMPERATURE_NAMES = 4000
TEMPERATURES = tuple(1.25**step for step in range(21))  # 1 to 87
# What a rule is taken for while the records hold no case of it: right nine times of ten.
BELIEF = (9, 10)


@dataclass(frozen=True)
class Example:
    """A tenant whose nationality is on record.

    Attributes:
        name: as stored. Personal data.
        nationality: as recorded.
        created: Tokyo day on which the source entered the tenant.
    """

    name: str
    nationality: str
    created: date | None


def fold(name: str) -> int:
    """Return the fold of a name, 0 to FOLDS - 1; all spellings of it are in one."""
    return int(hashlib.sha256(normalised(name).encode()).hexdigest(), 16) % FOLDS


def measured(correct: int, answered: int, belief: tuple[int, int] = BELIEF) -> float:
    """Return the share of right answers to expect, from those counted and what is believed without any."""
    return (correct + belief[0]) / (answered + belief[1])


class NameModel:
    """A trained model; `train` makes it.

    Attributes:
        version: names the method and the tenants that it was trained on.
        temperature: by which the evidence of the letters is divided.
    """

    def __init__(self, examples: Sequence[Example], allowed: Iterable[str] = ()) -> None:
        self._label = _labels(examples, frozenset(allowed))
        lines = sorted(f"{normalised(each.name)}\t{self._label[each.nationality]}\t{each.created}" for each in examples)
        self.version = f"{METHOD}-{hashlib.sha256(chr(10).join(lines).encode()).hexdigest()[:12]}"
        self._classes = sorted(set(self._label.values()))
        held: dict[int, list[Example]] = {TEMPERATURE_FOLD: [], MEASURING_FOLD: []}
        learned: list[Example] = []
        for each in examples:
            held.get(fold(each.name), learned).append(each)
        self._all = examples
        self._learn(learned)
        self._scripts = self._measure_scripts(learned)
        self.temperature = 1.0
        self.temperature = self._best_temperature(held[TEMPERATURE_FOLD])

    def complete(self) -> None:
        """Learn from the names too that were held back to measure; after this the model cannot be measured on them."""
        self._learn(self._all)
        self._scripts = self._measure_scripts(self._all)

    def answer(self, name: str, created: date | None) -> tuple[str, float] | None:
        """Return the nationality of a name and how sure that is, 0 to 1, or None when the best answer is "another".

        Args:
            name: as stored.
            created: Tokyo day on which the tenant was entered; it tells the mix of nationalities of that time.
        """
        told = by_script(name)
        if told in self._scripts:
            return told, self._scripts[told]
        if not self._classes:
            return None
        shares = self._shares(self._evidence(name), self._prior(created), self.temperature)
        best = max(range(len(shares)), key=lambda place: (shares[place], self._classes[place]))
        return None if self._classes[best] == OTHER else (self._classes[best], shares[best])

    def _learn(self, learned: Sequence[Example]) -> None:
        place = {label: number for number, label in enumerate(self._classes)}
        counts: dict[str, Counter[int]] = defaultdict(Counter)
        self._entered: dict[date | None, Counter[int]] = defaultdict(Counter)
        for each in learned:
            number = place[self._label[each.nationality]]
            self._entered[each.created][number] += 1
            for part in parts(each.name):
                counts[part][number] += 1
        kept = {part: by_class for part, by_class in counts.items() if by_class.total() >= FEWEST_NAMES}
        totals = [0] * len(self._classes)
        for by_class in kept.values():
            for number, count in by_class.items():
                totals[number] += count
        # evidence of a part that a class never has, and what each part adds to it
        self._none = [math.log(SMOOTHING / (total + SMOOTHING * (len(kept) or 1))) for total in totals]
        self._adds: Mapping[str, tuple[tuple[int, float], ...]] = {
            part: tuple((number, math.log1p(count / SMOOTHING)) for number, count in sorted(by_class.items()))
            for part, by_class in kept.items()
        }
        self._priors: dict[tuple[int, int] | None, list[float]] = {}
        self._mix: Counter[int] = Counter()
        for entered in self._entered.values():
            self._mix.update(entered)

    def _measure_scripts(self, learned: Iterable[Example]) -> dict[str, float]:
        right: Counter[str] = Counter()
        told: Counter[str] = Counter()
        for each in learned:
            if (nationality := by_script(each.name)) is not None:
                told[nationality] += 1
                right[nationality] += nationality == self._label[each.nationality]
        return {nationality: measured(right[nationality], told[nationality]) for nationality in ("韓国", "日本")}

    def _best_temperature(self, held: Sequence[Example]) -> float:
        place = {label: number for number, label in enumerate(self._classes)}
        sample = sorted(held, key=lambda each: hashlib.sha256(each.name.encode()).digest())[:TEMPERATURE_NAMES]
        known = [
            (self._evidence(each.name), self._prior(each.created), place[self._label[each.nationality]])
            for each in sample
            if by_script(each.name) is None
        ]
        if not known:
            return TEMPERATURES[-1]

        def loss(temperature: float) -> float:
            return -sum(
                math.log(max(self._shares(evidence, prior, temperature)[right], 1e-12))
                for evidence, prior, right in known
            )

        # the loss has one valley: walk down into it
        low, high = 0, len(TEMPERATURES) - 1
        while low < high:
            middle = (low + high) // 2
            if loss(TEMPERATURES[middle]) <= loss(TEMPERATURES[middle + 1]):
                high = middle
            else:
                low = middle + 1
        return TEMPERATURES[low]

    def _evidence(self, name: str) -> list[float]:
        found = [self._adds[part] for part in parts(name) if part in self._adds]
        evidence = [none * len(found) for none in self._none]
        for adds in found:
            for number, add in adds:
                evidence[number] += add
        # parts overlap, so that twice as many do not tell twice as much; a short name in kanji has five of them
        weight = math.sqrt(USUAL_PARTS / len(found)) if found else 1.0
        return [value * weight for value in evidence]

    def _shares(self, evidence: Sequence[float], prior: Sequence[float], temperature: float) -> list[float]:
        scores = [weight + value / temperature for weight, value in zip(prior, evidence, strict=True)]
        top = max(scores)
        shares = [math.exp(score - top) for score in scores]
        whole = math.fsum(shares)
        return [share / whole for share in shares]

    def _prior(self, created: date | None) -> list[float]:
        month = (created.year, created.month) if created else None
        if month not in self._priors:
            self._priors[month] = self._mix_around(month)
        return self._priors[month]

    def _mix_around(self, month: tuple[int, int] | None) -> list[float]:
        near: Counter[int] = Counter()
        if month:
            first = date(*month, 1)
            last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            for day, mix in self._entered.items():
                if day and first - PRIOR_DAYS <= day <= last + PRIOR_DAYS:
                    near.update(mix)
        number, whole = near.total(), self._mix.total() or 1
        shares = [
            max((near[each] + PRIOR_WEIGHT * self._mix[each] / whole) / (number + PRIOR_WEIGHT), LEAST_SHARE)
            for each in range(len(self._classes))
        ]
        return [math.log(share / math.fsum(shares)) for share in shares]


def train(examples: Sequence[Example], allowed: Iterable[str] = ()) -> NameModel:
    """Train a model.

    Args:
        examples: tenants with a nationality on record.
        allowed: names of the master table, the only answers; empty allows every nationality on record.
    """
    return NameModel(examples, allowed)


def parts(name: str) -> list[str]:
    """Return the runs of 1 to `LONGEST_PART` letters of each word, with its ends marked, each once, sorted."""
    words = [f" {word} " for word in normalised(name).split()]
    return sorted(
        {
            word[start : start + length]
            for word in words
            for length in range(1, LONGEST_PART + 1)
            for start in range(len(word) - length + 1)
        }
        - {" "}
    )


def _labels(examples: Sequence[Example], allowed: frozenset[str]) -> dict[str, str]:
    """Return the class of each nationality as recorded: itself, or OTHER where it cannot be learned or answered."""
    plain = {each.nationality: normalised(each.nationality) for each in examples}
    counts = Counter(plain[each.nationality] for each in examples)
    names = {normalised(name): name for name in allowed or plain}
    return {
        text: names[plain[text]] if plain[text] in names and counts[plain[text]] >= FEWEST_TENANTS else OTHER
        for text in plain
    }
