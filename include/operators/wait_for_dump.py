"""Sensor for one day's dump."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

# A class needs its base when it is defined, so this one provider import cannot wait until the task runs.
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor  # noqa: TID253
from airflow.sdk.exceptions import AirflowFailException, AirflowSensorTimeout

from include.operators.assets import date_events
from include.operators.base import AWS, Configured


class WaitForDumpSensor(Configured, S3KeySensor):
    """Wait in the triggerer for the dump of one business date, then check its size on the worker.

    The trigger polls only for a key that matches a wildcard: a check inside the trigger would start a task process at
    every poll while a file of the wrong size is there. When the key is not the dump, or when the trigger fails, the
    worker polls itself at the same interval. S3 may be out of reach for some minutes; a refusal fails at once.

    Args:
        target_date: business date, `YYYY-MM-DD` (templated).
        key_patterns: one wildcard for each needed file (templated).
        aws_conn_id: AWS connection, None for boto3's own chain (templated).
    """

    template_fields = (*S3KeySensor.template_fields, "target_date")

    def __init__(
        self, *, target_date: str, key_patterns: Sequence[str], aws_conn_id: str | None = AWS, **kwargs: Any
    ) -> None:
        kwargs.setdefault("deferrable", True)
        super().__init__(bucket_key=list(key_patterns), wildcard_match=True, aws_conn_id=aws_conn_id, **kwargs)
        self.target_date = target_date

    def execute(self, context: Any) -> None:
        """Check the dump when it is there, else defer."""
        self._look(time.time() + self.timeout)

    def execute_complete(self, context: Any, event: dict[str, Any], until: float | None = None) -> None:
        """Check the dump that the trigger found; when the trigger failed, poll on the worker."""
        if event["status"] == "error":
            self.log.warning("The trigger could not list S3 (%s); this worker polls instead", event["message"])
        self._look(until or time.time() + self.timeout, in_vain=True)

    def execute_again(self, context: Any, event: Any, until: float, away_since: float | None = None) -> None:
        """Poll again after a pause."""
        self._look(until, away_since=away_since)

    def post_execute(self, context: Any, result: Any = None) -> None:
        """Date the events of the outlets; Airflow calls this when the dump was found and accepted."""
        date_events(context, self.outlets, self.target_date)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        """Replace the message of Airflow's timeout by what to do.

        Raises:
            AirflowSensorTimeout: the dump did not arrive in time; not retried.
        """
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except AirflowSensorTimeout as error:
            raise self._late() from error

    def _look(self, until: float, *, in_vain: bool = False, away_since: float | None = None) -> None:
        """Check the dump if it is there, else wait for it.

        Args:
            until: end of the wait, in seconds since 1970, UTC.
            in_vain: whether the trigger has found a key already, so that deferring to it would not help.
            away_since: since when S3 has not answered, in seconds since 1970, UTC.
        """
        from include.dump.errors import DumpError, DumpMissing
        from include.dump.location import find_dumps
        from include.dump.outages import QUICK_LOOK

        try:
            dumps = find_dumps(self.s3(**QUICK_LOOK), self.settings, date.fromisoformat(self.target_date))
        except DumpMissing as error:
            self.log.info("%s", error)
            self._wait(until, in_vain=in_vain)
        except DumpError as error:
            raise AirflowFailException(str(error)) from error
        except Exception as error:
            self._bear(error, until, away_since or time.time())
        for dump in dumps:
            self.log.info("Found %s, %d bytes", dump, dump.size)

    def _wait(self, until: float, *, in_vain: bool) -> None:
        from airflow.providers.amazon.aws.triggers.s3 import S3KeyTrigger

        left = timedelta(seconds=until - time.time())
        if left <= timedelta():
            raise self._late()
        if in_vain:
            self._pause(until=until)
        trigger = S3KeyTrigger(
            bucket_name=str(self.bucket_name),
            bucket_key=self.bucket_key,
            wildcard_match=True,
            aws_conn_id=self.aws_conn_id,
            poke_interval=self.poke_interval,
        )
        self.defer(trigger=trigger, method_name="execute_complete", kwargs={"until": until}, timeout=left)

    def _pause(self, **kept: float) -> None:
        from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger

        pause = TimeDeltaTrigger(timedelta(seconds=self.poke_interval))
        self.defer(trigger=pause, method_name="execute_again", kwargs=kept, timeout=None)

    def _bear(self, error: Exception, until: float, away_since: float) -> None:
        from include.dump.outages import why_give_up

        now = time.time()
        away = timedelta(seconds=now - away_since)
        if sentence := why_give_up(error, self.bucket_name, away, timedelta(seconds=until - now)):
            raise AirflowFailException(sentence) from error
        self.log.warning(
            "S3 has not answered for %d s (%s); looking again in %d s", away.seconds, error, self.poke_interval
        )
        self._pause(until=until, away_since=away_since)

    def _late(self) -> AirflowSensorTimeout:
        from include.dump.location import missing_dumps
        from include.dump.outages import QUICK_LOOK

        target, what = date.fromisoformat(self.target_date), ""
        try:
            what = " and ".join(missing_dumps(self.s3(**QUICK_LOOK), self.settings, target))
        except Exception as error:
            self.log.warning("S3 cannot be asked which file is missing (%s)", error)
        return AirflowSensorTimeout(
            f"{what or 'the dump'} did not come within {self.timeout / 60:.0f} minutes; have the "
            "property-management side deliver that date's dump, then clear wait_for_dump with everything after"
        )
