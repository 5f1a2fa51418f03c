"""What dbt read and wrote, for OpenLineage, which knows no MySQL; imported only while OpenLineage is on."""

from __future__ import annotations

from typing import Any

from openlineage.common.provider.dbt.local import DbtLocalArtifactProcessor
from openlineage.common.provider.dbt.processor import DbtEvents

from include.operators.lineage import namespace
from include.operators.side_effects import only_warns


class MySqlArtifacts(DbtLocalArtifactProcessor):  # type: ignore[misc]
    """The reader of dbt's manifest and results, for dbt-mysql."""

    def extract_adapter_type(self, profile: Any) -> None:
        """Leave the adapter open: OpenLineage's list of them has no MySQL and refuses any other."""

    def extract_namespace(self, profile: Any) -> str:
        """Return the name of the server of dbt's profile."""
        return namespace(profile["server"], profile["port"])

    def extract_dialect(self) -> str:
        """Return the dialect of the compiled SQL."""
        return "mysql"

    def parse(self) -> Any:
        """Return the events of the command; a failure is logged and stops no day."""
        with only_warns(self.logger, "What dbt read and wrote is not known to OpenLineage"):
            return super().parse()
        return DbtEvents()
