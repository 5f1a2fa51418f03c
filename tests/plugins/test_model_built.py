"""Who builds a model: `build_models` for its task, or the task itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import uuid6
from airflow.triggers.base import TaskSuccessEvent, TriggerEvent

import model_built
from model_built import UNDECIDED, ModelBuilt

LINE = "OK created sql view model silver.a"
Look = tuple[str | None, Any]


def began(seconds: float) -> dict[str, Any]:
    """Return what a try of build_models leaves that began some seconds after the model's try was made."""
    return {"began": (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(), "models": {"a": LINE}}


def waiting(model: str, seconds: float = 0) -> ModelBuilt:
    """Return the trigger of a try that is made now."""
    trigger = ModelBuilt("build_models", model, seconds)
    trigger.task_instance = SimpleNamespace(  # type: ignore[assignment]
        id=uuid6.uuid7(), dag_id="d", run_id="r", task_id=f"silver.{model}", map_index=-1
    )
    return trigger


@pytest.fixture(autouse=True)
def forget() -> None:
    model_built._look.cache_clear()


@pytest.fixture
def event(monkeypatch: pytest.MonkeyPatch) -> Callable[..., TriggerEvent]:
    """Let the trigger of a try that is made now look as often as there are answers: state of build_models, its XCom."""

    def run(*looks: Look) -> TriggerEvent:
        answers = iter(looks)
        monkeypatch.setattr(model_built, "ask", lambda **_: next(answers))

        async def first() -> TriggerEvent:
            return await anext(waiting("a").run())

        decided = asyncio.run(first())
        assert not list(answers), "it was decided too early"
        return decided

    return run


@pytest.mark.parametrize("state", ["running", "success", "failed", "up_for_retry"])
def test_a_model_that_was_built_for_this_try_ends_its_task(event: Any, state: str) -> None:
    assert isinstance(event((state, began(2))), TaskSuccessEvent)


def test_it_is_waited_for_until_it_is_built(event: Any) -> None:
    looks: list[Look] = [(state, None) for state in sorted(UNDECIDED, key=str)]
    assert isinstance(event(*looks, ("running", began(2))), TaskSuccessEvent)


@pytest.mark.parametrize("state", ["success", "failed", "skipped", "upstream_failed", "removed", "missing"])
def test_what_is_not_built_in_the_end_is_built_by_its_own_task(event: Any, state: str) -> None:
    result = event(("running", None), (state, None))
    assert not isinstance(result, TaskSuccessEvent)
    assert result.payload == f"build_models is {state} and has not built it for this try"


def test_a_model_that_was_cleared_alone_is_built_by_its_own_task(event: Any) -> None:
    """What an earlier try of build_models built is no answer to a try that was asked for later."""
    assert not isinstance(event(("success", began(-60))), TaskSuccessEvent)


def test_what_an_earlier_try_left_is_not_taken_while_the_next_one_begins(event: Any) -> None:
    """Airflow deletes a task's XComs a moment after it calls the next try running."""
    stale = began(-60)
    looks: list[Look] = [("scheduled", stale), ("running", stale), ("running", None), ("running", began(5))]
    assert isinstance(event(*looks), TaskSuccessEvent)


def test_a_model_is_not_built_because_another_one_is(event: Any) -> None:
    other = began(2) | {"models": {"b": LINE}}
    assert not isinstance(event(("running", other), ("success", other)), TaskSuccessEvent)


def test_the_models_of_a_run_share_what_they_see(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def ask(**place: str) -> Look:
        asked.append(place)
        return "running", began(2) | {"models": dict.fromkeys("abcdef", LINE)}

    async def together() -> None:
        await asyncio.gather(*(anext(waiting(model, seconds=60).run()) for model in "abcdef"))

    monkeypatch.setattr(model_built, "ask", ask)
    asyncio.run(together())
    assert asked == [{"dag_id": "d", "run_id": "r", "task_id": "build_models"}] * 2, "the first, and all the others"


def test_what_others_saw_before_a_try_was_made_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person clears all models while some of them are waited for."""
    answers: list[Look] = [("success", None), ("scheduled", None), ("running", began(5))]
    monkeypatch.setattr(model_built, "ask", lambda **_: answers.pop(0))

    async def one_after_the_other() -> list[TriggerEvent]:
        return [await anext(waiting("a").run()), await anext(waiting("a").run())]

    before, after = asyncio.run(one_after_the_other())
    assert not isinstance(before, TaskSuccessEvent)
    assert isinstance(after, TaskSuccessEvent)


def test_the_trigger_survives_a_restart_of_the_triggerer() -> None:
    path, arguments = ModelBuilt("build_models", "a").serialize()
    assert path == f"{ModelBuilt.__module__}.{ModelBuilt.__qualname__}"
    assert ModelBuilt(**arguments).serialize() == (path, arguments)
