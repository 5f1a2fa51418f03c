"""dbt, started in half the time; `gghouse-dbt`, beside dbt's own program, runs this file.

- When it is imported, dbt generates code for hundreds of classes, of which a command on one model uses a few.
  `lazy_compilation` generates it at the first use of a class. The setting has no public name in dbt 1.7; without it
  each command takes about 0.8 s more of processor time, and a day starts dbt more than forty times.
- Parsing allocates many long-lived objects and hardly any garbage, so the collector's thresholds are raised.
- `orphan` ends dbt with the task that started it.
- `selection` finds the ancestors of all selected nodes at once, for which dbt walks the graph once for each.
- `connection` verifies the server's certificate and gives up a server that falls silent.
"""

import gc
import sys

from dbt import dataclass_schema

dataclass_schema.dbtMashConfig.lazy_compilation = True
gc.set_threshold(100_000, 50, 100)

import connection  # noqa: E402
import orphan  # noqa: E402
import selection  # noqa: E402
from dbt.cli.main import cli  # noqa: E402 - imported last, because the import reads the setting

if __name__ == "__main__":
    orphan.end_with_parent()
    connection.install()
    selection.install()
    sys.exit(cli())
