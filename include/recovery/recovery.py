"""What all recoveries have in common: their context, their plan, and the record of what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from include.forms import Form, Refused
from include.schedule import DAILY, business_date
from include.settings import Settings

if TYPE_CHECKING:
    from include.warehouse.endpoint import Endpoint

# The values of a form, checked (`include.forms.read`).
Request = Mapping[str, Any]


class Runs(Protocol):
    """Runs of gghouse_daily, for callers outside Airflow (`include.recovery.airflow_runs`)."""

    def start(self, run_id: str, conf: dict[str, str]) -> None:
        """Start a run, or clear it when it exists and did not succeed."""

    def state(self, run_id: str) -> str | None:
        """Return queued, running, success or failed; None when there is no such run."""


@dataclass(frozen=True)
class RecoveryContext:
    """What a recovery works with.

    Attributes:
        settings: of the environment.
        loader: login that owns `staging*`, `history` and `ops`.
        restore: login that sends what a dump says; it reaches only the schemas that are being built.
        dbt: login that owns `silver`, `gold*` and `seeds`.
        aws: returns a boto3 client of a service.
        requested_by: the person who asks, for the record.
        now: the present, with time zone.
        daily_runs: how many runs of gghouse_daily are queued or running, None where that is not known.
        users: database users whose sessions may be ended.
        runs: runs of gghouse_daily, for the command line; inside Airflow an operator triggers them.
    """

    settings: Settings
    loader: Endpoint
    restore: Endpoint
    dbt: Endpoint
    aws: Callable[..., Any]
    requested_by: str
    now: datetime
    daily_runs: Callable[[], int | None] = lambda: None
    users: frozenset[str] = frozenset()
    runs: Runs | None = None

    @property
    def today(self) -> date:
        """Today in Tokyo."""
        return business_date(self.now)

    def refuse_while_daily_runs(self) -> None:
        """Raise `Refused` while gghouse_daily works on the same tables."""
        if self.daily_runs():
            raise Refused(
                f"{DAILY} is running and works on the same tables, so nothing was done; wait for its end, or mark the "
                "run failed in the UI, then try again"
            )


@dataclass(frozen=True)
class Plan:
    """What a recovery is going to do.

    Attributes:
        lines: for people.
        snapshot: the state that the plan was made from, as far as `apply` has to hold on to it.
        empty: there is nothing to do.
    """

    lines: tuple[str, ...]
    snapshot: str = ""
    empty: bool = False

    def __str__(self) -> str:
        """Return the lines as one text."""
        return "\n".join(self.lines)


@runtime_checkable
class Recovery(Protocol):
    """One recovery. The module of each has the name of its DAG; `include.recovery.registry` lists them."""

    form: Form

    def plan(self, context: RecoveryContext, request: Request) -> Plan:
        """Return what would be done, from the state as it is; nothing is changed.

        Raises:
            Refused: it cannot be done; the message says why and what to do instead.
        """

    def apply(self, context: RecoveryContext, request: Request, plan: Plan) -> list[str]:
        """Do what `plan` says and return in words what was done; the same again does no harm.

        Raises:
            Refused: it cannot be done, or not any more; the message says why and what to do instead.
        """


def apply_plan(recovery: Recovery, context: RecoveryContext, request: Request, plan: Plan) -> str:
    """Apply a plan, record that in `ops.recoveries`, and return in words what was done.

    Raises:
        Refused: it cannot be done, or not any more; the message says why and what to do instead.
    """
    from include.warehouse.requests import RECOVERIES, recorded

    if plan.empty:
        return "There was nothing to do"
    with recorded(context.loader, RECOVERIES, recovery.form.name, request, context.requested_by) as record:
        record.outcome = "\n".join(recovery.apply(context, request, plan))
    return record.outcome
