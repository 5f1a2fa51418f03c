"""Sensor for one day's dump."""

from __future__ import annotations

from datetime import date
from typing import Any

# A sensor class needs its base when it is defined, so this one provider import cannot wait until the task runs.
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor  # noqa: TID253
from airflow.sdk.exceptions import AirflowFailException, AirflowSensorTimeout

from include.settings import Settings


class WaitForDumpSensor(S3KeySensor):
    """Wait, in the triggerer, for the dump of exactly one business date; then check that it can be one.

    Only existence is polled. The size is judged once on the worker: a check inside the trigger would start a task
    process at every poll for as long as a file of the wrong size lies there.

    Args:
        target_date: business date, `YYYY-MM-DD` (templated).
        key_pattern: wildcard of the object's key (templated).
    """

    template_fields = (*S3KeySensor.template_fields, "target_date")

    def __init__(self, *, target_date: str, key_pattern: str, **kwargs: Any) -> None:
        kwargs.setdefault("deferrable", True)
        super().__init__(bucket_key=key_pattern, wildcard_match=True, aws_conn_id=None, **kwargs)
        self.target_date = target_date

    def execute(self, context: Any) -> None:
        """Defer until the dump is there, or check it at once when it is."""
        super().execute(context)
        self._check()

    def execute_complete(self, context: Any, event: dict[str, Any]) -> None:
        """Check the dump that the trigger saw."""
        super().execute_complete(context, event)
        self._check()

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        """Turn Airflow's timeout into a sentence that an operator can act on.

        Raises:
            AirflowSensorTimeout: the dump did not come in time; not retried.
        """
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except AirflowSensorTimeout as error:
            raise AirflowSensorTimeout(
                f"s3://{self.bucket_name}/{self.bucket_key} did not come within {self.timeout / 60:.0f} minutes; have "
                "the property-management side deliver that date's dump, then clear wait_for_dump with everything after"
            ) from error

    def _check(self) -> None:
        import boto3

        from include.dump.errors import DumpError
        from include.dump.location import find_dump

        settings = Settings.from_environment()
        try:
            dump = find_dump(boto3.client("s3"), settings, date.fromisoformat(self.target_date))
        except DumpError as error:
            raise AirflowFailException(str(error)) from error
        self.log.info("Found s3://%s/%s, %d bytes", dump.bucket, dump.key, dump.size)
