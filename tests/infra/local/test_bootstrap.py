from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local import bootstrap
from infra.local.bootstrap import BootstrapError, Python

PROJECT = Path(__file__).resolve().parents[3]
LOCKS = [*sorted((PROJECT / "infra" / "locks").glob("*.lock")), PROJECT / "dbt" / "requirements.lock"]


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A PATH of which the test decides what is on it."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setattr(bootstrap, "SYSTEM_PATH", str(directory))
    monkeypatch.setenv("PATH", str(directory))
    monkeypatch.delenv("GGHOUSE_MYSQL_URL", raising=False)

    def add(name, text="exit 0"):
        (directory / name).write_text(f"#!/bin/sh\n{text}\n")
        (directory / name).chmod(0o755)

    return add


@pytest.fixture
def python(tmp_path):
    return Python("python3.12", (3, 12), tmp_path / "Python.h")


def test_a_bare_system_lacks_server_client_compiler_and_headers(programs, python):
    assert bootstrap.missing_packages(python) == [
        "mariadb-server-core",
        "mariadb-client",
        "gcc",
        "libc6-dev",
        "pkg-config",
        "libmariadb-dev",
        "python3.12-dev",
    ]


def test_what_is_there_is_not_installed_again(programs, python):
    for name in ("mysqld", "mysql", "mysqldump", "cc", "pkg-config"):
        programs(name)
    python.header.touch()
    assert bootstrap.missing_packages(python) == []


def test_nothing_is_built_when_the_environments_are_there(programs):
    assert bootstrap.missing_packages() == ["mariadb-server-core", "mariadb-client"]


def test_a_client_without_mysqldump_is_not_enough(programs):
    programs("mysqld")
    programs("mariadb")
    assert bootstrap.missing_packages() == ["mariadb-client"]
    programs("mariadb-dump")
    assert bootstrap.missing_packages() == []


def test_a_named_server_needs_no_server_here(programs, monkeypatch):
    monkeypatch.setenv("GGHOUSE_MYSQL_URL", "mysql://root@db.example:3306")
    assert bootstrap.missing_packages() == ["mariadb-client"]


def test_without_rights_one_sentence_with_the_command(programs, monkeypatch):
    programs("apt-get")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(BootstrapError) as error:
        bootstrap.install_packages(["gcc", "pkg-config"])
    assert str(error.value) == (
        "system packages are missing; type: sudo apt-get update && "
        "sudo apt-get install --yes --no-install-recommends gcc pkg-config"
    )


def test_on_another_distribution_the_packages_are_named(programs):
    with pytest.raises(BootstrapError, match=r"missing on this system: gcc \(Debian names\)"):
        bootstrap.install_packages(["gcc"])


def test_what_is_installed_is_said_first(programs, monkeypatch, capfd, tmp_path):
    programs("apt-get", f'echo "$@" >> {tmp_path}/called')
    monkeypatch.setattr("os.geteuid", lambda: 0)
    bootstrap.install_packages(["gcc"])
    assert capfd.readouterr().out == "Installing from the distribution: gcc\n"
    assert (tmp_path / "called").read_text() == "update\ninstall --yes --no-install-recommends gcc\n"


def test_a_failed_installation_is_an_error(programs, monkeypatch):
    programs("apt-get", "exit 100")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(BootstrapError, match="`apt-get update` failed"):
        bootstrap.install_packages(["gcc"])


def test_python_312_is_preferred_then_311_with_a_notice(monkeypatch, capsys, tmp_path):
    both = [Python("a", (3, 11), tmp_path), Python("b", (3, 12), tmp_path)]
    monkeypatch.setattr(bootstrap, "_pythons", lambda: iter(both))
    monkeypatch.setattr(bootstrap, "_fetch", lambda uv: None)
    assert bootstrap.find_python(tmp_path).version == (3, 12)
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(bootstrap, "_pythons", lambda: iter(both[:1]))
    assert bootstrap.find_python(tmp_path).version == (3, 11)
    assert "using 3.11" in capsys.readouterr().out
    monkeypatch.setattr(bootstrap, "_pythons", lambda: iter(()))
    with pytest.raises(BootstrapError, match=r"neither Python 3\.12 nor 3\.11"):
        bootstrap.find_python(tmp_path)


def test_this_very_python_is_described():
    python = bootstrap.inspect_python(sys.executable)
    assert python is not None
    assert python.version == sys.version_info[:2]
    assert bootstrap.inspect_python("no-such-python") is None


def test_an_environment_is_current_only_for_its_lock_and_python(tmp_path):
    lock = tmp_path / "a.lock"
    lock.write_text("one")
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    version = sys.version_info[:2]
    assert not bootstrap.is_current(environment, lock, (version,))
    (environment / bootstrap.STAMP).write_text(bootstrap.digest(lock))
    assert bootstrap.is_current(environment, lock, (version,))
    assert not bootstrap.is_current(environment, lock, ((2, 7),))
    lock.write_text("two")
    assert not bootstrap.is_current(environment, lock, (version,))


def test_a_mirror_in_pips_configuration_is_handed_to_uv(monkeypatch, tmp_path):
    configuration = tmp_path / "pip.conf"
    configuration.write_text("[global]\nindex-url = https://mirror.example/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "tools"], check=True)
    uv = tmp_path / "tools" / "bin" / "uv"
    assert bootstrap.uv_environment(uv)["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://chosen.example/simple")
    assert bootstrap.uv_environment(uv)["UV_DEFAULT_INDEX"] == "https://chosen.example/simple"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_pins_everything_with_hashes_and_names_no_place(lock):
    text = lock.read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9.\-]+==[^ ]+", entry), entry
        assert "--hash=sha256:" in entry, entry
    assert not re.search(r"https?://|index|file:|(?<![a-z0-9])/", text)


def test_the_bootstrap_needs_nothing_but_the_standard_library():
    source = (PROJECT / "infra" / "local" / "bootstrap.py").read_text()
    imported = re.findall(r"^(?:import|from) (\w+)", source, re.MULTILINE)
    assert set(imported) <= set(sys.stdlib_module_names)
