"""Make a private MySQL under `.local/mysql-server`: server, client and mysqldump, without installing anything.

Debian's releases hold no MySQL, its unstable suite ("sid") does. The packages and all libraries that they need are
fetched by this machine's own apt, with its mirror, proxies and keys, verified as always, but with lists and caches of
their own, and unpacked aside. The programs start through the C library that they came with, so they run on a
distribution that is years older. No rights are needed.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from infra.local.state import LocalError, State

# Programs only: no service, no user, no data directory. mysqldump is in the client's.
PACKAGES = ("mysql-server-core", "mysql-client-core")
SUITE = "sid"
PROGRAMS = {"mysqld": "usr/sbin", "mysql": "usr/bin", "mysqldump": "usr/bin", "mysqladmin": "usr/bin"}
KEYRINGS = ("debian-archive-keyring.gpg", "debian-archive-keyring.pgp")
FIELDS = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
# What packages and programs take on the disk while both are there.
WANTED_MB = 700

WRAPPER = """\
#!/bin/sh
# {name} of Debian {suite}, started through the C library it was built for; written by infra/local/mysql.py
root=$(cd "$(dirname "$0")/../root" && pwd) || exit 1
exec "$root/{loader}" --library-path "$root/{libraries}:$root/usr/lib/mysql/private" --argv0 {name} \\
  "$root/{directory}/{name}" "$@"{options}
"""
# The built-in paths are those of an installed server.
SERVER_OPTIONS = (
    "--basedir=$root/usr",
    "--lc-messages-dir=$root/usr/share/mysql",
    "--character-sets-dir=$root/usr/share/mysql/charsets",
    "--plugin-dir=$root/usr/lib/mysql/plugin",
    "--secure-file-priv=",
)


def programs(directory: Path) -> dict[str, Path]:
    """Return the programs below `directory` by name; they need not exist."""
    return {name: directory / "bin" / name for name in PROGRAMS}


def versions(directory: Path) -> dict[str, str] | None:
    """Return what each program says its version is, or None when one is missing or does not run."""
    found = {}
    for name, program in programs(directory).items():
        try:
            done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=60)
        except (OSError, subprocess.SubprocessError):
            return None
        version = re.search(r"Ver \S+", done.stdout)
        found[name] = version.group().removeprefix("Ver ") if version else done.stdout.strip()
    return found


def make(directory: Path, say: Callable[[str], None]) -> None:
    """Fetch MySQL and put it into `directory`, replacing what is there only when the new one runs.

    Args:
        directory: gets `bin` with the programs and `root` with what they need.
        say: takes a line of text for each step.

    Raises:
        LocalError: this is no Debian with apt, its mirror does not have the packages, or they do not run here.
    """
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise LocalError(
                f"there is no {tool} here, and MySQL comes from Debian's packages; install MySQL 8 or later otherwise "
                "and name its server program in GGHOUSE_MYSQLD"
            )
    part = directory.with_name(f"{directory.name}.{os.getpid()}.part")
    if (free := shutil.disk_usage(_existing(directory)).free // 1_000_000) < WANTED_MB:
        raise LocalError(f"MySQL wants {WANTED_MB} MB on the disk of {directory}, {free} MB are free; make room")
    try:
        began = time.monotonic()
        apt = _Apt(part / "apt", _mirror())
        say(f"Reading Debian {SUITE}'s list of packages")
        apt.update()
        say(f"Fetching {' and '.join(PACKAGES)} with the libraries they need")
        archives = apt.download(PACKAGES)
        megabytes = sum(archive.stat().st_size for archive in archives) / 1e6
        say(f"Unpacking {len(archives)} packages, {megabytes:.0f} MB")
        for archive in archives:
            _run(["dpkg-deb", "--extract", archive, part / "root"])
        _write_programs(part)
        shutil.rmtree(part / "apt")
        if versions(part) is None:
            done = subprocess.run([part / "bin" / "mysqld", "--version"], capture_output=True, text=True, check=False)
            raise LocalError(f"Debian {SUITE}'s MySQL does not run on this machine: {_last_line(done.stderr)}")
        shutil.rmtree(directory, ignore_errors=True)
        part.replace(directory)
        say(f"  done in {time.monotonic() - began:.0f} s")
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _mirror() -> str:
    """Return the address of the Debian archive from which this machine itself is kept up to date.

    Raises:
        LocalError: this is not Debian, or apt knows no such archive.
    """
    release = platform.freedesktop_os_release() if Path("/etc/os-release").exists() else {}
    if release.get("ID") != "debian":
        raise LocalError(
            f"this is {release.get('PRETTY_NAME', platform.system())}, not Debian, whose packages MySQL comes from; "
            "install MySQL 8 or later and name its server program in GGHOUSE_MYSQLD"
        )
    suites = {release.get("VERSION_CODENAME", ""), "stable", "testing", "unstable", SUITE}
    listed = _run(["apt-get", "indextargets", "--format", FIELDS, "Created-By: Packages"])
    for line in listed.splitlines():
        address, suite, component = line.rsplit(maxsplit=2)
        if suite in suites and component == "main":
            return address
    raise LocalError("apt on this machine has no Debian archive in its sources; add one to /etc/apt/sources.list.d")


class _Apt:
    """This machine's apt, with its proxies and passwords, for another release and a system on which nothing is."""

    def __init__(self, directory: Path, mirror: str) -> None:
        self._archives = directory / "cache" / "archives"
        for each in (directory / "state", directory / "lists" / "partial", self._archives / "partial"):
            each.mkdir(parents=True)
        keyrings = [Path("/usr/share/keyrings") / name for name in KEYRINGS]
        keyring = next((f"Signed-By: {path}\n" for path in keyrings if path.exists()), "")
        sources = directory / "suite.sources"
        sources.write_text(
            f"Types: deb\nURIs: {mirror}\nSuites: {SUITE}\nComponents: main\nTargets: Packages\n{keyring}"
        )
        (directory / "status").touch()
        options = {
            "Dir::Etc::SourceList": sources,
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::Etc::Preferences": "/dev/null",
            "Dir::Etc::PreferencesParts": "/dev/null",
            "Dir::State": directory / "state",
            "Dir::State::Lists": directory / "lists",
            "Dir::State::Status": directory / "status",
            "Dir::Cache": directory / "cache",
            "Dir::Cache::Archives": self._archives,
            "Acquire::Languages": "none",
            "Acquire::Retries": "2",
            # the user that apt would drop to may not write here
            "APT::Sandbox::User": "root",
            "APT::Get::List-Cleanup": "false",
            "APT::Keep-Downloaded-Packages": "true",
        }
        self._command = ["apt-get", "--quiet=2", *(f"--option={name}={value}" for name, value in options.items())]

    def update(self) -> None:
        """Read the list of packages.

        Raises:
            LocalError: the mirror cannot be reached or does not have the release.
        """
        _run([*self._command, "--error-on=any", "update"])

    def download(self, packages: Sequence[str]) -> list[Path]:
        """Fetch packages and all that they depend on.

        Raises:
            LocalError: a package is not there, or cannot be fetched.
        """
        _run([*self._command, "--yes", "--no-install-recommends", "--download-only", "install", *packages])
        return sorted(self._archives.glob("*.deb"))


