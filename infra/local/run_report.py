"""The page at the end of `make run`: what ran, how long, and what came out."""

from __future__ import annotations

import contextlib
import json
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import MySQLdb

from include.schedule import DAILY
from include.warehouse.schema import MARK
from infra.local import airflow_home, warehouse
from infra.local.airflow_api import AirflowApi, TaskInstance
from infra.local.aws import account, inbox
from infra.local.aws.quicksight import SOURCES
from infra.local.state import State

LAYERS = ("staging", "history", "seeds", "silver", "gold")
# Layers whose tables are few enough to be listed one by one.
LISTED_LAYERS = ("silver", "gold")
OCCUPANCY = {
    "period_start_rooms": "期首稼働室数",
    "new_moveins": "新規入居者",
    "new_moveouts": "新規退去者",
    "occupancy_delta": "稼働室数増減",
    "unexplained_delta": "説明のつかない増減",
    "period_end_rooms": "期末稼働室数",
    "occupancy_rate": "稼働率",
    "applications": "申込",
}


def page(state: State, api: AirflowApi, run_id: str, target: date, outcome: str, seconds: float) -> str:
    """Return the page of a run.

    Args:
        state: the platform.
        api: its Airflow.
        run_id: the run.
        target: its business date.
        outcome: state in which it ended.
        seconds: from the trigger to its end.
    """
    tasks = api.task_instances(DAILY, run_id)
    lines = ["", "═" * 80, f"Business date {target}: {outcome} after {seconds:.0f} s", "═" * 80]
    lines += ["", "Tasks", *_task_lines(tasks)]
    if outcome == "success":
        with contextlib.closing(warehouse.admin(state).connect()) as connection:
            lines += ["", "Rows", *_row_lines(connection)]
            lines += ["", f"Occupancy of {target}", *_occupancy_lines(connection, target)]
        lines += ["", "QuickSight ingestions", *_ingestion_lines(state)]
    for task in tasks:
        if task.state == "failed":
            log = task_log(state, run_id, task)
            lines += ["", f"{task.label} failed: {last_error(log)}", f"  log: {log}"]
    mails = inbox.read_inbox(account.endpoint_url(state))
    lines += ["", "Inbox: " + ("read with `make inbox`; the last mails:" if mails else "empty")]
    lines += [f"  {mail.subject}" for mail in mails[-3:]]
    lines += ["", f"Airflow: {airflow_home.ui_url(state)}/dags/{DAILY}  (left running; `make down` stops everything)"]
    return "\n".join(lines)


def task_log(state: State, run_id: str, task: TaskInstance) -> Path:
    """Return the log file of a task's last try."""
    parts = [f"dag_id={DAILY}", f"run_id={run_id}", f"task_id={task.task_id}"]
    if task.map_index >= 0:
        parts.append(f"map_index={task.map_index}")
    return airflow_home.task_logs(state).joinpath(*parts, f"attempt={task.try_number}.log")


def last_error(log: Path) -> str:
    """Return the last error in a task's log, in one line, with what dbt said when it was dbt."""
    reason = "no error was logged"
    dbt: list[str] = []
    with contextlib.suppress(FileNotFoundError):
        for text in log.read_text().splitlines():
            try:
                line: dict[str, Any] = json.loads(text)
            except ValueError:
                continue
            event = str(line.get("event", ""))
            if " Error in " in event or dbt:
                dbt.append(event.strip())
            if line.get("level") in ("error", "critical"):
                details = line.get("error_detail")
                reason = f"{details[-1]['exc_type']}: {details[-1]['exc_value']}" if details else event
    return " ".join(" ".join(dbt[:4]).split()) or " ".join(reason.split())


def _task_lines(tasks: list[TaskInstance]) -> list[str]:
    ran = [task for task in tasks if task.state != "upstream_failed"]
    lines = [
        f"  {_wide(task.label, 52)} {task.state:10} {f'{task.seconds:8.1f} s' if task.seconds is not None else ''}"
        for task in ran
    ]
    if len(ran) < len(tasks):
        lines.append(f"  {len(tasks) - len(ran)} tasks behind the failed one did not run")
    return lines


def _row_lines(connection: MySQLdb.Connection) -> list[str]:
    lines = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' "
            "AND table_schema IN %s AND table_name <> %s ORDER BY table_schema, table_name",
            [LAYERS, MARK],
        )
        tables = cursor.fetchall()
        for layer in LAYERS:
            counts = {}
            for table in [name for schema, name in tables if schema == layer]:
                cursor.execute(f"SELECT COUNT(*) FROM `{layer}`.`{table}`")
                counts[table] = cursor.fetchone()[0]
            lines.append(f"  {_wide(layer, 38)} {sum(counts.values()):12,}  in {len(counts)} tables")
            if layer in LISTED_LAYERS:
                lines += [f"    {_wide(table, 36)} {rows:12,}" for table, rows in counts.items()]
    return lines


def _occupancy_lines(connection: MySQLdb.Connection, target: date) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(OCCUPANCY)} FROM gold.occupancy_daily_metrics "
            "WHERE snapshot_date = %s AND is_projection = 0",
            [target],
        )
        row = cursor.fetchone()
        cursor.execute("SELECT total_physical_rooms FROM gold.occupancy_kpi_meta")
        (rooms,) = cursor.fetchone()
    if row is None:
        return [f"  gold.occupancy_daily_metrics has no row of {target}"]
    return [
        f"  {_wide(label, 20)} {_wide(column, 20)} {'–' if value is None else value:>10}"
        for (column, label), value in zip(OCCUPANCY.items(), row, strict=True)
    ] + [f"  (the rate is of the {rooms:,} rooms of the simulated company)"]


def _ingestion_lines(state: State) -> list[str]:
    quicksight = account.client(account.endpoint_url(state), "quicksight")
    lines = []
    for dataset in SOURCES:
        found = quicksight.list_ingestions(AwsAccountId=account.ACCOUNT, DataSetId=dataset)["Ingestions"]
        if found:
            rows = found[0].get("RowInfo", {}).get("RowsIngested", 0)
            lines.append(f"  {_wide(dataset, 38)} {rows:12,}  {found[0]['IngestionStatus']}")
    return lines or ["  none"]


def _wide(text: str, width: int) -> str:
    """Pad to a number of terminal columns; Japanese letters take two."""
    columns = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * (width - columns)
