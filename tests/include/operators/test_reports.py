"""The shells of the reports: which date, what is mailed, and what a refusal does."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.alerts.causes import Cause, Fault
from include.alerts.messages import Message
from include.forms import Refused
from include.operators.reports import ReportOperator
from include.reports.forms import FORMS
from include.reports.registry import REPORTS
from include.reports.report import Finding, Made

MAIL = Message("flash", "figures")


class Flash:
    form = FORMS["flash"]

    def make(self, context: Any, request: Any) -> Made:
        raise AssertionError("make is stubbed")


def event(day: str) -> SimpleNamespace:
    return SimpleNamespace(extra={"business_date": day})


@pytest.fixture
def run(context: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the task; returns what `make` was called with, and what was mailed."""
    monkeypatch.setitem(REPORTS, "flash", Flash())
    context["params"] = {"as_of": None, "template": None, "send": False}

    def execute(stub: Any, made: Any, *events: Any) -> tuple[Any, Any, Any]:
        context["dag_run"] = SimpleNamespace(run_id="asset__1", consumed_asset_events=list(events))
        calls = stub("include.reports.report.make", made)
        mails, warnings = stub("include.operators.reports.notify"), stub("include.operators.reports.warn_people")
        ReportOperator(task_id="flash", report="flash").execute(context)
        return calls, mails, warnings

    return execute


def test_a_run_that_gold_started_makes_it_for_the_date_of_each_event(run: Any, stub: Any) -> None:
    made = Made(("one",), ("s3://b/x",))
    calls, mails, warnings = run(stub, made, event("2026-03-01"), event("2026-02-28"), event("2026-03-01"))
    assert [call["context"].target for call in calls] == [date(2026, 2, 28), date(2026, 3, 1)]
    assert (mails, warnings) == ([], [])


def test_a_run_by_form_names_the_person_and_no_date_of_gold(run: Any, stub: Any, context: dict[str, Any]) -> None:
    context["params"]["as_of"] = "2026-02-28"
    ((call,), _, _) = run(stub, Made((), ("s3://b/x",)))
    assert (call["context"].target, call["request"]["as_of"]) == (None, date(2026, 2, 28))
    assert call["context"].requested_by == "asset__1"


def test_what_is_made_is_mailed_and_what_has_to_be_looked_at_is_a_warning(run: Any, stub: Any) -> None:
    made = Made((), ("s3://b/x",), MAIL, (Finding("remainder", "3 rooms differ"),))
    _, mails, warnings = run(stub, made, event("2026-02-28"))
    assert [mail["message"] for mail in mails] == [MAIL]
    assert [(one["fault"], one["sentence"]) for one in warnings] == [
        (Fault(Cause.REPORT_FINDING, "flash: remainder"), "3 rooms differ")
    ]


def test_without_a_file_the_task_is_skipped_with_what_comes_after_it(run: Any, stub: Any) -> None:
    with pytest.raises(AirflowSkipException):
        run(stub, Made(("none is due",)), event("2026-02-27"))


def test_a_date_that_is_refused_keeps_no_other_from_being_made(
    run: Any, stub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def make(_self: Any, _context: Any, target: Any) -> tuple[str, ...]:
        seen.append(target)
        if target == date(2026, 2, 28):
            raise Refused("staging holds 2026-03-01")
        return ("s3://b/x",)

    monkeypatch.setattr(ReportOperator, "_make", make)
    with pytest.raises(AirflowFailException, match="staging holds 2026-03-01"):
        run(stub, Made(()), event("2026-02-28"), event("2026-03-01"))
    assert seen == [date(2026, 2, 28), date(2026, 3, 1)]


def test_a_refusal_is_not_tried_again(run: Any, stub: Any) -> None:
    with pytest.raises(AirflowFailException, match="holds a chart") as caught:
        run(stub, Refused("the template holds a chart; take it out"), event("2026-02-28"))
    assert isinstance(caught.value.__cause__, Refused)
