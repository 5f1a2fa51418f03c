"""The forms of all reports, for the Airflow UI and for the command line.

The name of a form is that of its report.
"""

from __future__ import annotations

from include.forms import Field, Form, Kind

# A report's DAG is called like its form after this.
DAGS = "report_"

FORMS = {
    form.name: form
    for form in (
        Form(
            "corrections",
            "List the records that the property manager should correct",
            (
                Field(
                    "date", Kind.DATE, "Business date of a list that was made before; empty: the newest", "2026-03-02"
                ),
            ),
        ),
        Form(
            "flash",
            "Make the monthly flash report",
            (
                Field("as_of", Kind.DATE, "As of which business date; empty: the newest", "2026-02-28"),
                Field(
                    "template",
                    Kind.TEXT,
                    "Name of a template in `templates/flash_report/`; empty: the only one there, or our own workbook",
                    "updated",
                ),
                Field("send", Kind.FLAG, "Mail the figures to everybody who receives alerts", "true"),
            ),
        ),
        Form(
            "rent_roll",
            "Compare a rent roll with the property-management system, room by room",
            (
                Field(
                    "key",
                    Kind.TEXT,
                    "File in `rent-roll/` of the bucket; empty: each one that was not compared yet",
                    "rent-roll/202602/rent_roll.xlsx",
                ),
                Field("period", Kind.NUMBER, "Month to compare; empty: the one in the key", "202602"),
                Field(
                    "as_of",
                    Kind.DATE,
                    "Date to compare with; empty: the last one of the period that has facts",
                    "2026-02-28",
                ),
                Field("rent_tolerance", Kind.NUMBER, "Yen by which a rent may differ; empty: none", "1000"),
                Field(
                    "days", Kind.NUMBER, "Days around the date in which a move explains a difference", "7", default=7
                ),
            ),
        ),
        Form(
            "tenants",
            "Write the operators' list of tenants, with names and phones, for one day's use",
            (
                Field(
                    "reason",
                    Kind.TEXT,
                    "What it is needed for, and for whom; it is recorded with your name",
                    "key handover on 3 March, asked for by the property manager",
                    required=True,
                ),
            ),
        ),
    )
}
