"""Which guess of a nationality counts for a tenant on a date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tests.oracle import rules

Raw = Mapping[str, str | None]
SOURCES = ("not_a_person", "same_person", "name_model", "llm")
"""Best first."""
FORGOTTEN = "forgotten"
SURE_ENOUGH = Decimal("0.8")


@dataclass(frozen=True)
class Answer:
    """What a source said about a name.

    Attributes:
        name: as it was when it was asked.
        source: who said so.
        nationality: None when it did not know.
        first: date from which it counts.
        confidence: from 0 to 1.
        version: of the source.
        born: date of birth, which a person is known by.
    """

    name: str
    source: str
    nationality: str | None
    first: date
    confidence: str = "0.95"
    version: str = "1"
    born: date | None = None

    @property
    def key(self) -> str:
        """The key under which it is stored."""
        text = f"p1:{self.born}:{self.name}" if self.born else f"n1:{self.name}"
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Judgement:
    """Whether a source is used from a date on."""

    source: str
    since: date
    is_used: bool


@dataclass(frozen=True)
class Guesses:
    """All answers, and what was found out about those who gave them."""

    answers: tuple[Answer, ...]
    judgements: tuple[Judgement, ...]

    def best(self, tenant: Raw, today: date) -> Answer | None:
        """Return the answer that counts for a tenant."""
        name = name_of(tenant)
        about = [answer for answer in self.answers if answer.name == name]
        if any(answer.source == FORGOTTEN for answer in about):
            return None
        born = rules.day(tenant["birth_date"])
        heard = [answer for answer in about if answer.first <= today and (answer.born is None or answer.born == born)]
        in_order = sorted(heard, key=lambda each: each.version, reverse=True)
        spoken = {answer.source: answer for answer in sorted(in_order, key=lambda each: each.first)}
        return next((spoken[each] for each in SOURCES if each in spoken and self._counts(spoken[each], today)), None)

    def _counts(self, answer: Answer, today: date) -> bool:
        return (
            answer.nationality is not None
            and answer.nationality not in rules.PLACEHOLDERS
            and Decimal(answer.confidence) >= SURE_ENOUGH
            and self._is_used(answer.source, today)
        )

    def _is_used(self, source: str, today: date) -> bool:
        known: Iterable[Judgement] = (each for each in self.judgements if each.source == source and each.since <= today)
        newest = max(known, key=lambda each: each.since, default=None)
        return newest is None or newest.is_used


def name_of(tenant: Raw) -> str | None:
    """Return a tenant's name: the whole one, else family and given name."""
    parts = (rules.text(tenant["last_name"]), rules.text(tenant["first_name"]))
    return rules.text(tenant["full_name"]) or " ".join(filter(None, parts)) or None
