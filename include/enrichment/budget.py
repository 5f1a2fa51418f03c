"""How much a language model may be asked in a day: calls, names and seconds, whatever is run again or killed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import MySQLdb

from include.enrichment import store
from include.enrichment.language_model import Answer, LanguageModel, OverBudget
from include.schedule import business_date
from include.settings import Settings

CALLS = 100
SECONDS = 120


class Budget:
    """What is left of a day.

    Args:
        connection: the loader's, which keeps the count in `ops`.
        settings: names the most names a day.
        version: of the model.
        now: the present, with time zone; it tells the day in Tokyo.
        timer: a clock in seconds.
    """

    def __init__(
        self,
        connection: MySQLdb.Connection,
        settings: Settings,
        version: str,
        now: datetime,
        timer: Callable[[], float],
    ) -> None:
        self._connection, self._version, self._timer = connection, version, timer
        self._most_names = settings.nationality_names_per_day
        self._day = business_date(now)

    def timed(self, model: LanguageModel, names: Sequence[str], nationalities: Sequence[str]) -> Mapping[int, Answer]:
        """Ask a model, and count the seconds; arguments and errors as `LanguageModel.ask`."""
        started = self._timer()
        try:
            return model.ask(names, nationalities, self.allow)
        finally:
            self._spend(store.Spent(seconds=self._timer() - started))

    def allow(self, names: int) -> None:
        """Count a call with so many names before it is made.

        Raises:
            OverBudget: the calls, names or seconds of the day are spent; the message says which.
        """
        spent = store.spent(self._connection, self._day, self._version)
        for what, is_spent, limit in (
            ("calls", spent.calls >= CALLS, CALLS),
            ("seconds", spent.seconds >= SECONDS, SECONDS),
            ("names", spent.names + names > self._most_names, self._most_names),
        ):
            if is_spent:
                raise OverBudget(f"The language model has had its {limit:,} {what} of {self._day}")
        self._spend(store.Spent(calls=1, names=names))

    def _spend(self, more: store.Spent) -> None:
        store.spend(self._connection, self._day, self._version, more)
