"""Tell from the log of one dbt command, while it runs, which models it has built and tested."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

PASSED = frozenset({"success", "pass", "warn"})
# Names of dbt's events: how a node ended, and that it begins, which says nothing more.
_ENDED = frozenset({"LogModelResult", "LogTestResult"})
_BEGINS = "LogStartLine"
_LEVELS = {"debug": "debug", "info": "info", "warn": "warning", "error": "error"}


def nodes_of_models(manifest: Mapping[str, Any], left_out: Collection[str] = ()) -> dict[str, frozenset[str]]:
    """Return for each model what must pass before it counts as built: the model and its tests, as dbt's ids.

    The tests are those that dbt selects with the model as `buildable`: they look at nothing but the model and what is
    built before it.

    Args:
        manifest: content of dbt's `manifest.json`.
        left_out: tags of tests that the command does not run.
    """
    parents, nodes = manifest["parent_map"], manifest["nodes"]
    known: dict[str, frozenset[str]] = {}

    def before(node: str) -> frozenset[str]:
        if node not in known:
            known[node] = frozenset({node}).union(*map(before, parents.get(node, [])))
        return known[node]

    found = {name: {name} for name, node in nodes.items() if node["resource_type"] == "model"}
    for name, node in nodes.items():
        if node["resource_type"] == "test" and not set(left_out) & set(node["tags"]):
            tested = {parent for parent in parents[name] if not parent.startswith("source.")}
            for model in tested & found.keys():
                if tested <= before(model):
                    found[model].add(name)
    return {name: frozenset(ids) for name, ids in found.items()}


@dataclass
class _Model:
    waits_for: set[str]
    lines: list[str] = field(default_factory=list)
    tests: int = 0


class Progress:
    """What a dbt command with `--log-format json` has done so far.

    Args:
        needs: see `nodes_of_models`.
    """

    def __init__(self, needs: Mapping[str, frozenset[str]]) -> None:
        self._models = {model: _Model(set(ids)) for model, ids in needs.items()}
        self._of: dict[str, list[str]] = {}
        for model, ids in needs.items():
            for node in ids:
                self._of.setdefault(node, []).append(model)

    def note(self, line: str) -> tuple[str, str, dict[str, str]]:
        """Take one line of dbt's output.

        Returns:
            The level at which to log the line, its text, which is empty if it says nothing, and the models that are now
            built and tested, each name with what dbt said of it.
        """
        try:
            event = json.loads(line)
            name, level, text = (event["info"][key] for key in ("name", "level", "msg"))
            node = event["data"].get("node_info") or {}
        except (ValueError, TypeError, KeyError, AttributeError):
            return "info", line, {}
        built = {}
        if name in _ENDED and node.get("node_status") in PASSED:
            built = dict(self._passed(node["unique_id"], node["node_status"], text))
        return _LEVELS.get(level, "info"), "" if name == _BEGINS else text.strip(), built

    def _passed(self, node: str, status: str, text: str) -> Iterator[tuple[str, str]]:
        for name in self._of.get(node, ()):
            model = self._models[name]
            if node not in model.waits_for:
                continue
            model.waits_for.remove(node)
            model.tests += node != name
            if node == name or status == "warn":
                model.lines.append(_without_counter(text))
            if not model.waits_for:
                yield name.rpartition(".")[2], "; ".join([*model.lines, f"{model.tests} tests"])


def _without_counter(text: str) -> str:
    """Return `OK created sql view model silver.stg_rooms [CREATE VIEW in 0.05s]` of dbt's line about it."""
    return re.sub(r"^\d+ of \d+ ", "", re.sub(r" \.{2,} ", " ", text.strip()))
