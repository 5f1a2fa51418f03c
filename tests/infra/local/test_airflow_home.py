from __future__ import annotations

import json

import pytest

from infra.local.airflow_home import components, environment
from infra.local.state import State


def variables(tmp_path, **given):
    return environment(State(tmp_path, {"PATH": "/usr/bin", **given}))


def test_the_callers_airflow_and_aws_stay_out(tmp_path):
    found = variables(
        tmp_path,
        AWS_PROFILE="production",
        AWS_SESSION_TOKEN="x",
        AIRFLOW__CORE__EXECUTOR="CeleryExecutor",
        AIRFLOW_CONN_AURORA_LOADER="mysql://production",
        LANG="C",
    )
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AIRFLOW_CONN_AURORA_LOADER"} & set(found)
    assert found["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert found["LANG"] == "C"


def test_the_projects_own_settings_may_be_overridden(tmp_path):
    found = variables(tmp_path, AIRFLOW__GGHOUSE__DUMP_WAIT_MINUTES="1", AIRFLOW__GGHOUSE__ENVIRONMENT="rehearsal")
    assert found["AIRFLOW__GGHOUSE__DUMP_WAIT_MINUTES"] == "1"
    assert found["AIRFLOW__GGHOUSE__ENVIRONMENT"] == "rehearsal"
    assert found["AIRFLOW__GGHOUSE__BUCKET"] == "gghouse-local"


@pytest.mark.parametrize(("scale", "rooms"), [(None, "322"), ("small", "322"), ("medium", "1611"), ("full", "16108")])
def test_the_simulated_company_has_as_many_rooms_as_its_scale_says(tmp_path, scale, rooms):
    if scale:
        State(tmp_path, {}).keep_scale(scale)
    assert variables(tmp_path)["AIRFLOW__GGHOUSE__PORTFOLIO_ROOMS"] == rooms


def test_secrets_come_from_the_backend_as_on_mwaa(tmp_path):
    found = variables(tmp_path)
    arguments = json.loads(found["AIRFLOW__SECRETS__BACKEND_KWARGS"])
    assert found["AIRFLOW__SECRETS__BACKEND"].endswith(".SecretsManagerBackend")
    assert arguments["connections_prefix"] == "airflow/connections"
    assert arguments["connections_lookup_pattern"] == "^(aurora_.*|slack_alerts)$"


def test_everything_listens_on_loopback_and_no_password_is_on_a_command_line(tmp_path):
    state = State(tmp_path, {})
    for component in components(state):
        assert component.environment["AIRFLOW__API__HOST"] == "127.0.0.1"
        assert not [word for word in component.command if word in state.passwords.values()]
        assert not [password for password in state.passwords.values() if password in repr(component)]
