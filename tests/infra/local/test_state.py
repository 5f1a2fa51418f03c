from __future__ import annotations

import socket
import stat

import pytest

from infra.local.state import DEFAULT_PORTS, LocalError, State, port_is_free


@pytest.fixture
def taken():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_taken_port_is_replaced_and_the_new_one_remembered(state, taken, monkeypatch):
    monkeypatch.setitem(DEFAULT_PORTS, "ui", taken)
    port = state.claim_port("ui")
    assert port != taken
    assert port_is_free(port)
    assert state.claim_port("ui") == State(state.directory, {}).port("ui") == port


def test_a_chosen_port_counts_more_than_a_remembered_one(state):
    state.claim_port("ui")
    assert State(state.directory, {"GGHOUSE_UI_PORT": "18080"}).port("ui") == 18080


def test_a_chosen_port_that_is_taken_is_an_error_with_the_remedy(state, taken):
    with pytest.raises(LocalError, match=rf"port {taken} is taken; choose another one in GGHOUSE_UI_PORT"):
        State(state.directory, {"GGHOUSE_UI_PORT": str(taken)}).claim_port("ui")


def test_a_port_that_is_no_number_is_named(state):
    with pytest.raises(LocalError, match="GGHOUSE_AWS_PORT must be a port number, not 'many'"):
        State(state.directory, {"GGHOUSE_AWS_PORT": "many"}).port("aws")


def test_passwords_are_made_once_and_only_the_owner_reads_them(state):
    first = state.passwords
    assert State(state.directory, {}).passwords == first
    assert len({first[name] for name in ("loader", "dbt", "bi")}) == 3
    assert stat.S_IMODE((state.directory / "secrets.json").stat().st_mode) == 0o600


def test_the_directory_is_a_choice(tmp_path):
    assert State.from_environment({"GGHOUSE_LOCAL_DIR": str(tmp_path)}).directory == tmp_path
    assert State.from_environment({}).directory.name == ".local"
