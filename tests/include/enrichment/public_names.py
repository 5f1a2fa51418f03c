"""Names of public persons with their nationality, and how a guesser does on them.

`public_names.csv` was composed for this purpose: heads of state, ministers, athletes, authors, artists and scientists,
in the scripts, orders and capitals in which tenants of a share house in Tokyo are typed. These are public facts; no
tenant is among them. Synthetic names come from lists of a few hundred words for each language, so any guesser is right
on them; only real names tell how good one is. The set is harder than the company's own records: it has 27 nationalities
of nearly equal weight, and few namesakes.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from include.enrichment.classifier import Example, train
from include.enrichment.names import by_script, normalised

FILE = Path(__file__).with_suffix(".csv")
# Folds of the cross validation; each is asked about by a model that has learned from the others only.
FOLDS = 7
TENTHS = 10


@dataclass(frozen=True)
class PublicName:
    """A line of the file."""

    name: str
    nationality: str
    script: str


@dataclass(frozen=True)
class Guess:
    """What a guesser said about a name.

    Attributes:
        truth: the nationality.
        answer: the nationality guessed, None without one.
        confidence: of the answer, 0 to 1.
    """

    truth: str
    answer: str | None
    confidence: float

    @property
    def is_right(self) -> bool:
        """Whether the answer is the truth."""
        return self.answer == self.truth


class Guesser(Protocol):
    """Anything that guesses like the platform's classifier."""

    def answer(self, name: str, created: date | None) -> tuple[str, float] | None:
        """Return a nationality and a confidence, or None."""


def read() -> list[PublicName]:
    """Return the names of the file."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return [PublicName(**row) for row in csv.DictReader(line for line in lines if not line.startswith("#"))]


def fold(name: str) -> int:
    """Return the fold of a name, 0 to FOLDS - 1.

    It has nothing to do with the folds that the classifier itself keeps out, or it would find none of one of them.
    """
    return int(hashlib.sha256(f"public {normalised(name)}".encode()).hexdigest(), 16) % FOLDS


def platform(examples: Sequence[Example]) -> Guesser:
    """Return the platform's classifier as it answers in the task `enrich`."""
    model = train(examples)
    model.complete()
    return model


class ScriptsOnly:
    """What the script of a name tells, and nothing else."""

    def __init__(self, examples: Sequence[Example]) -> None:
        pass

    def answer(self, name: str, created: date | None) -> tuple[str, float] | None:
        """Return Japanese for hiragana and Korean for Hangul."""
        told = by_script(name)
        return (told, 1.0) if told else None


class MostFrequent:
    """The most frequent nationality, for everybody."""

    def __init__(self, examples: Sequence[Example]) -> None:
        ((self._nationality, count),) = Counter(each.nationality for each in examples).most_common(1)
        self._share = count / len(examples)

    def answer(self, name: str, created: date | None) -> tuple[str, float] | None:
        """Return it with its share."""
        return self._nationality, self._share


def cross_validated(make: Callable[[Sequence[Example]], Guesser], names: Sequence[PublicName]) -> list[Guess]:
    """Return what guessers say about names that they have not learned from."""
    guesses = []
    for number in range(FOLDS):
        guesser = make([Example(each.name, each.nationality, None) for each in names if fold(each.name) != number])
        for each in names:
            if fold(each.name) == number:
                answer, confidence = guesser.answer(each.name, None) or (None, 0.0)
                guesses.append(Guess(each.nationality, answer, confidence))
    return guesses


def share_right(guesses: Iterable[Guess]) -> float:
    """Return the share of right answers; 0 for none."""
    said = [guess.is_right for guess in guesses]
    return sum(said) / len(said) if said else 0.0


def sure(guesses: Iterable[Guess], least: float) -> list[Guess]:
    """Return the answers of at least a confidence."""
    return [guess for guess in guesses if guess.answer is not None and guess.confidence >= least]


def tenths(guesses: Iterable[Guess]) -> dict[int, list[Guess]]:
    """Return the answers by tenth of confidence: 9 is 0.9 and more."""
    found: dict[int, list[Guess]] = {tenth: [] for tenth in range(TENTHS)}
    for guess in guesses:
        if guess.answer is not None:
            found[min(int(guess.confidence * TENTHS), TENTHS - 1)].append(guess)
    return found


def calibration_error(guesses: Iterable[Guess]) -> float:
    """Return the expected calibration error: how far confidence and share of right answers are apart, over tenths."""
    by_tenth = [said for said in tenths(guesses).values() if said]
    answers = sum(map(len, by_tenth))
    apart = (abs(sum(guess.confidence - guess.is_right for guess in said)) for said in by_tenth)
    return sum(apart) / answers if answers else 0.0
