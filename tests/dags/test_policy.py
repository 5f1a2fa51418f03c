"""Rules that hold for every DAG. A failure says what to change."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from include.dbt import AFTER_PUBLISH, BEFORE_PUBLISH
from include.operators.assets import GOLD
from include.operators.callbacks import run_failed, run_succeeded, task_failed
from include.operators.policy import OWNER, POOL_DBT, POOL_WAREHOUSE, Tag
from include.recovery.forms import FORMS
from include.reports.forms import DAGS
from include.reports.forms import FORMS as REPORT_FORMS
from include.schedule import GOLD_DUE, WATCH_LOOKS, clock, cron
from include.settings import DATE_VARIABLE, ROOMS_VARIABLE

PROJECT = Path(__file__).resolve().parents[2]
PARSE_SECONDS = 2.0
DATABASE_OPERATORS = {"PlanDayOperator", "LoadStagingOperator", "CaptureSnapshotOperator", "EnrichOperator"}
MEASURE = """
import importlib.util, os, sys, time
sys.path[:0] = sys.argv[1:3]
import airflow.sdk, airflow.dag_processing.dagbag  # the DAG processor has these in memory before it parses a file
for file in sys.argv[3:]:
    if os.fork():
        sys.exit(1) if os.wait()[1] else None
        continue
    spec = importlib.util.spec_from_file_location("measured", file)
    before = time.process_time()
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    print(file, time.process_time() - before, flush=True)  # of the processor: a busy machine fails no test
    os._exit(0)
"""


def every_task(dagbag: Any) -> list[Any]:
    return [task for dag in dagbag.dags.values() for task in dag.tasks]


def name(task: Any) -> str:
    return f"{task.dag_id}.{task.task_id}"


def value(task: Any, field: str) -> Any:
    """Read a field of a task, mapped or not."""
    return getattr(task, field, None) or getattr(task, "partial_kwargs", {}).get(field)


def by_gold(dag: Any) -> bool:
    """Whether each publication of gold starts it."""
    return GOLD.name in str(getattr(dag.timetable, "asset_condition", ""))


def of_reports(node: Any) -> bool:
    """Whether a report's own DAG builds it, and not gghouse_daily."""
    return str(node["original_file_path"]).startswith("models/reports/")


def test_every_file_can_be_imported(dagbag: Any) -> None:
    assert dagbag.import_errors == {}, "a DAG file cannot be imported; the traceback says where"
    assert dagbag.dags, "no DAG was found under dags/"


def test_every_dbt_task_gets_the_date_and_the_rooms_of_the_portfolio(dagbag: Any) -> None:
    dbt = [task for task in every_task(dagbag) if "project_dir" in dir(task)]
    assert len(dbt) > 30
    for task in dbt:
        assert {DATE_VARIABLE, ROOMS_VARIABLE} <= set(task.env), name(task)


def test_every_task_has_the_owner_of_the_platform(dagbag: Any) -> None:
    wrong = [name(task) for task in every_task(dagbag) if task.owner != OWNER]
    assert not wrong, f"set default_args owner=policy.OWNER: {wrong}"


def test_every_dag_has_one_impact_tag(dagbag: Any) -> None:
    for dag in dagbag.dags.values():
        unknown = set(dag.tags) - set(Tag)
        assert not unknown, f"{dag.dag_id}: use tags from policy.Tag, not {unknown}, or add them there"
        impact = [tag for tag in dag.tags if tag.startswith("impact:")]
        assert len(impact) == 1, f"{dag.dag_id}: give it exactly one impact tag, not {impact}"


def test_every_dag_has_a_page_for_operators(dagbag: Any) -> None:
    for dag in dagbag.dags.values():
        page = dag.doc_md or ""
        for heading in ("**What.**", "**When.**", "**When something is red.**"):
            assert heading in page, f"{dag.dag_id}: its docstring, shown in the UI as doc_md, lacks {heading}"
        assert "JST" in page, f"{dag.dag_id}: say in its docstring at what time in JST it runs"


