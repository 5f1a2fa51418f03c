"""`make mysql` with an apt that only pretends; CI makes the real one and tests on it."""

from __future__ import annotations

import platform
import subprocess

import pytest

from infra.local import mysql

APT = """\
echo "$*" >> {log}
case "$*" in
*indextargets*)
  echo "https://packages.example/apt/ nodistro main"
  echo "https://mirror.example/debian-security/ bookworm-security main"
  echo "https://mirror.example/debian/ bookworm main";;
*update*) cat {directory}.*.part/apt/suite.sources > {sources};;
*install*) for each in {directory}.*.part/apt/cache/archives; do touch "$each/mysql.deb" "$each/libc6.deb"; done;;
esac
"""
DPKG_DEB = """\
mkdir -p "$3/usr/lib/machine-linux-gnu"
printf '#!/bin/sh\\necho "$*"\\necho "Ver {version} for Linux"' > "$3/usr/lib/machine-linux-gnu/ld-linux-machine.so.2"
chmod +x "$3/usr/lib/machine-linux-gnu/ld-linux-machine.so.2"
"""


@pytest.fixture
def system(tmp_path, monkeypatch):
    """A Debian on which the test decides what apt-get and dpkg-deb do."""

    class System:
        directory = tmp_path / "mysql-server"
        log = tmp_path / "apt.log"
        sources = tmp_path / "suite.sources"

        def program(self, name, text):
            file = tmp_path / "bin" / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(f"#!/bin/sh\n{text}\n")
            file.chmod(0o755)

        def packages(self, version="9.7.4"):
            names = {"log": self.log, "directory": self.directory, "sources": self.sources}
            self.program("apt-get", APT.format(**names))
            self.program("dpkg-deb", DPKG_DEB.format(version=version))

        def make(self, *options):
            return mysql.main(["--directory", str(self.directory), *options])

    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    release = {"ID": "debian", "VERSION_CODENAME": "bookworm", "PRETTY_NAME": "Debian 12"}
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: release)
    system = System()
    system.packages()
    return system


def test_the_programs_start_through_the_loader_of_their_own_packages(system, capsys):
    assert system.make() == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:3] == [
        "Reading Debian sid's list of packages",
        "Fetching mysql-server-core and mysql-client-core with the libraries they need",
        "Unpacking 2 packages, 0 MB",
    ]
    assert f"mysqldump  9.7.4    {system.directory}/bin/mysqldump" in said
    assert sorted(path.name for path in system.directory.iterdir()) == ["bin", "root"]
    root = system.directory / "root"
    shown = subprocess.check_output([system.directory / "bin" / "mysqld", "--no-defaults"], text=True).splitlines()[0]
    assert shown.startswith(
        f"--library-path {root}/usr/lib/machine-linux-gnu:{root}/usr/lib/mysql/private --argv0 mysqld "
        f"{root}/usr/sbin/mysqld --no-defaults --basedir={root}/usr "
    )


def test_packages_come_from_the_mirror_that_the_machine_itself_uses(system):
    assert system.make() == 0
    lines = system.sources.read_text().splitlines()
    assert "URIs: https://mirror.example/debian/" in lines
    assert "Suites: sid" in lines


def test_a_second_call_fetches_nothing_unless_told_to(system, capsys):
    assert system.make() == 0
    calls = system.log.read_text()
    system.packages(version="9.8.0")
    assert system.make() == 0
    assert system.log.read_text() == calls
    assert "Reading" not in capsys.readouterr().out.partition("done")[2]
    assert system.make("--renew") == 0
    assert "mysqld     9.8.0" in capsys.readouterr().out


def test_what_works_stays_when_the_new_one_cannot_be_had(system, capsys):
    assert system.make() == 0
    system.program("apt-get", "echo 'W: hm' >&2; echo 'E: The repository has no Release file.' >&2; exit 100")
    assert system.make("--renew") == 1
    assert capsys.readouterr().err == "mysql: apt-get failed: E: The repository has no Release file.\n"
    assert mysql.versions(system.directory) is not None
    assert sorted(path.name for path in system.directory.parent.glob("mysql-server*")) == ["mysql-server"]


def test_a_server_that_does_not_run_here_is_not_kept(system, capsys):
    system.program("dpkg-deb", DPKG_DEB.format(version="9").replace("echo", "kernel too old >&2; exit 127; echo"))
    assert system.make() == 1
    assert capsys.readouterr().err.startswith("mysql: Debian sid's MySQL does not run on this machine: ")
    assert not system.directory.exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"ID": "fedora", "PRETTY_NAME": "Fedora 42"},
            "this is Fedora 42, not Debian, whose packages MySQL comes from",
        ),
        ({"VERSION_CODENAME": "trixie"}, "apt on this machine has no Debian archive in its sources; add one to"),
    ],
)
def test_another_system_is_told_what_to_do(system, capsys, monkeypatch, change, message):
    release = {"ID": "debian", "VERSION_CODENAME": "bookworm"} | change
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: release)
    assert system.make() == 1
    assert capsys.readouterr().err.startswith(f"mysql: {message}")


def test_without_apt_the_sentence_names_the_other_way(system, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert system.make() == 1
    assert capsys.readouterr().err == (
        "mysql: there is no apt-get here, and MySQL comes from Debian's packages; install MySQL 8 or later otherwise "
        "and name its server program in GGHOUSE_MYSQLD\n"
    )


def test_a_full_disk_is_noticed_before_anything_is_fetched(system, capsys, monkeypatch):
    monkeypatch.setattr(mysql, "WANTED_MB", 10**9)
    assert system.make() == 1
    assert "MySQL wants 1000000000 MB on the disk of" in capsys.readouterr().err
    assert not system.log.exists()
