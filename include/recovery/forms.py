"""The forms of all recoveries, for the Airflow UI and for the command line.

The name of a form is that of its recovery; DAG and module of it are called `recover_<name>`.
"""

from __future__ import annotations

from datetime import date

from include.forms import Field, Form, Kind, Refused
from include.schedule import FIRST_DATE

# Id of the task that says what a recovery would do.
PLANNING = "plan"
# A range has at most this many days: each refreshes every data set once, and QuickSight accepts 32 refreshes a day.
MOST_DATES = 28
MOST_BACKFILLED = 400


def _date(name: str, what: str, required: bool = False, example: str = "2026-03-02") -> Field:
    return Field(name, Kind.DATE, what, example, required)


CONFIRM = Field(
    "confirm", Kind.TEXT, "To restore, type the id of the **original** cluster again", "gghouse-prod-aurora"
)

FORMS = {
    form.name: form
    for form in (
        Form(
            "range",
            "Run a business date or a range of dates again, oldest first",
            (
                _date("first", f"First date to run again, from {FIRST_DATE} on", required=True),
                _date(
                    "last", f"Last date, at most {MOST_DATES} days in all; empty: only the first", example="2026-03-05"
                ),
                Field("exclude", Kind.DATES, "Dates to leave out, separated by commas", "2026-03-03, 2026-03-04"),
                Field("keep_going", Kind.FLAG, "Continue with the next date when one fails", "true"),
            ),
        ),
        Form(
            "tables",
            "Load chosen tables of one date's dump into staging again",
            (
                _date("date", "Date of the dump to take the tables from", required=True),
                Field("tables", Kind.NAMES, "Tables, separated by commas", "movings, tenants, rooms", required=True),
                Field("other_date", Kind.FLAG, "Do it although staging holds another date; it keeps that date", "true"),
            ),
        ),
        Form(
            "generation",
            "Roll back the published tables to the previous generation",
            (Field("layer", Kind.CHOICE, "What to roll back", "gold", default="gold", choices=("gold", "staging")),),
        ),
        Form(
            "baseline",
            "Accept a dump with far fewer rows than the load before",
            (
                _date("date", "Business date of the dump that the audit rejected", required=True),
                Field(
                    "reason",
                    Kind.TEXT,
                    "Why the rows are fewer, and who confirmed it; it is recorded",
                    "old inquiries archived, confirmed by the vendor on 2 March",
                    required=True,
                ),
            ),
        ),
        Form(
            "history",
            "Backfill missing tenant snapshots from dumps, or missing room snapshots from the tenants' history",
            (
                Field(
                    "what",
                    Kind.CHOICE,
                    "tenants: the daily files in S3 and `history`; rooms: the partitions of `silver`",
                    "tenants",
                    default="tenants",
                    choices=("tenants", "rooms"),
                ),
                _date("first", "First date", required=True),
                _date("last", f"Last date, at most {MOST_BACKFILLED} days in all", required=True, example="2026-03-31"),
                Field("overwrite", Kind.FLAG, "Replace snapshots that exist, instead of skipping them", "true"),
            ),
        ),
        Form(
            "kpi",
            "Rebuild the KPIs from a given date onward",
            (_date("first", "First date whose counts are rebuilt from the room snapshots", required=True),),
        ),
        Form(
            "cluster",
            "Restore the Aurora cluster to a point in time, as a new cluster beside it",
            (
                Field(
                    "time", Kind.TIME, "With time zone; empty: only show what can be restored", "2026-03-02T06:50+09:00"
                ),
                CONFIRM,
            ),
        ),
        Form(
            "locks",
            "Show sessions, transactions and locks of the database; end one session on request",
            (
                Field("seconds", Kind.NUMBER, "From how many seconds a statement is long", "60", default=60),
                Field("end_session", Kind.NUMBER, "Number of the one session to end; empty: only show", "4711"),
            ),
        ),
        Form(
            "date",
            "Declare a date a gap or valid, or withdraw that, with the reason",
            (
                _date("date", "The business date", required=True),
                Field(
                    "verdict",
                    Kind.CHOICE,
                    "gap: show no facts of it; valid: its dump is good; withdraw: remove the declaration",
                    "gap",
                    required=True,
                    choices=("gap", "valid", "withdraw"),
                ),
                Field("reason", Kind.TEXT, "Why, in a few words; recorded", "content of another day", required=True),
            ),
        ),
        Form(
            "leftovers",
            "Find and drop what killed runs left in the database",
            (Field("strays", Kind.FLAG, "Also drop tables of silver that no model builds", "true"),),
        ),
    )
}


def days_between(first: date, last: date, most: int) -> list[date]:
    """Return all dates from `first` to `last`, both included.

    Raises:
        Refused: they are in the wrong order, or more than `most`.
    """
    count = last.toordinal() - first.toordinal() + 1
    if count < 1:
        raise Refused(f"last {last} is before first {first}; exchange them")
    if count > most:
        raise Refused(f"{first} to {last} are {count} days; at most {most} can be done at once")
    return [date.fromordinal(first.toordinal() + number) for number in range(count)]
