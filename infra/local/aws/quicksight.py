"""The part of QuickSight that moto lacks: ingestions that take time, end well, badly or short of rows, and are counted.

An ingestion id is unique within its data set, and 32 ingestions may be started in any 24 hours, see
https://docs.aws.amazon.com/quicksight/latest/APIReference/API_CreateIngestion.html.
"""

from __future__ import annotations

import contextlib
import json
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import MySQLdb
from moto.core.exceptions import JsonRESTError
from moto.quicksight import urls
from moto.quicksight.responses import QuickSightResponse

from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import GOLD, table_rows
from infra.local.aws.account import NAME

DATA_SETS = Path(__file__).resolve().parents[2] / "modules" / "quicksight" / "data_sets.json"
# Data sets of the local account, the same as in AWS, and schema and table that each one shows.
SOURCES = {f"{NAME}-{table}": (each["schema"], table) for table, each in json.loads(DATA_SETS.read_bytes()).items()}
# Those that a day refreshes.
GOLD_TABLES = {data_set: table for data_set, (schema, table) in SOURCES.items() if schema == GOLD.live}
DAILY_LIMIT = 32
LIMIT_WINDOW = timedelta(hours=24)
# Status until so many seconds after the start; then COMPLETED or FAILED.
LIFECYCLE = ((0.25, "INITIALIZED"), (0.5, "QUEUED"), (0.9, "RUNNING"))


