from __future__ import annotations

import json

from infra.local import report
from infra.local.airflow_api import TaskInstance

FAILED = TaskInstance("refresh_quicksight", 2, "refresh_quicksight moveouts", "failed", 3.25, 2)


def log(tmp_path, *lines):
    file = tmp_path / "attempt=1.log"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines) + "not json\n")
    return file


def test_the_last_error_is_the_reason(tmp_path):
    file = log(
        tmp_path,
        {"level": "error", "event": "first"},
        {
            "level": "error",
            "event": "Task failed with exception",
            "error_detail": [
                {"exc_type": "KeyError", "exc_value": "x"},
                {"exc_type": "LoadError", "exc_value": "cut\noff"},
            ],
        },
        {"level": "info", "event": "after"},
    )
    assert report.last_error(file) == "LoadError: cut off"


def test_of_dbt_its_own_words_are_shown(tmp_path):
    file = log(
        tmp_path,
        {"level": "info", "event": "Completed with 1 error"},
        {"level": "info", "event": "  Database Error in model moveouts (models/gold/moveouts.sql)"},
        {"level": "info", "event": "  1146 (42S02): Table 'silver.x' doesn't exist"},
        {"level": "error", "event": "failed", "error_detail": [{"exc_type": "AirflowException", "exc_value": "dbt"}]},
    )
    assert report.last_error(file).startswith(
        "Database Error in model moveouts (models/gold/moveouts.sql) 1146 (42S02): Table 'silver.x' doesn't exist"
    )


def test_a_missing_log_is_said(tmp_path):
    assert report.last_error(tmp_path / "none.log") == "no error was logged"


def test_the_log_of_a_mapped_task_is_named(state):
    assert report.task_log(state, "r", FAILED) == (
        state.logs / "tasks/dag_id=gghouse_daily/run_id=r/task_id=refresh_quicksight/map_index=2/attempt=2.log"
    )


def test_tasks_that_did_not_run_are_counted_not_listed():
    behind = [TaskInstance(name, -1, name, "upstream_failed", 0.0, 0) for name in "ab"]
    assert report._task_lines([FAILED, *behind]) == [
        "  refresh_quicksight moveouts                          failed          3.2 s",
        "  2 tasks behind the failed one did not run",
    ]


def test_japanese_labels_keep_the_columns_straight():
    assert report._wide("稼働率", 8) == "稼働率  "
