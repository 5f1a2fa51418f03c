"""Whether a folder of wheels and an image together have everything that a requirements.txt leads to."""

from __future__ import annotations

import email
import re
import tarfile
import zipfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.tags import compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

from include.preflight.requirements_lock import pins
from infra.bundle.wheels import GLIBC_MINORS, installable


@dataclass(frozen=True)
class Package:
    """A package that can be had: its version and what it requires."""

    version: str
    requires: tuple[Requirement, ...]


def in_environment(environment: Path) -> dict[str, Package]:
    """Return what is installed in a virtual environment."""
    (site,) = (environment / "lib").glob("python*/site-packages")
    return {
        canonicalize_name(each.name): _package(each.version, each.requires)
        for each in metadata.distributions(path=[str(site)])
    }


def in_folder(wheels: Path, processor: str) -> dict[str, Package]:
    """Return what a processor can install of a folder of wheels and source archives."""
    platforms = [f"manylinux_2_{minor}_{processor}" for minor in GLIBC_MINORS] + [f"manylinux2014_{processor}"]
    fits = {
        *cpython_tags((3, 12), ["cp312"], platforms),
        *compatible_tags((3, 12), "cp312", [*platforms, "any"]),
    }
    files = [file for file in installable(wheels) if file.suffix != ".whl" or parse_wheel_filename(file.name)[3] & fits]
    return dict(map(_read, files))


@dataclass(frozen=True)
class Closure:
    """The requirements on a machine.

    Attributes:
        requirements: content of requirements.txt.
        shipped: what can be installed.
        image: what is there already.
        processor: of the machine, for example aarch64.
    """

    requirements: str
    shipped: dict[str, Package]
    image: dict[str, Package]
    processor: str

    def missing(self) -> list[str]:
        """Return what is asked for and not there in the version asked for."""
        environment = default_environment() | {"platform_machine": self.processor}
        missing, seen, todo = set(), set(), [(each, "") for each in pins(self.requirements)]
        while todo:
            requirement, extra = todo.pop()
            marker = requirement.marker
            name = canonicalize_name(requirement.name)
            if marker and not marker.evaluate(environment | {"extra": extra}):
                continue
            package = self.shipped.get(name) or self.image.get(name)
            if package is None or not requirement.specifier.contains(package.version, prereleases=True):
                missing.add(f"{name}{requirement.specifier}")
                continue
            for each in ["", *requirement.extras]:
                if (name, each) not in seen and (name in self.shipped or each):
                    seen.add((name, each))
                    todo += [(needed, each) for needed in package.requires]
        return sorted(missing)


def _read(file: Path) -> tuple[str, Package]:
    if file.suffix == ".whl":
        with zipfile.ZipFile(file) as archive:
            (name,) = [each for each in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", each)]
            text = archive.read(name).decode()
    else:
        with tarfile.open(file) as source:
            content = source.extractfile(f"{file.name.removesuffix('.tar.gz')}/PKG-INFO")
            assert content
            text = content.read().decode()
    fields = email.message_from_string(text)
    return canonicalize_name(fields["Name"]), _package(fields["Version"], fields.get_all("Requires-Dist"))


def _package(version: str, requires: list[str] | None) -> Package:
    return Package(version, tuple(map(Requirement, requires or [])))
