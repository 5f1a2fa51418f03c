"""A release: the bundle of one commit, written once under `releases/<commit>/` and kept."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from include.preflight.requirements_lock import airflow_version
from infra.deploy import DeployError
from infra.deploy.bucket import Bucket, in_parallel, sha256, to_json

DAGS = "dags/"
# What MWAA reads in the version that the environment names; a change means an environment update.
VERSIONED = ("plugins.zip", "requirements.txt", "startup.sh")
# File of the bundle that names the commit; see `infra.bundle.revision`.
REVISION = "REVISION"
RELEASES = "releases/"
RECORD = "release.json"


@dataclass(frozen=True)
class Release:
    """What a release consists of, and what Airflow must say once it runs.

    Attributes:
        commit: full id.
        files: SHA-256 in hex of every file of the bundle, by its path there.
        airflow_version: version that requirements.txt is constrained to.
        dag_ids: DAGs that must be there; a file of this project defines the DAG of its own name.
    """

    commit: str
    files: dict[str, str]
    airflow_version: str
    dag_ids: list[str]

    @property
    def dags(self) -> list[str]:
        """What MWAA copies to its components."""
        return sorted(name for name in self.files if name.startswith(DAGS))

    @property
    def kept_forever(self) -> list[str]:
        """Files that lie in the bucket under their own name, the same for all releases that have them."""
        return sorted(name for name in self.files if not name.startswith(DAGS) and name not in VERSIONED)

    def key(self, name: str) -> str:
        """Return where a file of this release is kept."""
        return name if name in self.kept_forever else f"{RELEASES}{self.commit}/{name}"


def read_bundle(bundle: Path) -> Release:
    """Return the release that a built bundle will be.

    Args:
        bundle: folder that `make bundle` wrote.

    Raises:
        DeployError: it is no bundle, or not that of a commit.
    """
    names = sorted(file.relative_to(bundle).as_posix() for file in bundle.rglob("*") if file.is_file())
    dag_ids = [Path(name).stem for name in names if is_dag(name)]
    missing = [name for name in (*VERSIONED, REVISION) if name not in names] + ([] if dag_ids else ["a DAG in dags/"])
    if missing:
        raise DeployError(f"{bundle} is not a whole bundle: {', '.join(missing)} missing; build it with `make bundle`")
    commit = (bundle / REVISION).read_text(encoding="utf-8").strip()
    if not re.fullmatch(r"[0-9a-f]{40}", commit):
        raise DeployError(
            f"{bundle} was built from {commit}, which is not a commit alone; "
            "commit or remove what `git status` shows, then build it again with `make bundle`"
        )
    written_for = airflow_version((bundle / "requirements.txt").read_text(encoding="utf-8"))
    if not written_for:
        raise DeployError(
            f"{bundle / 'requirements.txt'} does not say which Airflow it is for; "
            'its first line must be --constraint "/…/constraints-<version>.txt"'
        )
    files = {name: sha256((bundle / name).read_bytes()) for name in names if name != REVISION}
    return Release(commit, files, written_for, dag_ids)


def load(bucket: Bucket, commit: str) -> Release | None:
    """Return the release of a commit, or None when it is not there or not complete."""
    content = bucket.read(f"{RELEASES}{commit}/{RECORD}")
    return Release(**json.loads(content)) if content else None


def upload(bucket: Bucket, release: Release, bundle: Path) -> None:
    """Write the release, unless it is there already; one that was interrupted is written again.

    Raises:
        DeployError: see `refuse_other_bytes`, or a file that is never deleted differs from what is there.
    """
    refuse_other_bytes(bucket, release)
    if load(bucket, release.commit) == release:
        return

    def store(name: str) -> None:
        put = bucket.put_once if name in release.kept_forever else bucket.put
        put(release.key(name), (bundle / name).read_bytes())

    in_parallel(store, release.files)
    bucket.put_once(f"{RELEASES}{release.commit}/{RECORD}", to_json(asdict(release)))


def refuse_other_bytes(bucket: Bucket, release: Release) -> None:
    """Do nothing if a release of this commit is missing, incomplete or the same.

    Raises:
        DeployError: the complete release of this commit has other bytes.
    """
    stored = load(bucket, release.commit)
    if stored is None or stored == release:
        return
    names = sorted(stored.files.keys() | release.files.keys())
    differ = [name for name in names if stored.files.get(name) != release.files.get(name)]
    raise DeployError(
        f"the release of commit {release.commit[:12]} is in the bucket with other bytes ({', '.join(differ[:5])}"
        f"{', …' if len(differ) > 5 else ''}), and a release never changes; commit what is new and deploy that commit"
    )


def is_dag(name: str) -> bool:
    """Return whether a file of the bundle is one that Airflow looks for DAGs in (`dags/.airflowignore`)."""
    return bool(re.fullmatch(r"dags/[^/]+\.py", name))
