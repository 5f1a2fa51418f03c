"""A code bucket on moto as Terraform makes it, with a fake MWAA before it, and bundles of a few files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moto.s3.models import FakeKey, s3_backends

from infra.deploy.ship import Target
from tests.infra.deploy.fake_mwaa import FakeMwaa

REGION = "ap-northeast-1"
NAME = "gghouse-dev-mwaa-123456789012"
FILES = {
    "dags/gghouse_daily.py": "from include import dump",
    "dags/gghouse_watch.py": "from include import dump",
    "dags/include/dump.py": "ONE = 1",
    "plugins.zip": "plugins one",
    "requirements.txt": '--constraint "https://raw.example/constraints-3.3.1/constraints-3.12.txt"\n',
    "startup.sh": "#!/bin/bash\n",
    "wheels/mysql-1.whl": "a wheel",
}


@dataclass
class World:
    """An account with the bucket and the environment; the API calls that were made are counted."""

    s3: Any
    mwaa: FakeMwaa
    target: Target
    folder: Path
    calls: list[tuple[str, str]] = field(default_factory=list)

    def bundle(self, number: int, changes: dict[str, str | None] | None = None) -> Path:
        """Build the bundle of commit `number`: `FILES` with these changes, None for a file that is gone."""
        bundle = self.folder / f"bundle-{len(list(self.folder.iterdir()))}"
        for name, text in (FILES | {"REVISION": commit(number)} | (changes or {})).items():
            if text is not None:
                (bundle / name).parent.mkdir(parents=True, exist_ok=True)
                (bundle / name).write_text(text)
        return bundle

    def shipped(self) -> dict[str, str]:
        """What MWAA reads: everything but releases, record and lock."""
        listed = self.s3.list_objects_v2(Bucket=NAME).get("Contents", [])
        names = [each["Key"] for each in listed if not each["Key"].startswith(("releases/", "current", "deploy"))]
        return {name: self.s3.get_object(Bucket=NAME, Key=name)["Body"].read().decode() for name in names}

    def version(self, key: str) -> str:
        return str(self.s3.head_object(Bucket=NAME, Key=key)["VersionId"])

    def writes(self) -> list[tuple[str, str]]:
        """The calls since the last look that changed anything, without the lock's and the record's."""
        made = [each for each in self.calls if each[0] not in ("HeadObject", "GetObject", "ListObjectsV2")]
        self.calls.clear()
        return [(call, key) for call, key in made if key not in ("deploy.lock", "current.json")]


def read_dags() -> dict[str, bytes]:
    """The DAG files in the bucket, by DAG; out of moto's memory, because Airflow is asked often."""
    stored = s3_backends["123456789012"]["aws"].buckets[NAME].keys.items()
    files = {name: each.value for name, each in stored if isinstance(each, FakeKey)}
    return {Path(name).stem: files[name] for name in files if re.fullmatch(r"dags/[^/]+\.py", name)}


def commit(number: int) -> str:
    return f"{number:040x}"
