"""What dbt really writes is read rightly and told in words; everything here comes from runs of dbt on a server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from include.dbt.run_results import RunResultsError, describe, example_rows, read_results
from infra.local.database import Database
from tests.dbt.project import DbtProject

AGE, SAME_ROOM = "new_contracts_age_plausible", "unique_combination_int_contracts_tenant_id__apartment_id__room_id"
STAY = "moveouts_stay_mostly_not_negative"
DEPARTED = 3
MODELS = ("--select", "+new_contracts", "+moveouts")


@pytest.fixture(scope="module")
def project(
    make_dbt_server: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[DbtProject, Path]]:
    """A project with some contracts, all built, and the directory that dbt writes to."""
    target = tmp_path_factory.mktemp("dbt")
    project = DbtProject(make_dbt_server(), target, built=True)
    project.execute("insert into staging.apartments (id) values (1)")
    project.execute("insert into staging.tenants (id, moving_id) values (1, 1), (2, 2), (3, 3), (4, null)")
    contracts = [(1, 1, 1, 0), (2, 2, 2, 0), (3, 3, 3, 0), *((100 + n, 4, 100 + n, 1) for n in range(DEPARTED))]
    for contract, tenant, room, is_moveout in contracts:
        project.execute("insert into staging.rooms (id) values (%s)", [room])
        project.execute(
            "insert into staging.movings (id, tenant_id, room_id, is_moveout, moveout_plans_date) "
            "values (%s, %s, %s, %s, if(%s, '2026-01-31', null))",
            [contract, tenant, room, is_moveout, is_moveout],
        )
    project.dbt("run", "2026-03-02", *MODELS)
    yield project, target
    project.close()


@pytest.fixture(scope="module")
def good(project: tuple[DbtProject, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run leaves that finds nothing."""
    project[0].dbt("build", "2026-03-02", "--select", "new_contracts")
    return Path(shutil.copytree(project[1], tmp_path_factory.mktemp("good"), dirs_exist_ok=True))


