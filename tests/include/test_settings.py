"""Settings come from the environment, typed, with sentences when they are wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from include.settings import PROJECT_DIR, Settings, SettingsError

FULL = {
    "AIRFLOW__GGHOUSE__BUCKET": " lake ",
    "AIRFLOW__GGHOUSE__ALERT_TOPIC_ARN": "arn:aws:sns:ap-northeast-1:000000000000:alerts",
    "AIRFLOW__GGHOUSE__QUICKSIGHT_DATASETS": "one, two,,",
    "AIRFLOW__GGHOUSE__REPORT_DATASETS": "three",
    "AIRFLOW__GGHOUSE__DBT_EXECUTABLE": "/opt/dbt",
    "AIRFLOW__GGHOUSE__MINIMUM_DUMP_BYTES": "5",
    "AIRFLOW__GGHOUSE__ENVIRONMENT": "prod",
    "AIRFLOW__GGHOUSE__DUMP_POLL_SECONDS": "7",
    "AIRFLOW__GGHOUSE__DUMP_WAIT_MINUTES": "8",
    "AIRFLOW__GGHOUSE__DUMP_LAYOUT": "per_table",
    "AIRFLOW__GGHOUSE__REQUIRE_MANIFEST": "True",
    "AIRFLOW__GGHOUSE__SOURCE_HOST": "pms.example",
    "AIRFLOW__GGHOUSE__SOURCE_DATABASE": "basis",
    "AIRFLOW__GGHOUSE__LOAD_CONNECTIONS": "4",
    "AIRFLOW__GGHOUSE__LOAD_TRANSPORT": "program",
    "AIRFLOW__GGHOUSE__CARRY_OVER_UNCHANGED": "false",
    "AIRFLOW__GGHOUSE__MWAA_ENVIRONMENT": "gghouse-prod",
    "AIRFLOW__GGHOUSE__STARTUP_REPORT": "/report",
    "AIRFLOW__GGHOUSE__PORTFOLIO_ROOMS": "322",
    "AIRFLOW__GGHOUSE__ROOM_HISTORY_DAYS": "400",
    "AIRFLOW__GGHOUSE__HISTORY_PARQUET": "True",
    "AIRFLOW__GGHOUSE__HISTORY_KEEP_DAYS": "400",
    "AIRFLOW__GGHOUSE__NATIONALITY_MODEL": " jp.anthropic.claude-haiku-4-5-20251001-v1:0",
    "AIRFLOW__GGHOUSE__NATIONALITY_NAMES_PER_DAY": "300",
}


def test_every_setting_is_read() -> None:
    assert Settings.from_environment(FULL) == Settings(
        bucket="lake",
        alert_topic_arn="arn:aws:sns:ap-northeast-1:000000000000:alerts",
        quicksight_datasets=("one", "two"),
        report_datasets=("three",),
        dbt_executable="/opt/dbt",
        minimum_dump_bytes=5,
        environment="prod",
        dump_poll_seconds=7,
        dump_wait_minutes=8,
        dump_layout="per_table",
        require_manifest=True,
        source_host="pms.example",
        source_database="basis",
        load_connections=4,
        load_transport="program",
        carry_over_unchanged=False,
        mwaa_environment="gghouse-prod",
        startup_report="/report",
        portfolio_rooms=322,
        room_history_days=400,
        history_parquet=True,
        history_keep_days=400,
        nationality_model="jp.anthropic.claude-haiku-4-5-20251001-v1:0",
        nationality_names_per_day=300,
    )


def test_an_empty_environment_can_be_read_so_that_dags_parse() -> None:
    settings = Settings.from_environment({})
    assert settings.minimum_dump_bytes == 10_485_760
    assert settings.quicksight_datasets == ()
    assert settings == Settings(settings.bucket, settings.alert_topic_arn, (), settings.dbt_executable)


@pytest.mark.parametrize("text", ["ten", "-1", "1.5", "1e3", ""])
def test_a_number_that_is_none_is_named(text: str) -> None:
    with pytest.raises(SettingsError, match="AIRFLOW__GGHOUSE__MINIMUM_DUMP_BYTES must be a whole number of bytes"):
        Settings.from_environment({"AIRFLOW__GGHOUSE__MINIMUM_DUMP_BYTES": text})


def test_loading_takes_at_least_one_connection() -> None:
    with pytest.raises(SettingsError, match=r"LOAD_CONNECTIONS must be a whole number of connections from 1, not '0'"):
        Settings.from_environment({"AIRFLOW__GGHOUSE__LOAD_CONNECTIONS": "0"})


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("DUMP_LAYOUT", "single or per_table"),
        ("REQUIRE_MANIFEST", "false or true"),
        ("LOAD_TRANSPORT", "connections or program"),
        ("CARRY_OVER_UNCHANGED", "true or false"),
        ("HISTORY_PARQUET", "false or true"),
    ],
)
@pytest.mark.parametrize("text", ["", "Yes", "per-table"])
def test_a_word_that_is_not_known_is_named_with_those_that_are(name: str, known: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"^AIRFLOW__GGHOUSE__{name} must be {known}, not '{text}'$"):
        Settings.from_environment({f"AIRFLOW__GGHOUSE__{name}": text})


@pytest.mark.parametrize("text", ["0", "-1", "322.5", "many"])
def test_the_rooms_of_the_portfolio_are_a_number_from_one(text: str) -> None:
    with pytest.raises(SettingsError, match=f"PORTFOLIO_ROOMS must be a whole number of rooms from 1, not '{text}'"):
        Settings.from_environment({"AIRFLOW__GGHOUSE__PORTFOLIO_ROOMS": text})


@pytest.mark.parametrize(
    ("days", "parquet", "said"),
    [
        ("400", "false", r"HISTORY_KEEP_DAYS needs AIRFLOW__GGHOUSE__HISTORY_PARQUET=true: only what is in Parquet"),
        ("99", "true", "HISTORY_KEEP_DAYS must be 0 or at least 100, not 99"),
        ("-1", "true", "HISTORY_KEEP_DAYS must be a whole number of days, not '-1'"),
    ],
)
def test_the_database_forgets_nothing_that_is_not_in_parquet_or_still_read(days: str, parquet: str, said: str) -> None:
    given = {"AIRFLOW__GGHOUSE__HISTORY_KEEP_DAYS": days, "AIRFLOW__GGHOUSE__HISTORY_PARQUET": parquet}
    with pytest.raises(SettingsError, match=said):
        Settings.from_environment(given)


def test_the_days_that_are_kept_end_with_the_business_date() -> None:
    assert Settings.from_environment(FULL).oldest_kept(date(2026, 3, 2)) == date(2025, 1, 27)
    assert Settings.from_environment({}).oldest_kept(date(2026, 3, 2)) is None


@pytest.mark.parametrize(("text", "told"), [("322", "322"), ("", "")])
def test_dbt_is_told_the_date_and_the_rooms_even_when_the_rooms_are_the_constant(text: str, told: str) -> None:
    # an empty value replaces what the worker's own environment may hold
    settings = Settings.from_environment({"AIRFLOW__GGHOUSE__PORTFOLIO_ROOMS": text})
    assert settings.dbt_environment("2026-03-02") == {
        "DBT_ENV_CUSTOM_ENV_TARGET_DATE": "2026-03-02",
        "DBT_ENV_CUSTOM_ENV_PORTFOLIO_ROOMS": told,
        "DBT_ENV_CUSTOM_ENV_ROOM_HISTORY_DAYS": "",
    }


@pytest.mark.parametrize(
    "model",
    [
        "global.anthropic.claude-haiku-4-5-20251001-v1:0",
        "apac.anthropic.claude-3-haiku-20240307-v1:0",
        "anthropic.claude-haiku-4-5-20251001-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/jp.it",
        "JP.anthropic.claude",
        "jp.",
        "jp.it/../us.it",
        "jp.it\nus.it",
        "jp." + "a" * 62,
    ],
)
def test_names_do_not_leave_japan(model: str) -> None:
    with pytest.raises(SettingsError, match=r"NATIONALITY_MODEL must be empty or .* names of tenants must not leave"):
        Settings.from_environment({"AIRFLOW__GGHOUSE__NATIONALITY_MODEL": model})


@pytest.mark.parametrize("text", ["0", "-1", "all"])
def test_a_model_is_asked_about_at_least_one_name_a_day(text: str) -> None:
    with pytest.raises(SettingsError, match=f"NAMES_PER_DAY must be a whole number of names from 1, not '{text}'"):
        Settings.from_environment({"AIRFLOW__GGHOUSE__NATIONALITY_NAMES_PER_DAY": text})


def test_a_missing_setting_stops_the_task_that_needs_it_with_its_two_names() -> None:
    with pytest.raises(SettingsError, match=r"AIRFLOW__GGHOUSE__BUCKET is empty.*gghouse\.bucket"):
        Settings.from_environment({}).require("bucket")
    assert Settings.from_environment(FULL).require("bucket") == "lake"


def test_the_dbt_project_lies_beside_include() -> None:
    assert Settings.from_environment({}).dbt_project_dir == PROJECT_DIR / "dbt"
    assert (PROJECT_DIR / "include" / "settings.py").is_file()


def test_a_manifest_that_was_not_made_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("include.settings.PROJECT_DIR", tmp_path)
    with pytest.raises(SettingsError, match=r"manifest\.json is missing; make it with `dbt parse`"):
        _ = Settings.from_environment({}).dbt_manifest
