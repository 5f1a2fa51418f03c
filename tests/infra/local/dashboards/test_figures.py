"""Each figure that a dashboard shows is the one that a SELECT written for the test finds, on three simulated days."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from infra.dashboards.committed import committed
from infra.local.dashboards import answers
from infra.local.dashboards.definition import Visual, read
from infra.local.database import Database
from tests.dbt.project import DbtProject
from tests.dbt.test_synthetic_source import load_days
from tests.infra.local.dashboards.figures import ELSEWHERE, FIGURES

DATES = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2))
HISTORY_DAYS = 420
# What QuickSight keeps: a table of 200 rows on the preview, six decimals.
DECIMALS = 4


def test_every_visual_has_a_select_of_its_own() -> None:
    """No server needed: a new visual without one is found at once."""
    for name, definition in committed().items():
        shown = {
            each.id
            for sheet in read(name, definition).sheets
            for each in sheet.visuals.values()
            if not each.id.startswith("about_")
        }
        assert shown - ELSEWHERE == FIGURES[name].keys() - ELSEWHERE, name


@pytest.fixture(scope="module")
def days(
    make_database: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Iterator[tuple[date, DbtProject, Database]]]:
    """Three days, one after the other, with the rooms of the year before the first."""
    server, target = make_database(), tmp_path_factory.mktemp("dbt")
    dbt = DbtProject(server, target, sources=False)

    def one_after_the_other() -> Iterator[tuple[date, DbtProject, Database]]:
        for day in load_days(server, DATES, tmp_path_factory.mktemp("source"), snapshot_days=HISTORY_DAYS):
            dbt.dbt("build", str(day), "--exclude", "resource_type:test")
            if day == DATES[0]:
                before = [str(day - timedelta(days=back)) for back in range(HISTORY_DAYS - 2, 0, -1)]
                rooms = ("tenant_room_snapshot_daily", "room_departures_daily", "building_occupancy_daily")
                dbt.dbt("run", str(day), "--select", *rooms, variables={"rooms_from_history": before})
                dbt.dbt("build", str(day), "--exclude", "resource_type:test")
            yield day, dbt, server

    yield one_after_the_other()
    dbt.close()


@pytest.mark.full
def test_every_card_and_chart_is_gold_on_three_days(days: Iterator[tuple[date, DbtProject, Database]]) -> None:
    seen = 0
    for day, dbt, _ in days:
        dbt.execute("drop schema if exists gold")
        dbt.execute("create schema gold character set utf8mb4 collate utf8mb4_unicode_ci")
        for (table,) in dbt.execute(
            "select table_name from information_schema.tables where table_schema = 'gold_next'"
        ):
            dbt.execute(f"create view gold.{table} as select * from gold_next.{table}")
        wrong = []
        with contextlib.closing(dbt.connection.cursor()) as cursor:
            known = answers.sources(cursor)
            for name, definition in committed().items():
                dashboard = read(name, fixed(definition))
                for sheet in dashboard.sheets:
                    for visual in sheet.visuals.values():
                        if visual.id in ELSEWHERE or visual.id.startswith("about_"):
                            continue
                        answer = answers.ask(cursor, dashboard, sheet, visual, known, day)
                        expected = dbt.execute(FIGURES[name][visual.id].format(d=day).replace("%%", "%"))
                        seen += 1
                        if difference := compare(visual, answer, expected):
                            wrong.append(f"{day} {name}.{visual.id}: {difference}")
        assert not wrong, "\n".join(wrong)
    assert seen == len(DATES) * sum(len(visuals.keys() - ELSEWHERE) for visuals in FIGURES.values())


def fixed(definition: dict[str, Any]) -> dict[str, Any]:
    """Return a definition as a reader first sees it: parameters at their defaults, nothing chosen, nothing drilled."""
    defaults = {
        each["IntegerParameterDeclaration"]["Name"]: each["IntegerParameterDeclaration"]["DefaultValues"][
            "StaticValues"
        ][0]
        for each in definition["ParameterDeclarations"]
    }
    text = re.sub(r'"HierarchyId": "[^"]+", ?', "", json.dumps(definition))
    text = re.sub(r', ?"HierarchyId": "[^"]+"', "", text)
    text = re.sub(r'{"Parameter": "(\w+)"}', lambda match: json.dumps({"StaticValue": defaults[match[1]]}), text)
    made: dict[str, Any] = json.loads(text)
    for sheet in made["Sheets"]:
        sheet.pop("FilterControls", None)
        sheet.pop("ParameterControls", None)
    made["FilterGroups"] = [
        group
        for group in made["FilterGroups"]
        if "SelectAllOptions" not in json.dumps(group)  # a control of a reader
    ]
    return made


def compare(visual: Visual, answer: answers.Answer, expected: list[tuple[Any, ...]]) -> str:
    """Return what differs between an answer and the rows of the test's own SELECT; nothing when nothing does."""
    plan = answer.plan
    ours = [
        (
            *(row[plan.dimensions[field.id]] for field in visual.fields() if field.id in plan.dimensions),
            *(plan.measures[field.id].value(row) for field in visual.fields() if field.id in plan.measures),
        )
        for row in answer.rows
    ]
    theirs = [tuple(map(plain, row)) for row in expected]
    found, wanted = sorted(map(text, ours)), sorted(map(text, theirs))
    if not plan.grouped and len(wanted) > answers.TABLE_ROWS:
        return "" if set(found) <= set(wanted) else f"rows {sorted(set(found) - set(wanted))[:3]} are not expected"
    if found == wanted:
        return ""
    extra, missing = [row for row in found if row not in wanted], [row for row in wanted if row not in found]
    return f"{len(found)} rows, {len(wanted)} expected; only here {extra[:3]}, missing {missing[:3]}"


def plain(value: Any) -> Any:
    return answers.plain(value) if not isinstance(value, Decimal) else float(value)


def text(row: tuple[Any, ...]) -> str:
    """Return a row to compare: numbers rounded, dates as text."""
    return repr([f"{value:.{DECIMALS}f}" if isinstance(value, (int, float)) else value for value in row])