class SourceError(Exception):
    """The table cannot be read; carries QuickSight's error type and the database's message."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass
class _Ingestion:
    arn: str
    ingestion_id: str
    created: datetime
    result: dict[str, Any] = field(default_factory=dict)


class Ingestions:
    """All ingestions of one account.

    Args:
        count_rows: returns the number of rows of a table, by its schema and name, or raises `SourceError`.
        failing: returns the data set ids whose ingestions are to FAIL.
        dropping: returns how many rows QuickSight is to drop, by data set id.
        clock: the present, aware.
    """

    def __init__(
        self,
        count_rows: Callable[[str, str], int],
        failing: Callable[[], set[str]] = set,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        dropping: Callable[[], dict[str, int]] = dict,
    ) -> None:
        self._count_rows = count_rows
        self._failing = failing
        self._clock = clock
        self._dropping = dropping
        self._lock = threading.Lock()
        self._kept: dict[str, dict[str, _Ingestion]] = {dataset: {} for dataset in SOURCES}

    def create(self, dataset: str, ingestion_id: str, arn: str) -> dict[str, Any]:
        """Start an ingestion; refuses unknown data sets, known ids and the 33rd within 24 hours as AWS does."""
        with self._lock:
            kept = self._of(dataset)
            if ingestion_id in kept:
                raise _refusal("ResourceExistsException", f"Ingestion {ingestion_id} of {dataset} already exists", 409)
            now = self._clock()
            if sum(now - each.created < LIMIT_WINDOW for each in kept.values()) >= DAILY_LIMIT:
                raise _refusal("LimitExceededException", f"Refresh limit of {DAILY_LIMIT} in 24 hours exceeded", 409)
            kept[ingestion_id] = _Ingestion(arn, ingestion_id, now)
        return {"Arn": arn, "IngestionId": ingestion_id, "IngestionStatus": "INITIALIZED", "Status": 201} | _request()

    def describe(self, dataset: str, ingestion_id: str) -> dict[str, Any]:
        """Return where an ingestion stands."""
        with self._lock:
            kept = self._of(dataset)
            if ingestion_id not in kept:
                raise _refusal("ResourceNotFoundException", f"Ingestion {ingestion_id} of {dataset} not found", 404)
            return {"Ingestion": self._view(dataset, kept[ingestion_id]), "Status": 200} | _request()

    def list(self, dataset: str) -> dict[str, Any]:
        """Return all ingestions of a data set, the newest first."""
        with self._lock:
            views = [self._view(dataset, each) for each in self._of(dataset).values()]
            return {"Ingestions": views[::-1], "Status": 200} | _request()

    def describe_data_set(self, dataset: str, arn: str) -> dict[str, Any]:
        """Return which table a data set shows, as Terraform makes it."""
        self._of(dataset)
        schema, name = SOURCES[dataset]
        table = {"DataSourceArn": arn, "Schema": schema, "Name": name, "InputColumns": []}
        shown = {
            "Arn": arn,
            "DataSetId": dataset,
            "Name": dataset,
            "ImportMode": "SPICE",
            "PhysicalTableMap": {"table": {"RelationalTable": table}},
            "LogicalTableMap": {"view": {"Alias": dataset, "Source": {"PhysicalTableId": "table"}}},
        }
        return {"DataSet": shown, "Status": 200} | _request()

    def _of(self, dataset: str) -> dict[str, _Ingestion]:
        if dataset not in self._kept:
            raise _refusal("ResourceNotFoundException", f"Data set {dataset} not found", 404)
        return self._kept[dataset]

    def _view(self, dataset: str, ingestion: _Ingestion) -> dict[str, Any]:
        age = (self._clock() - ingestion.created).total_seconds()
        status = next((status for until, status in LIFECYCLE if age < until), "")
        view = {
            "Arn": ingestion.arn,
            "IngestionId": ingestion.ingestion_id,
            "CreatedTime": ingestion.created.timestamp(),
            "RequestSource": "MANUAL",
            "RequestType": "FULL_REFRESH",
        }
        if status:
            return view | {"IngestionStatus": status}
        if not ingestion.result:
            ingestion.result = self._finish(dataset) | {"IngestionTimeInSeconds": round(age)}
        return view | ingestion.result

    def _finish(self, dataset: str) -> dict[str, Any]:
        try:
            if dataset in self._failing():
                raise SourceError("SQL_EXCEPTION", f"{dataset} is set to fail on this machine")
            rows = self._count_rows(*SOURCES[dataset])
        except SourceError as error:
            return {"IngestionStatus": "FAILED", "ErrorInfo": {"Type": error.kind, "Message": str(error)}}
        dropped = min(rows, self._dropping().get(dataset, 0))
        counted = {"RowsIngested": rows - dropped, "RowsDropped": dropped, "TotalRowsInDataset": rows - dropped}
        return {"IngestionStatus": "COMPLETED", "RowInfo": counted}


def count_rows(endpoint: Endpoint, schema: str, table: str) -> int:
    """Count a table's rows with the BI login, as QuickSight would read it.

    Raises:
        SourceError: the table is not there, the login may not read it, or the server is out of reach.
    """
    try:
        with contextlib.closing(endpoint.connect()) as connection:
            return table_rows(connection, schema, table)
    except MySQLdb.Error as error:
        kinds = {1146: "SQL_TABLE_NOT_FOUND", 1049: "SQL_TABLE_NOT_FOUND", 1044: "PERMISSION_DENIED"}
        kinds |= {1142: "PERMISSION_DENIED", 1045: "PASSWORD_AUTHENTICATION_FAILURE", 2002: "CONNECTION_FAILURE"}
        raise SourceError(kinds.get(error.args[0], "SQL_EXCEPTION"), str(error.args[-1])) from error


def install(ingestions: Ingestions) -> None:
    """Put the ingestions into moto's QuickSight; call before the server starts."""

    def create_ingestion(self: QuickSightResponse) -> str:
        dataset, name = self._get_param("DataSetId"), self._get_param("IngestionId")
        account = self.current_account
        arn = f"arn:aws:quicksight:{self.region}:{account}:dataset/{dataset}/ingestion/{name}"
        return json.dumps(ingestions.create(dataset, name, arn))

    def describe_ingestion(self: QuickSightResponse) -> str:
        return json.dumps(ingestions.describe(self._get_param("DataSetId"), self._get_param("IngestionId")))

    def list_ingestions(self: QuickSightResponse) -> str:
        return json.dumps(ingestions.list(self._get_param("DataSetId")))

    def describe_data_set(self: QuickSightResponse) -> str:
        dataset = self._get_param("DataSetId")
        arn = f"arn:aws:quicksight:{self.region}:{self.current_account}:dataset/{dataset}"
        return json.dumps(ingestions.describe_data_set(dataset, arn))

    for function in (create_ingestion, describe_ingestion, list_ingestions, describe_data_set):
        setattr(QuickSightResponse, function.__name__, function)
    data_set = r"{0}/accounts/(?P<account_id>[\d]+)/data-sets/(?P<datasetid>[^/.]+)"
    for path in (f"{data_set}/ingestions$", f"{data_set}$"):
        urls.url_paths[path] = QuickSightResponse.dispatch


def _refusal(kind: str, message: str, status: int) -> JsonRESTError:
    error = JsonRESTError(kind, message)
    error.code = status
    return error


def _request() -> dict[str, str]:
    return {"RequestId": str(uuid.uuid4())}