def test_every_task_of_the_daily_dag_is_in_its_page(dagbag: Any) -> None:
    dag = dagbag.dags["gghouse_daily"]
    for step in {task.task_id.split(".")[0] for task in dag.tasks}:
        assert f"`{step}`" in dag.doc_md, f"say in the docstring of gghouse_daily what to do when {step} is red"


def test_runs_never_overlap(dagbag: Any) -> None:
    for dag in dagbag.dags.values():
        assert dag.max_active_runs == 1, f"{dag.dag_id}: set max_active_runs=1, two runs would load the same tables"
        assert dag.catchup is False, f"{dag.dag_id}: set catchup=False, a pause must not start a flood of runs"
        assert dag.dagrun_timeout, f"{dag.dag_id}: set dagrun_timeout, or a stuck run blocks the next day"
        assert dag.max_active_tasks <= 4, f"{dag.dag_id}: max_active_tasks above 4 is too much for a small worker"


def test_every_dag_reports_a_run_that_takes_too_long(dagbag: Any) -> None:
    for dag in dagbag.dags.values():
        assert dag.on_failure_callback is run_failed, f"{dag.dag_id}: set on_failure_callback=run_failed"


def test_the_incidents_of_a_dag_are_resolved_by_its_next_green_run(dagbag: Any) -> None:
    assert "all_clear" in dagbag.dags["gghouse_daily"].task_ids
    for dag in dagbag.dags.values():
        if dag.dag_id != "gghouse_daily":
            assert dag.on_success_callback is run_succeeded, f"{dag.dag_id}: set on_success_callback=run_succeeded"


def test_every_task_has_retries_a_time_limit_and_reports_its_failure(dagbag: Any) -> None:
    for task in every_task(dagbag):
        assert task.retries > 0, f"{name(task)}: give it retries, see policy.py"
        assert task.execution_timeout, f"{name(task)}: give it an execution_timeout"
        assert task_failed in (value(task, "on_failure_callback") or []), (
            f"{name(task)}: nobody hears when it fails; put on_failure_callback=task_failed into default_args"
        )


def test_a_load_is_soon_tried_again_and_outlasts_a_restart_of_the_server(dagbag: Any) -> None:
    dag = dagbag.dags["gghouse_daily"]
    load = dag.get_task("load_staging")
    waits = [load.retry_delay.total_seconds() * load.retry_exponential_backoff**tries for tries in range(load.retries)]
    assert waits[0] <= 30
    assert sum(waits) >= 7 * 60


def test_a_model_is_tried_again_after_a_minute(dagbag: Any) -> None:
    dag = dagbag.dags["gghouse_daily"]
    models = [task for task in dag.tasks if task.task_id.startswith(("silver.", "gold."))]
    assert models, "the manifest holds no models; run `dbt parse`"
    assert {(task.retries, task.retry_delay.total_seconds()) for task in models} == {(3, 60)}


def test_the_preflight_comes_before_all_work_and_waits_for_no_pool_that_may_be_missing(dagbag: Any) -> None:
    dag = dagbag.dags["gghouse_daily"]
    preflight = dag.get_task("preflight")
    assert preflight.pool == "default_pool", "it could not say that the pool is missing in which it waits"
    assert not preflight.upstream_task_ids
    after = {task.task_id for task in preflight.get_flat_relatives(upstream=False)}
    assert set(dag.task_ids) - after == {"preflight", "plan_day", "wait_for_dump"}, "everything else writes something"


def test_what_touches_the_database_runs_in_its_pool(dagbag: Any) -> None:
    for task in every_task(dagbag):
        if task.task_type in DATABASE_OPERATORS:
            assert task.pool == POOL_WAREHOUSE, f"{name(task)}: set pool=POOL_WAREHOUSE"
        if task.task_type.startswith("Dbt"):
            assert task.pool == POOL_DBT, f"{name(task)}: set pool=POOL_DBT"


