"""The correction list counts its own partitions, so that any date can be listed; readers have a table of counts."""

from __future__ import annotations

from datetime import date

from include.reports.corrections.listed import read_list
from infra.local.database import Database
from tests.dbt.project import DbtProject

DATES = (date(2026, 2, 25), date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1))
# On which of the dates an entry is listed.
ENTRIES = {
    ("missing_nationality", "1"): (1, 1, 1, 1),
    ("missing_nationality", "2"): (1, 0, 1, 1),
    ("missing_nationality", "3"): (1, 1, 0, 1),
    ("rent_not_positive", "1"): (0, 0, 0, 1),
    ("rent_not_positive", "2"): (0, 1, 1, 0),
    ("dangling_contract", "9-9"): (1, 0, 1, 0),
}


def test_list_and_table_count_alike(project: DbtProject, database: Database) -> None:
    project.clear()
    for (kind, key), listed in ENTRIES.items():
        days = [day for day, on_it in zip(DATES, listed, strict=True) if on_it]
        for day in days:
            since = day
            for before in reversed(DATES[: DATES.index(day)]):
                if before not in days:
                    break
                since = before
            project.execute(
                "insert into silver.correction_entries_daily (snapshot_date, kind, entry_key, found, listed_since, "
                "first_listed_date, corrected_before) values (%s, %s, %s, '', %s, %s, %s)",
                (day, kind, key, since, days[0], days[0] < since),
            )
    project.dbt("run", str(DATES[-1]), "--select", "correction_counts")
    for day in DATES:
        made = read_list(database.admin, day)
        counted = project.execute(
            "select kind, open_count, new_count, returned_count, corrected_count from reports.correction_counts "
            "where snapshot_date = %s order by kind_order",
            (day,),
        )
        assert [(kind, *vars(counts).values()) for kind, counts in made.counts.items()] == counted
    assert (made.total.new, made.total.returned, made.total.corrected) == (1, 1, 2)
