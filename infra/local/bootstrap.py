"""Make what the project needs to run: system packages and virtual environments from exact locks.

Runs with any Python 3.11 or newer and nothing installed, because it is what installs things:
`python3 -m infra.local.bootstrap --help`. What is up to date is left alone, so it may run before every command.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LOCKS = Path(__file__).resolve().parents[1] / "locks"
# Python of the MWAA image; the locks hold for 3.11 as well.
WANTED = (3, 12)
ACCEPTED = ((3, 12), (3, 11))
FETCH_SECONDS = 180
STAMP = "lock.sha256"
SYSTEM_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/usr/local/mysql/bin"])


class BootstrapError(RuntimeError):
    """Something is missing that cannot be installed from here; the message says what to type."""


@dataclass(frozen=True)
class Python:
    """An interpreter that can make virtual environments.

    Attributes:
        path: the program.
        version: major and minor number.
        header: the C header file that building extensions needs; it may be missing.
    """

    path: str
    version: tuple[int, int]
    header: Path


def say(text: str) -> None:
    """Print one line at once, so that it stands before the output of a program started next."""
    print(text, flush=True)


# ---------------------------------------------------------------------------------------------- system packages


def missing_packages(python: Python | None = None) -> list[str]:
    """Return the Debian packages that lack: a MySQL server and client, and what `mysqlclient` is built with.

    Args:
        python: interpreter that a virtual environment is about to be made with, or None when all are there.
    """
    missing = []
    if not os.environ.get("GGHOUSE_MYSQL_URL") and not _installed("mysqld", "mariadbd"):
        missing.append("mariadb-server-core")
    if not _installed("mysql", "mariadb") or not _installed("mysqldump", "mariadb-dump"):
        missing.append("mariadb-client")  # the latter is what the tests take real dumps with
    if python:
        if not _installed("cc", "gcc"):
            missing += ["gcc", "libc6-dev"]
        if not _installed("pkg-config"):
            missing.append("pkg-config")
        if not any(_library(name) for name in ("libmariadb", "mysqlclient", "mariadb")):
            missing.append("libmariadb-dev")
        if not python.header.is_file():
            missing.append(f"python{python.version[0]}.{python.version[1]}-dev")
    return missing


def install_packages(packages: list[str]) -> None:
    """Install distribution packages, having said which.

    Raises:
        BootstrapError: no `apt-get`, no rights, or the installation failed.
    """
    if not packages:
        return
    names = " ".join(packages)
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if not shutil.which("apt-get"):
        raise BootstrapError(f"missing on this system: {names} (Debian names); install them with your package manager")
    prefix: list[str] = []
    if os.geteuid() != 0:
        if not _may_sudo():
            raise BootstrapError(f"system packages are missing; type: sudo apt-get update && sudo {' '.join(command)}")
        prefix = ["sudo", "-n"]
    say(f"Installing from the distribution: {names}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update"], command):
        done = subprocess.run(
            [*prefix, *step], env=environment, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        if done.returncode:
            print(done.stdout[-2000:], file=sys.stderr)
            raise BootstrapError(f"`{' '.join(step)}` failed; see above, put it right and try again")


def _installed(*names: str) -> bool:
    return any(shutil.which(name, path=SYSTEM_PATH) for name in names)


def _library(name: str) -> bool:
    return _installed("pkg-config") and not subprocess.run(["pkg-config", "--exists", name], check=False).returncode


def _may_sudo() -> bool:
    return (
        _installed("sudo") and not subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode
    )


# -------------------------------------------------------------------------------------------------------- python


def find_python(uv: Path) -> Python:
    """Return Python 3.12 from wherever it is, fetched if possible, else 3.11 with a notice.

    Raises:
        BootstrapError: there is neither.
    """
    found = {python.version: python for python in _pythons()}
    if WANTED not in found and (fetched := _fetch(uv)):
        found[WANTED] = fetched
    for version in ACCEPTED:
        if version in found:
            if version != WANTED:
                say("Python 3.12 is not here and cannot be fetched: using 3.11 (Amazon MWAA runs 3.12)")
            return found[version]
    raise BootstrapError("neither Python 3.12 nor 3.11 is here; install python3.12, or name one: make setup PYTHON=...")


def _pythons() -> Iterator[Python]:
    """All accepted interpreters, the preferred ones last."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    managed = Path(os.environ.get("UV_PYTHON_INSTALL_DIR", Path.home() / ".local" / "share" / "uv" / "python"))
    candidates = [sys.executable, "python3.11", "python3.12"]
    candidates += [str(path) for root in (managed, pyenv) for path in sorted(root.glob("*3.1[12].*/bin/python3"))]
    for candidate in candidates:
        if (python := inspect_python(candidate)) and python.version in ACCEPTED:
            yield python


