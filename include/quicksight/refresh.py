"""Refresh one QuickSight data set and wait until readers can see the result.

A failed or refused ingestion leaves the previous data in SPICE, so readers keep the last good day. The API is described
at https://docs.aws.amazon.com/quicksight/latest/APIReference/API_CreateIngestion.html.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from include.schedule import format_jst
from include.warehouse.schema import GOLD, REPORTS

if TYPE_CHECKING:
    from types_boto3_quicksight import QuickSightClient
    from types_boto3_quicksight.type_defs import IngestionTypeDef

# QuickSight counts manual ingestions over a rolling day: 32 of them on Enterprise, 8 on Standard.
LIMIT_WINDOW = timedelta(hours=24)
FIRST_POLL_SECONDS = 1.0
LONGEST_POLL_SECONDS = 30.0
OLD_FIGURES = "until then its dashboards keep showing the last successful refresh"


class IngestionError(RuntimeError):
    """A refresh did not complete; the message names the data set, QuickSight's own reason and the remedy."""


class DailyLimitSpent(IngestionError):
    """The data set has used up its refreshes of the last 24 hours; a retry before then fails, too."""


@dataclass(frozen=True)
class Ingestion:
    """One completed ingestion.

    Attributes:
        dataset_id: data set that was refreshed.
        ingestion_id: id under which QuickSight lists it.
        rows: rows now in SPICE.
        rows_dropped: rows that QuickSight dropped.
    """

    dataset_id: str
    ingestion_id: str
    rows: int
    rows_dropped: int


def new_ingestion_id(target: date, run_id: str, attempt: int) -> str:
    """Return an id that no other attempt of any run uses, within QuickSight's pattern `[A-Za-z0-9_-]{1,128}`.

    Args:
        target: business date of the run.
        run_id: Airflow's run id; the tail is kept when it is too long, for that is where run ids differ.
        attempt: number of the attempt, from 1; it keeps counting when a task is cleared.
    """
    head, tail = f"{target:%Y%m%d}-", f"-{attempt}"
    run = re.sub(r"[^A-Za-z0-9_-]", "-", run_id)
    return head + run[-(128 - len(head) - len(tail)) :] + tail


def refresh_dataset(
    client: QuickSightClient,
    account_id: str,
    dataset_id: str,
    ingestion_id: str,
    progress: Callable[[str], None],
    *,
    timeout_seconds: float = 900.0,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Ingestion:
    """Start a full refresh and wait for COMPLETED.

    Starting an id that exists already means that an earlier process of this very try was killed: its ingestion is
    waited for, not started twice.

    Args:
        client: boto3 QuickSight client.
        account_id: AWS account that owns the data set.
        dataset_id: data set to refresh.
        ingestion_id: see `new_ingestion_id`.
        progress: receives one line for each change of state.
        timeout_seconds: longest wait for COMPLETED, in seconds.
        sleep: waits for a number of seconds.
        clock: the present, aware.

    Raises:
        DailyLimitSpent: QuickSight accepts no more refreshes of this data set for now.
        IngestionError: it FAILED, was CANCELLED, or did not end in time.
        botocore.exceptions.ClientError: any other answer, for example missing rights.
    """
    names = {"AwsAccountId": account_id, "DataSetId": dataset_id}
    try:
        client.create_ingestion(**names, IngestionId=ingestion_id, IngestionType="FULL_REFRESH")
    except client.exceptions.LimitExceededException as error:
        raise DailyLimitSpent(_limit_sentence(client, names, clock())) from error
    except client.exceptions.ResourceExistsException:
        progress(f"{dataset_id}: ingestion {ingestion_id} runs already; waiting for it")
    started, pause, seen = clock(), FIRST_POLL_SECONDS, ""
    while True:
        ingestion = client.describe_ingestion(**names, IngestionId=ingestion_id)["Ingestion"]
        status = ingestion["IngestionStatus"]
        if status != seen:
            progress(f"{dataset_id}: {status}")
            seen = status
        if status == "COMPLETED":
            rows = ingestion.get("RowInfo", {})
            return Ingestion(dataset_id, ingestion_id, rows.get("RowsIngested", 0), rows.get("RowsDropped", 0))
        if status in ("FAILED", "CANCELLED"):
            raise IngestionError(_failure_sentence(dataset_id, ingestion))
        if (clock() - started).total_seconds() > timeout_seconds:
            raise IngestionError(
                f"data set {dataset_id} is still {status} after {timeout_seconds:.0f} s; look at ingestion "
                f"{ingestion_id} in QuickSight and clear this task, {OLD_FIGURES}"
            )
        sleep(pause)
        pause = min(pause * 2, LONGEST_POLL_SECONDS)


def table_shown(client: QuickSightClient, account_id: str, dataset_id: str) -> str:
    """Return the table of gold or reports that a data set shows row for row, with its schema.

    Empty when it joins, filters or selects by itself.

    Raises:
        botocore.exceptions.ClientError: missing rights, or no such data set.
    """
    dataset = client.describe_data_set(AwsAccountId=account_id, DataSetId=dataset_id)["DataSet"]
    sources = list(dataset.get("PhysicalTableMap", {}).values())
    views = dataset.get("LogicalTableMap", {}).values()
    joined = any("JoinInstruction" in view.get("Source", {}) for view in views)
    filtered = any("FilterOperation" in step for view in views for step in view.get("DataTransforms", ()))
    if len(sources) != 1 or joined or filtered or "DataPrepConfiguration" in dataset:
        return ""
    table = sources[0].get("RelationalTable", {})
    return f"{table['Schema']}.{table['Name']}" if table.get("Schema") in (GOLD.live, REPORTS) else ""


def missing_rows(done: Ingestion, table: str, in_table: int | None) -> str:
    """Return what is wrong with the rows of a completed ingestion, as a sentence; empty when nothing is.

    Args:
        done: the ingestion.
        table: what `table_shown` returns.
        in_table: rows of that table, None when they were not counted.
    """
    if not done.rows_dropped and in_table in (None, done.rows):
        return ""
    source = f", while {table} has {in_table:,}" if in_table is not None else ""
    return (
        f"data set {done.dataset_id} holds {done.rows:,} rows and QuickSight dropped {done.rows_dropped:,}{source}; "
        f"see ingestion {done.ingestion_id} in QuickSight for the reasons, fix them and clear this task"
    )


def _failure_sentence(dataset_id: str, ingestion: IngestionTypeDef) -> str:
    error = ingestion.get("ErrorInfo", {})
    reason = ": ".join(part for part in (error.get("Type"), error.get("Message")) if part) or "no reason given"
    return (
        f"QuickSight reports {ingestion['IngestionStatus']} for data set {dataset_id} ({reason}); mend that and clear "
        f"this task, {OLD_FIGURES}"
    )


def _limit_sentence(client: QuickSightClient, names: dict[str, str], now: datetime) -> str:
    recent = [
        each["CreatedTime"]
        for page in client.get_paginator("list_ingestions").paginate(
            AwsAccountId=names["AwsAccountId"], DataSetId=names["DataSetId"]
        )
        for each in page["Ingestions"]
        if each.get("RequestSource", "MANUAL") == "MANUAL" and now - each["CreatedTime"] < LIMIT_WINDOW
    ]
    frees = "a day later"
    if recent:
        frees = f"after {format_jst(min(recent) + LIMIT_WINDOW)}"
    return (
        f"data set {names['DataSetId']} has spent the refreshes that QuickSight allows in 24 hours ({len(recent)} "
        f"counted); clear this task {frees}, {OLD_FIGURES}"
    )
