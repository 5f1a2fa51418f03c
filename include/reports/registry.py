"""All reports by name. This imports the database driver, so DAG files must not import it."""

from __future__ import annotations

from include.reports.report import Report

ALL: tuple[Report, ...] = ()
REPORTS = {report.form.name: report for report in ALL}