def test_every_recovery_is_triggered_by_hand_and_is_a_dry_run_by_default(dagbag: Any) -> None:
    dags = {name: dag for name, dag in dagbag.dags.items() if name.startswith("recover_")}
    assert dags.keys() == {f"recover_{name}" for name in FORMS}, "each recovery has a form and a DAG"
    for name, dag in dags.items():
        assert not dag.timetable.can_be_scheduled, f"{name}: set schedule=None, a person decides when"
        assert Tag.OPERATIONS in dag.tags, f"{name}: tag it operations, so that it is found"
        assert dag.params["dry_run"] is True, f"{name}: a form that is sent as it is must change nothing"
        for field in dag.params:
            page = dag.params.get_param(field).description or dag.params.get_param(field).schema["description_md"]
            assert "for example" in page.lower(), f"{name}: give an example in the description of {field}"
        assert [task.task_id for task in dag.topological_sort()] == ["plan", "execute"], f"{name}: say it, then do it"


def test_every_report_has_a_form_and_never_touches_the_day(dagbag: Any) -> None:
    dags = {name: dag for name, dag in dagbag.dags.items() if name.startswith(DAGS)}
    assert dags.keys() == {f"{DAGS}{name}" for name in REPORT_FORMS}, "each report has a form and a DAG"
    started = {name for name, dag in dags.items() if by_gold(dag)}
    assert started == {f"{DAGS}{name}" for name in ("corrections", "flash", "rent_roll")}
    for name in started:
        assert f"about {clock(GOLD_DUE)} JST" in dags[name].doc_md, f"{name}: say when gold is published"
    for name, dag in dags.items():
        assert set(dag.tags) >= {Tag.REPORTS, Tag.MINOR}, f"{name}: tag it reports, so that it is found"
        assert set(dag.params) == {field.name for field in REPORT_FORMS[name.removeprefix(DAGS)].fields}, name


def test_i40_the_watch_looks_when_the_dump_is_due_and_twice_after_the_dashboards_are(dagbag: Any) -> None:
    looks = dagbag.dags["gghouse_watch"].timetable.timetables
    assert [look.expression for look in looks] == [cron(at) for at in WATCH_LOOKS]
    assert {str(look.timezone) for look in looks} <= {"Asia/Tokyo", "Timezone('Asia/Tokyo')"}


def test_i31_a_look_can_be_silent_and_by_default_is_not(dagbag: Any) -> None:
    params = dagbag.dags["gghouse_watch"].params
    assert (params["notify"], params["target_date"]) == (True, None)


def test_i27_no_template_uses_airflows_utc_date(dagbag: Any) -> None:
    for task in every_task(dagbag):
        fields = {field: value(task, field) for field in task.template_fields}
        for word in ("ds", "ds_nodash", "ts", "ts_nodash", "yesterday_ds", "data_interval_start"):
            for opening in ("{{ " + word + " ", "{{ " + word + "|", "{{" + word):
                assert opening not in str(fields), f"{name(task)}: {word} is a UTC day; use run_date(dag_run, params)"


def test_i22_what_runs_after_a_failure_cannot_make_a_run_green(dagbag: Any) -> None:
    waits_for_success = {"all_success", "none_failed", "none_failed_min_one_success"}
    for task in every_task(dagbag):
        if task.trigger_rule not in waits_for_success and not task.is_teardown:
            assert task.task_id == "enrich_ended", (
                f"{name(task)}: it may end well after another task failed, and the run's state is that of its last "
                "tasks; make it a teardown, which does not count"
            )


