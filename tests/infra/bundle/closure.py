"""Whether a folder of wheels and an image together have everything that a requirements.txt leads to."""

from __future__ import annotations

import email
import re
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.tags import compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

from include.preflight.requirements_lock import pins
from infra.bundle.wheels import GLIBC_MINORS, installable


class Package:
    """A package that can be had: its version and what it requires."""

    def __init__(self, version: str, requires: list[str]) -> None:
        self.version = version
        self.requires = [Requirement(each) for each in requires]


class Closure:
    """The requirements on a machine of one processor.

    Args:
        requirements: content of requirements.txt.
        wheels: folder of wheels and source archives.
        image: environment that is there already.
        processor: for example aarch64.
    """

    def __init__(self, requirements: str, wheels: Path, image: Path, processor: str) -> None:
        self.wanted = pins(requirements)
        self.environment = default_environment() | {"platform_machine": processor}
        platforms = [f"manylinux_2_{minor}_{processor}" for minor in GLIBC_MINORS] + [f"manylinux2014_{processor}"]
        fits = {
            *cpython_tags((3, 12), ["cp312"], platforms),
            *compatible_tags((3, 12), "cp312", [*platforms, "any"]),
        }
        self.shipped = {}
        for file in installable(wheels):
            if file.suffix != ".whl" or parse_wheel_filename(file.name)[3] & fits:
                name, package = _read(file)
                self.shipped[name] = package
        (site,) = (image / "lib").glob("python*/site-packages")
        self.image = {
            canonicalize_name(each.name): Package(each.version, each.requires or [])
            for each in metadata.distributions(path=[str(site)])
        }

    def missing(self) -> list[str]:
        """Return what is asked for and not there in the version asked for."""
        missing, seen, todo = set(), set(), [(each, "") for each in self.wanted]
        while todo:
            requirement, extra = todo.pop()
            marker = requirement.marker
            name = canonicalize_name(requirement.name)
            if marker and not marker.evaluate(self.environment | {"extra": extra}):
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
    return canonicalize_name(fields["Name"]), Package(fields["Version"], fields.get_all("Requires-Dist") or [])
