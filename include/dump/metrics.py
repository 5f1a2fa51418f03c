"""Figures of a load for CloudWatch, where alarms and dashboards outside Airflow read them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from include.dump.restore import LoadReport

NAMESPACE = "GGHouse"


def load_metrics(report: LoadReport, environment: str, now: datetime) -> list[dict[str, Any]]:
    """Return the figures of a load as `put_metric_data` takes them.

    Args:
        report: what the load did.
        environment: name of the platform's environment, which becomes the dimension `gghouse-<environment>`.
        now: time of the measurement, with its time zone.
    """
    dimensions = [{"Name": "Environment", "Value": f"gghouse-{environment}"}]
    return [
        {"MetricName": name, "Dimensions": dimensions, "Timestamp": now, "Value": float(value), "Unit": unit}
        for name, value, unit in _figures(report)
    ]


def _figures(report: LoadReport) -> Iterator[tuple[str, float, str]]:
    yield "load_rows", report.rows, "Count"
    yield "load_bytes", report.bytes, "Bytes"
    yield "load_seconds", report.seconds, "Seconds"
    yield "load_rejected_rows", report.rejects, "Count"
    yield "load_tables_loaded", len(report.tables) - report.carried, "Count"
    yield "load_tables_carried", report.carried, "Count"


def send_load_metrics(cloudwatch: Any, report: LoadReport, environment: str) -> None:
    """Send the figures of a load.

    Args:
        cloudwatch: boto3 CloudWatch client.
        report: what the load did.
        environment: name of the platform's environment.

    Raises:
        botocore.exceptions.BotoCoreError: CloudWatch cannot be reached.
        botocore.exceptions.ClientError: it refused the figures.
    """
    cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=load_metrics(report, environment, datetime.now(UTC)))
