"""Operator that keeps the tenants' state of one day."""

from __future__ import annotations

from datetime import date
from typing import Any

from airflow.sdk import BaseOperator

from include.operators.connections import LOADER, endpoint
from include.settings import Settings


class CaptureSnapshotOperator(BaseOperator):
    """Write the day's tenant snapshot to S3 and load the dates that `history` lacks.

    Args:
        target_date: business date, `YYYY-MM-DD` (templated).
    """

    template_fields = ("target_date",)

    def __init__(self, *, target_date: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_date = target_date

    def execute(self, context: Any) -> dict[str, Any]:
        """Capture the snapshot; return where it lies and the counts."""
        import boto3

        from include.history.snapshots import capture_snapshot

        report = capture_snapshot(
            boto3.client("s3"),
            Settings.from_environment(),
            endpoint(LOADER),
            date.fromisoformat(self.target_date),
            self.log.info,
        )
        return {"key": report.key, "captured": report.captured, "loaded_rows": report.loaded_rows}
