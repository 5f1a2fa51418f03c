"""One business day."""

from __future__ import annotations

from datetime import date

from include.local.stack import Say
from include.local.state import State


def run_day(state: State, say: Say, target: date | None, scale: str) -> int:
    """Todo."""
    return 0
