"""Operator that guesses the nationality of tenants whose record has none."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from include.alerts.causes import Cause, Fault
from include.operators.base import DatedOperator
from include.operators.callbacks import warn_people
from include.operators.side_effects import fails_open
from include.warehouse.masking import mask_error

# What mails call the sources.
SUBJECTS = {
    "same_person": "the same person elsewhere",
    "name_model": "classifier of names",
    "llm": "language model",
}


class EnrichmentFailed(Exception):
    """The guesses failed; the message holds no name."""


class EnrichOperator(DatedOperator):
    """Keep in `ops` what can be derived or guessed about tenants without a nationality; silver takes it from there.

    The day does not need it: when the last try fails, people are warned and the task is skipped. No name reaches the
    log, a mail or XCom. Safe to kill: the next run asks what is missing.
    """

    @fails_open
    def execute(self, context: Any) -> dict[str, int]:
        """Ask the sources; return counts.

        Raises:
            AirflowSkipException: the last try failed; a warning was sent.
        """
        from include.enrichment.bedrock import language_model
        from include.enrichment.ladder import enrich
        from include.enrichment.store import CALLS, EVALUATION, PREDICTIONS
        from include.warehouse.schema import STAGING

        login = self.loader
        try:
            model = language_model(self.settings, self.aws)
            outcome = enrich(login, self.settings, self.target, datetime.now(UTC), model, self.log.info)
        except Exception as error:
            # Not `from error`: Airflow would log its words.
            raise EnrichmentFailed(_without_names(error)) from None
        self.trace(login, reads=[f"{STAGING}.tenants"], writes=[PREDICTIONS, EVALUATION, CALLS])
        for subject, sentence in outcome.warnings:
            self.log.warning("%s", sentence)
            warn_people(context, Fault(Cause.ENRICHMENT, SUBJECTS.get(subject, subject)), sentence)
        return outcome.counts


def _without_names(error: Exception) -> str:
    """Return what an error says that was raised while names were at hand.

    That is the database's error without its values, and of any other one its class and its line.
    """
    import MySQLdb

    if isinstance(error, MySQLdb.Error):
        return mask_error(error)
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    file = Path(frame.f_code.co_filename).name
    return f"{type(error).__name__} in line {line} of {file}; its words are left out, for they may quote a name"
