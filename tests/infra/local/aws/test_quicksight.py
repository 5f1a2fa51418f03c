from __future__ import annotations

import contextlib
import json

import pytest

from include.quicksight.refresh import DailyLimitSpent, IngestionError, refresh_dataset, table_shown
from include.warehouse.endpoint import Endpoint
from infra.dashboards.data_sets import DATA_SETS
from infra.local.aws.account import ACCOUNT, client
from infra.local.aws.quicksight import DAILY_LIMIT, SOURCES, SourceError, count_rows
from infra.local.warehouse import grant_logins


def start(bench, dataset="gghouse-local-moveout_analysis", ingestion="one"):
    return client(bench.url, "quicksight").create_ingestion(
        AwsAccountId=ACCOUNT, DataSetId=dataset, IngestionId=ingestion, IngestionType="FULL_REFRESH"
    )


def look(bench, dataset="gghouse-local-moveout_analysis", ingestion="one"):
    return client(bench.url, "quicksight").describe_ingestion(
        AwsAccountId=ACCOUNT, DataSetId=dataset, IngestionId=ingestion
    )["Ingestion"]


def test_an_ingestion_goes_through_all_states_and_counts_the_table(bench):
    assert start(bench)["IngestionStatus"] == "INITIALIZED"
    seen = []
    for _ in range(8):
        seen.append(look(bench)["IngestionStatus"])
        bench.wait(0.2)
    assert list(dict.fromkeys(seen)) == ["INITIALIZED", "QUEUED", "RUNNING", "COMPLETED"]
    assert look(bench)["RowInfo"] == {"RowsIngested": 684, "RowsDropped": 0, "TotalRowsInDataset": 684}


def test_the_count_is_that_of_the_moment_of_completion(bench):
    start(bench)
    bench.wait(60)
    assert look(bench)["RowInfo"]["RowsIngested"] == 684
    bench.rows["moveout_analysis"] = 1
    assert look(bench)["RowInfo"]["RowsIngested"] == 684


def test_a_data_set_set_to_drop_rows_completes_without_them(bench):
    bench.dropping = {"gghouse-local-moveout_analysis": 4}
    start(bench)
    bench.wait(60)
    assert look(bench)["IngestionStatus"] == "COMPLETED"
    assert look(bench)["RowInfo"] == {"RowsIngested": 680, "RowsDropped": 4, "TotalRowsInDataset": 680}


def test_a_data_set_names_its_table(bench):
    quicksight = client(bench.url, "quicksight")
    assert (
        table_shown(quicksight, ACCOUNT, "gghouse-local-occupancy_property_map_latest")
        == "gold.occupancy_property_map_latest"
    )
    with pytest.raises(quicksight.exceptions.ResourceNotFoundException):
        table_shown(quicksight, ACCOUNT, "unknown")


def test_a_data_set_set_to_fail_fails_with_a_reason(bench):
    bench.failing = {"gghouse-local-moveout_analysis"}
    start(bench)
    bench.wait(60)
    ingestion = look(bench)
    assert ingestion["IngestionStatus"] == "FAILED"
    assert ingestion["ErrorInfo"] == {
        "Type": "SQL_EXCEPTION",
        "Message": "gghouse-local-moveout_analysis is set to fail on this machine",
    }


def test_a_missing_gold_table_fails_as_on_aws(bench):
    start(bench, dataset="gghouse-local-new_contracts")
    bench.wait(60)
    assert look(bench, dataset="gghouse-local-new_contracts")["ErrorInfo"]["Type"] == "SQL_TABLE_NOT_FOUND"


def test_an_ingestion_id_is_used_once_for_each_data_set(bench):
    quicksight = client(bench.url, "quicksight")
    start(bench)
    start(bench, dataset="gghouse-local-new_contracts")
    with pytest.raises(quicksight.exceptions.ResourceExistsException) as refused:
        start(bench)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409


def test_unknown_names_are_not_found(bench):
    quicksight = client(bench.url, "quicksight")
    for call in (lambda: start(bench, dataset="nonsense"), lambda: look(bench, ingestion="never")):
        with pytest.raises(quicksight.exceptions.ResourceNotFoundException):
            call()


def test_the_33rd_ingestion_of_a_day_is_refused_and_the_limit_slides(bench):
    quicksight = client(bench.url, "quicksight")
    for number in range(DAILY_LIMIT):
        start(bench, ingestion=f"n{number}")
        bench.wait(60)
    with pytest.raises(quicksight.exceptions.LimitExceededException):
        start(bench, ingestion="one-more")
    start(bench, dataset="gghouse-local-new_contracts")
    bench.wait(24 * 3600 - DAILY_LIMIT * 60 + 1)
    start(bench, ingestion="one-more")
    listed = quicksight.list_ingestions(AwsAccountId=ACCOUNT, DataSetId="gghouse-local-moveout_analysis")["Ingestions"]
    assert len(listed) == DAILY_LIMIT + 1
    assert listed[0]["IngestionId"] == "one-more"


def test_production_code_sees_success_failure_and_limit(bench):
    quicksight = client(bench.url, "quicksight")

    def refresh(ingestion):
        return refresh_dataset(
            quicksight,
            ACCOUNT,
            "gghouse-local-moveout_analysis",
            ingestion,
            lambda _: None,
            sleep=bench.wait,
            clock=lambda: bench.now,
        )

    assert refresh("first").rows == 684
    bench.failing = {"gghouse-local-moveout_analysis"}
    with pytest.raises(IngestionError, match="set to fail on this machine"):
        refresh("second")
    for number in range(DAILY_LIMIT - 2):
        start(bench, ingestion=f"n{number}")
    with pytest.raises(DailyLimitSpent, match="32 counted"):
        refresh("third")


def test_every_data_set_of_aws_is_here_and_can_be_refreshed(bench):
    tables = json.loads(DATA_SETS.read_text())
    assert list(SOURCES.values()) == [(each["schema"], table) for table, each in tables.items()]
    bench.rows = {table: number for number, table in enumerate(tables)}
    quicksight = client(bench.url, "quicksight")
    for data_set, (schema, table) in SOURCES.items():
        done = refresh_dataset(
            quicksight, ACCOUNT, data_set, "one", lambda _: None, sleep=bench.wait, clock=lambda: bench.now
        )
        assert done.rows == bench.rows[table]
        assert table_shown(quicksight, ACCOUNT, data_set) == f"{schema}.{table}"


def test_rows_are_counted_with_the_bi_login(database):
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS gold")
        cursor.execute("CREATE DATABASE gold")
        cursor.execute("CREATE TABLE gold.moveout_analysis (id INT)")
        cursor.execute("INSERT INTO gold.moveout_analysis VALUES (1), (2)")
        grant_logins(connection, {"loader": "l", "restore": "r", "dbt": "d", "bi": "b"})
    bi = Endpoint("127.0.0.1", database.port, "bi", "b")
    assert count_rows(bi, "gold", "moveout_analysis") == 2
    for endpoint, table, kind in (
        (bi, "new_contracts", "SQL_TABLE_NOT_FOUND"),
        (Endpoint("127.0.0.1", database.port, "bi", "wrong"), "moveout_analysis", "PASSWORD_AUTHENTICATION_FAILURE"),
        (Endpoint("127.0.0.1", database.port, "loader", "l"), "moveout_analysis", "PERMISSION_DENIED"),
        (Endpoint("127.0.0.1", 1, "bi", "b"), "moveout_analysis", "CONNECTION_FAILURE"),
    ):
        with pytest.raises(SourceError) as refused:
            count_rows(endpoint, "gold", table)
        assert refused.value.kind == kind