def test_i22_the_day_goes_on_without_enrich_and_without_nothing_else(dagbag: Any) -> None:
    """Each model waits for whatever `enrich` waits for by another way, on which a failure is passed on."""
    dag = dagbag.dags["gghouse_daily"]
    enrich, ended = dag.get_task("enrich"), dag.get_task("enrich_ended")
    assert (ended.trigger_rule, ended.upstream_task_ids) == ("all_done", {"enrich"})
    assert enrich.downstream_task_ids == {"enrich_ended"}

    def needed(task: Any) -> set[str]:
        before = [each for each in task.upstream_list if each is not ended]
        assert all(each.trigger_rule == "all_success" for each in before), task.task_id
        return {each.task_id for each in before}.union(*map(needed, before))

    after = [dag.get_task(each) for each in ended.downstream_task_ids]
    assert after
    for task in after:
        assert task.trigger_rule == "all_success"
        missing = enrich.get_flat_relative_ids(upstream=True) - needed(task)
        assert not missing, f"{task.task_id} would run although {missing} failed"
    silver = {each for each in dag.task_ids if each.startswith("silver.")}
    assert silver <= ended.get_flat_relative_ids(upstream=False), (
        "clearing enrich with downstream must build the figures anew"
    )


def test_what_the_day_needs_comes_before_enrich_in_the_pool(dagbag: Any) -> None:
    dag = dagbag.dags["gghouse_daily"]
    enrich, snapshot = dag.get_task("enrich"), dag.get_task("capture_snapshot")
    assert enrich.pool == snapshot.pool
    assert (enrich.weight_rule, snapshot.weight_rule) == ("absolute", "downstream")
    assert enrich.priority_weight == snapshot.priority_weight == 1
    assert (enrich.retries, enrich.execution_timeout.total_seconds()) == (1, 300)


def test_i40_every_schedule_names_tokyo_and_the_page_says_the_same_hour(dagbag: Any) -> None:
    scheduled = [dag for dag in dagbag.dags.values() if dag.timetable.can_be_scheduled and not by_gold(dag)]
    assert scheduled
    for dag in scheduled:
        assert dag.timezone.name == "Asia/Tokyo", f"{dag.dag_id}: give start_date tz='Asia/Tokyo'"
        for times in getattr(dag.timetable, "timetables", [dag.timetable]):
            assert str(times.timezone) == "Asia/Tokyo", f"{dag.dag_id}: name the schedule's time zone, else it is UTC"
            minute, hours, *_ = times.expression.split()
            for hour in hours.split(","):
                told = f"{int(hour):02}:{int(minute):02}"
                assert told in dag.doc_md, f"{dag.dag_id}: its page does not say that it starts at {told} JST"


def test_i38_no_task_downloads_dbt_packages(dagbag: Any) -> None:
    tasks = [task for task in every_task(dagbag) if task.task_type.startswith("Dbt")]
    assert tasks
    assert not [name(task) for task in tasks if task.install_deps], "pass install_deps=False: no network at run time"


def test_every_model_is_one_task_and_the_seeds_are_one(dagbag: Any) -> None:
    manifest = json.loads((PROJECT / "dbt" / "target" / "manifest.json").read_text())
    nodes = manifest["nodes"].values()
    daily = dagbag.dags["gghouse_daily"]
    built = [task.task_id.split(".")[1] for task in daily.tasks if task.task_id.startswith(("silver.", "gold."))]
    wanted = {node["name"] for node in nodes if node["resource_type"] == "model" and not of_reports(node)}
    assert sorted(built) == sorted(wanted), "each model lies in a folder that one group selects"
    # A test that looks at a model as well would run before that model is built, unless it must be `buildable`.
    seeds = daily.get_task("seeds")
    assert (seeds.select, seeds.indirect_selection) == ("path:seeds", "buildable")
    assert all(node["original_file_path"].startswith("seeds/") for node in nodes if node["resource_type"] == "seed")


