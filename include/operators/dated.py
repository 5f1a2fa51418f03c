"""What operators of the business day share: the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from airflow.sdk import BaseOperator


class DatedOperator(BaseOperator):
    """An operator whose work is about one business date.

    Args:
        target_date: business date, `YYYY-MM-DD` (templated).
    """

    template_fields: Sequence[str] = ("target_date",)

    def __init__(self, *, target_date: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_date = target_date

    @property
    def target(self) -> date:
        """The business date, once the template is rendered."""
        return date.fromisoformat(self.target_date)
