"""All reports by name. This imports the database driver, so DAG files must not import it."""

from __future__ import annotations

from include.reports.corrections.report import CorrectionList
from include.reports.flash.report import FlashReport
from include.reports.rent_roll.report import RentRoll
from include.reports.report import Report
from include.reports.tenants import TenantList

ALL: tuple[Report, ...] = (CorrectionList(), FlashReport(), RentRoll(), TenantList())
REPORTS = {report.form.name: report for report in ALL}
