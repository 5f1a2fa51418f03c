"""requirements.txt and plugins.zip as MWAA gets them: every component installs Airflow's packages without the internet.

A private web server has no way out (https://docs.aws.amazon.com/mwaa/latest/userguide/configuring-networking.html), and
the others are spared an index and GitHub at each start. Only plugins.zip is there before requirements.txt is installed,
on every component, so it brings the wheels and the constraints. It also brings the part of `include/` from which
plugins/operations.py serves its pages, for AWS's documents contradict each other on whether a web server has `dags/`.
That part lies in a folder that Python does not look into by itself, or DAGs might import it instead of theirs.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from include.preflight.requirements_lock import airflow_version, read_lock
from infra.bundle.wheels import PYTHON, installable

# Where MWAA unpacks plugins.zip.
UNPACKED = "/usr/local/airflow/plugins"
WHEELS = "wheels"
# What plugins/operations.py looks for, and below it what of include/ its pages need.
PAGES = "pages"
SERVED = (
    "__init__.py",
    "alerts/runbooks/*.md",
    "schedule.py",
    "settings.py",
    "status_page/__init__.py",
    "status_page/html.py",
    "status_page/runbooks.py",
    "status_page/store.py",
    "status_page/templates/base.html.j2",
    "status_page/templates/document.html.j2",
    "status_page/templates/style.css",
    "status_page/words.py",
)
# The earliest that a zip file can express; the real times would make each build a different file.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def supported(project: Path) -> list[str]:
    """Return the Airflow versions that a bundle can be built for, the one of requirements.txt first."""
    first = airflow_version((project / "requirements.txt").read_text())
    found = sorted(file.stem.removeprefix("mwaa-") for file in (project / "infra" / "locks").glob("mwaa-*.lock"))
    return sorted(found, key=lambda version: version != first)


def shipped_lock(project: Path, airflow: str) -> Path:
    """Return the lock of what requirements.txt needs and MWAA's image of an Airflow version does not have."""
    return project / "infra" / "locks" / f"mwaa-{airflow}.lock"


def requirements(project: Path, airflow: str) -> str:
    """Return requirements.txt with the versions of an Airflow version's lock, to be installed from plugins.zip alone.

    Args:
        project: the checkout.
        airflow: one of `supported`.
    """
    versions = _versions(project / "infra" / "locks" / f"airflow-{airflow}.lock")
    lines = [
        f'--constraint "{UNPACKED}/{_constraints_name(airflow)}"',
        f"--find-links {UNPACKED}/{WHEELS}",
        "--no-index",
    ]
    for line in (project / "requirements.txt").read_text().splitlines():
        wanted, pinned, _ = line.partition("==")
        if pinned:
            lines.append(f"{wanted}=={versions[wanted.removeprefix('# ').partition('[')[0]]}")
    return "\n".join(lines) + "\n"


def write_plugins(archive: Path, project: Path, airflow: str, packages: Path | None) -> None:
    """Write plugins.zip.

    Args:
        archive: the file to write.
        project: the checkout.
        airflow: one of `supported`.
        packages: folder made by `infra.bundle.wheels.fetch` of `shipped_lock`; None leaves the packages out.
    """
    plugins = [file for file in (project / "plugins").rglob("*") if _is_shipped(file)]
    content = {file.relative_to(project / "plugins").as_posix(): file.read_bytes() for file in plugins}
    # Airflow imports every Python file below its plugins that is not listed here.
    content[".airflowignore"] = f"{PAGES}/\n{WHEELS}/\n".encode()
    content |= {f"{PAGES}/include/{name}": file.read_bytes() for name, file in _served(project / "include").items()}
    pins = _versions(shipped_lock(project, airflow)).items()
    content[_constraints_name(airflow)] = "".join(f"{name}=={version}\n" for name, version in pins).encode()
    if packages:
        content |= {f"{WHEELS}/{file.name}": file.read_bytes() for file in installable(packages)}
    with zipfile.ZipFile(archive, "w") as out:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, date_time=ZIP_TIME)
            entry.external_attr = 0o644 << 16
            packed = name.startswith(f"{WHEELS}/")  # once is enough
            out.writestr(entry, content[name], zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED)


def _constraints_name(airflow: str) -> str:
    return f"constraints-{airflow}.txt"


def _versions(lock: Path) -> Mapping[str, str]:
    return {package.name: package.version for package in read_lock(lock.read_text(), PYTHON)}


def _served(include: Path) -> dict[str, Path]:
    return {file.relative_to(include).as_posix(): file for pattern in SERVED for file in include.glob(pattern)}


def _is_shipped(file: Path) -> bool:
    return file.is_file() and "__pycache__" not in file.parts and not file.name.startswith(".")
