"""How old the sources are, read from what `dbt source freshness` leaves, and said in words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from include.business_date import JST
from include.quality.run_results import RunResultsError

SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class Age:
    """How old a source is.

    Attributes:
        source: schema and table.
        status: `pass`, `warn` (older than a day) or `error` (older than two, or without any row; domain 5.7).
        newest: its newest change, in Tokyo; None when it could not be read.
        days: time since then, in days.
    """

    source: str
    status: str
    newest: datetime | None
    days: float | None

    def __str__(self) -> str:
        """Say it in a sentence."""
        if self.newest is None or self.days is None:
            return f"{self.source}: its newest change could not be read; see the log"
        return f"{self.source}: the newest change is of {self.newest:%Y-%m-%d %H:%M} JST, {self.days:.1f} days old"


def read_ages(target_dir: Path) -> list[Age]:
    """Return how old each source is that has an expectation.

    Raises:
        RunResultsError: dbt left nothing that can be read.
    """
    file = target_dir / "sources.json"
    try:
        results = json.loads(file.read_text(encoding="utf-8"))["results"]
    except FileNotFoundError:
        raise RunResultsError(f"dbt left no {file.name} in {target_dir}; the end of its log says why") from None
    except (ValueError, KeyError) as error:
        raise RunResultsError(f"{file} cannot be read ({error}); run dbt again") from error
    return [
        Age(
            source=".".join(result["unique_id"].split(".")[-2:]),
            status="error" if result["status"] == "runtime error" else result["status"],
            newest=_tokyo(result.get("max_loaded_at")),
            days=result["max_loaded_at_time_ago_in_s"] / SECONDS_PER_DAY if result.get("max_loaded_at") else None,
        )
        for result in results
    ]


def _tokyo(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(JST) if text else None
