"""Sensor for one day's dump."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

# A sensor class needs its base when it is defined, so this one provider import cannot wait until the task runs.
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor  # noqa: TID253
from airflow.sdk.exceptions import AirflowFailException, AirflowSensorTimeout

from include.settings import Settings

AWAY = timedelta(minutes=15)
"""For so long S3 may not answer before somebody has to look; as a rule it is back within minutes."""
SECONDS = 5
"""For S3 to answer the worker; the next look is the next try."""


class WaitForDumpSensor(S3KeySensor):
    """Wait, in the triggerer, for the dump of exactly one business date; then check that it can be one.

    Only existence is polled. The size is judged once on the worker: a check inside the trigger would start a task
    process at every poll for as long as a file of the wrong size lies there. What the trigger sees is a file that fits
    a wildcard; should that be another file after all, the worker looks itself, at the same pace, until the dump is
    there. It looks itself, too, when the trigger breaks off: S3 that cannot be reached for some minutes costs no day,
    and one that refuses fails the task at once.

    Args:
        target_date: business date, `YYYY-MM-DD` (templated).
        key_patterns: one wildcard for each needed file (templated).
    """

    template_fields = (*S3KeySensor.template_fields, "target_date")

    def __init__(self, *, target_date: str, key_patterns: Sequence[str], **kwargs: Any) -> None:
        kwargs.setdefault("deferrable", True)
        super().__init__(bucket_key=list(key_patterns), wildcard_match=True, aws_conn_id=None, **kwargs)
        self.target_date = target_date

    def execute(self, context: Any) -> None:
        """Defer until the dump is there, or check it at once when it is."""
        self._look(time.time() + self.timeout)

    def execute_complete(self, context: Any, event: dict[str, Any], until: float | None = None) -> None:
        """Check the dump that the trigger saw; when it broke off, look here."""
        if event["status"] == "error":
            self.log.warning("The triggerer could not look into S3 (%s); this worker looks itself", event["message"])
        self._look(until or time.time() + self.timeout, in_vain=True)

    def execute_again(self, context: Any, event: Any, until: float, away_since: float | None = None) -> None:
        """Look again after a pause."""
        self._look(until, away_since=away_since)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        """Turn Airflow's timeout into a sentence that an operator can act on.

        Raises:
            AirflowSensorTimeout: the dump did not come in time; not retried.
        """
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except AirflowSensorTimeout as error:
            raise self._late() from error

    def _look(self, until: float, *, in_vain: bool = False, away_since: float | None = None) -> None:
        """Check the dump if it is there, else wait for it, at most until that time.

        Args:
            until: seconds since 1970, UTC.
            in_vain: the trigger has just looked, so that it is not to look again at once.
            away_since: when S3 stopped to answer, in seconds since 1970; None while it answers.
        """
        from include.dump.errors import DumpError, DumpMissing
        from include.dump.location import find_dumps

        try:
            dumps = find_dumps(self._s3(), Settings.from_environment(), date.fromisoformat(self.target_date))
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
            aws_conn_id=None,
            poke_interval=self.poke_interval,
        )
        self.defer(trigger=trigger, method_name="execute_complete", kwargs={"until": until}, timeout=left)

    def _pause(self, **kept: float) -> None:
        from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger

        pause = TimeDeltaTrigger(timedelta(seconds=self.poke_interval))
        self.defer(trigger=pause, method_name="execute_again", kwargs=kept, timeout=None)

    def _bear(self, error: Exception, until: float, away_since: float) -> None:
        """Wait until S3 answers again, unless it refuses, or was away for too long."""
        from include.dump.outages import passes, refuses

        if refuses(error):
            raise AirflowFailException(
                f"S3 refuses to show {self.bucket_name} ({error}); have the role of this environment allowed to list "
                "and read it, then clear wait_for_dump with everything after"
            ) from error
        if not passes(error):
            raise error
        away = time.time() - away_since
        if away >= AWAY.total_seconds() or time.time() >= until:
            raise AirflowFailException(
                f"S3 has not answered for {away / 60:.0f} minutes ({error}); see https://health.aws.amazon.com and the "
                "way from the network to S3, and clear wait_for_dump with everything after once it answers"
            ) from error
        self.log.warning(
            "S3 has not answered for %.0f s (%s); looking again in %.0f s", away, error, self.poke_interval
        )
        self._pause(until=until, away_since=away_since)

    def _late(self) -> Exception:
        from include.dump.location import missing_dumps

        target = date.fromisoformat(self.target_date)
        try:
            missing = missing_dumps(self._s3(), Settings.from_environment(), target)
        except Exception as error:
            self.log.warning("Which file did not come cannot be seen (%s)", error)
            missing = ()
        return AirflowSensorTimeout(
            f"{' and '.join(missing) or 'the dump'} did not come within {self.timeout / 60:.0f} minutes; have the "
            "property-management side deliver that date's dump, then clear wait_for_dump with everything after"
        )

    @staticmethod
    def _s3() -> Any:
        import boto3
        from botocore.config import Config

        patience = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 1})
        return boto3.client("s3", config=patience)
