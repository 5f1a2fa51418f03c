"""The ladder on a real server: which source answers, what stands, from when it counts, and what a kill leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from include.enrichment import store
from include.enrichment.classifier import MEASURING_FOLD, fold
from include.enrichment.ladder import enrich
from include.enrichment.language_model import Certainty
from include.enrichment.records import Source
from tests.include.enrichment.conftest import LESOTHO, NOW, SETTINGS, TARGET, Asked, Warehouse

ANH = "NGUYEN THI ANH"
ODD = "ЖЖЖ ЩЩЩ"


def test_each_tenant_gets_the_first_answer_of_the_ladder(warehouse: Warehouse) -> None:
    warehouse.company()
    warehouse.tenant("株式会社NGUYEN")
    warehouse.tenant("TANAKA HANAKO", "中国", birth_date="1990-02-03")
    warehouse.tenant("ＴＡＮＡＫＡ　ＨＡＮＡＫＯ", birth_date="1990-02-03")
    warehouse.tenant(ANH)
    warehouse.tenant(ODD)
    warehouse.tenant("NGUYEN VAN ANH", "")  # recorded elsewhere with this name, but without a date of birth
    outcome = warehouse.enrich()
    assert [(source, nationality) for source, nationality, _ in warehouse.answers()] == [
        ("name_model", "ベトナム"),
        ("name_model", "ベトナム"),
        ("not_a_person", "その他"),
        ("same_person", "中国"),
    ]
    assert outcome.counts["candidates"] == 5
    assert outcome.counts["without an answer"] == 1
    assert outcome.warnings == []


def test_a_namesake_with_another_birth_date_or_two_nationalities_tells_nothing(warehouse: Warehouse) -> None:
    warehouse.tenant("A B", "中国", birth_date="1990-02-03")
    warehouse.tenant("A B", birth_date="1990-02-04")
    warehouse.tenant("A B")
    warehouse.tenant("C D", "中国", birth_date="1990-02-03")
    warehouse.tenant("C D", "韓国", birth_date="1990-02-03")
    warehouse.tenant("C D", birth_date="1990-02-03")
    warehouse.enrich()
    assert warehouse.answers() == []


def test_the_same_person_follows_the_records(warehouse: Warehouse) -> None:
    known = warehouse.tenant("A B", "中国", birth_date="1990-02-03")
    warehouse.tenant("A B", birth_date="1990-02-03")
    for day, nationality in ((2, "中国"), (3, "韓国"), (4, "中国"), (5, LESOTHO), (6, LESOTHO)):
        warehouse.execute("UPDATE staging.tenants SET nationality = %s WHERE id = %s", nationality, known)
        warehouse.enrich(date(2026, 3, day))
    assert sorted(warehouse.answers(), key=lambda row: row[2]) == [
        ("same_person", "中国", date(2026, 3, 2)),
        ("same_person", "韓国", date(2026, 3, 3)),
        ("same_person", "中国", date(2026, 3, 4)),
        ("same_person", None, date(2026, 3, 5)),
    ]


def test_an_answer_of_the_classifier_stands_while_the_records_grow(warehouse: Warehouse) -> None:
    warehouse.company()
    warehouse.tenant(ANH)
    warehouse.enrich()
    before = warehouse.state()[0]
    warehouse.company()
    warehouse.tenant("PHAM THI ANH")
    warehouse.enrich(TARGET + timedelta(days=1))
    after = warehouse.state()[0]
    assert set(before) < set(after)
    assert len(after) == 2
    assert len({version for _, _, version, *_ in after}) == 2


def test_a_date_whose_gold_is_published_gets_no_more_answers(warehouse: Warehouse) -> None:
    warehouse.company()
    warehouse.tenant(ANH)
    warehouse.publish(TARGET)
    warehouse.enrich(TARGET)
    warehouse.enrich(TARGET - timedelta(days=30))
    assert warehouse.answers() == [("name_model", "ベトナム", TARGET + timedelta(days=1))]
    assert warehouse.execute("SELECT DISTINCT evaluated_on FROM ops.nationality_evaluation") == [
        (TARGET + timedelta(days=1),)
    ]


def test_the_same_date_twice_changes_nothing(warehouse: Warehouse) -> None:
    warehouse.company()
    warehouse.tenant(ANH)
    warehouse.tenant(ODD)
    warehouse.enrich()
    first = warehouse.state()
    warehouse.publish(TARGET)
    warehouse.enrich()
    assert warehouse.state() == first


def test_a_plan_writes_nothing_and_asks_no_model(warehouse: Warehouse) -> None:
    warehouse.company()
    warehouse.tenant(ANH)
    warehouse.tenant(ODD)
    model = Asked({ODD: "ミャンマー"})
    outcome = warehouse.enrich(model=model, save=False)
    assert warehouse.state() == [[], []]
    assert model.calls == 0
    assert outcome.counts[Source.NAME_MODEL] == 1
    assert outcome.counts["for the language model"] == 1


def test_a_source_that_is_often_wrong_is_not_used_for_a_week_and_says_so(warehouse: Warehouse) -> None:
    warehouse.company()
    warehouse.tenant(ANH)
    # whoever is called so is on record as somebody else, but only among those who are measured
    with warehouse.connection.cursor() as cursor:
        cursor.execute("SELECT id, full_name FROM staging.tenants WHERE nationality = 'ベトナム'")
        for number, name in cursor.fetchall():
            if fold(name) == MEASURING_FOLD:
                cursor.execute("UPDATE staging.tenants SET nationality = '中国' WHERE id = %s", (number,))
    outcome = warehouse.enrich()
    assert [row for row in warehouse.answers() if row[0] == "name_model"] == []
    ((subject, sentence),) = outcome.warnings
    assert subject == "name_model"
    assert "not used until next measured" in sentence
    assert warehouse.enrich(TARGET + timedelta(days=1)).warnings == []
    assert warehouse.answers() == []
    warehouse.execute("UPDATE staging.tenants SET nationality = 'ベトナム' WHERE nationality = '中国'")
    warehouse.enrich(TARGET + timedelta(days=6))
    assert warehouse.answers() == []
    warehouse.enrich(TARGET + timedelta(days=7))
    assert warehouse.answers() == [("name_model", "ベトナム", TARGET + timedelta(days=7))]


@pytest.fixture
def undecided(warehouse: Warehouse) -> list[str]:
    """25 names that only a language model knows, beside a company whose names it knows as well."""
    warehouse.company()
    names = [f"ЖЩ {chr(0x410 + number)}Ъ" for number in range(25)]
    for name in names:
        warehouse.tenant(name)
    return names


def knows(warehouse: Warehouse, names: list[str]) -> dict[str, str]:
    recorded = warehouse.execute("SELECT full_name, nationality FROM staging.tenants WHERE nationality <> %s", LESOTHO)
    return dict(recorded) | dict.fromkeys(names, "ミャンマー")


def test_a_language_model_is_measured_first_and_then_asked_what_is_left(
    warehouse: Warehouse, undecided: list[str]
) -> None:
    model = Asked(knows(warehouse, undecided))
    outcome = warehouse.enrich(model=model)
    assert model.names[-25:] == undecided
    rows = warehouse.execute("SELECT nationality, confidence FROM ops.nationality_predictions WHERE source = 'llm'")
    measured = len(model.names) - 25
    assert {(name, float(sure)) for name, sure in rows} == {("ミャンマー", round((measured + 1) / (measured + 2), 3))}
    assert len(rows) == 25
    assert outcome.counts[Source.LLM] == 25
    calls, names = warehouse.execute("SELECT calls, names FROM ops.nationality_calls")[0]
    assert (calls, names) == (model.calls, len(model.names))
    before = model.calls
    warehouse.enrich(TARGET + timedelta(days=1), model=model)
    assert model.calls == before


def test_who_guesses_is_not_believed(warehouse: Warehouse, undecided: list[str]) -> None:
    wrong = dict.fromkeys(knows(warehouse, undecided), "韓国")
    model = Asked(wrong, certainty=Certainty.GUESS)
    outcome = warehouse.enrich(model=model)
    assert outcome.counts[Source.LLM] == 0
    confidence = warehouse.execute("SELECT MAX(confidence) FROM ops.nationality_predictions WHERE source = 'llm'")
    assert float(confidence[0][0]) < 0.2
    calls = model.calls
    warehouse.enrich(TARGET + timedelta(days=1), model=model)
    assert model.calls == calls, "nobody is asked, and paid for, twice"


def test_a_new_model_is_asked_anew(warehouse: Warehouse, undecided: list[str]) -> None:
    warehouse.enrich(model=Asked())
    model = Asked(knows(warehouse, undecided), version="jp.test:2")
    outcome = warehouse.enrich(TARGET + timedelta(days=1), model=model)
    assert outcome.counts[Source.LLM] == 25


def test_a_former_model_that_is_set_again_is_not_paid_for_again(warehouse: Warehouse, undecided: list[str]) -> None:
    warehouse.enrich(model=Asked())
    warehouse.enrich(TARGET + timedelta(days=1), model=Asked(version="jp.test:2"))
    former = Asked()
    warehouse.enrich(TARGET + timedelta(days=2), model=former)
    assert former.calls == 0


@pytest.mark.parametrize(("limit", "value"), [("CALLS", 2), ("SECONDS", 0.5)])
def test_the_rest_is_asked_tomorrow(
    warehouse: Warehouse, undecided: list[str], monkeypatch: pytest.MonkeyPatch, limit: str, value: float
) -> None:
    known = knows(warehouse, undecided)
    warehouse.enrich(TARGET - timedelta(days=1), model=Asked(known))
    for table in (store.PREDICTIONS, store.CALLS):
        warehouse.execute(f"TRUNCATE TABLE {table}")
    monkeypatch.setattr(f"include.enrichment.budget.{limit}", value)
    ticks = (0.25 * tick for tick in range(10**6))  # each call takes a quarter of a second
    model = Asked(known)
    for _ in range(3):  # whatever is run again
        outcome = warehouse.enrich(model=model, timer=lambda: next(ticks))
        assert outcome.warnings == []
    assert model.names == undecided[:20]
    monkeypatch.setattr("tests.include.enrichment.conftest.NOW", NOW + timedelta(days=1))
    warehouse.enrich(TARGET + timedelta(days=1), model=model, timer=lambda: next(ticks))
    assert model.names == undecided


def test_no_more_names_are_asked_a_day_than_the_setting_allows(warehouse: Warehouse, undecided: list[str]) -> None:
    known = knows(warehouse, undecided)
    warehouse.enrich(TARGET - timedelta(days=1), model=Asked(known))
    for table in (store.PREDICTIONS, store.CALLS):
        warehouse.execute(f"TRUNCATE TABLE {table}")
    model = Asked(known)
    few = replace(SETTINGS, nationality_names_per_day=19)
    enrich(warehouse.loader, few, TARGET, NOW, model, lambda line: None)
    assert model.names == undecided[:10]


def test_a_model_that_stops_leaves_one_warning_and_what_it_said_before(
    warehouse: Warehouse, undecided: list[str]
) -> None:
    healthy = Asked(knows(warehouse, undecided))
    warehouse.enrich(TARGET - timedelta(days=1), model=healthy)
    warehouse.execute("DELETE FROM ops.nationality_predictions WHERE source = 'llm'")
    outcome = warehouse.enrich(model=Asked(healthy.knows, stops=2))
    assert outcome.counts[Source.LLM] == 10
    assert outcome.warnings == [("llm", "The model is retired; set gghouse.nationality_model to another one")]


def test_a_model_that_must_not_be_asked_is_not(warehouse: Warehouse, undecided: list[str]) -> None:
    model = Asked(refuses="Prompts are logged; switch that off")
    outcome = warehouse.enrich(model=model)
    assert model.calls == 0
    assert outcome.warnings == [("llm", "Prompts are logged; switch that off")]


def test_an_answer_that_cannot_be_used_is_asked_again_only_when_nothing_could(
    warehouse: Warehouse, undecided: list[str]
) -> None:
    known = knows(warehouse, undecided)
    warehouse.enrich(TARGET, model=Asked(known, unusable=[undecided[0]]))
    model = Asked(known)
    warehouse.enrich(TARGET + timedelta(days=1), model=model)
    assert model.calls == 0
    warehouse.execute("DELETE FROM ops.nationality_predictions WHERE source = 'llm'")
    warehouse.enrich(TARGET + timedelta(days=2), model=Asked(known, unusable=undecided))
    warehouse.enrich(TARGET + timedelta(days=3), model=model)
    assert model.names == undecided


def test_a_source_that_is_switched_off_leaves_its_names_to_the_next_one(warehouse: Warehouse) -> None:
    warehouse.company()
    warehouse.tenant(ANH)
    known = knows(warehouse, [ANH])
    assert warehouse.enrich().counts[Source.NAME_MODEL] == 1
    warehouse.execute("UPDATE ops.nationality_evaluation SET correct = 0, is_used = 0 WHERE source = 'name_model'")
    model = Asked(known)
    outcome = warehouse.enrich(TARGET + timedelta(days=1), model=model)
    assert outcome.counts[Source.NAME_MODEL] == 0
    assert model.names[-1] == ANH


def test_a_model_without_one_usable_answer_is_not_measured_but_named(
    warehouse: Warehouse, undecided: list[str]
) -> None:
    everybody = [name for (name,) in warehouse.execute("SELECT full_name FROM staging.tenants")]
    ((subject, sentence),) = warehouse.enrich(model=Asked(unusable=everybody)).warnings
    assert subject == "llm"
    assert sentence.startswith("jp.test:1 gave no usable answer for any of ")
    assert store.last_evaluation(warehouse.connection, Source.LLM, TARGET) is None


@pytest.mark.parametrize("moment", range(1, 6))
def test_a_run_that_is_killed_and_cleared_ends_like_a_clean_one(
    warehouse: Warehouse, undecided: list[str], moment: int
) -> None:
    known = knows(warehouse, undecided)
    warehouse.tenant(ANH)
    warehouse.enrich(model=Asked(known))
    clean = warehouse.state()
    for table in (store.PREDICTIONS, store.EVALUATION, store.CALLS):
        warehouse.execute(f"TRUNCATE TABLE {table}")

    class Killed(BaseException):
        pass

    def kill(call: int) -> None:
        if call == moment:
            raise Killed

    with pytest.raises(Killed):
        warehouse.enrich(model=Asked(known, before=kill))
    warehouse.enrich(model=Asked(known))
    assert warehouse.state() == clean


def test_no_name_is_said_or_kept(warehouse: Warehouse, undecided: list[str]) -> None:
    said: list[str] = []
    outcome = enrich(warehouse.loader, SETTINGS, TARGET, NOW, Asked(knows(warehouse, undecided)), said.append)
    kept = [warehouse.execute(f"SELECT * FROM {table}") for table in (store.PREDICTIONS, store.EVALUATION, store.CALLS)]
    everything = repr((said, outcome, kept))
    for (name,) in warehouse.execute("SELECT full_name FROM staging.tenants"):
        assert name not in everything


def test_an_empty_dump_is_no_failure(warehouse: Warehouse) -> None:
    warehouse.execute("TRUNCATE TABLE staging.m_nationalities")
    assert warehouse.enrich(model=Asked()).counts["candidates"] == 0
    warehouse.tenant(ANH)
    assert warehouse.enrich().counts["without an answer"] == 1
