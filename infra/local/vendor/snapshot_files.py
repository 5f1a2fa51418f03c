"""The history of tenant states: one CSV file per day, as the earlier system exported it."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

from infra.local.vendor.clock import day_text
from infra.local.vendor.core_rows import CONTRACT_TYPES_MERGED, contract_type, display_name
from infra.local.vendor.simulation import Simulation, Tenant

FIRST = date(2025, 5, 11)
# The dumps of the first two months had all names masked.
MASKED_UNTIL = date(2025, 7, 10)
# Days without a usable dump: 13 up to 2026-02-08 (the number is real, the dates are chosen) and the window of
# 2026-02-11 to 02-18 with missing and wrong dumps.
GAPS = frozenset(
    [
        *(date(2025, 5, day) for day in (18, 25)),
        *(date(2025, 6, day) for day in (8, 22)),
        *(date(2025, 7, day) for day in (13, 21)),
        *(date(2025, 8, day) for day in (11, 14, 15)),
        date(2025, 9, 23),
        date(2025, 11, 3),
        *(date(2026, 1, day) for day in (1, 2)),
        *(date(2026, 2, 11) + timedelta(days=n) for n in range(8)),
    ]
)
HEADER = b"tenant_id,status,contract_type,full_name,snapshot_date\n"


class Snapshots:
    """Writes a file at each day's dump while the simulation walks by.

    Args:
        directory: output directory; files go below `snapshots/tenant_status`.
        first: earliest date to write.
        before: write only dates before this one; its own snapshot is taken by the platform from the dump.
    """

    def __init__(self, directory: Path, first: date, before: date) -> None:
        self._directory = directory / "snapshots" / "tenant_status"
        self._first, self._before = max(first, FIRST), before
        self._lines: list[bytes] = []
        self._masked = True
        self.files = 0

    def at_dump(self, simulation: Simulation, day: int) -> None:
        """Take note of what changed since the last call, and write the file if this day is wanted."""
        today = date.fromordinal(day)
        if not self._first <= today < self._before:
            return
        masked = today <= MASKED_UNTIL
        if not self._lines or masked != self._masked or day == CONTRACT_TYPES_MERGED:
            self._masked = masked
            self._lines = [_line(tenant, day, masked) for tenant in simulation.tenants]
        else:
            for tenant in simulation.changed:
                self._lines[tenant.number : tenant.number + 1] = [_line(tenant, day, masked)]
        simulation.changed.clear()
        if today not in GAPS:
            self._directory.mkdir(parents=True, exist_ok=True)
            ending = f",{day_text(day)}\n".encode()
            path = self._directory / f"{today:%Y%m%d}.csv"
            path.write_bytes(HEADER + ending.join(self._lines) + ending)
            self.files += 1


def _line(tenant: Tenant, day: int, masked: bool) -> bytes:
    text = io.StringIO()
    name = "*" if masked else display_name(tenant)
    csv.writer(text, lineterminator="").writerow([tenant.id, tenant.status, contract_type(tenant, day), name])
    return text.getvalue().encode()
