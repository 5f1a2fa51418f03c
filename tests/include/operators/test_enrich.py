"""The guesses are a side effect of the day: their warnings are mailed, their failures skipped, their names kept in."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from typing import Any, cast

import MySQLdb
import pytest
from airflow.sdk.exceptions import AirflowSkipException, AirflowTaskTimeout

from include.alerts.causes import Cause, Fault
from include.enrichment.ladder import Outcome
from include.enrichment.language_model import LanguageModel
from include.operators import callbacks
from include.operators.enrich import EnrichmentFailed, EnrichOperator

LADDER = "include.enrichment.ladder.enrich"
MODEL = "include.enrichment.bedrock.language_model"
WARN = "include.operators.enrich.warn_people"
NAME = "山田 花子"


def enrich(context: dict[str, Any], attempt: int = 1, retries: int = 0) -> Any:
    context["ti"].try_number = attempt
    return EnrichOperator(task_id="enrich", target_date="2026-03-02", retries=retries).execute(context)


def refuse(_kind: str) -> Exception:
    """An error as a driver or a client would word it, with a name."""
    return {
        "database": MySQLdb.DataError(1366, f"Incorrect string value: '{NAME}' for column 'nationality' at row 1"),
        "anything": ValueError(f"1 validation error: {NAME!r} is not allowed"),
        "chained": RuntimeError(f"no answer for {NAME}"),
    }[_kind]


@pytest.fixture
def asked(stub: Any) -> Any:
    """Let the ladder end in a way; return its calls."""

    def ends(result: Any, model: LanguageModel | None = None) -> Any:
        stub(MODEL, model)
        return stub(LADDER, result)

    return ends


def test_the_ladder_is_asked_about_the_date_and_only_counts_are_passed_on(
    context: dict[str, Any], asked: Any, stub: Any
) -> None:
    before, warnings = datetime.now(UTC), stub(WARN)
    calls = asked(Outcome({"candidates": 40, "kept": 31}, []))
    assert enrich(context) == {"candidates": 40, "kept": 31}
    (call,) = calls
    assert (call["login"].user, call["settings"].bucket, call["target"]) == ("loader", "bucket", date(2026, 3, 2))
    assert before <= call["now"] <= datetime.now(UTC)
    assert call["model"] is None
    call["say"]("40 tenants without a nationality")
    assert warnings == []


def test_the_language_model_is_made_with_the_tasks_own_clients_and_handed_over(
    context: dict[str, Any], stub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = cast("LanguageModel", object())
    made, calls = stub(MODEL, model), stub(LADDER, Outcome({}, []))
    enrich(context)
    assert made[0]["settings"].bucket == "bucket"
    client = made[0]["clients"]("s3", read_timeout=7)
    assert (client.meta.service_model.service_name, client.meta.config.read_timeout) == ("s3", 7)
    assert calls[0]["model"] is model


def test_each_warning_is_told_with_its_subject(context: dict[str, Any], asked: Any, stub: Any) -> None:
    warnings = stub(WARN)
    asked(Outcome({"kept": 3}, [("llm", "It is retired."), ("new", "It was right in 0.84.")]))
    assert enrich(context) == {"kept": 3}
    assert [(one["fault"], one["sentence"]) for one in warnings] == [
        (Fault(Cause.ENRICHMENT, "language model"), "It is retired."),
        (Fault(Cause.ENRICHMENT, "new"), "It was right in 0.84."),
    ]


def test_i07_what_fails_is_tried_once_more_then_skipped_with_a_warning(
    context: dict[str, Any], asked: Any, warned: list[Any]
) -> None:
    asked(MySQLdb.OperationalError(2003, "Can't connect to server on 'db.example' (111)"))
    with pytest.raises(EnrichmentFailed):
        enrich(context, 1, retries=1)
    assert warned == []
    with pytest.raises(AirflowSkipException):
        enrich(context, 2, retries=1)
    assert [str(one["error"]) for one in warned] == [str((2003, "Can't connect to server on 'db.example' (111)"))]


def test_i07_what_takes_too_long_is_skipped_too(context: dict[str, Any], asked: Any, warned: list[Any]) -> None:
    asked(AirflowTaskTimeout("Timeout"))
    with pytest.raises(AirflowSkipException):
        enrich(context)
    assert [type(one["error"]) for one in warned] == [AirflowTaskTimeout]


@pytest.mark.parametrize("kind", ["database", "anything", "chained"])
def test_no_name_in_an_error_leaves_the_task(
    context: dict[str, Any], asked: Any, inbox: Any, kind: str, caplog: Any, capsys: Any
) -> None:
    error = refuse(kind)
    error.__cause__ = KeyError(NAME) if kind == "chained" else None
    asked(error)
    context["ti"].task_id = "enrich"
    with caplog.at_level(logging.DEBUG), pytest.raises(AirflowSkipException) as caught:
        enrich(context)
    callbacks.log.error("as Airflow logs it", exc_info=caught.value)
    [mail] = inbox.read()
    said = caplog.text + "".join(capsys.readouterr()) + mail["Subject"] + mail["Message"] + str(caught.value)
    assert not [part for part in NAME.split() if part in said]
    assert "EnrichmentFailed" in said, "the log says at least what failed"
    assert mail["Subject"] == "[test] 2026-03-02 warning: nationality not guessed: the task failed"


def test_i07_a_task_whose_process_was_killed_for_good_is_a_warning_and_no_incident(inbox: Any, failure: Any) -> None:
    for _ in range(2):
        callbacks.task_failed(failure("enrich"))
    [mail] = inbox.read()
    assert mail["Subject"] == "[test] 2026-03-02 warning: nationality not guessed: the task failed"
    assert "the task's process was lost" in mail["Message"]
    callbacks.run_succeeded(failure())
    assert inbox.read() == [], "what was no incident is not resolved"
