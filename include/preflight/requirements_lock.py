"""Locks of `uv pip compile --generate-hashes`: one version of each package, with the hashes of its files.

And requirements.txt, whose `--constraint` names the Airflow that it is for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Match the URL of Airflow's constraints file or the path of the one in the bundle.
_CONSTRAINT = re.compile(r"^--constraint \S*/constraints-(\d+\.\d+\.\d+)(?:/|\.txt)", re.MULTILINE)


@dataclass(frozen=True)
class Locked:
    """One package of a lock.

    Attributes:
        name: normalised name.
        version: the only version.
        hashes: `sha256:…` of every file of that version.
    """

    name: str
    version: str
    hashes: tuple[str, ...]


def read_lock(text: str, python: str) -> list[Locked]:
    """Return the packages of a lock that a version of Python needs.

    Args:
        text: content of the lock.
        python: the version, for example 3.12; what else the markers ask for is as in this interpreter.

    Raises:
        packaging.requirements.InvalidRequirement: a line is none of a lock.
    """
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    packages = []
    for line in text.replace("\\\n", " ").splitlines():
        words = line.partition("#")[0].split()
        if not words:
            continue
        hashes = tuple(word.removeprefix("--hash=") for word in words if word.startswith("--hash="))
        wanted = Requirement(" ".join(word for word in words if not word.startswith("--hash=")))
        if wanted.marker is None or wanted.marker.evaluate(environment):
            version = str(wanted.specifier).removeprefix("==")
            packages.append(Locked(canonicalize_name(wanted.name), version, hashes))
    return packages


def airflow_version(requirements: str) -> str | None:
    """Return the Airflow version that a requirements.txt is constrained to, None when it does not say.

    Args:
        requirements: content of the file.
    """
    found = _CONSTRAINT.search(requirements)
    return found[1] if found else None


def pins(requirements: str) -> list[Requirement]:
    """Return what a requirements.txt installs, without its options and comments."""
    return [Requirement(line) for line in requirements.splitlines() if line and not line.startswith(("#", "-"))]
