"""Operator that keeps what tomorrow's dump may no longer tell: the tenants' state and the buildings' coordinates."""

from __future__ import annotations

import contextlib
from typing import Any

from include.operators.connections import LOADER, endpoint
from include.operators.dated import DatedOperator
from include.settings import Settings


class CaptureSnapshotOperator(DatedOperator):
    """Write the day's tenant snapshot to S3, load the dates that `history` lacks, and remember good coordinates."""

    def execute(self, context: Any) -> dict[str, Any]:
        """Capture the snapshot; return where it lies and the counts."""
        import boto3

        from include.history.coordinates import export_coordinates, remember_coordinates
        from include.history.snapshots import capture_snapshot

        s3, settings, login = boto3.client("s3"), Settings.from_environment(), endpoint(LOADER)
        target = self.target
        report = capture_snapshot(s3, settings, login, target, self.log.info)
        with contextlib.closing(login.connect()) as connection:
            buildings = remember_coordinates(connection, target)
            self.log.info("Keeping good coordinates of %s buildings", f"{buildings:,}")
            try:
                export_coordinates(s3, settings, connection, target)
            except Exception as error:
                # models read the table; the file is a copy for people, not worth stopping the day
                self.log.warning("The coordinates were kept but not exported to S3 (%s)", error)
        return {"key": report.key, "captured": report.captured, "loaded_rows": report.loaded_rows}