def _write_programs(part: Path) -> None:
    root = part / "root"
    loaders = [path for path in root.glob("usr/lib/*/ld-linux*.so.*") if not path.is_symlink()]
    if len(loaders) != 1:
        raise LocalError(f"Debian {SUITE}'s C library for {platform.machine()} has no loader that is known here")
    (part / "bin").mkdir()
    for name, program in programs(part).items():
        program.write_text(
            WRAPPER.format(
                name=name,
                suite=SUITE,
                loader=loaders[0].relative_to(root),
                libraries=loaders[0].parent.relative_to(root),
                directory=PROGRAMS[name],
                options="".join(f' \\\n  "{option}"' for option in SERVER_OPTIONS) if name == "mysqld" else "",
            )
        )
        program.chmod(0o755)


def _run(command: Sequence[str | Path]) -> str:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LocalError(f"{Path(command[0]).name} failed: {_last_line(done.stderr)}")
    return done.stdout


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "it does not say why").strip()


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


def main(arguments: list[str] | None = None) -> int:
    """Make the server and say which versions it has; a failure ends as one sentence and exit code 1."""
    parser = argparse.ArgumentParser(
        prog="python -m infra mysql",
        description="A private MySQL server, client and mysqldump from Debian's packages; nothing is installed.",
    )
    parser.add_argument("--directory", type=Path, help="where to put it (default: .local/mysql-server)")
    parser.add_argument("--renew", action="store_true", help="fetch the newest version even if one is there")
    options = parser.parse_args(arguments)
    directory = (options.directory or State.from_environment().directory / "mysql-server").resolve()
    try:
        if options.renew or versions(directory) is None:
            make(directory, lambda text: print(text, flush=True))
    except LocalError as error:
        print(f"mysql: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nmysql: interrupted; nothing was changed", file=sys.stderr)
        return 1
    for name, version in (versions(directory) or {}).items():
        print(f"{name:10} {version:8} {programs(directory)[name]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
