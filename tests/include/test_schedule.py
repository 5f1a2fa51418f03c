"""One business date per run, counted in Tokyo; one place for the hours."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from include import schedule
from include.schedule import (
    DEADLINES,
    FIRST_DATE,
    WATCH_LOOKS,
    BusinessDateError,
    after,
    business_date,
    clock,
    cron,
    date_of_run,
    format_jst,
    moment,
    resolve_target_date,
)
from include.settings import PROJECT_DIR, Settings

DUE = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)  # 07:00 of 2 March in Tokyo
TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (DUE, date(2026, 3, 2)),
        (datetime(2026, 3, 1, 14, 59, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 15, 0, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2024, 2, 28, 15, 0, tzinfo=UTC), date(2024, 2, 29)),
    ],
)
def test_i27_the_business_date_is_the_day_in_tokyo(instant: datetime, expected: date) -> None:
    assert business_date(instant) == expected


def test_an_instant_without_a_zone_has_no_business_date() -> None:
    with pytest.raises(BusinessDateError, match="no time zone"):
        business_date(datetime(2026, 3, 1, 22, 0))  # noqa: DTZ001


@pytest.mark.parametrize("requested", [None, "", "  "])
def test_a_blank_form_means_the_runs_own_date(requested: str | None) -> None:
    assert resolve_target_date(requested, DUE, TODAY) == date(2026, 3, 2)


@pytest.mark.parametrize("requested", [" 2025-05-11 ", "2026-03-02", "2026-02-28"])
def test_any_past_date_can_be_asked_for(requested: str) -> None:
    assert resolve_target_date(requested, DUE, TODAY) == date.fromisoformat(requested.strip())


@pytest.mark.parametrize("requested", ["2026-02-29", "20260301", "01.03.2026", "yesterday", "2026-3-1", "2026-W09-7"])
def test_what_is_no_date_is_refused_with_the_form_it_should_have(requested: str) -> None:
    with pytest.raises(BusinessDateError, match="write it as YYYY-MM-DD"):
        resolve_target_date(requested, DUE, TODAY)


@pytest.mark.parametrize("requested", ["2025-05-10", "2026-03-03"])
def test_dates_outside_the_history_are_refused_with_its_bounds(requested: str) -> None:
    with pytest.raises(BusinessDateError, match=f"{FIRST_DATE} .* to {TODAY}"):
        resolve_target_date(requested, DUE, TODAY)


@pytest.mark.parametrize(
    ("requested", "logical_date", "expected"),
    [(None, DUE, TODAY), (None, None, date(2026, 3, 1)), ("2026-02-05", DUE, date(2026, 2, 5))],
)
def test_a_run_is_about_its_form_else_its_logical_date_else_when_it_was_due(
    requested: str | None, logical_date: datetime | None, expected: date
) -> None:
    assert date_of_run(requested, logical_date, DUE - timedelta(days=1), DUE + timedelta(hours=1)) == expected


def test_times_are_written_in_tokyo() -> None:
    assert moment(TODAY, time(7, 0)) == DUE
    assert format_jst(DUE) == "2026-03-02 07:00 JST"
    assert format_jst(DUE, "%H:%M") == clock(time(7, 0)) == "07:00"
    assert cron(time(8, 5)) == "5 8 * * *"
    assert after(time(7, 50), timedelta(minutes=15)) == time(8, 5)


def test_the_hours_of_the_day_are_in_order() -> None:
    dump_due, first_look, last_look = WATCH_LOOKS
    hours = [schedule.DUMP_TAKEN, dump_due, schedule.START, schedule.GOLD_DUE, schedule.DASHBOARDS_DUE, first_look]
    assert sorted({*hours, last_look}) == [*hours, last_look]
    assert DEADLINES["gold"] < DEADLINES["dashboards"] < schedule.RUN_LIMIT


# Files in which a person reads an hour, and hours that have nothing to do with the schedule, by file.
REPEATED_IN = ("*.md", "dags/*.py", "dbt/*.md", "dbt/macros/*.sql", "include/**/*.md", "infra/**/*.md", "infra/**/*.tf")
OTHER_HOURS = {
    "infra/README.md": {"09:15", "13:00", "15:00"},
    "infra/modules/aurora/main.tf": {"03:00", "12:00", "14:00"},
    "infra/modules/monitoring/main.tf": {"09:15", "09:20"},
    "infra/modules/mwaa/main.tf": {"14:00"},
    "infra/modules/secrets/main.tf": {"13:00", "15:00"},
}


def named_hours() -> set[str]:
    """The hours of the schedule, the end of the wait for the dump, and midnight."""
    wait = Settings.from_environment({}).dump_wait_minutes
    named = {value for value in vars(schedule).values() if type(value) is time}
    return {clock(at) for at in {*named, *WATCH_LOOKS, after(schedule.START, timedelta(minutes=wait)), time(0)}}


def files_with_hours() -> list[Path]:
    found = {file for pattern in REPEATED_IN for file in PROJECT_DIR.glob(pattern)}
    skipped = {"target", "node_modules", ".terraform", "vendor"}
    return sorted(file for file in found if not skipped & set(file.parts))


def test_documents_runbooks_and_terraform_repeat_only_hours_of_the_schedule() -> None:
    """An hour that moves in include/schedule.py is found here in every place that repeats the old one."""
    wrong, repeated = [], 0
    for file in files_with_hours():
        name = file.relative_to(PROJECT_DIR).as_posix()
        allowed = named_hours() | OTHER_HOURS.get(name, set())
        for number, line in enumerate(file.read_text().splitlines(), 1):
            for hour in re.findall(r"(?<![\d:T-])(?:[01]\d|2[0-3]):[0-5][05](?![\d:])", line):
                repeated += 1
                if hour not in allowed:
                    wrong.append(f"{name}:{number}: {hour} is no hour of include/schedule.py")
    assert not wrong, "\n".join(wrong)
    assert repeated > 20


def test_documents_and_terraform_name_only_dags_that_exist() -> None:
    known = {schedule.DAILY, schedule.QUALITY, schedule.WATCH, schedule.HOUSEKEEPING}
    for file in files_with_hours():
        named = set(re.findall(r"\bgghouse_[a-z]+\b", file.read_text()))
        assert named <= known, f"{file}: {named - known}"
    dags = {file.stem for file in (PROJECT_DIR / "dags").glob("gghouse_*.py")}
    assert dags == known


def test_no_program_repeats_an_hour_of_the_schedule() -> None:
    """Sentences and expressions are built from include/schedule.py."""
    hours = {f'"{text}' for text in map(cron, (schedule.START, schedule.QUALITY_START, *WATCH_LOOKS))}
    for room in ("dags", "include", "plugins"):
        for file in (PROJECT_DIR / room).rglob("*.py"):
            text = re.sub(r'"""(?:.|\n)*?"""', "", file.read_text())
            assert not [hour for hour in hours if hour in text], file
            assert not re.search(r"\b0[678]:[0-5]\d JST", text), f"{file}: use clock() of include/schedule.py"
