"""Results of a dbt command, read from the files in its target directory and never from its output (I-21).

`run_results.json` has the result of every node, `manifest.json` beside it what the node is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from include.dbt.personal_data import is_personal
from include.warehouse.masking import mask_values

FAILED = frozenset({"fail", "error", "runtime error"})
# How dbt's driver writes an error of the server.
SERVER_SAYS = re.compile(r"(\b\d{4} \([0-9A-Z]{5}\): )(.*)", re.S)
# The names that dbt's generic tests give to the column they test.
_ALIASES = frozenset({"unique_field", "value_field", "from_field"})
_COUNT = "count(*)"
_NO_THRESHOLD = "!= 0"
_REASON_LIMIT = 400


class RunResultsError(Exception):
    """A file of dbt is missing or unusable; the message names the file and the consequence."""


@dataclass(frozen=True)
class Result:
    """Result of one node.

    Attributes:
        unique_id: dbt's id of the node.
        name: its name, as in `dbt test --select <name>`.
        kind: `test`, `model`, `seed`.
        status: `success` (built), `pass`, `warn`, `fail`, `error` (could not run) or `skipped`.
        severity: of a test, `error` or `warn`.
        models: of a test, the tables it is about, the tested one first; else the table itself (`gold.moveouts`).
        column: of a test of one column, its name.
        failures: of a test that ran, the figure it is judged by: the number of rows it found, unless `counts` differs.
        counts: of a test, how `failures` is computed from the rows it found.
        threshold: of a test that allows some failures, what it does not allow, for example `> 10`.
        message: dbt's own message.
        seconds: duration, in seconds.
        sql: of a test, the query that finds the failing rows.
        labels: of a test of a code, the seed with the labels (`seeds.code_gender`).
    """

    unique_id: str
    name: str
    kind: str
    status: str
    severity: str | None
    models: tuple[str, ...]
    column: str | None
    failures: int | None
    counts: str | None
    threshold: str | None
    message: str
    seconds: float
    sql: str | None
    labels: str | None = None


@dataclass(frozen=True)
class RunResults:
    """Results of one dbt command.

    Attributes:
        results: one for each node, in the order in which the nodes ended.
        target_date: business date of the run, as given.
        finished_at: when dbt wrote the file.
        seconds: wall time without the start of dbt, in seconds.
    """

    results: tuple[Result, ...]
    target_date: str | None
    finished_at: datetime
    seconds: float

    @property
    def failed(self) -> tuple[Result, ...]:
        """Failed tests and nodes that could not run: they stop the day."""
        return tuple(result for result in self.results if result.status in FAILED)

    @property
    def warned(self) -> tuple[Result, ...]:
        """Tests that found rows and only warn."""
        return tuple(result for result in self.results if result.status == "warn")

    @property
    def skipped(self) -> tuple[Result, ...]:
        """Nodes that did not run because a node upstream failed."""
        return tuple(result for result in self.results if result.status == "skipped")


def read_results(target_dir: Path) -> RunResults:
    """Read the results of the last `dbt build`, `run`, `test` or `seed` from its target directory.

    Raises:
        RunResultsError: a file is missing or broken, or the two files are not of the same run.
    """
    written = _read(target_dir / "run_results.json", "metadata", "results", "elapsed_time", "args")
    manifest = _read(target_dir / "manifest.json", "nodes", "sources")
    try:
        return RunResults(
            results=tuple(_result(entry, manifest) for entry in written["results"]),
            target_date=_target_date(written),
            finished_at=datetime.fromisoformat(written["metadata"]["generated_at"]),
            seconds=float(written["elapsed_time"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunResultsError(
            f"{target_dir}/run_results.json does not fit manifest.json beside it or this version of dbt "
            f"({type(error).__name__}: {error}); run dbt again"
        ) from error


def describe(result: Result) -> str:
    """Describe the result of a node in one sentence, for mails."""
    if result.kind != "test":
        subject = result.models[0]
        return {
            "success": f"{subject} was built",
            "skipped": f"{subject} was not rebuilt, because a step before it failed",
        }.get(result.status, f"{subject} could not be built: {_reason(result.message)}")
    subject = f"Test {result.name} of {', '.join(result.models) or 'nothing'}"
    if result.column:
        subject += f", column {result.column},"
    if result.status == "pass":
        return f"{subject} passed"
    if result.status == "skipped":
        return f"{subject} was not run, because a step before it failed"
    if result.status == "warn" and result.labels:
        return (
            f"{subject} warns: {_found(result)} with a code that {result.labels} does not have; "
            "readers see Unknown (code), and the runbook dbt says what to do about an unknown code"
        )
    if result.status in ("fail", "warn"):
        return f"{subject} {'failed' if result.status == 'fail' else 'warns'}: {_found(result)}"
    return f"{subject} could not run: {_reason(result.message)}"


def example_rows(connection: Any, result: Result, limit: int = 5) -> list[dict[str, Any]]:
    """Return some rows that a test found, without columns of personal data.

    Args:
        connection: a DB-API connection that may read what the test reads.
        result: a test; without its query there are no rows.
        limit: maximum number of rows.
    """
    if not result.sql:
        return []
    cursor = connection.cursor()
    try:
        cursor.execute(f"select * from (\n{result.sql}\n) as found limit {int(limit)}")
        columns = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
    finally:
        cursor.close()
    shown = [number for number, name in enumerate(columns) if not _is_personal(name, result.column)]
    return [{columns[number]: row[number] for number in shown} for row in rows]


def _is_personal(name: str, tested: str | None) -> bool:
    return is_personal(tested if tested and name in _ALIASES else name)


def _found(result: Result) -> str:
    found = result.failures or 0
    rows = "1 row" if found == 1 else f"{found:,} rows"
    text = rows if result.counts == _COUNT else f"{result.counts} = {found:,}"
    return f"{text} ({result.threshold} is too many)" if result.threshold else text


def _reason(message: str) -> str:
    """Return the message of the server or of dbt, without paths and without values of rows."""
    lines = [line.strip() for line in message.splitlines()]
    lines = [line for line in lines if line and not line.startswith("compiled Code at")]
    if len(lines) > 1 and re.match(r"\w+ Error in ", lines[0]):
        del lines[0]
    text = SERVER_SAYS.sub(lambda found: found[1] + mask_values(found[2]), " ".join(lines)) or "dbt gave no reason"
    return text if len(text) <= _REASON_LIMIT else text[:_REASON_LIMIT] + "…"


def _read(file: Path, *keys: str) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunResultsError(
            f"dbt left no {file.name} in {file.parent}: it ended before its first node; the end of its log says why"
        ) from None
    except (OSError, ValueError) as error:
        raise RunResultsError(f"{file} cannot be read ({error}); run dbt again") from error
    if not isinstance(content, dict) or not all(key in content for key in keys):
        raise RunResultsError(f"{file} is not what dbt writes: it lacks one of {', '.join(keys)}; run dbt again")
    return content


def _target_date(written: Mapping[str, Any]) -> str | None:
    """Return the business date, given as a variable or, by Airflow, as an environment variable that dbt notes."""
    given = (written["args"].get("vars") or {}).get("target_date") or written["metadata"]["env"].get("TARGET_DATE")
    return None if given is None else str(given)


def _result(entry: Mapping[str, Any], manifest: Mapping[str, Any]) -> Result:
    node = manifest["nodes"][entry["unique_id"]]
    is_test = node["resource_type"] == "test"
    config = node["config"]
    status = str(entry["status"])
    limit = config["warn_if" if status == "warn" else "error_if"] if is_test else _NO_THRESHOLD
    return Result(
        unique_id=entry["unique_id"],
        name=node["name"],
        kind=node["resource_type"],
        status=status,
        severity=config["severity"].lower() if is_test else None,
        models=_tested(node, manifest) if is_test else (_relation(node),),
        column=node.get("column_name"),
        failures=entry.get("failures") if is_test else None,
        counts=config["fail_calc"] if is_test else None,
        threshold=None if limit == _NO_THRESHOLD else limit,
        message=entry.get("message") or "",
        seconds=float(entry["execution_time"]),
        sql=entry.get("compiled_code") if is_test else None,
        labels=_labels(node, manifest) if is_test else None,
    )


def _labels(node: Mapping[str, Any], manifest: Mapping[str, Any]) -> str | None:
    """Return the seed that a test compares a code with, None for any other test."""
    if (node.get("test_metadata") or {}).get("name") != "relationships":
        return None
    seeds = [name for name in node["depends_on"]["nodes"] if name.startswith("seed.") and ".code_" in name]
    return _relation(manifest["nodes"][seeds[0]]) if seeds else None


def _tested(node: Mapping[str, Any], manifest: Mapping[str, Any]) -> tuple[str, ...]:
    known = {**manifest["nodes"], **manifest["sources"]}
    if node.get("attached_node"):
        return (_relation(known[node["attached_node"]]),)
    # dbt 1.7 attaches no test to a source
    source = re.search(
        r"source\('(\w+)', *'(\w+)'\)", ((node.get("test_metadata") or {}).get("kwargs") or {}).get("model", "")
    )
    parents = node["depends_on"]["nodes"]
    if source:
        parents = [name for name in parents if name.endswith(f".{source[1]}.{source[2]}")]
    return tuple(_relation(known[name]) for name in parents)


def _relation(node: Mapping[str, Any]) -> str:
    return f"{node['schema']}.{node.get('alias') or node.get('identifier') or node['name']}"
