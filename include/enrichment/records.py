"""What `ops` keeps of guessed nationalities, as Python has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# Answers below it are no answers. Held equal to the variable nationality_threshold of dbt by a test.
THRESHOLD = 0.80
# A source of whose answers fewer are right is not used until it is measured again.
LEAST_RIGHT = 0.90
# Of what a measure is: all tenants asked, or those in a part.
ALL, BY_NATIONALITY, BY_CONFIDENCE, BY_CERTAINTY = "all", "nationality", "confidence", "certainty"


class Source(StrEnum):
    """Where an answer comes from, best first; dbt takes the first one that has an answer (macros/nationality.sql)."""

    NOT_A_PERSON = "not_a_person"
    SAME_PERSON = "same_person"
    NAME_MODEL = "name_model"
    LLM = "llm"
    # no answer: a person's name was taken out and is not asked again
    FORGOTTEN = "forgotten"


@dataclass(frozen=True)
class Prediction:
    """One answer.

    Attributes:
        name_hash: `include.enrichment.names.name_hash`, of `SAME_PERSON` `person_hash`.
        source: who answered.
        model_version: of the source.
        nationality: a name of the master table, None when the source did not know.
        confidence: measured share of right answers, 0 to 1.
        first_business_date: Tokyo day from which it counts.
    """

    name_hash: str
    source: Source
    model_version: str
    nationality: str | None
    confidence: float
    first_business_date: date


@dataclass(frozen=True)
class Measure:
    """Right answers of a source, of all tenants asked or of a part of them.

    Attributes:
        part: `ALL`, `BY_NATIONALITY`, `BY_CONFIDENCE` or `BY_CERTAINTY`.
        value: the recorded nationality, the lower bound of the tenth of confidence, or the certainty; empty for all.
        asked: tenants.
        answered: of these with an answer of at least `THRESHOLD`; by confidence or certainty, all in that part.
        correct: answered as recorded.
        mean_confidence: of the answered, None without any.
    """

    part: str
    value: str
    asked: int
    answered: int
    correct: int
    mean_confidence: float | None


@dataclass(frozen=True)
class Evaluation:
    """One measurement of one version of a source."""

    source: Source
    model_version: str
    measures: tuple[Measure, ...]

    @property
    def whole(self) -> Measure:
        """All tenants asked."""
        return next(each for each in self.measures if each.part == ALL)

    @property
    def is_used(self) -> bool:
        """Whether enough of the answers are right; a source without any answer is not judged."""
        return self.whole.correct >= LEAST_RIGHT * self.whole.answered
