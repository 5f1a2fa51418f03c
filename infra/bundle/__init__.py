"""What Amazon MWAA gets: `dags/` with `include/` and `dbt/` inside it, plugins.zip, requirements.txt, startup.sh.

The same commit gives the same bytes, so that an unchanged plugins.zip or requirements.txt causes no environment update
(each takes MWAA 10 to 30 minutes).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*", "target", "logs", "dbt_packages")
"""Generated or private; dbt's `profiles.yml` goes along, for it holds names of variables and no secrets."""
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip file can express; the real times would make each build a different file."""
CERTIFICATES = "rds-ap-northeast-1-bundle.pem"
"""Who vouches for Aurora in Tokyo; the logins in Secrets Manager name its place on the workers (`ca_bundle_path`)."""


class BundleError(RuntimeError):
    """The bundle cannot be built; the message says what is missing."""


def build(out: Path, dbt: Path, project: Path = PROJECT) -> None:
    """Write the bundle into `out`, which is emptied first.

    Args:
        out: folder to make.
        dbt: the dbt program that compiles the manifest.
        project: the checkout.

    Raises:
        BundleError: dbt is missing or cannot parse its project.
    """
    shutil.rmtree(out, ignore_errors=True)
    dags = out / "dags"
    shutil.copytree(project / "dags", dags, ignore=LEFT_OUT)
    shutil.copytree(project / "include", dags / "include", ignore=_without_local(project / "include"))
    shutil.copytree(project / "dbt", dags / "dbt", ignore=LEFT_OUT)
    (dags / "dbt" / "target").mkdir()
    (dags / "dbt" / "target" / "manifest.json").write_text(_manifest(project / "dbt", dbt))
    (dags / ".airflowignore").write_bytes((project / "dags" / ".airflowignore").read_bytes())
    (dags / CERTIFICATES).write_bytes((project / "infra" / "bundle" / CERTIFICATES).read_bytes())
    plugins = [file for file in sorted((project / "plugins").rglob("*")) if _is_shipped(file)]
    if plugins:
        _zip(out / "plugins.zip", project / "plugins", plugins)
    (out / "requirements.txt").write_bytes((project / "requirements.txt").read_bytes())
    (out / "startup.sh").write_bytes((project / "infra" / "bundle" / "startup.sh").read_bytes())


def stable_manifest(manifest: dict[str, Any]) -> str:
    """Return a dbt manifest as text without what differs from one `dbt parse` to the next."""
    for field in ("generated_at", "invocation_id", "user_id", "env"):
        manifest["metadata"].pop(field, None)
    switched_off = [node for nodes in manifest.get("disabled", {}).values() for node in nodes]
    kinds = ("nodes", "sources", "macros", "exposures", "docs")
    for node in [*switched_off, *(node for kind in kinds for node in manifest.get(kind, {}).values())]:
        node.pop("created_at", None)
    return json.dumps(manifest, sort_keys=True, ensure_ascii=False)


def _manifest(project: Path, dbt: Path) -> str:
    with tempfile.TemporaryDirectory() as target:
        command = [
            dbt,
            "--quiet",
            "--no-use-colors",
            "parse",
            "--no-partial-parse",
            "--project-dir",
            project,
            "--profiles-dir",
            project,
        ]
        command += ["--target-path", target, "--log-path", target]
        try:
            result = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise BundleError(f"{dbt} is missing; make the dbt environment with `make setup`") from None
        if result.returncode:
            raise BundleError(f"dbt cannot parse {project}: {result.stdout.strip()}")
        return stable_manifest(json.loads((Path(target) / "manifest.json").read_text()))


def _without_local(include: Path) -> Any:
    def left_out(folder: str, names: list[str]) -> set[str]:
        local = {"local"} if Path(folder) == include else set()
        return LEFT_OUT(folder, names) | local

    return left_out


def _is_shipped(file: Path) -> bool:
    return file.is_file() and "__pycache__" not in file.parts and not file.name.startswith(".")


def _zip(archive: Path, root: Path, files: list[Path]) -> None:
    with zipfile.ZipFile(archive, "w") as out:
        for file in files:
            entry = zipfile.ZipInfo(file.relative_to(root).as_posix(), date_time=ZIP_TIME)
            entry.external_attr = 0o644 << 16
            out.writestr(entry, file.read_bytes(), compress_type=zipfile.ZIP_DEFLATED)
