"""From the lines of a dbt command to the models that are built and tested, and never one too early."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from include.dbt import AFTER_PUBLISH, BEFORE_PUBLISH
from include.dbt.built import Progress, nodes_of_models
from include.settings import PROJECT_DIR

A, B, C = "model.p.a", "model.p.b", "model.p.c"
UNIQUE_A, A_IN_SOURCE, B_LIKE_A, B_LIKE_C = (f"test.p.{name}" for name in ("unique_a", "a_in_source", "b_a", "b_c"))
MANIFEST = {
    "nodes": {
        **{name: {"resource_type": "model", "tags": []} for name in (A, B, C)},
        **{name: {"resource_type": "test", "tags": []} for name in (UNIQUE_A, A_IN_SOURCE, B_LIKE_A)},
        B_LIKE_C: {"resource_type": "test", "tags": ["before_publish"]},
        "seed.p.s": {"resource_type": "seed", "tags": []},
    },
    "parent_map": {
        A: ["source.p.x"],
        B: [A, "seed.p.s"],
        C: [],
        UNIQUE_A: [A],
        A_IN_SOURCE: [A, "source.p.y"],
        B_LIKE_A: [A, B],
        B_LIKE_C: [B, C],
    },
}


def ended(node: str, status: str, name: str = "", text: str = "1 of 9 said ....... [x]") -> str:
    kind = "LogModelResult" if node.startswith("model.") else "LogTestResult"
    data = {"node_info": {"unique_id": node, "node_status": status}}
    return json.dumps({"data": data, "info": {"name": name or kind, "level": "info", "msg": text}})


def built(progress: Progress, *lines: str) -> list[str]:
    return [name for line in lines for name in progress.note(line)[2]]


def test_a_test_belongs_to_the_last_of_its_models_and_to_no_model_beside_the_other() -> None:
    assert nodes_of_models(MANIFEST) == {A: {A, UNIQUE_A, A_IN_SOURCE}, B: {B, B_LIKE_A}, C: {C}}


def test_a_test_that_the_command_leaves_out_is_not_waited_for() -> None:
    manifest = MANIFEST | {"nodes": MANIFEST["nodes"] | {UNIQUE_A: {"resource_type": "test", "tags": ["long"]}}}
    assert nodes_of_models(manifest, ("long",))[A] == {A, A_IN_SOURCE}


def test_a_model_is_built_when_it_and_all_its_tests_have_passed() -> None:
    progress = Progress(nodes_of_models(MANIFEST))
    assert built(progress, ended(A, "success"), ended(UNIQUE_A, "pass")) == []
    assert built(progress, ended(A_IN_SOURCE, "warn")) == ["a"]
    assert built(progress, ended(A_IN_SOURCE, "warn"), ended(A, "success")) == [], "once is enough"
    assert built(progress, ended(C, "success")) == ["c"]


@pytest.mark.parametrize("status", ["fail", "error", "runtime error", "skipped", "started", ""])
def test_a_test_that_did_not_pass_leaves_the_model_open(status: str) -> None:
    progress = Progress(nodes_of_models(MANIFEST))
    assert built(progress, ended(UNIQUE_A, "pass"), ended(A, "success"), ended(A_IN_SOURCE, status)) == []


@pytest.mark.parametrize("status", ["error", "skipped"])
def test_a_model_that_was_not_built_is_open_whatever_its_tests_say(status: str) -> None:
    progress = Progress(nodes_of_models(MANIFEST))
    assert built(progress, ended(A, status), ended(UNIQUE_A, "pass"), ended(A_IN_SOURCE, "pass")) == []


def test_only_the_line_that_a_node_ended_counts() -> None:
    progress = Progress({C: frozenset({C})})
    assert built(progress, ended(C, "success", "LogStartLine"), ended(C, "success", "SQLQueryStatus")) == []


def test_what_is_no_event_of_dbt_is_passed_on() -> None:
    progress = Progress({})
    for line in ("Segmentation fault", "[1]", '{"info": 1}', "", "{", '{"info": {}, "data": null}'):
        assert progress.note(line) == ("info", line, {})
    warning = json.dumps({"data": {}, "info": {"name": "Note", "level": "warn", "msg": " old \n"}})
    assert progress.note(warning) == ("warning", "old", {})


def test_what_dbt_said_of_a_model_goes_along() -> None:
    progress = Progress({A: frozenset({A, UNIQUE_A, A_IN_SOURCE})})
    progress.note(ended(A, "success", text="7 of 900 OK created sql view model silver.a ...... [CREATE VIEW in 0.1s]"))
    progress.note(ended(UNIQUE_A, "pass"))
    _, _, models = progress.note(ended(A_IN_SOURCE, "warn", text="9 of 900 WARN 2 a_in_source ... [WARN 2 in 0.0s]"))
    assert models == {
        "a": "OK created sql view model silver.a [CREATE VIEW in 0.1s]; WARN 2 a_in_source [WARN 2 in 0.0s]; 2 tests"
    }


@pytest.mark.parametrize("model", ["stg_tenants", "moveouts"])
def test_the_tests_of_a_model_are_those_that_dbt_runs_with_it(model: str, tmp_path: Path) -> None:
    """dbt is asked, as the model's own task asks it."""
    folder, left_out = PROJECT_DIR / "dbt", (AFTER_PUBLISH, BEFORE_PUBLISH)
    shutil.copy(folder / "target" / "partial_parse.msgpack", tmp_path)
    command = [PROJECT_DIR / ".venv-dbt" / "bin" / "dbt", "--quiet", "ls", "--resource-type", "test"]
    command += ["--select", model, "--indirect-selection", "buildable", "--exclude", *left_out]
    command += ["--output", "json", "--output-keys", "unique_id", "--target-path", tmp_path, "--log-path", tmp_path]
    command += ["--project-dir", folder, "--profiles-dir", folder, "--profile", "tokyobeta", "--target", "aurora"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    selected = {json.loads(line)["unique_id"] for line in listed.splitlines()}
    assert len(selected) > 10

    manifest = json.loads((folder / "target" / "manifest.json").read_text())
    needs = nodes_of_models(manifest, [selector.removeprefix("tag:") for selector in left_out])
    [node] = [name for name in needs if name.endswith(f".{model}")]
    assert needs[node] == selected | {node}
