"""What a task does beside its own work, and steps that may fail: a failure here never fails the day (I-07)."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowSkipException, AirflowTaskTimeout

from include.operators.callbacks import task_degraded

if TYPE_CHECKING:
    from include.warehouse.endpoint import Endpoint


def fails_open(execute: Callable[..., Any]) -> Callable[..., Any]:
    """Make an operator's `execute` warn people and skip the task when its last try fails, so that the run succeeds."""

    @functools.wraps(execute)
    def execute_or_skip(self: Any, context: Any, **kwargs: Any) -> Any:
        try:
            return execute(self, context, **kwargs)
        except (Exception, AirflowTaskTimeout) as error:
            if context["ti"].try_number <= self.retries:
                raise
            self.log.warning("%s failed and is skipped: %s", self.task_id, error)
            task_degraded(context, error)
            raise AirflowSkipException(f"{self.task_id} failed: {error}") from error

    return execute_or_skip


@contextlib.contextmanager
def only_warns(log: Any, what: str) -> Iterator[None]:
    """Log a failure of something that a task does beside its own work.

    Args:
        log: the task's logger.
        what: what did not happen then, as a clause: `The load's metrics did not reach CloudWatch`.
    """
    try:
        yield
    except Exception as error:
        log.warning("%s (%s); the task's own work is done", what, error)


def record_published(
    log: Any, loader: Callable[[], Endpoint], target: date, layer: str, rows: int | None, seconds: float | None
) -> None:
    """Record in `ops.publications` that a layer shows a business date; a failure is logged.

    Args:
        log: the task's logger.
        loader: returns the loader's login, which owns `ops`.
        target: business date.
        layer: see `include.warehouse.publications.Publication`.
        rows: published rows.
        seconds: duration of publishing, in seconds.
    """
    from include.warehouse.publications import Publication, record_publication

    with only_warns(log, f"The publication of {layer} for {target} was not recorded"):
        publication = Publication(target, layer, datetime.now(UTC), rows, seconds)
        with contextlib.closing(loader().connect()) as connection:
            record_publication(connection, publication)
