"""Restore the Aurora cluster to a point in time, as a new cluster beside it.

The original is never changed. Clients are not moved: the result lists the steps for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from include.forms import Refused
from include.recovery.forms import FORMS
from include.recovery.recovery import Plan, RecoveryContext, Request
from include.schedule import format_jst

SNAPSHOTS_SHOWN = 5
LONGEST_NAME = 63


class RecoverCluster:
    """Restore the Aurora cluster to a point in time, as a new cluster."""

    form = FORMS["cluster"]

    def plan(self, context: RecoveryContext, request: Request) -> Plan:
        """Show what can be restored and, with a time, what would be created.

        Raises:
            Refused: no cluster is configured, or the time cannot be restored.
        """
        rds = context.aws("rds")
        cluster = _cluster(rds, context)
        window = (
            f"{cluster['DBClusterIdentifier']} can be restored from {_tokyo(cluster.get('EarliestRestorableTime'))} to "
            f"{_tokyo(cluster.get('LatestRestorableTime'))}"
        )
        snapshots = _snapshots(rds, cluster)
        lines = [
            window,
            f"The last {SNAPSHOTS_SHOWN} automatic snapshots:" if snapshots else "No automatic snapshot yet",
        ]
        lines += [
            f"  {_tokyo(each['SnapshotCreateTime'])}  {each['DBClusterSnapshotIdentifier']}" for each in snapshots
        ]
        if request["time"] is None:
            return Plan((*lines, "Give a time within that window to restore it into a new cluster"), empty=True)
        _check(cluster, request["time"])
        name = _name(cluster, request["time"])
        return Plan(
            (
                *lines,
                f"Creates the cluster {name} as of {_tokyo(request['time'])}, with the parameter group, subnets, "
                f"security groups and key of {cluster['DBClusterIdentifier']}, and one instance {name}-1 in it; takes "
                "minutes to hours",
                f"{cluster['DBClusterIdentifier']} stays as it is and stays in use",
                f"To do it, confirm with {cluster['DBClusterIdentifier']}",
            ),
            name,
        )

    def apply(self, context: RecoveryContext, request: Request, plan: Plan) -> list[str]:
        """Create the new cluster and its instance, as far as they do not exist yet.

        Raises:
            Refused: it was not confirmed, or AWS refuses.
        """
        rds = context.aws("rds")
        cluster = _cluster(rds, context)
        original = cluster["DBClusterIdentifier"]
        if request["confirm"] != original:
            raise Refused(f"nothing was restored; to do it, confirm with the id of the cluster, {original}")
        _check(cluster, request["time"])
        name = _name(cluster, request["time"])
        try:
            if not _is_there(rds.describe_db_clusters, "DBClusterNotFoundFault", DBClusterIdentifier=name):
                rds.restore_db_cluster_to_point_in_time(
                    DBClusterIdentifier=name,
                    SourceDBClusterIdentifier=original,
                    RestoreToTime=request["time"],
                    Tags=[{"Key": "RestoredFrom", "Value": original}, *cluster.get("TagList", [])],
                    DeletionProtection=True,
                    **_same_place(cluster),
                )
            if not _is_there(rds.describe_db_instances, "DBInstanceNotFound", DBInstanceIdentifier=f"{name}-1"):
                rds.create_db_instance(
                    DBInstanceIdentifier=f"{name}-1",
                    DBClusterIdentifier=name,
                    DBInstanceClass=_instance_class(rds, cluster),
                    Engine=cluster["Engine"],
                    PubliclyAccessible=False,
                )
        except (ClientError, BotoCoreError) as error:
            raise Refused(f"AWS refuses ({error}); fix that and try again, {original} is unchanged") from error
        return [
            f"{name} is being created, as of {_tokyo(request['time'])}; {original} is unchanged",
            f"1. Wait: aws rds wait db-instance-available --db-instance-identifier {name}-1",
            f"2. Inspect: aws rds describe-db-clusters --db-cluster-identifier {name} gives its endpoint; compare "
            "ops.load_ledger and the tables that matter there",
            "3. Copy single tables with mysqldump or, to move all clients, change the host in the secrets "
            "airflow/connections/aurora_loader, aurora_restore and aurora_dbt and in the QuickSight data source",
            f"4. When it is no longer needed: switch off its deletion protection, delete {name}-1, then {name}",
        ]


def _cluster(rds: Any, context: RecoveryContext) -> Mapping[str, Any]:
    name = context.settings.require("aurora_cluster")
    try:
        found: Mapping[str, Any] = rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]
    except (ClientError, BotoCoreError, IndexError) as error:
        raise Refused(
            f"the cluster {name} cannot be looked at ({error}); check the setting aurora_cluster and the role's rights"
        ) from error
    return found


def _snapshots(rds: Any, cluster: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    pages = rds.get_paginator("describe_db_cluster_snapshots").paginate(
        DBClusterIdentifier=cluster["DBClusterIdentifier"], SnapshotType="automated"
    )
    found = [each for page in pages for each in page["DBClusterSnapshots"] if "SnapshotCreateTime" in each]
    return sorted(found, key=lambda each: each["SnapshotCreateTime"], reverse=True)[:SNAPSHOTS_SHOWN]


def _check(cluster: Mapping[str, Any], instant: datetime) -> None:
    earliest, latest = cluster.get("EarliestRestorableTime"), cluster.get("LatestRestorableTime")
    if (earliest and instant < earliest) or (latest and instant > latest):
        raise Refused(
            f"time {_tokyo(instant)} cannot be restored: choose one from {_tokyo(earliest)} to {_tokyo(latest)}"
        )


def _name(cluster: Mapping[str, Any], instant: datetime) -> str:
    ending = f"-pitr-{instant:%Y%m%d%H%M%S}"
    return str(cluster["DBClusterIdentifier"])[: LONGEST_NAME - len(ending) - len("-1")] + ending


def _same_place(cluster: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a restore does not take over by itself: https://docs.aws.amazon.com/cli/latest/reference/rds/."""
    place = {
        "DBSubnetGroupName": cluster.get("DBSubnetGroup"),
        "DBClusterParameterGroupName": cluster.get("DBClusterParameterGroup"),
        "VpcSecurityGroupIds": [each["VpcSecurityGroupId"] for each in cluster.get("VpcSecurityGroups", [])],
        "KmsKeyId": cluster.get("KmsKeyId"),
    }
    scaling = cluster.get("ServerlessV2ScalingConfiguration")
    if scaling:
        place["ServerlessV2ScalingConfiguration"] = {
            name: scaling[name] for name in ("MinCapacity", "MaxCapacity") if name in scaling
        }
    return {name: value for name, value in place.items() if value}


def _instance_class(rds: Any, cluster: Mapping[str, Any]) -> str:
    members = cluster.get("DBClusterMembers", [])
    if not members:
        return "db.serverless"
    writer = next((each for each in members if each.get("IsClusterWriter")), members[0])
    found = rds.describe_db_instances(DBInstanceIdentifier=writer["DBInstanceIdentifier"])["DBInstances"][0]
    return str(found["DBInstanceClass"])


def _is_there(look: Any, absent: str, **which: str) -> bool:
    try:
        look(**which)
    except ClientError as error:
        if error.response["Error"]["Code"] != absent:
            raise
        return False
    return True


def _tokyo(instant: datetime | None) -> str:
    return format_jst(instant, "%Y-%m-%d %H:%M:%S JST") if instant else "an unknown time"
