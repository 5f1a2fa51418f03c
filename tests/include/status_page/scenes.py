"""Two mornings as the page sees them: one on which all is well, and one on which much is not."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from include.alerts.causes import Cause
from include.alerts.incident import Incident
from include.freshness.finding import Finding, Verdict
from include.schedule import JST
from include.status_page.days import judge_days
from include.status_page.facts import DAYS, Facts, Part
from include.status_page.guesses import LABELS, Guesses, GuessSource, Measured
from include.status_page.headline import headline
from include.status_page.reports import CorrectionKind, Corrections, RentRoll, ReportRun
from include.status_page.sources import Gap, Load, Occupancy, OccupancyDay, Tests
from include.warehouse.publications import Publication

TODAY = date(2026, 3, 12)
ALL_ROOMS = 16108


def at(day: date, hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=JST)


def back(days: int) -> date:
    return TODAY - timedelta(days=days)


def load(day: date, state: str = "published", reason: str = "", seconds: float = 161.4) -> Load:
    began = at(day, 7, 0, 20)
    if state == "failed":
        return Load(day, state, began, began + timedelta(seconds=31), None, None, 0, 0, 0, reason)
    ended = began + timedelta(seconds=seconds)
    size = 943_000_000 + 1_000_000 * day.day
    return Load(day, state, began, ended, 4_512_339 + 731 * day.day, 14, size, 31, 50, "")


def publish(day: date, gold: tuple[int, int] = (7, 14), dashboards: tuple[int, int] = (7, 17)) -> list[Publication]:
    sets = {
        "occupancy-daily-metrics": 151,
        "new-contracts": 40_179,
        "moveout-analysis": 28_950,
        "occupancy-property-map-latest": 1_202,
    }
    return [
        Publication(day, "gold", at(day, *gold), 212_040, 41.0),
        *[
            Publication(day, f"quicksight:{name}", at(day, *dashboards), rows, 12.5 + rows / 4000)
            for name, rows in sets.items()
        ],
        Publication(day, "dashboards", at(day, *dashboards, 20), None, 1030.0),
    ]


def occupancy(as_of: date, missing: tuple[date, ...] = ()) -> Occupancy:
    facts = [as_of - timedelta(days=number) for number in range(60, -1, -1)]
    rooms = {day: 11_180 + 3 * number - (number % 7) * 9 for number, day in enumerate(facts)}
    ahead = [as_of + timedelta(days=number) for number in range(1, 91)]
    for number, day in enumerate(ahead):
        rooms[day] = rooms[as_of] - number * 9 - (number % 30 > 27) * 60
    return Occupancy(
        as_of,
        tuple(
            OccupancyDay(day, count, round(count / ALL_ROOMS, 4), day > as_of)
            for day, count in rooms.items()
            if day not in missing
        ),
    )


def findings(stale: bool = False) -> list[Finding]:
    yesterday = back(1)
    found = [
        Finding("dump of 2026-03-12", Verdict.OK, TODAY, 0.1, None, "945,312,004 bytes, as its manifest says."),
        Finding("staging.movings", Verdict.OK, TODAY, 0.3, 62_911, "The newest change is of this night."),
        Finding("staging.tenants", Verdict.OK, TODAY, 0.2, 50_377, "The newest change is of this night."),
        Finding("silver.tenant_room_snapshot_daily", Verdict.OK, TODAY, 0.0, 12_004, "Of today."),
        Finding("gold.occupancy_daily_metrics", Verdict.OK, TODAY, 0.0, 151, "Of today."),
        Finding("staging.inquiries", Verdict.DEAD, date(2023, 6, 1), 1015.0, 719, "A dead feed since 2023."),
    ]
    if stale:
        found[0] = Finding(
            "dump of 2026-03-12", Verdict.CRITICAL, None, None, None,
            "No dump of 2026-03-12 is in the bucket; have the property-management side deliver it.",
        )  # fmt: skip
        found[1] = Finding(
            "staging.movings", Verdict.WARN, yesterday, 1.4, 62_850, "The newest change is 1.4 days old, expected is 1."
        )
    return found


def results(failed: bool = False) -> Tests:
    problems: list[tuple[str, str]] = [
        ("warned", "Test occupancy_unexplained_small of gold.occupancy_daily_metrics warns: 1 row")
    ]
    if failed:
        problems = [
            ("failed", "Test occupancy_rate_in_range of gold.occupancy_daily_metrics failed: 1 row"),
            ("failed", "gold.moveouts could not be built: Lock wait timeout exceeded; try restarting transaction"),
            *problems,
        ]
    day = back(1) if failed else TODAY
    return Tests(day, 171 - len(problems), 1, len(problems) - 1, 3 * failed, 37, tuple(problems), at(day, 7, 13))


KINDS = {
    "国籍なし - No nationality": 684,
    "退去日経過・在室のまま - Past move-out, still present": 2_821,
    "同じ部屋に複数の在室者 - Several present tenants": 107,
    "契約とのつながりの誤り - Dangling contract": 21,
    "部屋・物件のない契約 - Contract without room": 0,
    "賃料が0円以下 - Rent not positive": 388,
    "入居期間の重なり - Overlapping stays": 46,
    "前の契約の退去日なし - Predecessor without move-out": 12,
    "日付の矛盾 - Contradicting dates": 160,
}


def corrections(as_of: date, jump: int = 0) -> Corrections:
    """Counts that wave; `jump` records without a nationality came on the newest date."""
    kinds = []
    for place, (label, count) in enumerate(KINDS.items()):
        trend = [
            max(0, count - (count // 90 + 1) * ((back * (place + 3)) % 7 - 3)) if count else 0 for back in range(14)
        ]
        trend[0] += jump * (place == 0)
        fallen = max(0, trend[1] - trend[0])
        kinds.append(CorrectionKind(label, trend[0], max(0, trend[0] - trend[1]), 0, fallen, tuple(reversed(trend))))
    return Corrections(as_of, as_of - timedelta(days=1), tuple(kinds))


def report_runs(as_of: date, failed: str = "") -> list[ReportRun]:
    """The newest attempts on a date; the flash report failed for a reason."""
    made, month_end, by_hand = at(as_of, 7, 16), at(date(2026, 3, 1), 7, 18), at(back(4), 14, 2)
    listed = f"Records to correct as of {as_of}: 4,239 (20 new, 2 returned, 31 corrected)"
    roll = "Rent roll of 202602 against 2026-02-28: investigate"
    flash = "Flash report of 2026-02 as of 2026-03-01: 11,271 rooms occupied at 00:00"
    return [
        ReportRun("corrections", "made", made, listed, made),
        ReportRun("flash", "failed" if failed else "made", made if failed else month_end, failed or flash, month_end),
        ReportRun("rent_roll", "made", by_hand, roll, by_hand),
        ReportRun("tenants", "unfinished", at(as_of, 8, 1), "", None),
    ]


def guessed(as_of: date, too_often_wrong: bool = False) -> Guesses:
    """Sources measured on the last Sunday, or one of them found too often wrong then."""
    sunday, first = as_of - timedelta(days=(as_of.weekday() + 1) % 7), date(2026, 2, 22)
    measured = {
        "same_person": Measured(sunday, 6_857, 214, 213, True, first),
        "name_model": Measured(sunday, 6_857, 4_937, 4_823, True, first),
        "llm": Measured(sunday, 200, 171, 149 if too_often_wrong else 165, not too_often_wrong, sunday),
    }
    kept = {"not_a_person": (38, 0), "same_person": (61, 2), "name_model": (1_374, 9), "llm": (402, 0)}
    sources = [GuessSource(label, *kept[name], measured.get(name)) for name, label in LABELS.items()]
    return Guesses(tuple(sources), *(0, 0) if too_often_wrong else (1, 11))


def good_morning() -> Facts:
    """All is well at 08:05."""
    now = at(TODAY, 8, 5)
    days = [back(number) for number in range(13, -1, -1)]
    published = [one for day in days for one in publish(day)]
    gaps = [Gap(date(2026, 2, 15), True, "missing", declared=False)]
    judged = judge_days(TODAY, DAYS, now, [load(day) for day in days], published, gaps, {}, None)
    return Facts(
        environment="prod",
        now=now,
        today=TODAY,
        headline=headline(TODAY, now, TODAY, judged[0], published),
        days=Part(judged),
        incidents=Part([]),
        tests=Part(results()),
        ingestions=Part(_short(publish(TODAY))),
        findings=Part(findings()),
        gaps=Part(gaps),
        occupancy=Part(occupancy(TODAY)),
        corrections=Part(corrections(TODAY)),
        rent_roll=Part(RentRoll("202602", date(2026, 2, 28), 11_204, 806, 0.0719, "investigate", at(back(4), 14, 2))),
        reports=Part(report_runs(TODAY)),
        guesses=Part(guessed(TODAY)),
    )


def bad_morning(hostile: str = "") -> Facts:
    """At 08:40 no dump has come, yesterday a test failed, and before that there was every other state.

    Args:
        hostile: text that stands wherever a text comes from outside.
    """
    now = at(TODAY, 8, 40)
    cut = hostile or "s3://prod/dumps/gghouse_20260309.sql, line 812: the file ends inside the rows of payments"
    loads = [load(back(number)) for number in (13, 12, 11, 10, 9, 8, 7, 5, 4, 2, 1)]
    loads += [load(back(3), "failed", cut)]
    published = [one for number in (13, 12, 11, 9, 8, 7, 4) for one in publish(back(number))]
    published += publish(back(10), (7, 52), (8, 9)) + publish(back(5), (9, 41), (9, 47)) + publish(back(2))
    gaps = [
        Gap(back(6), True, hostile or "Taken from the wrong database; quarantined", declared=True),
        Gap(date(2026, 2, 15), True, "missing", declared=False),
        Gap(date(2026, 2, 12), False, hostile or "Delivered later and checked by hand", declared=True),
    ]
    sentence = hostile or results(failed=True).problems[0][1]
    judged = judge_days(TODAY, DAYS, now, loads, published, gaps, {back(1): sentence}, None)
    no_dump = hostile or (
        "s3://prod/dumps/gghouse_20260312.sql[.gz|.zst] did not come within 90 minutes; have the property-management "
        "side deliver that date's dump, then clear wait_for_dump with everything after"
    )
    incidents = [
        Incident(back(1), Cause.DBT, sentence, at(back(1), 7, 13), step="gold.occupancy_daily_metrics"),
        Incident(TODAY, Cause.DUMP_MISSING, no_dump, at(TODAY, 8, 30), step="wait_for_dump"),
    ]
    lacking = hostile or "data set contracts holds 90 rows and QuickSight dropped 4, while gold.new_contracts has 94"
    warning = Incident(
        back(1), Cause.QUICKSIGHT_ROWS, lacking, at(back(1), 7, 55), subject=hostile or "contracts", warning=True
    )
    return Facts(
        environment=hostile or "prod",
        now=now,
        today=TODAY,
        headline=headline(TODAY, now, back(2), judged[0], published),
        days=Part(judged),
        incidents=Part(incidents),
        tests=Part(results(failed=True)),
        ingestions=Part(_short(publish(back(2)))),
        findings=Part(findings(stale=True)),
        gaps=Part(gaps),
        occupancy=Part(occupancy(back(2), missing=(back(6), *(back(number) for number in range(26, 30))))),
        corrections=Part(corrections(back(2), jump=700)),
        rent_roll=Part(
            RentRoll(hostile or "202602", date(2026, 2, 28), 0, 0, None, hostile or "critical", at(back(4), 14, 2))
        ),
        reports=Part(report_runs(back(2), failed=hostile or "template updated.xlsx holds a chart; remove it")),
        guesses=Part(guessed(back(2), too_often_wrong=True)),
        warnings=(warning,),
    )


def empty() -> Facts:
    """The database is down and nothing was ever published."""
    now = at(TODAY, 6, 0)
    judged = judge_days(TODAY, DAYS, now, [], [], [], {}, None)
    down = "cannot be shown: the database cannot be reached (Can't connect to server)."
    return Facts(
        environment="dev",
        now=now,
        today=TODAY,
        headline=headline(TODAY, now, None, judged[0], []),
        days=Part(judged, f"Loads {down}"),
        incidents=Part([], "Open incidents cannot be shown: the bucket is not there."),
        tests=Part(None, f"Test results {down}"),
        ingestions=Part([], f"QuickSight ingestions {down}"),
        findings=Part([], f"The age of the data {down}"),
        gaps=Part([], f"Gaps {down}"),
        occupancy=Part(None, f"Occupancy {down}"),
        corrections=Part(None, f"Records to correct {down}"),
        rent_roll=Part(None, f"The last rent roll {down}"),
        reports=Part([], f"Reports {down}"),
        guesses=Part(None, f"Guessed nationalities {down}"),
    )


def _short(published: list[Publication]) -> list[Publication]:
    prefix = "quicksight:"
    return [
        Publication(one.business_date, one.layer.removeprefix(prefix), one.published_at, one.row_count, one.seconds)
        for one in published
        if one.layer.startswith(prefix)
    ]
