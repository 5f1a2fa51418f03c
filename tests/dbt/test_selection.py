"""Which nodes dbt selects stays dbt's own answer; only the way to it is shorter."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

DBT_FOLDER = Path(__file__).resolve().parents[2] / "dbt"
COMPARE = """
import json, random, sys
sys.path.insert(0, sys.argv[1])
import networkx, selection
from dbt.graph.graph import Graph

parents = json.load(open(sys.argv[1] + "/target/manifest.json"))["parent_map"]
nodes = networkx.DiGraph()
nodes.add_nodes_from(parents)
nodes.add_edges_from((parent, child) for child, found in parents.items() for parent in found)
models = [name for name in parents if name.startswith("model.")]
tests = [name for name in parents if name.startswith("test.")]
random.seed(1)
for _ in range(50):
    # as `dbt build` adds them, from a test to what is built after it
    nodes.add_edge(random.choice(tests), random.choice(models), edge_type=selection.ADDED)
graph = Graph(nodes)
for size in (0, 1, 2, 5, 20):
    for depth in (None, 1, 2):
        some = set(random.sample(models, size)) | set(random.sample(tests, size))
        assert selection.select_parents(graph, some, depth) == Graph.select_parents(graph, some, depth), (some, depth)
assert len(selection.select_parents(graph, set(models))) > 50
"""


def test_the_ancestors_of_nodes_are_those_that_dbt_finds() -> None:
    python = Path(os.environ.get("GGHOUSE_DBT", ".venv-dbt/bin/gghouse-dbt")).with_name("python")
    subprocess.run([python, "-c", COMPARE, DBT_FOLDER], check=True)
