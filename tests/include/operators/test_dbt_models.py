"""One command that builds all models and tells it model by model, and the tasks of the models that wait for it."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowSkipException, TaskDeferred

import model_built
from include.dbt.run_results import RunResultsError
from include.operators import dbt_models
from include.operators.dbt import DbtProject
from include.settings import Settings

MANIFEST = {
    "nodes": {
        "model.p.a": {"resource_type": "model", "tags": []},
        "model.p.b": {"resource_type": "model", "tags": []},
        "test.p.a_unique": {"resource_type": "test", "tags": []},
        "test.p.b_unique": {"resource_type": "test", "tags": []},
    },
    "parent_map": {
        "model.p.a": [],
        "model.p.b": [],
        "test.p.a_unique": ["model.p.a"],
        "test.p.b_unique": ["model.p.b"],
    },
}
ALL_PASS = {"model.p.a": "success", "test.p.a_unique": "pass", "model.p.b": "success", "test.p.b_unique": "pass"}


class Platform:
    """A DAG with `build_models` and the task of one model, on a dbt that only says what it is told to say."""

    def __init__(self, folder: Path) -> None:
        self.program = folder / "gghouse-dbt"
        self.ends(ALL_PASS, exit_code=0)
        with DAG("d", schedule=None) as dag:
            project = DbtProject(Settings("bucket", "", (), str(self.program)), "2026-03-02")
            self.build_models: Any = project.models("build_models", "models/silver")
            project.group("silver", "models/silver", producer="build_models")
        self.model: Any = dag.get_task("silver.int_contracts")
        self.build_models.manifest = str(folder / "manifest.json")
        Path(self.build_models.manifest).write_text(json.dumps(MANIFEST))
        self.ti = Mock(try_number=1)

    def ends(self, nodes: dict[str, str], exit_code: int) -> None:
        lines = []
        for node, status in nodes.items():
            name = "LogModelResult" if node.startswith("model.") else "LogTestResult"
            data = {"node_info": {"unique_id": node, "node_status": status}}
            lines.append(json.dumps({"data": data, "info": {"name": name, "level": "info", "msg": f"{node} {status}"}}))
        said = "\n".join(lines)
        script = ["#!/bin/sh", f'echo "$@" > {self.program}.called', "cat <<'END'", said, "END", f"exit {exit_code}"]
        self.program.write_text("\n".join(script))
        self.program.chmod(self.program.stat().st_mode | stat.S_IXUSR)

    @property
    def called(self) -> str:
        return Path(f"{self.program}.called").read_text()

    def build_all(self) -> dict[str, Any]:
        """Run `build_models`; return what it left in the end."""
        self.build_models.execute({"ti": self.ti, "run_id": "r"})
        assert {call.kwargs["key"] for call in self.ti.xcom_push.call_args_list} == {model_built.KEY}
        left: dict[str, Any] = self.ti.xcom_push.call_args.kwargs["value"]
        return left


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Stand in for what records dbt's results."""
    report = Mock()
    monkeypatch.setattr(dbt_models, "report_passed", report)
    return report


@pytest.fixture
def platform(tmp_path: Path, reported: Mock) -> Platform:
    return Platform(tmp_path)


def test_each_model_is_announced_with_the_time_at_which_the_command_began(platform: Platform, reported: Mock) -> None:
    before = datetime.now(UTC)
    left = platform.build_all()
    assert left["models"] == {"a": "model.p.a success; 1 tests", "b": "model.p.b success; 1 tests"}
    assert before <= datetime.fromisoformat(left["began"]) <= datetime.now(UTC)
    assert platform.ti.xcom_push.call_count == 2, "as soon as each is built"
    assert reported.call_count == 1


def test_dbt_is_asked_for_all_models_and_for_lines_that_can_be_read(platform: Platform) -> None:
    platform.build_all()
    flags, _, selection = platform.called.partition(" build ")
    assert "--log-format json" in flags
    assert "--select path:models/silver" in selection
    assert "--exclude tag:after_publish tag:before_publish" in selection
    assert "--indirect-selection buildable" in selection
    assert "--threads 4" in selection


def test_what_fails_is_left_to_the_models_own_task(platform: Platform) -> None:
    platform.ends(ALL_PASS | {"test.p.a_unique": "fail"}, exit_code=1)
    assert platform.build_all()["models"].keys() == {"b"}


@pytest.mark.parametrize("exit_code", [2, 137])
def test_a_dbt_that_breaks_down_leaves_the_other_models_to_their_tasks(platform: Platform, exit_code: int) -> None:
    platform.ends({"model.p.a": "success", "test.p.a_unique": "pass"}, exit_code)
    with pytest.raises(AirflowSkipException):
        platform.build_all()
    assert platform.ti.xcom_push.call_args.kwargs["value"]["models"].keys() == {"a"}


def test_a_dbt_that_does_not_begin_is_no_failure_of_the_day(platform: Platform, reported: Mock) -> None:
    """The models' own tasks find the same, and have the retries and the mails for it."""
    reported.side_effect = RunResultsError("dbt left no run_results.json")
    platform.ends({}, exit_code=1)
    with pytest.raises(AirflowSkipException):
        platform.build_all()


def test_an_airflow_out_of_reach_does_not_stop_dbt(platform: Platform) -> None:
    platform.ti.xcom_push.side_effect = [RuntimeError("API server is down"), None]
    assert platform.build_all()["models"].keys() == {"a", "b"}, "the next word brings both"


def test_the_task_of_a_model_begins_in_the_triggerer(platform: Platform) -> None:
    arguments = platform.model.start_trigger_args
    assert platform.model.start_from_trigger is True
    assert (arguments.trigger_cls, arguments.next_method) == ("model_built.ModelBuilt", "build")
    assert arguments.trigger_kwargs == {"producer": "build_models", "model": "int_contracts"}
    assert not set(arguments.trigger_kwargs) & set(platform.model.template_fields), "Airflow would render it"


def test_where_airflow_begins_it_in_a_worker_it_defers(platform: Platform) -> None:
    with pytest.raises(TaskDeferred) as deferred:
        platform.model.execute({})
    path, arguments = deferred.value.trigger.serialize()
    assert (path, deferred.value.method_name) == ("model_built.ModelBuilt", "build")
    assert arguments["model"] == "int_contracts"


def test_a_model_that_nobody_built_is_built_alone(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform.model, "callback", None)
    platform.model.build({"ti": platform.ti, "run_id": "r"}, event="build_models is failed")
    assert "build --indirect-selection buildable --select fqn:tokyobeta.silver.int_contracts " in platform.called
    assert "json" not in platform.called


@pytest.mark.parametrize(("name", "answer"), [("lineage.is_on", True), ("find_spec", None)])
def test_each_task_builds_its_model_for_openlineage_and_while_a_release_has_brought_no_plugin_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, answer: Any
) -> None:
    monkeypatch.setattr(f"include.operators.dbt.{name}", lambda *_: answer)
    platform = Platform(tmp_path)
    assert type(platform.build_models).__name__ == "EmptyOperator"
    assert platform.model.start_from_trigger is False
    assert type(platform.model).__name__ == "DbtBuildLocalOperator"
