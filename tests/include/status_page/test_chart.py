"""Occupancy as a drawing: facts and outlook apart, gaps open, round figures at the axes."""

from __future__ import annotations

from datetime import date, timedelta

from include.status_page.chart import draw
from include.status_page.sources import Occupancy, OccupancyDay
from tests.include.status_page.scenes import occupancy

AS_OF = date(2026, 3, 10)


def test_facts_are_solid_and_the_outlook_begins_where_they_end() -> None:
    chart = draw(occupancy(AS_OF), 960, 300)
    facts, ahead = chart.lines
    assert (facts.projected, ahead.projected) == (False, True)
    assert len(facts.points.split()) == 61
    assert len(ahead.points.split()) == 91
    assert facts.points.split()[-1] == ahead.points.split()[0] == f"{chart.as_of.x},{chart.as_of.y}"


def test_i19_a_gap_is_left_open_and_marked() -> None:
    missing = (AS_OF - timedelta(days=4), *(AS_OF - timedelta(days=number) for number in (20, 21)))
    chart = draw(occupancy(AS_OF, missing), 960, 300)
    assert [line.projected for line in chart.lines] == [False, False, False, True]
    assert [band.title for band in chart.bands] == ["gap 2026-02-17 to 2026-02-18", "gap 2026-03-06 to 2026-03-06"]


def test_both_axes_say_the_same_in_their_units() -> None:
    chart = draw(occupancy(AS_OF), 960, 300)
    assert [(rung.text, rung.second) for rung in chart.rungs] == [
        ("10,000", "62.1 %"), ("10,500", "65.2 %"), ("11,000", "68.3 %"), ("11,500", "71.4 %"),
    ]  # fmt: skip
    assert [month.text for month in chart.months] == ["Feb", "Mar", "Apr", "May", "Jun"]
    assert chart.as_of.second == "2026-03-10"


def test_everything_lies_inside_the_drawing() -> None:
    for rooms in ((0, 0), (225, 225), (1, 2), (11_000, 11_003), (0, 16_108)):
        days = tuple(OccupancyDay(AS_OF + timedelta(days=n), r, r / 16108, n > 0) for n, r in enumerate(rooms))
        for width, height in ((960, 300), (360, 260)):
            chart = draw(Occupancy(AS_OF, days), width, height)
            for line in chart.lines:
                for point in line.points.split():
                    x, y = map(float, point.split(","))
                    assert chart.left <= x <= chart.right
                    assert chart.top <= y <= chart.bottom
            assert 2 <= len(chart.rungs) <= 7


def test_a_single_fact_is_drawn() -> None:
    chart = draw(Occupancy(AS_OF, (OccupancyDay(AS_OF, 225, 0.014, False),)), 360, 260)
    assert chart.as_of.text == "225"


def test_a_young_platform_has_its_newest_fact_where_an_old_one_has_it() -> None:
    days = tuple(
        OccupancyDay(AS_OF + timedelta(days=n), 232 - n // 10, (232 - n // 10) / 16108, n > 0) for n in range(91)
    )
    chart = draw(Occupancy(AS_OF, days), 960, 300)
    assert chart.as_of.x == draw(occupancy(AS_OF), 960, 300).as_of.x
    rates = [rung.second for rung in chart.rungs]
    assert len(set(rates)) == len(rates), "two lines of the same rate say nothing"