def inspect_python(program: str) -> Python | None:
    """Return what `program` is, or None when it is no working CPython."""
    code = (
        "import sys, sysconfig; assert sys.implementation.name == 'cpython'; "
        "print(*sys.version_info[:2], sys._base_executable, sysconfig.get_path('include'), sep='\\n')"
    )
    try:
        done = subprocess.run([program, "-I", "-c", code], capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    major, minor, path, include = done.stdout.splitlines()
    return Python(path=path, version=(int(major), int(minor)), header=Path(include) / "Python.h")


def _fetch(uv: Path) -> Python | None:
    say("Python 3.12 is not here: trying to fetch it")
    environment = uv_environment(uv) | {"UV_HTTP_RETRIES": "0"}
    try:
        subprocess.run(
            [uv, "python", "install", "--no-bin", "3.12"],
            env=environment,
            capture_output=True,
            check=True,
            timeout=FETCH_SECONDS,
        )
        done = subprocess.run(
            [uv, "python", "find", "--managed-python", "--no-python-downloads", "3.12"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return inspect_python(done.stdout.strip())


# -------------------------------------------------------------------------------------------------- environments


def ensure_uv(directory: Path) -> Path:
    """Return the `uv` program (the installer), installed by pip from its own lock when it is not there yet.

    Raises:
        BootstrapError: Python's `venv` module is not installed, or the package index cannot be reached.
    """
    lock = LOCKS / "uv.lock"
    uv = directory / "bin" / "uv"
    wanted = digest(lock)
    if uv.is_file() and _stamp(directory) == wanted:
        return uv
    say("Fetching the installer (uv)")
    shutil.rmtree(directory, ignore_errors=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", directory], check=True, capture_output=True)
    except subprocess.CalledProcessError:
        shutil.rmtree(directory, ignore_errors=True)
        raise BootstrapError("Python's venv module is missing; on Debian: sudo apt-get install python3-venv") from None
    pip: list[str | Path] = [directory / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install"]
    if subprocess.run([*pip, "--quiet", "--require-hashes", "-r", lock], check=False).returncode:
        raise BootstrapError("uv could not be installed from the package index; see pip's message above")
    (directory / STAMP).write_text(wanted)
    return uv


def make_environment(uv: Path, directory: Path, lock: Path, python: Python) -> None:
    """Bring the virtual environment in `directory` to exactly what `lock` lists.

    Raises:
        BootstrapError: a package could not be installed.
    """
    say(f"Installing {lock.name} into {directory.name} (Python {python.version[0]}.{python.version[1]})")
    began = time.monotonic()
    environment = uv_environment(uv)
    (directory / STAMP).unlink(missing_ok=True)
    steps: list[list[str | Path]] = [
        [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", directory / "bin" / "python", lock]
    ]
    if _version_inside(directory) != python.version:
        steps.insert(0, [uv, "venv", "--quiet", "--clear", "--python", python.path, directory])
    for step in steps:
        if subprocess.run(step, env=environment, check=False).returncode:
            raise BootstrapError(f"{directory.name} could not be made from {lock.name}; see uv's message above")
    (directory / STAMP).write_text(digest(lock))
    say(f"  done in {time.monotonic() - began:.0f} s")


def install_launcher(file: Path, folder: Path) -> None:
    """Copy a program of the checkout into an environment's `bin`, unless the same one is there.

    Args:
        file: the program.
        folder: `bin` of the environment.
    """
    copy = folder / file.name
    if not copy.is_file() or copy.read_bytes() != file.read_bytes():
        shutil.copyfile(file, copy)
        copy.chmod(0o755)


def is_current(directory: Path, lock: Path, versions: tuple[tuple[int, int], ...]) -> bool:
    """Whether `directory` was made from this very lock, with a Python of one of these versions."""
    return _stamp(directory) == digest(lock) and _version_inside(directory) in versions


def uv_environment(uv: Path) -> dict[str, str]:
    """Return the environment for uv: it does not read pip's configuration, so a mirror named there is handed on."""
    environment = {"UV_SYSTEM_CERTS": "true", "UV_LINK_MODE": "copy", "UV_NO_PROGRESS": "true"} | dict(os.environ)
    options = _pip_options(uv.with_name("python"))
    for option, variable in (("index-url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")):
        if variable not in environment and option in options:
            environment[variable] = options[option]
    return environment


def _pip_options(python: Path) -> dict[str, str]:
    """Return pip's options from its configuration files and variables; the latter win."""
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "config", "list"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.findall(r"^(global|install|:env:)\.([a-z-]+)='(.*)'$", done.stdout, re.MULTILINE)
    return {option: value for _, option, value in sorted(found, key=lambda entry: entry[0] == ":env:")}


def digest(lock: Path) -> str:
    """Return the checksum by which an environment remembers its lock."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _stamp(directory: Path) -> str:
    try:
        return (directory / STAMP).read_text().strip()
    except OSError:
        return ""


def _version_inside(directory: Path) -> tuple[int, int] | None:
    program = directory / "bin" / "python"
    if not program.exists():
        return None
    python = inspect_python(str(program))
    return python.version if python else None


# ------------------------------------------------------------------------------------------------------ commands


def bootstrap(environments: list[tuple[Path, Path]], tools: Path, program: str | None) -> None:
    """Install what is missing for `environments`, pairs of directory and lock.

    Raises:
        BootstrapError: see the functions above.
    """
    asked = inspect_python(program) if program else None
    if program and (asked is None or asked.version not in ACCEPTED):
        raise BootstrapError(f"PYTHON={program} is not a working Python 3.12 or 3.11")
    versions = (asked.version,) if asked else ACCEPTED
    stale = [pair for pair in environments if not is_current(*pair, versions)]
    if not stale:
        install_packages(missing_packages())
        return
    uv = ensure_uv(tools)
    python = asked or find_python(uv)
    install_packages(missing_packages(python))
    for directory, lock in stale:
        make_environment(uv, directory, lock, python)


def main() -> int:
    """Parse the command line; errors end as one sentence."""
    parser = argparse.ArgumentParser(prog="python -m infra setup", description=__doc__.split("\n\n")[0])
    parser.add_argument("--environment", nargs=2, action="append", default=[], metavar=("DIRECTORY", "LOCK"), type=Path)
    parser.add_argument("--tools", type=Path, required=True, help="directory in which the installer itself lives")
    parser.add_argument("--python", help="interpreter to use instead of the best one found")
    parser.add_argument("--launcher", nargs=2, action="append", default=[], metavar=("FILE", "BIN"), type=Path)
    arguments = parser.parse_args()
    try:
        bootstrap([(one, two) for one, two in arguments.environment], arguments.tools, arguments.python or None)
        for file, folder in arguments.launcher:
            install_launcher(file, folder)
    except BootstrapError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
