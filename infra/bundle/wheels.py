"""The wheels of a lock for MWAA, which installs them without a package index.

AWS publishes the image of MWAA for both processors and does not say which one a component has, so there are wheels for
both: https://github.com/aws/amazon-mwaa-docker-images. What PyPI has as a source archive only is built here, always to
the same bytes, and must be plain Python; else it ships as that archive and is compiled where it is installed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename

from include.preflight.requirements_lock import Locked, read_lock

# pip, setuptools and wheel: built with others, a wheel might have other bytes.
TOOLS = Path(__file__).with_name("requirements.lock")
LIST = "requirements.txt"
PYTHON = "3.12"
PROCESSORS = ("x86_64", "aarch64")
# Amazon Linux 2023 has glibc 2.34; a wheel built for an older one runs there as well.
GLIBC_MINORS = range(34, 16, -1)
# mysqlclient has no wheels for Linux. MWAA's image has what compiles it: gcc, pkg-config and MariaDB-devel; setuptools,
# which pip builds with, ships beside it.
COMPILED_THERE = ("mysqlclient",)
COMPILER = "setuptools"
# The same bytes each time: no clock, no random order, and Logbook without the extension that it can do without.
PLAIN = {"SOURCE_DATE_EPOCH": "315532800", "PYTHONHASHSEED": "0", "DISABLE_LOGBOOK_CEXT": "1"}


class WheelError(RuntimeError):
    """The wheels cannot be had; the message names the package or gives pip's own words."""


def fetch(lock: Path, cache: Path) -> Path:
    """Return a folder with the wheels of a lock and their list, `requirements.txt`; fetch them unless it is there.

    Args:
        lock: with hashes; every file that is fetched has one of them.
        cache: where folders of earlier locks are kept.

    Raises:
        WheelError: a package cannot be fetched or built, or lacks a wheel for one of the processors.
    """
    folder = cache / hashlib.sha256(lock.read_bytes() + TOOLS.read_bytes()).hexdigest()[:16]
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as made:
            wheels = Path(made) / "wheels"
            wheels.mkdir()
            packages = read_lock(lock.read_text(), PYTHON)
            _download(packages, Path(made), wheels)
            (wheels / LIST).write_text(listed(packages, wheels))
            wheels.rename(folder)
    return folder


def listed(packages: Sequence[Locked], wheels: Path) -> str:
    """Return the requirements, with hashes, that install exactly the wheels of a folder.

    Raises:
        WheelError: a package has no wheel for one of the processors.
    """
    files: dict[str, list[Path]] = defaultdict(list)
    for file in installable(wheels):
        files[_named(file)[0]].append(file)
    lines = []
    for package in packages:
        fits = {processor for file in files[package.name] for processor in _named(file)[1]}
        for processor in PROCESSORS:
            if processor not in fits:
                raise WheelError(f"{package.name}=={package.version} has no wheel for {processor}; pin another version")
        hashes = [f"--hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files[package.name]]
        lines.append(" ".join([f"{package.name}=={package.version}", *hashes]))
    return "\n".join(lines) + "\n"


def installable(wheels: Path) -> list[Path]:
    """Return what pip installs of a folder."""
    return sorted(file for file in wheels.iterdir() if file.name.endswith((".whl", ".tar.gz")))


def _named(file: Path) -> tuple[str, list[str]]:
    """Return a file's package, and the processors on which it can be installed."""
    if file.name.endswith(".tar.gz"):
        return parse_sdist_filename(file.name)[0], list(PROCESSORS)
    name, _, _, tags = parse_wheel_filename(file.name)
    fits = [each for each in PROCESSORS if any(str(tag).endswith((f"_{each}", "-any")) for tag in tags)]
    return name, fits


def _download(packages: Sequence[Locked], made: Path, wheels: Path) -> None:
    """Put the wheels of all processors into `wheels`, those of source archives built."""
    pip = _tools(made)
    lock = made / "lock.txt"
    lines = (
        " ".join([f"{requirement.name}=={requirement.version}", *(f"--hash={hash}" for hash in requirement.hashes)])
        for requirement in packages
    )
    lock.write_text("\n".join(lines))
    fetched = [made / processor for processor in PROCESSORS]
    with ThreadPoolExecutor() as threads:
        list(threads.map(lambda folder: _run(pip, *_for(folder.name), "-d", str(folder), "-r", str(lock)), fetched))
    for file in (file for folder in fetched for file in folder.iterdir()):
        if not (wheels / file.name).exists():
            shutil.copy(file, wheels)
    for archive in sorted(wheels.glob("*.tar.gz")):
        if parse_sdist_filename(archive.name)[0] in COMPILED_THERE:
            _run(pip, "download", "--require-hashes", "-d", str(made / "tools-wheels"), "-r", str(TOOLS))
            (compiler,) = (made / "tools-wheels").glob(f"{COMPILER}-*.whl")
            shutil.copy(compiler, wheels)
        else:
            build(archive, wheels, pip)
            archive.unlink()


def _for(processor: str) -> list[str]:
    """Return pip's command that downloads what a worker with this processor would install."""
    platforms = [f"manylinux_2_{minor}_{processor}" for minor in GLIBC_MINORS] + [f"manylinux2014_{processor}"]
    abis = [f"cp{PYTHON.replace('.', '')}", "abi3", "none"]
    return [
        *("download", "--require-hashes", "--no-deps", "--no-build-isolation", "--implementation", "cp"),
        *("--python-version", PYTHON),
        *(word for abi in abis for word in ("--abi", abi)),
        *(word for platform in platforms for word in ("--platform", platform)),
    ]


def build(archive: Path, wheels: Path, pip: Sequence[str]) -> None:
    """Build a source archive into a wheel that fits every processor.

    Raises:
        WheelError: it cannot be built, or holds compiled code, which would fit this processor only.
    """
    name = canonicalize_name(parse_sdist_filename(archive.name)[0])
    with tempfile.TemporaryDirectory(dir=wheels.parent) as made:
        _run(pip, "wheel", "--no-deps", "--no-index", "--no-build-isolation", "-w", made, str(archive))
        (wheel,) = Path(made).glob("*.whl")
        with zipfile.ZipFile(wheel) as content:
            if any(file.endswith(".so") for file in content.namelist()):
                raise WheelError(f"{name} has no wheel on PyPI and holds compiled code; pin another version")
        if not wheel.name.endswith("-none-any.whl"):  # Logbook's setup claims an extension even without one
            tags = ("--python-tag", "py3", "--abi-tag", "none", "--platform-tag", "any")
            _run([*pip[:2], "wheel"], "tags", "--remove", *tags, str(wheel))
        (wheel,) = Path(made).glob("*.whl")
        shutil.copy(wheel, wheels)


def _tools(made: Path) -> list[str]:
    environment = made / "tools"
    python = str(environment / "bin" / "python")
    _run([sys.executable, "-m"], "venv", str(environment))
    _run([python, "-m", "pip"], "install", "--require-hashes", "-r", str(TOOLS))
    return [python, "-m", "pip"]


def _run(command: Sequence[str], *arguments: str) -> None:
    options = ("--quiet", "--disable-pip-version-check") if command[-1] == "pip" else ()
    result = subprocess.run(
        [*command, *arguments, *options], capture_output=True, text=True, check=False, env=os.environ | PLAIN
    )
    if result.returncode:
        words = [line for line in (result.stdout + result.stderr).splitlines() if line.strip()]
        raise WheelError(f"the wheels cannot be fetched: {' '.join(words[-3:])}")
