"""Rebuild the KPIs from a given date onward.

Gold is a function of the day's bronze, of the room partitions in silver and of the tenants' history, and is built whole
each day. So this rebuilds the sums by building of each date from its room partition, then everything for the date that
staging holds, with the status history from its first snapshot on, audited and published as one. A room partition itself
can only be made from the dump of its date: use `recover_range`.
"""

from __future__ import annotations

import contextlib
import logging
from datetime import date

import MySQLdb

from include.dbt import AFTER_PUBLISH, OF_REPORTS
from include.dbt.runner import DbtFailed, dbt_runner
from include.forms import Refused
from include.recovery.forms import FORMS
from include.recovery.recovery import Plan, RecoveryContext, Request
from include.warehouse import readers
from include.warehouse.gold import GoldIncomplete, model_names, publish_gold
from include.warehouse.server_errors import ABSENT, error_code

log = logging.getLogger(__name__)

SUMS = "building_occupancy_daily"
SECONDS_A_DATE = 8


class RecoverKpi:
    """Rebuild the KPIs from a given date onward."""

    form = FORMS["kpi"]

    def plan(self, context: RecoveryContext, request: Request) -> Plan:
        """Say which partitions and models are built, for which date, and what readers see then.

        Raises:
            Refused: there is nothing to build from.
        """
        dates, held, shown = _state(context, request["first"])
        sums = [day for day in dates if day != held]
        models = model_names(context.settings.dbt_manifest)
        lacking = (held - request["first"]).days + 1 - len(dates)
        return Plan(
            (
                f"Staging holds {held}; readers of gold see {shown or 'nothing'}",
                f"1. {SUMS} of {len(sums)} dates"
                + (f" from {sums[0]} to {sums[-1]}, about {len(sums) * SECONDS_A_DATE} s" if sums else ""),
                f"2. all seeds, all of silver and the {len(models)} tables of gold for {held}, tenant_status_history "
                "from its first snapshot on, with the tests of every morning; if one fails, readers see no change",
                f"3. one RENAME: readers of gold see {held}, gold_prev keeps what they saw",
                f"{lacking} dates from {request['first']} on have no room snapshot and stay gaps; recover_range makes "
                "them from their dumps",
                "QuickSight keeps its own copy: clear refresh_quicksight in the last run of gghouse_daily to update it",
            )
        )

    def apply(self, context: RecoveryContext, request: Request, plan: Plan) -> list[str]:
        """Build and publish; repeating it gives the same.

        Raises:
            Refused: gghouse_daily is running, or a test failed; readers see no change.
        """
        context.refuse_while_daily_runs()
        dates, held, _ = _state(context, request["first"])
        sums = [day for day in dates if day != held]
        try:
            with dbt_runner(context.settings, context.dbt, log.info) as dbt:
                for done, day in enumerate(sums, 1):
                    dbt.run(day, "run", "--select", SUMS)
                    log.info("%s of %s, %d of %d", SUMS, day, done, len(sums))
                built = dbt.run(held, "build", "--full-refresh", "--exclude", AFTER_PUBLISH, OF_REPORTS)
            with contextlib.closing(context.dbt.connect()) as connection:
                published = publish_gold(connection, model_names(context.settings.dbt_manifest), held)
        except (DbtFailed, GoldIncomplete) as error:
            raise Refused(f"{error}; readers see no change") from error
        return [
            f"{SUMS} of {len(sums) + 1} dates, {len(built.results)} nodes for {held} built",
            f"Readers of gold see {held}: {len(published.replaced)} tables are new",
        ]


def _state(context: RecoveryContext, first: date) -> tuple[list[date], date, date | None]:
    """Return the dates with room snapshots, the date of staging, and the date of the published gold."""
    with contextlib.closing(context.loader.connect()) as connection:
        try:
            held = readers.staging_date(connection)
        except MySQLdb.Error as error:
            if error_code(error) not in ABSENT:
                raise
            held = None
    if held is None:
        raise Refused("staging holds no finished load, so there is nothing to build from; run gghouse_daily")
    if first > held:
        raise Refused(f"first {first} is after {held}, which staging holds; choose {held} or an earlier date")
    with contextlib.closing(context.dbt.connect()) as connection:
        shown = readers.gold_date(connection)
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT DISTINCT snapshot_date FROM silver.tenant_room_snapshot_daily "
                    "WHERE snapshot_date BETWEEN %s AND %s ORDER BY snapshot_date",
                    (first, held),
                )
                dates = [day for (day,) in cursor.fetchall()]
        except MySQLdb.Error as error:
            if error_code(error) not in ABSENT:
                raise
            dates = []
    return dates, held, shown
