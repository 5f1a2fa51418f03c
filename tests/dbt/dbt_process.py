"""One dbt process for many runs, because starting dbt costs seconds. Started by conftest.py with dbt's own interpreter.

Reads one JSON list of dbt arguments a line from standard input and answers each with one JSON object a line:
whether it succeeded, and the status and message of every node.
"""

import gc
import json
import os
import sys

from dbt.adapters.base import BaseAdapter
from dbt.cli.main import dbtRunner


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # dbt prints; only answers may use the pipe
    parsed = dbtRunner().invoke(["--no-use-colors", "--quiet", "parse"])
    if not parsed.success:
        raise SystemExit(f"dbt parse failed: {parsed.exception}")
    # dbt would read its own macros anew for every run, which is most of the time that a small run takes
    BaseAdapter._macro_manifest = property(lambda _: parsed.result)
    gc.freeze()  # the project stays; looking through it again and again takes a tenth of each run
    gc.set_threshold(100_000, 50, 100)
    dbt = dbtRunner(manifest=parsed.result)
    for line in sys.stdin:
        outcome = dbt.invoke(["--no-use-colors", "--quiet", "--no-partial-parse", *json.loads(line)])
        nodes = {node.node.name: [str(node.status), node.message] for node in outcome.result or []}
        failure = str(outcome.exception) if outcome.exception else None
        print(json.dumps({"success": outcome.success, "exception": failure, "nodes": nodes}), file=answers)


if __name__ == "__main__":
    main()