def test_i21_i26_every_dbt_test_runs_in_some_task(dagbag: Any) -> None:
    """A model's task runs the tests whose parents are all its model or before it, `check_sources` those of sources.

    `check_gold` runs those that compare models beside each other, a DAG of its own the long ones.
    """
    assert dagbag.dags["gghouse_daily"].get_task("check_sources").select == "source:*"
    check_published = dagbag.dags["gghouse_quality"].get_task("check_published")
    assert (check_published.select, check_published.exclude) == (AFTER_PUBLISH, None)
    manifest = json.loads((PROJECT / "dbt" / "target" / "manifest.json").read_text())
    parents = manifest["parent_map"]
    assert dagbag.dags["gghouse_daily"].get_task("check_gold").select == BEFORE_PUBLISH
    tags = {selector.removeprefix("tag:") for selector in (BEFORE_PUBLISH, AFTER_PUBLISH)}
    apart = {node["unique_id"] for node in manifest["nodes"].values() if tags & set(node["tags"])}
    # A report builds its models in one command, with every test of them that reads nothing built elsewhere later.
    reports = {name for name, node in manifest["nodes"].items() if of_reports(node)}
    apart |= {name for name, tested in parents.items() if name.startswith("test.") and reports & set(tested)}

    def before(node: str) -> set[str]:
        return {node}.union(*(before(parent) for parent in parents.get(node, [])))

    def runs(tested: list[str]) -> bool:
        built = [node for node in tested if not node.startswith("source.")]
        return not built or any(set(tested) <= before(node) for node in built)

    daily = {name: tested for name, tested in parents.items() if name.startswith("test.") and name not in apart}
    lost = [name for name, tested in daily.items() if not runs(tested)]
    assert not lost, f"no model comes after everything these tests look at, so no task would run them: {lost}"


def test_each_file_is_parsed_in_under_two_seconds(dag_files: list[Path]) -> None:
    slow = dict.fromkeys(dag_files, 0.0)
    for _ in range(3):  # two processes on one core slow each other down in the processor's time, too: the best counts
        if slow:
            slow = {file: seconds for file, seconds in _parse_seconds(list(slow)).items() if seconds >= PARSE_SECONDS}
    assert not slow, f"see `python -X importtime` and move imports into execute(): {slow}"


def test_a_dag_file_only_wires(dag_files: list[Path]) -> None:
    logic = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Try, ast.If)
    for file in dag_files:
        found = [node.lineno for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, logic)]
        assert not found, f"{file.name}, lines {found}: move logic to include/"


def _parse_seconds(files: list[Path]) -> dict[Path, float]:
    command = [sys.executable, "-c", MEASURE, str(PROJECT), str(PROJECT / "plugins"), *map(str, files)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"one of {files} cannot be imported:\n{result.stderr[-2000:]}"
    measured = dict(line.rsplit(" ", 1) for line in result.stdout.splitlines() if line.startswith(str(PROJECT)))
    return {file: float(measured[str(file)]) for file in files}


def test_heavy_modules_wait_until_a_task_needs_them() -> None:
    """The sensor's base class brings boto3 along; nothing else that a DAG file imports may."""
    script = (
        "import sys; sys.path[:0] = sys.argv[1:]; import airflow.sdk; before = set(sys.modules)\n"
        "import include.operators.load_staging, include.operators.archive_dump, include.operators.plan_day\n"
        "import include.operators.capture_snapshot, include.operators.refresh_quicksight, include.operators.deadline\n"
        "import include.operators.dbt, include.dump.location, include.operators.watch, include.operators.all_clear\n"
        "import include.operators.recovery_form, include.operators.rerun_days, include.operators.preflight\n"
        "import include.operators.enrich\n"
        "print({'boto3', 'MySQLdb', 'pandas', 'moto', 'faker', 'zstandard'} & (set(sys.modules) - before) or 'none')"
    )
    command = [sys.executable, "-c", script, str(PROJECT)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.stdout.split()[-1:] == ["none"], (
        f"a DAG file imports these through include/; import them in execute(): {result.stdout}{result.stderr[-2000:]}"
    )
