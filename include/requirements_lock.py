"""Locks of `uv pip compile --generate-hashes`: one version of each package, with the hashes of its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


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


def read_lock(text: str, environment: Mapping[str, str]) -> list[Locked]:
    """Return the packages of a lock that an environment needs.

    Args:
        text: content of the lock.
        environment: what the markers ask for, for example `python_full_version`; the rest is as in this interpreter.

    Raises:
        packaging.requirements.InvalidRequirement: a line is none of a lock.
    """
    packages = []
    for line in text.replace("\\\n", " ").splitlines():
        words = line.partition("#")[0].split()
        if not words:
            continue
        hashes = tuple(word.removeprefix("--hash=") for word in words if word.startswith("--hash="))
        wanted = Requirement(" ".join(word for word in words if not word.startswith("--hash=")))
        if wanted.marker is None or wanted.marker.evaluate(dict(environment)):
            version = str(wanted.specifier).removeprefix("==")
            packages.append(Locked(canonicalize_name(wanted.name), version, hashes))
    return packages
