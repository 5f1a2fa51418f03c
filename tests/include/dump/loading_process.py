"""A load in a process of its own, which a test can kill: `python -m tests.include.dump.loading_process`.

Reads what to do as JSON from its input and prints each line of progress.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from include.dump.progress import Progress
from include.dump.restore import LoadOptions, LoadReport, restore
from include.dump.source import LocalDump
from include.dump.working_copy import Prepared, prepare_load
from include.warehouse.endpoint import Endpoint
from tests.include.conftest import restore_login

# Instead of a transport: copy the tables for the next load.
PREPARING = "preparing"


@dataclass(frozen=True)
class Order:
    """One load of a file, or the preparation of one."""

    path: Path
    target: date
    endpoint: Endpoint
    transport: str

    def run(self, say: Progress) -> LoadReport | Prepared:
        second = restore_login(self.endpoint)
        if self.transport == PREPARING:
            return prepare_load(self.endpoint, say, [LocalDump(self.path)], restore_login=second)
        options = LoadOptions(transport=self.transport)
        return restore([LocalDump(self.path)], self.target, self.endpoint, options, say, restore_login=second)

    def to_json(self) -> str:
        endpoint = self.endpoint
        return json.dumps(
            [
                str(self.path),
                self.target.isoformat(),
                [endpoint.host, endpoint.port, endpoint.user, endpoint.password],
                self.transport,
            ]
        )

    @classmethod
    def from_json(cls, text: str) -> Order:
        path, target, endpoint, transport = json.loads(text)
        return cls(Path(path), date.fromisoformat(target), Endpoint(*endpoint), transport)


if __name__ == "__main__":
    Order.from_json(sys.stdin.read()).run(Progress(lambda line: print(line, flush=True)))
