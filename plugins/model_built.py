"""What the task of a model waits for in the triggerer: that `build_models` has built the model for it.

The triggerer imports this class, and on MWAA it sees `plugins/` but not `dags/`; so it imports nothing of the platform.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from airflow.triggers.base import BaseTrigger, TaskSuccessEvent, TriggerEvent
from asgiref.sync import sync_to_async

# XCom of `build_models`: when its try began, and for each model that is built and tested what dbt said of it.
KEY = "built"
# States of a task that is not over. None: it is not scheduled yet.
UNDECIDED = frozenset(
    {None, "scheduled", "queued", "running", "restarting", "deferred", "up_for_retry", "up_for_reschedule"}
)


class _Look:
    """What `build_models` has done in a run; all models of the run share it, so that forty ask Airflow as much as one.

    Args:
        dag_id, run_id: the run.
        producer: id of the task that builds all models.
    """

    def __init__(self, dag_id: str, run_id: str, producer: str) -> None:
        self._place = {"dag_id": dag_id, "run_id": run_id, "task_id": producer}
        self._lock = asyncio.Lock()
        self._at = float("-inf")
        self._seen: tuple[str | None, Any] = (None, None)

    async def since(self, moment: float) -> tuple[str | None, Any]:
        """Return the task's state and its XCom, as they were at or after a moment of the monotonic clock."""
        async with self._lock:
            if self._at < moment:
                at = time.monotonic()
                self._seen = await sync_to_async(ask)(**self._place)
                self._at = at
        return self._seen


@lru_cache(maxsize=8)
def _look(dag_id: str, run_id: str, producer: str) -> _Look:
    return _Look(dag_id, run_id, producer)


def ask(dag_id: str, run_id: str, task_id: str) -> tuple[str | None, Any]:
    """Return the state of a task and what it left.

    The state is read first: what a task leaves is there before it is over.
    """
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
    from airflow.sdk.execution_time.xcom import XCom

    states = RuntimeTaskInstance.get_task_states(dag_id, task_ids=[task_id], run_ids=[run_id])
    state = states.get(run_id, {}).get(task_id, "missing")
    return state, XCom.get_one(key=KEY, dag_id=dag_id, task_id=task_id, run_id=run_id)


class ModelBuilt(BaseTrigger):
    """Ends the task of a model as a success when `build_models` has built and tested the model for it.

    Otherwise the task goes on in a worker, where it builds the model by itself: when `build_models` ended without the
    model, and when only the model's task is tried again or was cleared. A model counts as built for a try when the try
    of `build_models` that built it began after the model's own try was made. Airflow gives each try of a task an id
    that holds when it was made: as the run began, as the try before it failed, or as somebody cleared the task.

    Args:
        producer: id of the task that builds all models.
        model: name of the model; that task's XCom names it when it is built and tested.
        seconds: between two looks.
    """

    def __init__(self, producer: str, model: str, seconds: float = 1.0) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.producer = producer
        self.model = model
        self.seconds = seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what Airflow keeps of this trigger."""
        return "model_built.ModelBuilt", {"producer": self.producer, "model": self.model, "seconds": self.seconds}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look until it is known who builds the model."""
        ti: Any = self.task_instance
        look = _look(ti.dag_id, ti.run_id, self.producer)
        moment = time.monotonic()
        while True:
            state, built = await look.since(moment)
            if built and self.model in built["models"] and datetime.fromisoformat(built["began"]) >= _made(ti):
                self.log.info("Built by %s: %s", self.producer, built["models"][self.model])
                yield TaskSuccessEvent()
                return
            if state not in UNDECIDED:
                why = f"{self.producer} is {state} and has not built it for this try"
                yield TriggerEvent(why)  # type: ignore[no-untyped-call]
                return
            await asyncio.sleep(self.seconds)
            moment = time.monotonic() - self.seconds / 2


def _made(ti: Any) -> datetime:
    """Return when a try was made: the first 48 of the 128 bits of its id are milliseconds."""
    return datetime.fromtimestamp((UUID(str(ti.id)).int >> 80) / 1000, UTC)
