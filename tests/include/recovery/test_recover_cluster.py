"""A restore to a point in time makes a new cluster and leaves the original alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from include.forms import Refused
from tests.include.recovery.conftest import Recoveries

ID = "gghouse-prod"


@pytest.fixture
def rds(s3: Any) -> Any:
    """The cluster with one instance, in moto."""
    client = boto3.client("rds", region_name="us-east-1")
    client.create_db_cluster(
        DBClusterIdentifier=ID, Engine="aurora-mysql", MasterUsername="admin", MasterUserPassword="0123456789"
    )
    client.create_db_instance(
        DBInstanceIdentifier=f"{ID}-1", DBClusterIdentifier=ID, Engine="aurora-mysql", DBInstanceClass="db.t4g.medium"
    )
    return client


@pytest.fixture
def recovery(recoveries: Recoveries, rds: Any) -> Recoveries:
    return recoveries.with_tools(settings=replace(recoveries.context.settings, aurora_cluster=ID))


@pytest.fixture
def time(rds: Any) -> datetime:
    """A time that can be restored: that at which moto made the cluster."""
    earliest: datetime = clusters(rds)[ID]["EarliestRestorableTime"]
    return earliest


@pytest.fixture
def new(time: datetime) -> str:
    """The name that the new cluster gets."""
    return f"{ID}-pitr-{time.astimezone(UTC):%Y%m%d%H%M%S}"


def clusters(rds: Any) -> dict[str, Any]:
    return {each["DBClusterIdentifier"]: each for each in rds.describe_db_clusters()["DBClusters"]}


def test_without_a_time_it_shows_the_window_and_the_last_five_snapshots(recovery: Recoveries, rds: Any) -> None:
    plan = recovery.plan("cluster")
    assert plan.lines[0].startswith(f"{ID} can be restored from ")
    assert plan.empty
    assert recovery.execute("cluster") == "There was nothing to do"
    assert list(clusters(rds)) == [ID]


def test_five_newest_snapshots_and_the_bounds_of_the_window(recovery: Recoveries) -> None:
    newest = datetime(2026, 3, 4, 3, tzinfo=UTC)
    snapshots = [
        {"DBClusterSnapshotIdentifier": f"rds:{number}", "SnapshotCreateTime": newest - timedelta(days=number)}
        for number in (3, 0, 6, 1, 5, 2, 4)
    ]
    window = {"EarliestRestorableTime": newest - timedelta(days=7), "LatestRestorableTime": newest}
    rds = SimpleNamespace(
        describe_db_clusters=lambda **_: {"DBClusters": [{"DBClusterIdentifier": ID, **window}]},
        get_paginator=lambda _: SimpleNamespace(paginate=lambda **_: [{"DBClusterSnapshots": snapshots}]),
    )
    aws = recovery.with_tools(aws=lambda _service: rds)
    lines = aws.plan("cluster").lines
    assert lines[0] == f"{ID} can be restored from 2026-02-25 12:00:00 JST to 2026-03-04 12:00:00 JST"
    assert [line.split()[-1] for line in lines if "rds:" in line] == [f"rds:{number}" for number in range(5)]
    with pytest.raises(Refused, match="cannot be restored: choose one from 2026-02-25 12:00:00 JST"):
        aws.plan("cluster", time="2026-03-04T12:00:01+09:00")


def test_a_restore_must_be_confirmed_with_the_id(recovery: Recoveries, rds: Any, time: datetime, new: str) -> None:
    for confirm in (None, "yes", new):
        with pytest.raises(Refused, match=f"confirm with the id of the cluster, {ID}"):
            recovery.execute("cluster", time=time.isoformat(), confirm=confirm)
    assert list(clusters(rds)) == [ID]


def test_it_makes_a_new_cluster_with_an_instance_and_never_touches_the_original(
    recovery: Recoveries, rds: Any, time: datetime, new: str
) -> None:
    original = clusters(rds)[ID]
    plan = recovery.plan("cluster", time=time.isoformat())
    assert any(line.startswith(f"Creates the cluster {new} as of ") for line in plan.lines)
    assert list(clusters(rds)) == [ID], "a plan changes nothing"
    done = recovery.execute("cluster", time=time.isoformat(), confirm=ID)
    assert f"aws rds wait db-instance-available --db-instance-identifier {new}-1" in done
    # a second try, after a kill, ends where the first did
    assert recovery.execute("cluster", time=time.isoformat(), confirm=ID) == done
    after = clusters(rds)
    assert set(after) == {ID, new}
    moves = {"LatestRestorableTime": None}
    assert after[ID] | moves == original | moves
    (instance,) = rds.describe_db_instances(DBInstanceIdentifier=f"{new}-1")["DBInstances"]
    assert (instance["DBClusterIdentifier"], instance["DBInstanceClass"]) == (new, "db.t4g.medium")


def test_it_needs_no_database_of_ours(recovery: Recoveries, time: datetime, new: str) -> None:
    """It is asked for when the database is lost."""
    lost = replace(recovery.context.loader, port=1)
    assert new in recovery.with_tools(loader=lost).execute("cluster", time=time.isoformat(), confirm=ID)


def test_an_unknown_cluster_is_one_sentence(recovery: Recoveries) -> None:
    elsewhere = recovery.with_tools(settings=replace(recovery.context.settings, aurora_cluster="other"))
    with pytest.raises(Refused, match="the cluster other cannot be looked at"):
        elsewhere.plan("cluster")