@pytest.fixture(scope="module")
def faulty(project: tuple[DbtProject, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run leaves whose tests found something."""
    dbt = project[0]
    dbt.execute("update gold_next.new_contracts set age = 17 where contract_id in (2, 3)")
    dbt.execute("update gold_next.moveouts set total_stay_days = -1")
    dbt.execute("update silver.int_contracts set tenant_id = 1, room_id = 1, asset_id_hj = null where contract_id < 3")
    dbt.execute("update silver.int_contracts set gender_code = 9 where contract_id = 1")
    dbt.dbt("test", "2026-03-02", *MODELS, check=False)
    return Path(shutil.copytree(project[1], tmp_path_factory.mktemp("faulty"), dirs_exist_ok=True))


@pytest.fixture(scope="module")
def broken(project: tuple[DbtProject, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run leaves in which a model cannot be built."""
    dbt = project[0]
    dbt.execute("alter table staging.m_nationalities rename column nationality_name to name")
    try:
        dbt.dbt("build", "2026-03-02", *MODELS, check=False)
    finally:
        dbt.execute("alter table staging.m_nationalities rename column name to nationality_name")
    return Path(shutil.copytree(project[1], tmp_path_factory.mktemp("broken"), dirs_exist_ok=True))


@pytest.fixture(scope="module")
def unreadable(project: tuple[DbtProject, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run leaves in which a test cannot be run."""
    dbt = project[0]
    dbt.execute("alter table gold_next.new_contracts rename column age to years")
    try:
        dbt.dbt("test", "2026-03-02", "--select", "new_contracts", check=False)
    finally:
        dbt.execute("alter table gold_next.new_contracts rename column years to age")
    return Path(shutil.copytree(project[1], tmp_path_factory.mktemp("unreadable"), dirs_exist_ok=True))


def test_a_good_run_has_nothing_to_tell(good: Path) -> None:
    run = read_results(good)
    assert (run.failed, run.warned, run.skipped) == ((), (), ())
    assert run.target_date == "2026-03-02"
    assert abs(datetime.now(UTC) - run.finished_at).total_seconds() < 600
    model = next(result for result in run.results if result.kind == "model")
    assert describe(model) == "gold.new_contracts was built"
    assert 0 < model.seconds < run.seconds
    assert describe(next(result for result in run.results if result.name == AGE)) == (
        f"Test {AGE} of gold.new_contracts passed"
    )


def test_failed_tests_are_told_with_their_rows(faulty: Path) -> None:
    failed = {result.name: result for result in read_results(faulty).failed}
    assert describe(failed[AGE]) == f"Test {AGE} of gold.new_contracts failed: 2 rows"
    assert describe(failed[SAME_ROOM]) == f"Test {SAME_ROOM} of silver.int_contracts failed: 1 row"
    assert failed[AGE].severity == "error"
    assert failed[AGE].models == ("gold.new_contracts",)
    assert failed[AGE].failures == 2


def test_warnings_are_told_and_are_no_failures(faulty: Path) -> None:
    run = read_results(faulty)
    asset = next(result for result in run.warned if result.name == "not_null_int_contracts_asset_id_hj")
    assert asset not in run.failed
    assert (asset.severity, asset.column) == ("warn", "asset_id_hj")
    assert describe(asset) == (
        "Test not_null_int_contracts_asset_id_hj of silver.int_contracts, column asset_id_hj, warns: 2 rows"
    )


def test_a_warning_about_an_unknown_code_names_the_seed_and_the_runbook(faulty: Path) -> None:
    codes = [result for result in read_results(faulty).results if result.labels]
    (gender,) = (result for result in codes if result.status == "warn")
    assert gender.labels == "seeds.code_gender"
    assert describe(gender) == (
        f"Test {gender.name} of silver.int_contracts, column gender_code, warns: 1 row with a code that "
        "seeds.code_gender does not have; readers see Unknown (code), and the runbook dbt says what to do about an "
        "unknown code"
    )
    assert describe(replace(gender, status="pass")).endswith(" passed")
    assert "seeds.code_tenant_status" in {result.labels for result in codes}


def test_a_test_that_allows_some_rows_says_how_many(faulty: Path) -> None:
    (stay,) = (result for result in read_results(faulty).warned if result.name == STAY)
    assert describe(stay) == f"Test {STAY} of gold.moveouts warns: {DEPARTED} rows"
    assert describe(replace(stay, failures=1012, threshold=">1000")) == (
        f"Test {STAY} of gold.moveouts warns: 1,012 rows (>1000 is too many)"
    )


def test_a_test_with_a_figure_of_its_own_is_told_by_that_figure(faulty: Path) -> None:
    failed = {result.name: result for result in read_results(faulty).failed}[AGE]
    judged = replace(failed, counts="max(days_behind)", failures=2, threshold="> 1")
    assert describe(judged).endswith("failed: max(days_behind) = 2 (> 1 is too many)")


def test_a_test_of_a_source_names_the_source(faulty: Path) -> None:
    result = next(result for result in read_results(faulty).results if result.name == "source_unique_staging_rooms_id")
    assert (result.models, result.column) == (("staging.rooms",), "id")


def test_a_model_that_cannot_be_built_says_why_without_paths(broken: Path) -> None:
    run = read_results(broken)
    (model,) = (result for result in run.failed if result.kind == "model")
    assert model.models == ("silver.stg_nationality_predictions",)
    assert describe(model).startswith(
        "silver.stg_nationality_predictions could not be built: 1054 (42S22): Unknown column"
    )
    assert str(broken.parent) not in describe(model)
    assert "compiled Code" not in describe(model)
    left_out = {result.name: describe(result) for result in run.skipped}
    assert left_out["moveouts"] == "gold.moveouts was not rebuilt, because a step before it failed"
    assert left_out[AGE] == f"Test {AGE} of gold.new_contracts was not run, because a step before it failed"


def test_a_test_that_cannot_run_is_a_failure(unreadable: Path) -> None:
    failed = {result.name: result for result in read_results(unreadable).failed}
    assert failed[AGE].failures is None
    assert describe(failed[AGE]).startswith(f"Test {AGE} of gold.new_contracts could not run: 1054 (42S22): Unknown")


def test_values_of_a_row_stay_out_of_the_sentence(broken: Path) -> None:
    (model,) = (result for result in read_results(broken).failed if result.kind == "model")
    message = (
        "Database Error in model x (x.sql)\n"
        "  1366 (22007): Incorrect integer value: '山田 花子' for column `silver`.`x`.`age` at row 1\n"
        "  compiled Code at /somewhere/x.sql"
    )
    assert describe(replace(model, message=message)) == (
        "silver.stg_nationality_predictions could not be built: 1366 (22007): Incorrect integer value: '…' "
        "for column `silver`.`x`.`age` at row 1"
    )


def test_example_rows_are_those_that_the_test_found(project: tuple[DbtProject, Path], faulty: Path) -> None:
    failed = {result.name: result for result in read_results(faulty).failed}
    connection = project[0].connection
    rows = example_rows(connection, failed[AGE])
    assert sorted(row["contract_id"] for row in rows) == [2, 3]
    assert {row["age"] for row in rows} == {17}
    assert len(example_rows(connection, failed[AGE], limit=1)) == 1
    assert example_rows(connection, failed[SAME_ROOM]) == [
        {"tenant_id": 1, "apartment_id": 1, "room_id": 1, "copies": 2}
    ]


def test_example_rows_hold_no_personal_data(project: tuple[DbtProject, Path], faulty: Path) -> None:
    failed = {result.name: result for result in read_results(faulty).failed}
    connection = project[0].connection
    (first, *_) = example_rows(connection, replace(failed[AGE], sql="select * from silver.stg_tenants"))
    assert {"tenant_id", "nationality", "tenant_status_code"} <= set(first)
    personal = {"full_name", "last_name", "first_name", "full_name_kana", "birth_date", "affiliation"}
    assert not personal & set(first)
    assert set(first.values()).isdisjoint({"山田", "花子", "山田 花子"})
    assert "occupation_company" not in example_rows(connection, failed[AGE])[0]
    # dbt's own tests of one column rename it
    named = replace(failed[AGE], column="last_name", sql="select last_name as value_field, 1 as n from staging.tenants")
    assert example_rows(connection, named, limit=1) == [{"n": 1}]


def test_what_did_not_get_as_far_as_its_query_has_no_examples(project: tuple[DbtProject, Path], broken: Path) -> None:
    run = read_results(broken)
    assert example_rows(project[0].connection, next(result for result in run.failed if result.kind == "model")) == []
    assert example_rows(project[0].connection, run.skipped[0]) == []


def test_i21_what_dbt_prints_decides_nothing(faulty: Path) -> None:
    failed = {result.name for result in read_results(faulty).failed}
    (faulty / "dbt.log").write_text("Completed successfully\nDone. PASS=169 WARN=0 ERROR=0 SKIP=0 TOTAL=169\n")
    assert {result.name for result in read_results(faulty).failed} == failed


def test_without_a_file_the_error_says_what_that_means(tmp_path: Path) -> None:
    with pytest.raises(RunResultsError, match=r"left no run_results.json .* ended before its first node"):
        read_results(tmp_path)


@pytest.mark.parametrize("file", ["run_results.json", "manifest.json"])
@pytest.mark.parametrize("content", ["", '{"metadata": {"gene', "[]", "{}", "null"])
def test_a_broken_file_is_named(good: Path, tmp_path: Path, file: str, content: str) -> None:
    for name in ("run_results.json", "manifest.json"):
        shutil.copy(good / name, tmp_path)
    (tmp_path / file).write_text(content)
    with pytest.raises(RunResultsError, match=file):
        read_results(tmp_path)


def test_files_of_different_projects_are_refused(good: Path, tmp_path: Path) -> None:
    shutil.copy(good / "run_results.json", tmp_path)
    manifest: dict[str, Any] = json.loads((good / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps({**manifest, "nodes": {}}))
    with pytest.raises(RunResultsError, match=r"does not fit manifest\.json"):
        read_results(tmp_path)
