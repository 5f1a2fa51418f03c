"""What a task writes down once it has shown something to readers; that it cannot be written fails no day (I-07)."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from typing import Any

from include.operators.connections import LOADER, endpoint
from include.operators.fail_open import only_warns


def record(log: Any, target: date, layer: str, rows: int | None, seconds: float | None) -> None:
    """Keep that a layer shows a business date now, with the loader's login, which owns `ops`.

    Args:
        log: the task's logger; it is warned when nothing could be written.
        target: business date.
        layer: see `include.warehouse.publications.Publication`.
        rows: rows that were shown.
        seconds: how long that took.
    """
    from include.warehouse.publications import Publication, record_publication

    with only_warns(log, f"That {layer} shows {target} was not written down"):
        publication = Publication(target, layer, datetime.now(UTC), rows, seconds)
        with contextlib.closing(endpoint(LOADER).connect()) as connection:
            record_publication(connection, publication)
