"""Steps whose failure harms no figure (design rule 7, incident I-07)."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException, AirflowTaskTimeout

from include.operators.callbacks import task_degraded


def fails_open(execute: Callable[..., Any]) -> Callable[..., Any]:
    """Make an operator's `execute` warn people and skip when its last try fails, so that the run ends green."""

    @functools.wraps(execute)
    def execute_or_skip(self: Any, context: Any, **kwargs: Any) -> Any:
        try:
            return execute(self, context, **kwargs)
        except (Exception, AirflowTaskTimeout) as error:
            if context["ti"].try_number <= self.retries:
                raise
            self.log.warning("%s failed and was passed over: %s", self.task_id, error)
            task_degraded(context, error)
            raise AirflowSkipException(f"{self.task_id} failed: {error}") from error

    return execute_or_skip


@contextlib.contextmanager
def only_warns(log: Any, what: str) -> Iterator[None]:
    """Log a failure of something that is done beside a task's work, which is good without it.

    Args:
        log: the task's logger.
        what: what did not happen then, as a clause: `The load's figures did not reach CloudWatch`.
    """
    try:
        yield
    except Exception as error:
        log.warning("%s (%s); the task's own work is done", what, error)
