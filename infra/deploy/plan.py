"""What shipping a release would change, looked up in the bucket and the environment and not in a record of old runs.

So a run that was interrupted is finished by the next one, and a change by hand is undone.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

from infra.deploy import DeployError
from infra.deploy.bucket import Bucket, Stored
from infra.deploy.environment import PARAMETERS, READY, Environment
from infra.deploy.release import DAGS, VERSIONED, Release

# Of a line for people.
WIDTH = 120


@dataclass(frozen=True)
class Plan:
    """What shipping a release changes.

    Attributes:
        name: name of the environment.
        release: what is shipped.
        added: keys under `dags/` that are new.
        changed: keys under `dags/` whose bytes differ.
        deleted: keys under `dags/` that the release does not have.
        uploaded: keys that are not there yet, of files that are never deleted.
        replaced: keys of `VERSIONED` whose bytes differ.
        unused: object versions, by key, whose bytes are right and which the environment does not use.
        environment: whether there is an environment to update.
    """

    name: str
    release: Release
    added: list[str]
    changed: list[str]
    deleted: list[str]
    uploaded: list[str]
    replaced: list[str]
    unused: dict[str, str]
    environment: bool

    @property
    def nothing(self) -> bool:
        """Whether the release runs already."""
        return not (self.copied or self.deleted or self.uploaded or self.updates)

    @property
    def copied(self) -> list[str]:
        """Keys under `dags/` that are written."""
        return sorted([*self.added, *self.changed])

    @property
    def updates(self) -> list[str]:
        """Keys of `VERSIONED` that cause an environment update."""
        return [key for key in VERSIONED if key in self.replaced or key in self.unused]

    def refuse_deletions_only(self) -> None:
        """Do nothing unless files are deleted and nothing else.

        Raises:
            DeployError: it would only delete, as an empty or a wrong bundle would.
        """
        if self.deleted and not (self.copied or self.replaced):
            raise DeployError(
                f"release {self.release.commit[:12]} would only delete {len(self.deleted)} files, "
                "as a broken build would; if it is meant so, say it with --deletions-only"
            )

    def __str__(self) -> str:
        """Return the plan for people."""
        lines = [f"{self.name} gets release {self.release.commit}"]
        if self.nothing:
            return "\n".join([*lines, "  nothing to change, it is shipped already"])
        for what, keys in (("added", self.added), ("changed", self.changed), ("deleted", self.deleted)):
            lines.append(_line(f"dags/ {what}", keys))
        if self.uploaded:
            lines.append(_line("new beside", self.uploaded))
        return "\n".join([*lines, f"  {self._update()}"])

    def _update(self) -> str:
        if not self.updates:
            return "no environment update: requirements, plugins and startup script are as they were"
        reasons = [f"{key} {'changed' if key in self.replaced else 'is not the one in use'}" for key in self.updates]
        if not self.environment:
            return f"no environment yet: {', '.join(self.replaced)} will be uploaded"
        return f"environment update, 10 to 30 minutes: {', '.join(reasons)}"


def make_plan(bucket: Bucket, environment: Environment, release: Release) -> Plan:
    """Compare a release with what MWAA reads.

    Raises:
        DeployError: the environment is changing, or broken, or has another Airflow, and cannot take the release.
    """
    found = environment.look()
    if found and found["Status"] not in READY:
        raise DeployError(f"{environment.name} is {found['Status']}; deploy again when it is AVAILABLE")
    if found and found["AirflowVersion"] != release.airflow_version:
        raise DeployError(
            f"{environment.name} runs Airflow {found['AirflowVersion']}, and release {release.commit[:12]} is for "
            f"{release.airflow_version}, whose packages may not install there; "
            f"build it with `make deploy AIRFLOW={found['AirflowVersion']}`, or upgrade the environment first"
        )
    present = set(bucket.keys(DAGS))
    stored = bucket.heads([*(key for key in release.dags if key in present), *release.kept_forever, *VERSIONED])
    unused = {} if found is None else _unused(release, stored, found)
    return Plan(
        name=environment.name,
        release=release,
        added=[key for key in release.dags if key not in present],
        changed=[key for key in release.dags if key in present and not _same(stored[key], release.files[key])],
        deleted=sorted(present - set(release.dags)),
        uploaded=[key for key in release.kept_forever if stored[key] is None],
        replaced=[key for key in VERSIONED if not _same(stored[key], release.files[key])],
        unused=unused,
        environment=found is not None,
    )


def _unused(release: Release, stored: dict[str, Stored | None], found: dict[str, Any]) -> dict[str, str]:
    unused = {}
    for key, (path, version) in PARAMETERS.items():
        there = stored[key]
        if there is None or not _same(there, release.files[key]):
            continue
        if (found.get(path), found.get(version)) != (key, there.version):
            unused[key] = there.version
    return unused


def _same(stored: Stored | None, sha256: str) -> bool:
    return stored is not None and stored.sha256 == sha256


def _line(what: str, keys: list[str]) -> str:
    names = ", ".join(key.removeprefix(DAGS) for key in keys)
    text = f"  {what + ':':<15} {len(keys):>4}  {names}".rstrip()
    return textwrap.fill(text, WIDTH, subsequent_indent=" " * 24, break_long_words=False, break_on_hyphens=False)
