"""Operator that makes the pages of dbt docs."""

from __future__ import annotations

from typing import Any

from cosmos.operators.local import DbtDocsS3LocalOperator  # noqa: TID253 - imported only where a DAG asks for it

from include.operators.side_effects import fails_open


class DbtDocsOperator(DbtDocsS3LocalOperator):  # type: ignore[misc]
    """Describe every table, column and figure as it is today and put the pages into the bucket.

    Cosmos' plugin shows them in the Airflow UI (`cosmos.dbt_docs_projects`).
    """

    @fails_open
    def execute(self, context: Any, **kwargs: Any) -> None:
        """Make the pages.

        Raises:
            AirflowSkipException: the last try failed; the people have been warned.
        """
        super().execute(context, **kwargs)
