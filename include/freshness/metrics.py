"""The platform's figures for CloudWatch, where alarms and dashboards outside Airflow read them.

Names and dimensions are those of infra/modules/monitoring; tests/infra/terraform/test_metrics.py holds them together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from include.dump.duplicates import rows_beyond, undeclared_of

if TYPE_CHECKING:
    from include.dump.restore import LoadReport

NAMESPACE = "GGHouse"
# 1 when a business day reached its readers on that day; the dead man's switch counts it.
PUBLISHED = "published"
DATA_AGE = "data_age_days"
# Rejected rows beyond those that are declared; an alarm stands while there are any.
UNDECLARED_REJECTS = "load_undeclared_rejects"
TABLE = "Table"

Metric = dict[str, Any]


def load_metrics(report: LoadReport, environment: str, now: datetime) -> list[Metric]:
    """Return the figures of a load.

    Args:
        report: what the load did.
        environment: name of the platform's environment, which becomes the dimension `gghouse-<environment>`.
        now: time of the measurement, with its time zone.
    """
    return [_metric(name, value, unit, environment, now) for name, value, unit in _load_figures(report)]


def publish_metrics(rows: int | None, seconds: float | None, environment: str, now: datetime) -> list[Metric]:
    """Return the figures of a business day that has reached its readers.

    Args:
        rows: rows of all tables of gold, None when nobody counted them.
        seconds: from the start of the run to the last dashboard, None when it is not known.
        environment: as for `load_metrics`.
        now: as for `load_metrics`.
    """
    figures = ((PUBLISHED, 1, "Count"), ("publish_rows", rows, "Count"), ("publish_seconds", seconds, "Seconds"))
    return [_metric(name, value, unit, environment, now) for name, value, unit in figures if value is not None]


def age_metrics(ages: Mapping[str, float], environment: str, now: datetime) -> list[Metric]:
    """Return how old the newest row of each watched table is.

    Args:
        ages: days, by schema and table.
        environment: as for `load_metrics`.
        now: as for `load_metrics`.
    """
    return [_metric(DATA_AGE, days, "None", environment, now, {TABLE: table}) for table, days in ages.items()]


def send_metrics(cloudwatch: Any, metrics: Sequence[Metric]) -> None:
    """Send figures; CloudWatch takes a thousand at once.

    Args:
        cloudwatch: boto3 CloudWatch client.
        metrics: at least one.

    Raises:
        botocore.exceptions.BotoCoreError: CloudWatch cannot be reached.
        botocore.exceptions.ClientError: it refused the figures.
    """
    cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=list(metrics))


def _metric(
    name: str, value: float, unit: str, environment: str, now: datetime, more: Mapping[str, str] | None = None
) -> Metric:
    dimensions = {"Environment": f"gghouse-{environment}", **(more or {})}
    return {
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": text} for key, text in dimensions.items()],
        "Timestamp": now,
        "Value": float(value),
        "Unit": unit,
    }


def _load_figures(report: LoadReport) -> Iterator[tuple[str, float, str]]:
    yield "load_rows", report.rows, "Count"
    yield "load_bytes", report.bytes, "Bytes"
    yield "load_seconds", report.seconds, "Seconds"
    yield "load_rejected_rows", report.rejects, "Count"
    yield UNDECLARED_REJECTS, rows_beyond(undeclared_of(report)), "Count"
    yield "load_tables_loaded", len(report.tables) - report.carried, "Count"
    yield "load_tables_carried", report.carried, "Count"
