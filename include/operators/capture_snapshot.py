"""Operator that keeps what a later dump may no longer hold: tenant states and building coordinates."""

from __future__ import annotations

import contextlib
from typing import Any

from include.operators.base import DatedOperator


class CaptureSnapshotOperator(DatedOperator):
    """Write the day's tenant snapshot to S3, load the dates that `history` lacks, and keep good coordinates."""

    def execute(self, context: Any) -> dict[str, Any]:
        """Capture the snapshot; return its S3 key and the counts of rows."""
        from include.history import coordinates, snapshots
        from include.history.coordinates import export_coordinates, remember_coordinates
        from include.history.snapshots import capture_snapshot
        from include.warehouse.schema import STAGING

        s3, login, target = self.s3(), self.loader, self.target
        report = capture_snapshot(s3, self.settings, login, target, self.log.info)
        with contextlib.closing(login.connect()) as connection:
            buildings = remember_coordinates(connection, target)
            self.log.info("Keeping good coordinates of %s buildings", f"{buildings:,}")
            try:
                export_coordinates(s3, self.settings, connection, target)
            except Exception as error:
                # Models read the table; the file is a copy for people and no reason to stop the day.
                self.log.warning("The coordinates were kept but not exported to S3 (%s)", error)
        reads = [f"{STAGING}.tenants", f"{STAGING}.apartments"]
        self.trace(login, reads=reads, writes=[snapshots.TABLE, coordinates.TABLE])
        return {"key": report.key, "captured": report.captured, "loaded_rows": report.loaded_rows}
