"""The day's snapshot and coordinates are kept; a failed export of the coordinates does not stop the day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from include.history.snapshots import SnapshotReport
from include.operators.capture_snapshot import CaptureSnapshotOperator

TARGET = date(2026, 3, 2)
REPORT = SnapshotReport(key="snapshots/20260302.csv", captured=3, loaded_dates=1, loaded_rows=4, skipped_rows=0)


@pytest.mark.parametrize("exported", [["latest"], PermissionError("no right to write")])
def test_the_snapshot_is_taken_and_coordinates_are_kept_of_the_day(
    context: dict[str, Any], stub: Any, logins: list[Any], exported: Any
) -> None:
    snapshots = stub("include.history.snapshots.capture_snapshot", REPORT)
    kept = stub("include.history.coordinates.remember_coordinates", 5)
    exports = stub("include.history.coordinates.export_coordinates", exported)
    done = CaptureSnapshotOperator(task_id="capture_snapshot", target_date=f"{TARGET}").execute(context)
    assert done == {"key": "snapshots/20260302.csv", "captured": 3, "loaded_rows": 4}
    assert [call["target"] for call in (*snapshots, *kept, *exports)] == [TARGET] * 3
    assert (snapshots[0]["settings"].bucket, snapshots[0]["endpoint"].user) == ("bucket", "loader")
    assert [login.user for login in logins] == ["loader"]
    kept[0]["connection"].close.assert_called_once_with()
