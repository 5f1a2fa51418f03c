from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from include.reports.flash.figures import Benchmark
from include.reports.flash.reconcile import check, compare, findings, lines
from include.reports.flash.words import CLASSES, METRICS, OCCUPIED, REPORT_ROOMS, TOTAL
from include.settings import PROJECT_DIR
from tests.include.reports.flash.example import counts, differing, figures, room

ROOMS = Path("dbt/models/silver/flash_report_rooms_daily.yml")


def open_rooms(**changes: object) -> dict[str, int]:
    return {each.metric: each.open_rooms for each in compare(figures(**changes)) if each.open_rooms}


def test_equal_figures_differ_by_nothing() -> None:
    assert open_rooms() == {}
    assert findings(figures()) == ()
    assert [line.kind for line in lines(figures())] == ["figure", "not explained"] * len(METRICS)


def test_a_difference_is_the_sum_of_its_classes() -> None:
    ins, outs = (each for each in compare(differing()) if each.metric.endswith("_completed"))
    assert (ins.report, ins.beside, ins.difference, ins.remainder, ins.open_rooms) == (3, 4, -1, 0, 0)
    assert [(part.name, part.report_alone, part.beside_alone) for part in ins.parts] == [
        ("entered_later", 1, 0),
        ("renewal_flag", 0, 2),
    ]
    assert (outs.difference, outs.remainder, outs.open_rooms) == (-2, 0, 1)


@pytest.mark.parametrize("name", ["unexplained", "a_class_of_tomorrow"])
def test_a_class_without_a_reason_is_open(name: str) -> None:
    rooms = [room("moveins_planned", 1, name, gold=1)]
    assert open_rooms(rooms=rooms, beside={**figures().beside, "moveins_planned": 2}) == {"moveins_planned": 1}


def test_rooms_that_do_not_make_up_the_difference_are_open() -> None:
    assert open_rooms(beside={**figures().beside, "moveins_planned": 4}) == {"moveins_planned": 3}
    # two rooms without a reason, one on each side, do not cancel out
    rooms = [room("moveins_planned", 1, "unexplained", gold=1), room("moveins_planned", 2, "unexplained", report=1)]
    assert open_rooms(rooms=rooms) == {"moveins_planned": 2}


def test_a_second_type_of_a_room_counts_on_neither_side() -> None:
    assert open_rooms(rooms=[room("moveins_completed", 1, "second_type_of_room")]) == {}


def test_a_gap_is_not_compared() -> None:
    rows = counts()
    rows[OCCUPIED, TOTAL] = replace(rows[OCCUPIED, TOTAL], rooms=None)
    made = figures(counts=rows, beside={**figures().beside, OCCUPIED: None})
    assert compare(made)[0].difference is None
    assert [line.note for line in lines(made)][1] == "欠測のため比較しない / Not compared, for one of both is a gap"
    assert findings(made) == ()


def benchmark(**changes: object) -> Benchmark:
    made = Benchmark(date(2026, 2, 1), "moveins_completed", TOTAL, 3, 0, "somebody")
    return replace(made, **changes)  # type: ignore[arg-type]


def test_movements_are_held_to_benchmarks_at_month_end_alone() -> None:
    told = [benchmark(), benchmark(metric=OCCUPIED, value=5)]
    assert [each.benchmark.metric for each in check(figures(benchmarks=told))] == [OCCUPIED]
    assert len(check(figures(as_of=date(2026, 2, 28), benchmarks=told))) == 2


@pytest.mark.parametrize(
    ("value", "tolerance", "agrees"), [(15, 10, True), (16, 10, False), (5, 0, True), (4, 0, False), (900, None, None)]
)
def test_a_benchmark_agrees_within_its_tolerance(value: int, tolerance: int | None, agrees: bool | None) -> None:
    made = figures(benchmarks=[benchmark(metric=OCCUPIED, value=value, tolerance=tolerance)])
    assert [each.agrees for each in check(made)] == [agrees]
    assert len(findings(made)) == (agrees is False)


def test_findings_say_what_to_do() -> None:
    rooms, told = findings(differing())
    assert rooms.subject == "rooms without a reason"
    assert (
        "2026-02-26 differs from gold by rooms that no class explains (moveouts_completed 1); run recover_range"
        in rooms.sentence
    )
    assert "out of tolerance with what others counted (occupied_0000 5 beside 20); ask" in told.sentence


def test_every_class_of_the_model_is_explained_but_one() -> None:
    columns = yaml.safe_load((PROJECT_DIR / ROOMS).read_text())["models"][0]["columns"]
    tests = next(column["tests"] for column in columns if column["name"] == "difference_class")
    values = next(test["accepted_values"]["values"] for test in tests if "accepted_values" in test)
    assert set(values) == {*CLASSES, "unexplained"}


def test_the_rooms_that_the_report_divides_by_are_those_of_the_dbt_project() -> None:
    project = yaml.safe_load((PROJECT_DIR / "dbt" / "dbt_project.yml").read_text())
    assert project["vars"]["flash_report_rooms"] == REPORT_ROOMS
