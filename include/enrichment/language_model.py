"""The interface of a language model for the ladder; include.enrichment.bedrock implements it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Certainty(StrEnum):
    """How sure a language model says it is; the confidence of an answer is how often it was right then."""

    SURE = "sure"
    LIKELY = "likely"
    GUESS = "guess"


@dataclass(frozen=True)
class Answer:
    """What a language model said about one name.

    Attributes:
        nationality: a name of the master table, None when it does not know.
        certainty: as it says itself.
    """

    nationality: str | None
    certainty: Certainty


class Stopped(Exception):
    """The model cannot be used in this run; the message is one sentence with the remedy, and holds no name."""


class OverBudget(Exception):
    """The day's calls, names or seconds are spent; the rest is asked tomorrow."""


class LanguageModel(Protocol):
    """A model that guesses nationalities from names.

    Attributes:
        version: of model and prompt together, as `ops` keeps it.
        batch: names in one call at most.
    """

    version: str
    batch: int

    def refusal(self) -> str | None:
        """Return why it must not be asked now, as a sentence with the remedy, or None."""

    def ask(
        self, names: Sequence[str], nationalities: Sequence[str], allow: Callable[[int], None]
    ) -> Mapping[int, Answer]:
        """Ask about at most `batch` names.

        Args:
            names: as `include.enrichment.names.full_name` returns them.
            nationalities: the only answers allowed, besides not to know.
            allow: is called with the number of names before each call; it raises `OverBudget` instead of returning
                when nothing more may be asked.

        Returns:
            Answers by place in `names`; a name whose answer could not be used is left out.

        Raises:
            Stopped: nothing more can be asked in this run.
            OverBudget: from `allow`.
        """
